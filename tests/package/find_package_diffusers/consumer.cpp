// SPDX-License-Identifier: MIT
// A user's program with a config of diffusers: its DDIM with 50 steps reaches the mean of what is known of the data.
#include <cmath>
#include <cstdio>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/interop/diffusers.hpp>

namespace fk = fokker;

int main() {
  const auto config = fk::interop::parse_config(R"({"_class_name": "DDIMScheduler", "clip_sample": false})");
  const auto from = fk::interop::diffusers(config, 50);
  std::vector<float> x(100);
  fk::sample(from.plan,
             fk::model::predicting{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = 2, .deviation = 0.1}},
             fk::noise::philox{.seed = 1}, x);
  for (const float v : x)
    if (std::abs(v - 2) > 1) return std::puts("a sample is far from the data"), 1;
  return 0;
}
