// SPDX-License-Identifier: MIT
// A user's program with xtensor: of two images, each sample is one. The denoiser computes by BLAS.
#include <cmath>
#include <cstdio>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  const xt::xtensor<float, 2> images{{1, 1, 0, 0}, {0, 0, 1, 1}};
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 20}, fk::solver::heun{});
  auto x = xt::xtensor<float, 2>::from_shape({10, 4});
  fk::sample(plan, fk::model::empirical(images), fk::noise::philox{.seed = 1}, x);
  for (std::size_t i = 0; i < 10; ++i) {
    const bool first = std::abs(x(i, 0) - 1) < 1e-2f && std::abs(x(i, 3)) < 1e-2f;
    const bool second = std::abs(x(i, 0)) < 1e-2f && std::abs(x(i, 3) - 1) < 1e-2f;
    if (!(first || second)) return std::puts("a sample is no image"), 1;
  }
  return 0;
}
