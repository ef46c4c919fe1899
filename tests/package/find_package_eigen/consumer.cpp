// SPDX-License-Identifier: MIT
// A user's program with Eigen: of two images, each sample, a column, is one. The denoiser computes by Eigen's products.
#include <cmath>
#include <cstdio>

#include <fokker/backend/eigen.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  const Eigen::MatrixXf images{{1, 0}, {1, 0}, {0, 1}, {0, 1}};
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 20}, fk::solver::heun{});
  Eigen::MatrixXf x(4, 10);
  fk::sample(plan, fk::model::empirical(images), fk::noise::philox{.seed = 1}, x);
  for (Eigen::Index i = 0; i < x.cols(); ++i)
    if (!((x.col(i) - images.col(0)).norm() < 1e-2f || (x.col(i) - images.col(1)).norm() < 1e-2f))
      return std::puts("a sample is no image"), 1;
  return 0;
}
