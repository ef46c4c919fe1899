// SPDX-License-Identifier: MIT
//
// The distances of samples on the device against those of the host.

#include <fokker/backend/cublas.hpp>
#include <fokker/backend/host.hpp>
#include <fokker/bfloat16.hpp>
#include <fokker/half.hpp>
#include <fokker/metric/energy_distance.hpp>
#include <fokker/metric/frechet_distance.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cuda_tensor;
using fk::backend::extents;
using fk::backend::host_view;

namespace {

/// Two sums of so many positive terms, in different orders.
void require_near(double found, double expected, std::size_t terms, const std::string& what) {
  const double bound = 2 * static_cast<double>(terms) * std::numeric_limits<double>::epsilon() * std::abs(expected);
  test::require(std::abs(found - expected) <= bound,
                what + " is " + std::to_string(found) + ", and on the host " + std::to_string(expected));
}

template <class E>
void distances_of() {
  for (const auto& [n, m, size] :
       {std::array<std::size_t, 3>{1, 1, 1}, {3, 40, 2}, {4, 70, 31}, {2, 33, 33}, {2, 3, 1500}}) {
    std::vector<E> a = test::random_numbers<E>(n * size, 1), b = test::random_numbers<E>(m * size, 2);
    const extents of_a{n, size}, of_b{m, size};
    const cuda_tensor<E> on_a(of_a, a), on_b(of_b, b);
    require_near(fk::metric::mean_distance(on_a, on_b),
                 fk::metric::mean_distance(host_view<E>{a.data(), of_a}, host_view<E>{b.data(), of_b}),
                 size + 3 + n * m, "a mean distance of samples of " + std::to_string(size));
    test::require(fk::metric::energy_distance(on_a, on_a) == 0, "a set has a distance from itself");
  }
}

void distances() {
  distances_of<float>();
  distances_of<double>();
  distances_of<fk::half>();
  distances_of<fk::bfloat16>();
}

template <class E>
void fits_of() {
  const fk::backend::cublas_products products(nullptr);
  for (const auto& [n, size] : {std::pair<std::size_t, std::size_t>{2, 1}, {40, 3}, {2500, 5}, {7, 33}}) {
    std::vector<E> a = test::random_numbers<E>(n * size, 3);
    const extents shape{n, size};
    const fk::metric::gaussian_fit host = fk::metric::fit(host_view<E>{a.data(), shape}),
                                   device = fk::metric::fit(cuda_tensor<E>(shape, a), products);
    const std::string what = std::to_string(n) + " samples of " + std::to_string(size);
    double deviations = 0;  // the largest variance: no product's terms add up to more in magnitude
    for (std::size_t k = 0; k < size; ++k) deviations = std::max(deviations, host.covariance[k * size + k]);
    // Means of n numbers of deviation 2 around 1, within 20 of it; a covariance moves by as much for each term.
    const double bound = static_cast<double>(n) * 2 * std::numeric_limits<double>::epsilon() * 20;
    for (std::size_t k = 0; k < size; ++k)
      test::require(std::abs(device.mean[k] - host.mean[k]) <= bound, what + ": mean " + std::to_string(k));
    for (std::size_t k = 0; k < size * size; ++k)
      test::require(std::abs(device.covariance[k] - host.covariance[k]) <= bound * (1 + deviations),
                    what + ": covariance " + std::to_string(k));
  }
}

void fits() {
  fits_of<float>();
  fits_of<double>();
  fits_of<fk::half>();
  cudaStream_t stream = nullptr;
  fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  {
    bool refused = false;
    try {
      static_cast<void>(fk::metric::fit(cuda_tensor<float>({2, 2}), fk::backend::cublas_products(stream)));
    } catch (const std::invalid_argument& problem) {
      refused = std::string(problem.what()).find("the stream of the products") != std::string::npos;
    }
    test::require(refused, "products of another stream were taken");
  }
  fk::kernel::cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}

}  // namespace

const test::test_case test::metric_tests[] = {
    {"distances of samples are those of the host to rounding", distances},
    {"so are means and covariances", fits},
    {nullptr, nullptr},
};
