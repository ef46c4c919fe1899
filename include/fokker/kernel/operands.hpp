// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <fokker/bfloat16.hpp>
#include <fokker/half.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::kernel {

/// What an update of these elements computes in: double where one of them is double, else float. A class says it, since
/// compilers differ in the names that they give to functions with the condition itself in their signature.
template <class... Es>
struct computed_in {
  using type = std::conditional_t<(std::is_same_v<Es, double> || ...), double, float>;
};
template <class... Es>
using computed = typename computed_in<Es...>::type;

/// Numbers that weights of an update have as factors: one a sample, a channel, a token, or a mask. Element e of sample
/// s has values[s * stride + e / repeat % count]; stride 0: one table for all samples.
template <class C>
struct table {
  const C* values = nullptr;
  std::size_t repeat = 1;
  std::size_t count = 1;
  std::size_t stride = 0;
};

/// Where the operands of an update lie: `samples` times `size` contiguous elements each. `Network` is the type of the
/// network's input and outputs where that is another.
template <class E, class Network = E>
struct operands {
  std::array<const E*, plan::max_inputs> inputs{};
  std::array<const Network*, plan::max_inputs> outputs{};  ///< in the place of an input that is null
  std::array<E*, plan::max_rows> rows{};
  Network* copy = nullptr;  ///< row `copied` goes here as well
  int copied = 0;
  std::array<table<computed<E, Network>>, plan::max_tables> tables{};  ///< those of the update, in its order
  std::size_t samples = 0;
  std::size_t size = 0;
};

/// What is done with one sample of a batch whose samples have instructions of their own: an update, or a measure.
template <class What, class E>
struct own {
  const What* what = nullptr;
  const operands<E>* at = nullptr;  ///< of all samples
  std::size_t sample = 0;
  const E *from = nullptr,
          *to = nullptr;  ///< x before and after the update, of all samples, where an error is asked for
};

/// `samples` samples from this one on as a batch of their own. What the network reads is part of it.
template <class E, class Network>
[[nodiscard]] operands<E, Network> part_of(operands<E, Network> at, std::size_t sample, std::size_t samples) {
  const auto move = [&](auto& list) {
    for (auto& p : list) p = p == nullptr ? p : p + sample * at.size;
  };
  move(at.inputs), move(at.outputs), move(at.rows);
  at.copy = at.copy == nullptr ? at.copy : at.copy + sample * at.size;
  for (auto& t : at.tables) t.values = t.values == nullptr ? nullptr : t.values + sample * t.stride;
  at.samples = samples;
  return at;
}

/// A run of elements for the innermost loop, with their normals and, where weights have tables, the numbers of each. A
/// row that is null is formed, as later ones may read it, and written nowhere.
template <class E, class Network, class Row = E>
struct run {
  const E* inputs[plan::max_inputs];
  const Network* outputs[plan::max_inputs];
  const float* normals[plan::max_normals];
  const computed<E, Network>* tables[plan::max_tables];
  Row* rows[plan::max_rows];
  Network* copy;
  int copied;
};

}  // namespace fokker::inline v0::kernel
