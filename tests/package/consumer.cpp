// SPDX-License-Identifier: MIT
// A user's program: a data set of one point is reached, in any number of steps.
#include <cmath>
#include <cstdio>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  const auto plan = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 5},
                                  fk::solver::dpmpp_2m{});
  std::vector<float> x(100);
  fk::sample(plan, fk::model::gaussian{.mean = 0.25, .deviation = 0}, fk::noise::philox{.seed = 1}, x);
  for (const float v : x)
    if (!(std::abs(v - 0.25f) < 1e-6f)) return std::puts("a sample is not the point"), 1;
  return 0;
}
