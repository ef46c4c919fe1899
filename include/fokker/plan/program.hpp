// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/level.hpp>
#include <fokker/plan/operation.hpp>

namespace fokker::inline v0::plan {

/// What the kernels are compiled for. The planner refuses a sampler that needs more.
inline constexpr int max_inputs = 8;
inline constexpr int max_rows = 5;
inline constexpr int max_normals = 3;
inline constexpr int max_tables = 8;
inline constexpr int max_measured = 32;
inline constexpr int max_operations = 128;

/// Where an operand of an update lies: a buffer of the run, the output of one branch of the network, or a tensor of the
/// caller's, which a run only reads.
struct operand {
  enum place : std::uint8_t { buffer, output, given };
  place where = buffer;
  int index = 0;
  friend bool operator==(const operand&, const operand&) = default;
};

/// A standard normal by its piece of the noise contract; the same piece gives the same normal again. With `learned` an
/// operand v of the update, its deviation is e^(slope v + offset).
struct normal : noise_piece {
  int learned = -1;
  double slope = 0, offset = 0;
  friend bool operator==(const normal&, const normal&) = default;
};

/// One result of an update: sum_k inputs[k] in_k + sum_{j < this row} earlier[j] row_j + sum_q normals[q] z_q.
/// Earlier rows count before they are rounded to storage; an operand of weight 0 is not read. A result is then clamped
/// to [-clamp, clamp], which NaN passes.
struct row {
  static constexpr double unclamped = (std::numeric_limits<double>::max)();
  int buffer = 0;
  double clamp = unclamped;
  std::array<double, max_inputs> inputs{};
  std::array<double, max_rows> earlier{};
  std::array<double, max_normals> normals{};
  friend bool operator==(const row&, const row&) = default;
};

/// A weight that is known only while sampling. That of operand `index` in row `row` is fma(by, t, w): t is what table
/// `table` of the update has for the element, w the weight that stands in the row, and -0 where that is 0. The operand
/// `one` is the number 1, before all others: its weight is what the row begins with.
struct factor {
  enum operand : std::uint8_t { input, earlier, normal, one };
  operand of = input;
  int row = 0;
  int index = 0;
  int table = 0;
  double by = 1;
  friend bool operator==(const factor&, const factor&) = default;
};

/// The update that follows a network call: every operand is read once, every result is written once.
/// Results may lie where operands die, element by element.
struct update {
  int input_count = 0;
  int normal_count = 0;
  int row_count = 0;
  std::array<operand, max_inputs> inputs{};
  std::array<normal, max_normals> normals{};
  std::array<row, max_rows> rows{};
  std::vector<int> tables{};      ///< of the program's, at most max_tables; factors count in them
  std::vector<factor> factors{};  ///< at most one for a weight; none where all is known when planning
  friend bool operator==(const update&, const update&) = default;
};

/// What is found before an update, and what becomes of it. The rows of `form` are formed in double and written nowhere
/// (buffer -1) but where a quantile is asked for, which is of a row in memory. Only where nothing but quantiles is
/// asked for may it have factors.
struct measure {
  update form;
  std::vector<measured> of;
  std::vector<operation> tape;  ///< at most max_operations; one group structure beside that of whole samples
  friend bool operator==(const measure&, const measure&) = default;
};

/// The measure of a threshold: `raw` writes an x0-prediction, s is the q-quantile of its magnitudes over each sample,
/// not less than `bound` and not more than `largest`, and table `scale` of the program becomes bound / s.
[[nodiscard]] inline measure threshold(update raw, double q, double bound, double largest, int scale) {
  measure m{.form = std::move(raw), .of = {{.what = measured::quantile, .over = {}, .q = q}}, .tape = {}};
  m.tape = {{.what = operation::constant, .value = bound},
            {.what = operation::constant, .value = largest},
            {.what = operation::found, .index = 0},
            {.what = operation::largest, .a = 2, .b = 0},
            {.what = operation::least, .a = 3, .b = 1},
            {.what = operation::quotient, .a = 0, .b = 4, .c = 0},
            {.what = operation::store, .a = 5, .index = scale}};
  return m;
}

/// The update that copies its only input, of buffer 0, to its only row.
[[nodiscard]] inline update identity() {
  update u{.input_count = 1, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs[0] = 1;
  return u;
}

/// Whether an update reads what branch b said.
[[nodiscard]] inline bool reads_branch(const update& u, int b) {
  for (int k = 0; k < u.input_count; ++k)
    if (nth(u.inputs, k) == operand{operand::output, b}) return true;
  return false;
}

/// Numbers that updates multiply by, one for each index along some axes of each sample: found by measures or, under a
/// name, given by the caller, who says then along which axes.
struct table {
  axes over;
  std::string name{};
  friend bool operator==(const table&, const table&) = default;
};

/// One evaluation of the network, and what is done with its outputs.
struct call {
  int step = 0;                     ///< the step of the grid that it belongs to
  level at;                         ///< where, with the label
  prediction_row predicts;          ///< p = data x0 + noise eps
  double input_scale = 1;           ///< the input buffer holds x times this
  int input = 0;                    ///< the buffer that the network reads
  std::uint32_t raw = 0;            ///< branches whose outputs are no predictions, such as gradients, a bit each
  int preview = -1;                 ///< after the update, the buffer with the x0-prediction; -1: none
  std::vector<measure> measures{};  ///< before the update, one after the other
  /// Where x goes, of a network that is told two levels; label and all as in `at`.
  std::optional<level> to{};
  update then;
};

struct program;
struct rule;

/// Steps even in log-SNR from one sigma/alpha to another, in the place of those of a plan's grid; 0 steps: its own.
struct even_steps {
  int count = 0;
  double first = 0, last = 0;
};

/// What a plan was made of, but for the guidance: copies, and what plans them.
struct source {
  std::shared_ptr<const void> parts;
  program (*plan)(const source& from, const rule& guidance, bool preview, const even_steps& steps) = nullptr;
};

/// A sampler as a straight-line program: plain numbers, immutable, shared between threads, tensors nowhere.
struct program {
  std::vector<level> levels;  ///< N + 1 levels of N steps
  std::vector<call> calls;
  std::vector<table> tables;
  std::vector<kept_number> scalars;  ///< in double
  std::vector<std::string> givens;   ///< names of the tensors of the caller's
  update draw;                       ///< before the first call, from noise: also draws the start
  update enter;                      ///< before the first call, from a given x; often without a row
  int buffers = 1;       ///< tensors alive at once, the caller's x (buffer 0) among them, network outputs not
  int error = -1;        ///< the buffer with the error's estimate after the last update; -1: there is none
  int branches = 1;      ///< denoisers that the guidance names, and one of a learned variance
  std::string predicts;  ///< the parameterization's name

  bool preview = false;  ///< every call has a preview
  plan::source source;   ///< none in a program that was read from text

  /// The same sampler with another guidance rule (a slider): the solver is run again, from copies of its parts.
  /// Throws what make_plan throws, and std::invalid_argument for a program read from text.
  template <class Guidance>
  [[nodiscard]] program with(const Guidance& guidance) const;

  [[nodiscard]] int steps() const { return levels.empty() ? 0 : static_cast<int>(levels.size()) - 1; }
  [[nodiscard]] bool has_measures() const {
    return std::any_of(calls.begin(), calls.end(), [](const call& c) { return !c.measures.empty(); });
  }
  /// Whether what branch b says at a call is read: else it need not be evaluated.
  [[nodiscard]] bool wants(const call& c, int b) const {
    return reads_branch(c.then, b) ||
           std::any_of(c.measures.begin(), c.measures.end(), [b](const measure& m) { return reads_branch(m.form, b); });
  }
};

/// Throws std::invalid_argument for a plan that calls no network, as one that nobody made.
inline void require_calls(const program& p) {
  if (p.levels.size() < 2) detail::refuse("the number of levels", p.levels.size(), "2 or more");
  if (p.calls.empty()) detail::refuse("the number of calls", 0, "1 or more");
}

/// The number of normals that a run draws per element, the start not counted.
[[nodiscard]] inline int normals(const program& p) {
  int count = p.enter.normal_count;
  for (const call& c : p.calls) count += c.then.normal_count;
  return count;
}

}  // namespace fokker::inline v0::plan
