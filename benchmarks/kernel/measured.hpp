// SPDX-License-Identifier: MIT
#pragma once

// What is measured: the middle update of a plan, on buffers of its own.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <type_traits>
#include <vector>

#include <fokker/backend/xtensor.hpp>
#include <fokker/fokker.hpp>

#include "native.hpp"

namespace measured {

namespace fk = fokker;
using tensor = xt::xtensor<float, 1>;

inline tensor filled(std::size_t count, float value) {
  tensor t = tensor::from_shape({count});
  t.fill(value);
  return t;
}

inline void count_floats(benchmark::State& state, std::int64_t touched) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * touched * static_cast<std::int64_t>(sizeof(float)));
}

/// Of the processor, as there is one thread: what others do meanwhile is not in it.
inline double seconds_of(const auto& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// How many times in a row work on so many floats is measured, for the clock that counts in microseconds.
inline int burst_of(std::size_t count) { return static_cast<int>(std::clamp<std::size_t>((1 << 20) / count, 1, 64)); }

/// How many floats an update reads and writes for each of its elements.
inline std::int64_t touched(const fk::plan::update& u) { return u.input_count + u.row_count; }

/// The tensors that updates lie in; the network's are of type Network.
template <class Network = float>
class memory {
 public:
  memory(std::size_t count, std::size_t buffers, std::size_t outputs)
      : buffers_(buffers, filled(count, 0.5f)),
        outputs_(outputs, std::vector<Network>(count, Network(0.25f))),
        input_(std::is_same_v<Network, float> ? 0 : count),
        count_(count) {}

  [[nodiscard]] fk::kernel::operands<float, Network> at(const fk::plan::update& u) {
    fk::kernel::operands<float, Network> at;
    at.samples = 1;
    at.size = count_;
    for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k) {
      const auto& in = u.inputs[k];
      const auto i = static_cast<std::size_t>(in.index);
      if (in.where == fk::plan::operand::buffer)
        at.inputs[k] = buffers_[i].data();
      else if constexpr (std::is_same_v<Network, float>)
        at.inputs[k] = outputs_[i].data();
      else
        at.outputs[k] = outputs_[i].data();
    }
    for (std::size_t j = 0; j < static_cast<std::size_t>(u.row_count); ++j)
      at.rows[j] = buffers_[static_cast<std::size_t>(u.rows[j].buffer)].data();
    if (!input_.empty()) at.copy = input_.data();
    return at;
  }

 private:
  std::vector<tensor> buffers_;
  std::vector<std::vector<Network>> outputs_;
  std::vector<Network> input_;
  std::size_t count_;
};

/// A plan of 20 steps.
template <class Solver, class Guidance = fk::guidance::none>
fk::plan::program plan_of(const Solver& solver, const Guidance& guidance = {}) {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = 20},
                       solver, guidance);
}

/// The middle update of a plan: history is there, and the data are not yet reached.
template <class Solver, class Guidance>
fk::plan::update middle(const Solver& solver, const Guidance& guidance) {
  return plan_of(solver, guidance).calls[10].then;
}

/// Runs `u` for the count of floats in the state's first argument.
template <class Network = float>
void run(benchmark::State& state, const fk::plan::update& u) {
  memory<Network> tensors(static_cast<std::size_t>(state.range(0)), 2, 2);
  for (auto _ : state) {
    fk::kernel::host::update(u, tensors.at(u), fk::noise::philox{.seed = 1});
    benchmark::ClobberMemory();
  }
  count_floats(state, touched(u));
}

/// The limit of an update: a loop for each of its rows, in which the row's own operand is read if it has one, and all
/// others are read once, by the loop that has read least. The same streams are read and written as by the update.
class limit {
 public:
  limit(const fk::plan::update& u, const fk::kernel::operands<float>& at)
      : rows_(at.rows.begin(), at.rows.begin() + u.row_count), reads_(rows_.size()) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k) {
      auto reads = reads_.begin() + (std::find(rows_.begin(), rows_.end(), at.inputs[k]) - rows_.begin());
      if (reads == reads_.end())
        reads = std::min_element(reads_.begin(), reads_.end(),
                                 [](const auto& a, const auto& b) { return a.size() < b.size(); });
      reads->push_back(at.inputs[k]);
    }
  }
  /// Runs it for elements [first, first + count).
  void operator()(std::size_t first, std::size_t count) const {
    for (std::size_t j = 0; j < rows_.size(); ++j) {
      std::array<const float*, fk::plan::max_inputs> in{};
      for (std::size_t k = 0; k < reads_[j].size(); ++k) in[k] = reads_[j][k] + first;
      native::combine(rows_[j] + first, in.data(), reads_[j].size(), count);
    }
  }

 private:
  std::vector<float*> rows_;
  std::vector<std::vector<const float*>> reads_;
};

/// Runs the limit of `u`, in `parts` that threads take where the build has them.
inline void run_limit(benchmark::State& state, const fk::plan::update& u, std::size_t parts = 1) {
  const auto count = static_cast<std::size_t>(state.range(0));
  memory<> tensors(count, 2, 2);
  const limit native(u, tensors.at(u));
  for (auto _ : state) {
#if defined(_OPENMP)
#pragma omp parallel for schedule(static)
#endif
    for (std::size_t p = 0; p < parts; ++p) native(p * (count / parts), count / parts);
    benchmark::ClobberMemory();
  }
  count_floats(state, touched(u));
}

inline fk::plan::update cfg_dpmpp_2m() {
  return middle(fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 7.5});
}

}  // namespace measured
