// SPDX-License-Identifier: MIT
//
// Steps of the sampler's own choice: how exact is asked for, how many steps comes out, for each sample by itself.

#include <cassert>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  const fk::model::gaussian data{.mean = 0.4, .deviation = 0.5};

  // [adaptive]
  // A network that is told a level for each sample: samples are at different places of their way.
  const auto network = [&](std::vector<float>& out, const std::vector<float>& x, std::span<const fk::level> each) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<float>(data.data(x[i], each[i]));
  };
  const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::data{},
                          fk::grid::karras{.steps = 20},  // its ends, and its first step
                          fk::solver::dpmpp_3s{},         // DPM-Solver++(3S), and (2S) inside of it
                          fk::guidance::none{}, {.relative = 1e-3, .absolute = 1e-3});
  std::vector<float> x(1000);
  const std::vector<fk::adaptive_steps> took = fk::sample_adaptively(plan, network, fk::noise::philox{.seed = 1}, x);
  // [adaptive]

  int accepted = 0, rejected = 0;
  for (const fk::adaptive_steps& t : took) accepted += t.accepted, rejected += t.rejected;
  std::printf("%.1f steps and %.1f taken back a sample\n", accepted / 1000.0, rejected / 1000.0);
  assert(accepted > 5000 && accepted < 100000);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i];
    const float z = fk::noise::philox{.seed = 1}.normals(static_cast<std::uint32_t>(i), 0, {0, 0}).z[0];
    const fk::level &from = plan.levels().front(), &to = plan.levels().back();
    assert(std::abs(x[i] - data.flow(from.sigma * z, from, to)) < 0.01);
  }
  assert(std::abs(sum / 1000 - data.mean) < 5 * data.deviation / std::sqrt(1000));
}
