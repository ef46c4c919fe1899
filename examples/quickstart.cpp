// SPDX-License-Identifier: MIT
// Samples with guidance from two denoisers that stand for a network; the region below is the README's.
#include <cassert>
#include <cmath>
#include <iostream>

#include <fokker/backend/xtensor.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  using image = xt::xtensor<float, 4>;
  // Data of which all is known: one class around 0.5, everything around 0.
  const fk::model::predicting cond{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = 0.5, .deviation = 0.1}};
  const fk::model::predicting uncond{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = 0, .deviation = 0.5}};
  image x = xt::zeros<float>({2, 4, 8, 8});  // two samples of 4 x 8 x 8

  // [quickstart]
  auto plan = fk::make_plan(fk::schedule::scaled_linear(),    // Stable Diffusion's noise
                            fk::parameterization::epsilon{},  // what this network predicts
                            fk::grid::karras{.steps = 25},    // where to stop on the way to data
                            fk::solver::dpmpp_2m{},           // DPM-Solver++(2M)
                            fk::guidance::classifier_free{.scale = 2});
  std::cout << plan;  // read it before running it
  fk::sample(plan, fk::denoisers{cond, uncond}, fk::noise::philox{.seed = 42}, x);
  // [quickstart]

  for (const float v : x) assert(std::abs(v - 0.5f) < 1);
  assert(fk::plan::evaluations(plan) == 50);
  assert(fk::plan::check(plan).empty());
}
