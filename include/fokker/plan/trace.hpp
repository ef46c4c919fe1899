// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/level.hpp>
#include <fokker/plan/expression.hpp>
#include <fokker/plan/operation.hpp>

namespace fokker::inline v0::plan {

/// What a pair of methods says of one step: where it leads, and how far the two are from each other.
struct attempt {
  expression next;
  expression error;  ///< empty where the step has no second method, as from noise or onto data
};

class builder;

/// A guidance rule, its type forgotten: `apply` guides the last call of the builder. Without one the only branch is
/// taken at its word.
struct rule {
  const void* object = nullptr;
  int branches = 1;
  void (*apply)(const void*, builder&) = nullptr;
  expression (*arriving)(const void*, builder&, const expression& x, const moment&) = nullptr;
  bool one_attempt = false;  ///< it guides a step whose length was chosen while sampling
};

/// What a solver and its guidance said, in their own order: calls, kept values, the final x, all as expressions over
/// atoms. `guided` stands for what the guidance made of the branches of its call.
struct trace {
  enum class kind : std::uint8_t { start, input, kept, guided, branch, normal, product, given, one };
  struct symbol {
    kind what = kind::start;
    int index = 0;    ///< of the call, the kept value or the normal
    int branch = 0;   ///< of a branch
    int learned = 0;  ///< of a normal, where its deviation is learned: the output that tells it; else 0
    double slope = 0, offset = 0;
    noise_piece piece{};  ///< of a normal
    int quantity = -1;    ///< of a product: a number, known after call `index`
    int plane = -1;       ///< or a table of the caller's, always known
    atom of = 0;          ///< and the tensor that it multiplies
    friend bool operator==(const symbol&, const symbol&) = default;
  };
  /// A number that is known only while sampling.
  struct quantity {
    operation::kind what = operation::constant;
    int a = -1, b = -1, c = -1, d = -1;  ///< of an operation: other quantities
    double value = 0;                    ///< of a constant
    measured::kind how = measured::dot;  ///< of one that is found: by what, of what
    expression of{}, with{};
    double q = 0;
    axes over{};
    int call = -1;  ///< after which it is known; -1: always
    int kept = -1;  ///< the scalar of the program that it is loaded from or, by a `keep`, becomes
    friend bool operator==(const quantity&, const quantity&) = default;
  };
  struct call {
    int step = 0;
    level at;
    prediction_row predicts;
    double input_scale = 1;
    atom input = 0;
    expression value;         ///< of the input, scaled; empty where an atom in memory is the input already
    atom guided = 0;          ///< the branches follow it
    prediction_row guides{};  ///< what the guidance speaks of: a prediction of its own choice
    expression guidance{};    ///< and what it says, of the branches
    std::uint32_t raw = 0;    ///< branches that are no predictions, a bit each
    atom limited = 0;         ///< the x0-prediction, where it is limited; else 0
    data_limit limit{};
    atom learned = 0;           ///< what the network says of its variance; else 0
    std::optional<level> to{};  ///< where x goes, of a network that is told it
  };
  struct kept {
    atom name = 0;
    expression value;
    int after = -1;  ///< the last call before it
    data_limit limit{};
  };

  std::vector<level> levels;
  std::string predicts;
  int branches = 1;
  int learned = 0;  ///< outputs beside those that guidance combines: 1 where a variance is learned
  std::vector<symbol> symbols{symbol{}};  ///< by atom; atom 0 is the start
  std::vector<call> calls;
  std::vector<kept> keeps;
  int normals = 0;
  std::vector<quantity> quantities;
  std::vector<kept_number> scalars;         ///< that outlive their call
  std::vector<std::string> givens, planes;  ///< names of what the caller gives
  int knowns = 0;                           ///< normals of what is known
  expression result;
  expression error;  ///< an estimate of the result's error; empty where the solver gives none
};

}  // namespace fokker::inline v0::plan
