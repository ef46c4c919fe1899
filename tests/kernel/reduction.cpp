// SPDX-License-Identifier: MIT
#include <fokker/kernel/reduction.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/kernel/reference.hpp>

#include "support/catch.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
using fk::kernel::host;
using fk::kernel::reference;

namespace {

template <class E>
std::vector<E> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> value(0.5, 2);
  std::vector<E> all(count);
  for (E& v : all) v = E(value(random));
  return all;
}

const std::pair<std::size_t, std::size_t> shapes[] = {{1, 1},    {5, 2},    {3, 31},   {2, 33},
                                                      {2, 1024}, {2, 5000}, {1, 70001}};

/// All reductions of a and b, sample after sample.
template <class Space, class A, class B>
std::vector<double> all_of(const std::vector<A>& a, const std::vector<B>& b, std::size_t samples, std::size_t size) {
  std::vector<double> numbers, results(samples);
  const auto take = [&] { numbers.insert(numbers.end(), results.begin(), results.end()); };
  Space::dot(a.data(), b.data(), samples, size, results.data()), take();
  Space::norm(a.data(), samples, size, results.data()), take();
  Space::largest(a.data(), samples, size, results.data()), take();
  for (const double q : {0.0, 0.25, 0.995, 1.0}) Space::quantile(a.data(), samples, size, q, results.data()), take();
  std::vector<fk::kernel::moments> moments(samples);
  Space::moments(a.data(), samples, size, moments.data());
  for (const auto& m : moments) numbers.push_back(m.mean), numbers.push_back(m.variance);
  return numbers;
}

}  // namespace

TEMPLATE_TEST_CASE("reductions agree with the reference to rounding", "", float, double, fk::half, fk::bfloat16) {
  for (const auto& [samples, size] : shapes) {
    const auto a = random_numbers<TestType>(samples * size, 1);
    const auto b = random_numbers<float>(samples * size, 2);
    const auto fast = all_of<host>(a, b, samples, size), slow = all_of<reference>(a, b, samples, size);
    // 2^-53 of what is summed for each addition on the way of one term: at most 32 in a lane, 5 + 17 in the trees; no
    // mean of products exceeds 8, and distances from the mean round once more.
    const double bound = 0x1p-53 * (32 + 22 + 2) * 8;
    REQUIRE(fast.size() == slow.size());
    for (std::size_t i = 0; i < fast.size(); ++i) {
      const bool is_sum = i < samples;
      CHECK(std::abs(fast[i] - slow[i]) <= bound * (is_sum ? 2.0 * static_cast<double>(size) : 1 + std::abs(slow[i])));
    }
  }
}

TEMPLATE_TEST_CASE("reductions have the same bits for every instruction set, and in every batch", "[bits]", float,
                   double, fk::half, fk::bfloat16) {
  for (const auto& shape : shapes) {
    const auto [samples, size] = shape;
    const auto a = random_numbers<TestType>(samples * size, 3);
    const auto b = random_numbers<float>(samples * size, 4);
    std::vector<std::vector<double>> results;
    test::on_every_instruction_set([&] { results.push_back(all_of<host>(a, b, shape.first, shape.second)); });
    for (const auto& r : results) CHECK(r == results[0]);
    const std::vector<TestType> last_a(a.end() - static_cast<std::ptrdiff_t>(size), a.end());
    const std::vector<float> last_b(b.end() - static_cast<std::ptrdiff_t>(size), b.end());
    CHECK(all_of<host>(last_a, last_b, 1, size)[0] == results[0][samples - 1]);
  }
}

TEST_CASE("a sum is that of its tree", "[bits]") {
  // 1 and 2^53 lie in lanes that meet at the last level: the 1 is lost to rounding once, the others were added before.
  std::vector<double> a(2048, 0.0), one(2048, 1.0);
  a[0] = 0x1p53;
  for (std::size_t i = 1; i < 32; i += 2) a[i] = 1;  // odd lanes: 16 of them, against a spacing of 2
  double sum = 0;
  host::dot(a.data(), one.data(), 1, a.size(), &sum);
  // Lane pairs (l, l + 16), then + 8, + 4, + 2, + 1: as the header says, aligned pairs (2 l, 2 l + 1) from the first
  // on.
  std::vector<double> lanes(a.begin(), a.begin() + 32);
  for (std::size_t width = 32; width > 1; width /= 2)
    for (std::size_t i = 0; i < width / 2; ++i) lanes[i] = lanes[2 * i] + lanes[2 * i + 1];
  CHECK(sum == lanes[0]);
  CHECK(sum == 0x1p53 + 14);  // the first pair rounds its 1 away, to even; the others come as 14 + 1, rounded to 14
}

TEST_CASE("NaN is not hidden by a reduction, and infinity is the largest magnitude", "[bits]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  test::on_every_instruction_set([&] {
    for (const std::size_t place : {0u, 40u, 69u}) {
      std::vector<float> a(70, 1.0f);
      double result = 0;
      a[place] = -infinity;
      host::largest(a.data(), 1, a.size(), &result);
      CHECK(result == infinity);
      a[place] = nan;
      host::largest(a.data(), 1, a.size(), &result);
      CHECK(fk::detail::is_nan(result));
      host::norm(a.data(), 1, a.size(), &result);
      CHECK(fk::detail::is_nan(result));
      host::quantile(a.data(), 1, a.size(), 1.0, &result);
      CHECK(fk::detail::is_nan(result));
      host::quantile(a.data(), 1, a.size(), 0.5, &result);
      CHECK(result == 1);
    }
  });
}

TEST_CASE("a quantile of equal and of two numbers") {
  double result = 0;
  const std::vector<double> same(9, -3.0), two{-1, 2};
  host::quantile(same.data(), 1, 9, 0.3, &result);
  CHECK(result == 3);
  host::quantile(two.data(), 1, 2, 0.25, &result);
  CHECK(result == 1.25);
}

TEMPLATE_TEST_CASE("two neighbours in rank are those of a sort", "", float, double, fk::half) {
  // Few and many; one number alone; a crowd of equal ones below, between and above others; a bin of 11 bits that a rank
  // is the last of.
  std::vector<std::vector<TestType>> lists;
  for (const std::size_t count : {1u, 2u, 1024u, 1025u, 5000u}) lists.push_back(random_numbers<TestType>(count, 5));
  for (const std::size_t others : {0u, 1u, 700u}) {
    auto crowd = random_numbers<TestType>(others, 6);
    crowd.insert(crowd.end(), 3000, TestType(1.5f));
    lists.push_back(crowd);
  }
  for (const auto& list : lists) {
    std::vector<double> sorted;
    for (const TestType v : list) sorted.push_back(std::abs(static_cast<double>(v)));
    std::sort(sorted.begin(), sorted.end());
    const std::size_t count = sorted.size(), step = std::max<std::size_t>(1, count / 400);
    for (std::size_t k = 0; k < count; k = k + 1 < count ? std::min(k + step, count - 1) : count) {
      double at = -1, after = -1;
      fk::kernel::reduction::select_magnitudes(list.data(), count, k, at, after);
      CHECK(at == sorted[k]);
      CHECK(after == sorted[std::min(k + 1, count - 1)]);
    }
  }
}
