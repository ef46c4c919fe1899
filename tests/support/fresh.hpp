// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/stepper.hpp>

namespace test {

/// A single sample, all memory alike of which begins with `filling`: results must not depend on it.
struct fresh {
  static inline float filling = 0;
  std::vector<float> values;
};

}  // namespace test

namespace fokker::backend {

template <>
struct tensor<test::fresh> {
  using element = float;
  [[nodiscard]] static float* data(test::fresh& t) { return t.values.data(); }
  [[nodiscard]] static const float* data(const test::fresh& t) { return t.values.data(); }
  [[nodiscard]] static extents shape(const test::fresh& t) { return {1, t.values.size()}; }
  [[nodiscard]] static kernel::host space(const test::fresh&) { return {}; }
  [[nodiscard]] static test::fresh like(const test::fresh& t) {
    return {std::vector<float>(t.values.size(), test::fresh::filling)};
  }
};

}  // namespace fokker::backend

namespace test {

/// What a plan makes of x, or of noise, in memory that begins with `filling`, as bits: the previews and the result.
/// The network says some number that depends on what it reads, its branch and its label.
inline std::vector<std::uint32_t> run_in_fresh(const fokker::plan::program& plan, float filling,
                                               fokker::beginning from) {
  fresh::filling = filling;
  fresh x{{0.5f, -1, 2}};
  if (from == fokker::beginning::noise) x.values.assign(3, filling);
  std::vector<std::uint32_t> seen;
  const auto see = [&seen](const fresh& t) {
    for (const float v : t.values) seen.push_back(std::bit_cast<std::uint32_t>(v));
  };
  fokker::stepper run(plan, fokker::noise::philox{.seed = 1}, x, from);
  while (!run.done()) {
    see(run.input());
    for (int b = 0; b < run.branches(); ++b)
      if (run.wants(b))
        for (std::size_t i = 0; i < 3; ++i)
          run.output(b).values[i] = std::fma(0.5f, run.input().values[i], 0.1f * static_cast<float>(b));
    run.advance();
    if (run.preview() != nullptr) see(*run.preview());
  }
  see(x);
  return seen;
}

/// Whether a plan reads nothing but what it or its user wrote.
inline bool reads_what_was_written(const fokker::plan::program& plan) {
  const float nothing = std::numeric_limits<float>::quiet_NaN();
  for (const auto from : {fokker::beginning::noise, fokker::beginning::given})
    if (run_in_fresh(plan, 0, from) != run_in_fresh(plan, nothing, from)) return false;
  return true;
}

}  // namespace test
