// SPDX-License-Identifier: MIT
//
// Losses of tensors on the device and their gradients: the bits of the host.

#include <fokker/backend/cuda.hpp>
#include <fokker/backend/host.hpp>
#include <fokker/half.hpp>
#include <fokker/training/loss.hpp>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cuda_tensor;
using fk::backend::extents;
using fk::backend::host_view;

namespace {

template <class Prediction, class Target>
void losses_of() {
  for (const auto& [n, size] : {std::array<std::size_t, 2>{1, 1}, {3, 31}, {2, 1024}, {2, 5000}}) {
    const extents shape{n, size};
    const std::string what = std::to_string(n) + " samples of " + std::to_string(size);
    std::vector<Prediction> prediction = test::random_numbers<Prediction>(n * size, 1);
    std::vector<Target> target = test::random_numbers<Target>(n * size, 2), gradient(n * size);
    const std::vector<double> weights = test::random_numbers<double>(n, 3);
    const host_view<Prediction> said{prediction.data(), shape};
    const host_view<Target> wanted{target.data(), shape};
    host_view<Target> to{gradient.data(), shape};
    fk::training::loss_gradient(said, wanted, weights, to);

    const cuda_tensor<Prediction> said_there(shape, prediction);
    const cuda_tensor<Target> wanted_there(shape, target);
    cuda_tensor<Target> there(shape);
    fk::training::loss_gradient(said_there, wanted_there, weights, there);
    test::require(there.to_host() == gradient, what + ": the gradient");
    test::require(fk::training::loss(said_there, wanted_there, weights) == fk::training::loss(said, wanted, weights),
                  what + ": the losses");
  }
}

void losses() {
  losses_of<float, float>();
  losses_of<double, double>();
  losses_of<fk::half, float>();
}

}  // namespace

const test::test_case test::training_tests[] = {
    {"losses of a training run and their gradients are the host's to the bit", losses},
    {nullptr, nullptr},
};
