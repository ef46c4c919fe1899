// SPDX-License-Identifier: MIT
#include <fokker/noise/sobol.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise_piece;
using fk::noise::sobol;

namespace {

constexpr noise_piece start{.stream = noise_piece::start};

/// In which of 2^bits equal parts of the law a normal lies.
std::size_t part(float z, int bits) {
  return static_cast<std::size_t>(std::ldexp(fk::detail::normal_share(static_cast<double>(z)), bits));
}

/// How many of 2^bits points from `first` on lie in each of the boxes that divide dimension d into 2^cuts[d].
std::vector<int> boxes(const sobol& noise, std::uint32_t first, int bits, std::uint32_t block, const int (&cuts)[4]) {
  std::vector<int> count(std::size_t{1} << (cuts[0] + cuts[1] + cuts[2] + cuts[3]));
  for (std::uint32_t s = 0; s < 1u << bits; ++s) {
    const fk::noise::quad z = noise.normals(first + s, block, start);
    std::size_t box = 0;
    for (int d = 0; d < 4; ++d) box = box << cuts[d] | part(z.z[d], cuts[d]);
    ++count[box];
  }
  return count;
}

/// The error of the mean of cos(x + y), which is 1/e, over the first 2^bits points: its root mean square over seeds.
template <class Noise>
double error(int bits) {
  double squares = 0;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    double sum = 0;
    for (std::uint32_t s = 0; s < 1u << bits; ++s) {
      const fk::noise::quad z = Noise{.seed = seed}.normals(s, 0, start);
      sum += std::cos(double{z.z[0]} + double{z.z[1]});
    }
    squares += std::pow(std::ldexp(sum, -bits) - std::exp(-1.0), 2);
  }
  return std::sqrt(squares / 16);
}

}  // namespace

TEST_CASE("of 2^k samples each element has one in each of 2^k equal parts of the law") {
  for (const std::uint32_t first : {0u, 768u, 0xffffff00u})  // a multiple of 2^k
    for (const std::uint32_t block : {0u, 1u, 77u})
      for (int d = 0; d < 4; ++d) {
        int cuts[4] = {};
        cuts[d] = 8;
        const auto count = boxes(sobol{.seed = 3}, first, 8, block, cuts);
        CHECK(std::all_of(count.begin(), count.end(), [](int c) { return c == 1; }));
      }
}

// Two dimensions are a (0, 2)-sequence; four have t = 3, the sum of the degrees of their polynomials less 1 each.
TEST_CASE("every box of a net has its share of points") {
  for (const std::uint64_t seed : {1u, 2u})
    for (int a = 0; a <= 8; ++a) {
      const auto count = boxes(sobol{.seed = seed}, 256, 8, 0, {a, 8 - a, 0, 0});
      CHECK(std::all_of(count.begin(), count.end(), [](int c) { return c == 1; }));
    }
  for (int a = 0; a <= 5; ++a)
    for (int b = 0; a + b <= 5; ++b)
      for (int c = 0; a + b + c <= 5; ++c) {
        const auto count = boxes(sobol{.seed = 4}, 0, 8, 2, {a, b, c, 5 - a - b - c});
        CHECK(std::all_of(count.begin(), count.end(), [](int n) { return n == 8; }));
      }
}

// Scrambled nets err by 1/n or less, a sixteenth for 16 times the points; independent ones by n^-1/2, a quarter.
TEST_CASE("an integral over two dimensions converges faster than with independent starts") {
  const double few = error<sobol>(6), many = error<sobol>(10);
  CAPTURE(few, many);
  CHECK(many < few / 8);
  CHECK(many < error<fk::noise::philox>(10) / 8);
}

TEST_CASE("blocks of elements, and seeds, are independent of each other") {
  constexpr std::uint32_t n = 4096;
  double blocks = 0, seeds = 0, moments[2] = {};
  for (std::uint32_t s = 0; s < n; ++s) {
    const float z = sobol{.seed = 5}.normals(s, 0, start).z[0];
    blocks += double{z} * double{sobol{.seed = 5}.normals(s, 1, start).z[0]};
    seeds += double{z} * double{sobol{.seed = 6}.normals(s, 0, start).z[0]};
    moments[0] += double{z};
    moments[1] += double{z} * double{z};
  }
  CHECK(std::abs(blocks) < 5 * std::sqrt(n));
  CHECK(std::abs(seeds) < 5 * std::sqrt(n));
  // Koksma: a mean errs by at most the variation over n; that of a normal, at most 6.4, is 12.8, that of its square 82.
  CHECK(std::abs(moments[0] / n) < 12.8 / n);
  CHECK(moments[1] / n == Approx(1).margin(82.0 / n));
}

TEST_CASE("any part of samples and batches draws its own, and other streams are philox's") {
  const sobol whole{.seed = 7}, later{.seed = 7, .first_sample = 5, .first_element = 8};
  const fk::noise::philox steps{.seed = 7, .first_sample = 5, .first_element = 8};
  std::vector<float> x(117), y(20);
  fk::fill_normal(whole, fk::backend::host_view{x.data(), {9, 13}}, start);
  fk::fill_normal(later, fk::backend::host_view{y.data(), {4, 5}}, start);
  for (std::size_t s = 0; s < 4; ++s)
    for (std::size_t e = 0; e < 5; ++e) CHECK(y[s * 5 + e] == x[(s + 5) * 13 + e + 8]);
  for (const std::uint32_t stream : {noise_piece::steps, noise_piece::known, noise_piece::user}) {
    const auto a = later.normals(2, 3, {stream, 1}), b = steps.normals(2, 3, {stream, 1});
    CHECK(std::equal(std::begin(a.z), std::end(a.z), b.z));
  }
  CHECK(later.normals(0, 0, start).z[0] != steps.normals(0, 0, start).z[0]);
  CHECK(whole != later);
}
