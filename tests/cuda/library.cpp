// SPDX-License-Identifier: MIT
//
// What is made with cuBLAS.

#include <fokker/backend/cublas.hpp>
#include <fokker/kernel/product.hpp>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cuda_tensor;

namespace {

template <class E>
void products_of(const char* type) {
  std::mt19937 random(3);
  std::uniform_real_distribution<E> value(-1, 1);
  const fk::backend::cublas_products device(nullptr);
  for (const auto& [m, n, k] : {std::array<std::size_t, 3>{1, 1, 1}, {3, 5, 7}, {65, 33, 129}}) {
    std::vector<E> a(m * k), b(k * n), expected(m * n);
    for (E& v : a) v = value(random);
    for (E& v : b) v = value(random);
    const cuda_tensor<E> on_a({m, k}, a), on_b({k, n}, b);
    cuda_tensor<E> to({m, n});
    // Two sums of k products of numbers up to 1, each within k eps k.
    const double bound = 2.0 * static_cast<double>(k * k) * static_cast<double>(std::numeric_limits<E>::epsilon());
    const auto compare = [&](const char* what) {
      const std::vector<E> found = to.to_host();
      for (std::size_t i = 0; i < found.size(); ++i)
        test::require(std::abs(static_cast<double>(found[i] - expected[i])) <= bound,
                      std::string(what) + ", " + type + ": element " + std::to_string(i));
    };
    device.times(m, n, k, on_a.data(), on_b.data(), to.data());
    fk::kernel::product::times(m, n, k, a.data(), b.data(), expected.data());
    compare("times");
    device.times_transposed(m, n, k, on_a.data(), on_b.data(), to.data());
    fk::kernel::product::times_transposed(m, n, k, a.data(), b.data(), expected.data());
    compare("times_transposed");
  }
}

/// cuBLAS is of one device, whichever is the current one.
void products_elsewhere() {
  fk::kernel::cuda_check(cudaSetDevice(1), "cudaSetDevice");
  const fk::backend::cublas_products device(nullptr);
  const cuda_tensor<float> a({1}, std::vector<float>{3});
  cuda_tensor<float> to({1, 1});
  fk::kernel::cuda_check(cudaSetDevice(0), "cudaSetDevice");
  device.times(1, 1, 1, a.data(), a.data(), to.data());
  test::require(to.to_host()[0] == 9, "a product on another device");
}

void products() {
  products_of<float>("float");
  products_of<double>("double");
  int devices = 0;
  fk::kernel::cuda_check(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");
  if (devices > 1) products_elsewhere();
}

}  // namespace

const test::test_case test::library_tests[] = {
    {"products by cuBLAS are those of the host to rounding", products},
    {nullptr, nullptr},
};
