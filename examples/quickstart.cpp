// SPDX-License-Identifier: MIT
// The program of README and of "Getting started"; a test compares what it prints with what they show.
// [program]
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

using latent = fk::backend::host_view<float>;  // a pointer and a shape

// Stands for your network, which predicts the noise in x.
// All that this one knows is the mean and the deviation of the data.
struct network {
  double mean, deviation;

  void operator()(latent& out, const latent& x, const fk::level& at) const {  // a network is told at.label
    const double a = at.alpha, s = at.sigma;                                  // x = a * data + s * noise
    const double variance = a * a * deviation * deviation + s * s;
    for (std::size_t i = 0; i < x.shape.size(); ++i)
      out.data[i] = static_cast<float>(s * (x.data[i] - a * mean) / variance);
  }
};

int main() {
  const network cond{0.5, 0.1};  // with a prompt
  const network uncond{0, 0.5};  // without one

  std::vector<float> memory(2 * 4 * 8 * 8);
  latent x{memory.data(), {2, 4, 8, 8}};  // two samples of 4 channels of 8 x 8

  // [quickstart]
  auto plan = fk::make_plan(fk::schedule::scaled_linear(),    // Stable Diffusion's noise
                            fk::parameterization::epsilon{},  // what this network predicts
                            fk::grid::karras{.steps = 8},     // where to stop on the way to data
                            fk::solver::dpmpp_2m{},           // DPM-Solver++(2M)
                            fk::guidance::classifier_free{.scale = 2});
  std::cout << plan;  // read it before running it
  fk::sample(plan, fk::denoisers{cond, uncond}, fk::noise::philox{.seed = 42}, x);
  // [quickstart]

  double sum = 0;
  for (const float v : memory) sum += v;
  const double count = static_cast<double>(memory.size());
  std::cout << "mean of the samples: " << std::setprecision(3) << sum / count << '\n';
}
// [program]
