// SPDX-License-Identifier: MIT
//
// Samples in matrices of Eigen: a column each. Three joints of an arm move together; new poses are drawn that do as
// well.

// [program]
#include <fokker/backend/eigen.hpp>
#include <fokker/fokker.hpp>

#include <iostream>

namespace fk = fokker;

/// A network of Eigen: here the exact denoiser of normal data with this mean and covariance.
struct joints {
  Eigen::Vector3f mean;
  Eigen::Matrix3f covariance;

  void operator()(Eigen::Ref<Eigen::MatrixXf> out, const Eigen::Ref<const Eigen::MatrixXf>& x,
                  const fk::level& at) const {
    const auto alpha = static_cast<float>(at.alpha), sigma = static_cast<float>(at.sigma);
    const Eigen::Matrix3f noisy = alpha * alpha * covariance + sigma * sigma * Eigen::Matrix3f::Identity();
    out.noalias() = alpha * covariance * noisy.inverse() * (x.colwise() - alpha * mean);
    out.colwise() += mean;
  }
};

int main() {
  const joints network{{0.5f, 0, -1}, Eigen::Matrix3f{{1, 0.8f, 0}, {0.8f, 1, -0.5f}, {0, -0.5f, 1}}};
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 20}, fk::solver::heun{});
  Eigen::MatrixXf poses(3, 4000);  // 4000 samples of 3 numbers
  fk::sample(plan, network, fk::noise::philox{.seed = 42}, poses);

  const Eigen::Vector3f mean = poses.rowwise().mean();
  const Eigen::MatrixXf around = poses.colwise() - mean;
  const Eigen::Matrix3f covariance = around * around.transpose() / 4000;
  std::cout << "mean " << mean.transpose() << "\ncovariance\n" << covariance << '\n';
  // Means and covariances of 4000 samples err by less than sqrt(2 / 4000), and five times that is not seen.
  const bool good = (mean - network.mean).cwiseAbs().maxCoeff() < 0.11f &&
                    (covariance - network.covariance).cwiseAbs().maxCoeff() < 0.11f;
  return good ? 0 : 1;
}
// [program]
