// SPDX-License-Identifier: MIT
#include <fokker/kernel/product.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {

template <class E>
std::vector<E> numbers(std::size_t count, std::uint32_t seed) {
  std::vector<E> list;
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    list.push_back(static_cast<E>(static_cast<double>(seed >> 8) * 0x1p-23 - 1));
  }
  return list;
}

template <class E>
void agrees_with_the_triple_loop(std::size_t m, std::size_t n, std::size_t k) {
  const auto a = numbers<E>(m * k, 1), b = numbers<E>(n * k, 2);
  const E nan = std::numeric_limits<E>::quiet_NaN();  // c is written, not added to
  std::vector<E> c(m * n, nan), transposed(m * n, nan);
  fk::kernel::product::times(m, n, k, a.data(), b.data(), c.data());                      // b read as k x n
  fk::kernel::product::times_transposed(m, n, k, a.data(), b.data(), transposed.data());  // b read as n x k
  int wrong = 0;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      long double sum = 0, size = 0, sum_transposed = 0, size_transposed = 0;
      for (std::size_t l = 0; l < k; ++l) {
        const long double x = a[i * k + l], y = b[l * n + j], z = b[j * k + l];
        sum += x * y, size += std::abs(x * y);
        sum_transposed += x * z, size_transposed += std::abs(x * z);
      }
      // k products and k sums in any order: at most k roundings touch a term, (1 + eps/2)^k - 1 < k eps.
      const long double bound = static_cast<long double>(k) * std::numeric_limits<E>::epsilon();
      if (!(std::abs(c[i * n + j] - sum) <= bound * size)) ++wrong;
      if (!(std::abs(transposed[i * n + j] - sum_transposed) <= bound * size_transposed)) ++wrong;
    }
  INFO("m " << m << " n " << n << " k " << k);
  CHECK(wrong == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("both products agree with the triple loop for sizes around every block", "", float, double) {
  for (const std::size_t m : {1u, 2u, 5u})
    for (const std::size_t n : {1u, 2u, 15u, 16u, 17u, 63u, 64u, 65u, 131u})
      for (const std::size_t k : {1u, 2u, 7u, 8u, 9u, 255u, 256u, 257u, 600u})
        agrees_with_the_triple_loop<TestType>(m, n, k);
}

TEST_CASE("the types of the host have products by plain loops, and no other type has any by chance") {
  STATIC_REQUIRE(std::is_base_of_v<fk::kernel::product, fk::backend::products<std::vector<float>>>);
  STATIC_REQUIRE(std::is_base_of_v<fk::kernel::product, fk::backend::products<std::span<double>>>);
  STATIC_REQUIRE(std::is_base_of_v<fk::kernel::product, fk::backend::products<fk::backend::host_view<float>>>);
  STATIC_REQUIRE(!fk::has_products<int>);
}
