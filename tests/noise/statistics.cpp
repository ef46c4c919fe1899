// SPDX-License-Identifier: MIT
// 10^8 normals against their law. Seeds are fixed, so a pass is a pass for good; bounds are 5 standard deviations.
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fokker/kernel/host.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {

constexpr std::size_t chunk = 1 << 20;
constexpr int chunks = 96;  // 100 663 296 normals
constexpr double n = static_cast<double>(chunk) * chunks;

struct position {
  std::uint64_t seed = 1;
  std::uint32_t sample = 0, id = 0, stream = 1;
};

/// One chunk of normals of a sample, through the kernel that samplers use.
void draw(std::vector<float>& z, position p) {
  fk::plan::update u{.input_count = 0, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.normals[0] = {{p.stream, p.id}};
  u.rows[0].normals[0] = 1;
  fk::kernel::operands<float> at;
  at.samples = 1;
  at.size = chunk;
  at.rows[0] = z.data();
  fk::kernel::host::update(u, at, fk::noise::philox{.seed = p.seed, .first_sample = p.sample});
}

/// The mean of products of two sequences, in standard deviations of that mean.
template <class First, class Second>
double correlation(First first, Second second, std::size_t lag = 0) {
  std::vector<float> a(chunk), b(chunk);
  double sum = 0;
  for (std::uint32_t c = 0; c < chunks; ++c) {
    draw(a, first(c));
    draw(b, second(c));
    for (std::size_t i = 0; i + lag < chunk; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i + lag]);
  }
  return sum / std::sqrt(n);
}

}  // namespace

TEST_CASE("moments to the eighth of 10^8 normals are those of the law", "[statistics]") {
  std::vector<float> z(chunk);
  std::array<double, 9> sums{};
  for (std::uint32_t c = 0; c < chunks; ++c) {
    draw(z, {.sample = c});
    std::array<double, 9> part{};  // a sum of 2^20 terms keeps its digits
    for (const float value : z) {
      double power = 1;
      for (std::size_t k = 1; k <= 8; ++k) part[k] += power *= static_cast<double>(value);
    }
    for (std::size_t k = 1; k <= 8; ++k) sums[k] += part[k];
  }
  const auto moment = [](std::size_t k) {  // (k - 1)!!, 0 for odd k
    double product = 1;
    for (std::size_t i = k; i > 1; i -= 2) product *= static_cast<double>(i - 1);
    return k % 2 == 1 ? 0 : product;
  };
  for (std::size_t k = 1; k <= 8; ++k) {
    const double deviation = std::sqrt((moment(2 * k) - moment(k) * moment(k)) / n);
    CAPTURE(k, sums[k] / n, moment(k), deviation);
    CHECK(std::abs(sums[k] / n - moment(k)) < 5 * deviation);
  }
}

TEST_CASE("the distribution of 10^8 normals passes Kolmogorov and Smirnov's test at 8,192 places", "[statistics]") {
  std::vector<float> z(chunk);
  std::vector<std::int64_t> bins(8193);
  for (std::uint32_t c = 0; c < chunks; ++c) {
    draw(z, {.seed = 2, .sample = c});
    for (const float value : z) ++bins[static_cast<std::size_t>(static_cast<int>(std::floor(value * 512)) + 4096)];
  }
  double below = 0, largest = 0;
  for (std::size_t b = 0; b < bins.size(); ++b) {
    below += static_cast<double>(bins[b]);
    const double edge = (static_cast<double>(b) - 4095) / 512;
    largest = std::max(largest, std::abs(below / n - 0.5 * std::erfc(-edge / std::sqrt(2.0))));
  }
  CHECK(below == n);
  // P(sqrt(n) D > x) = 2 exp(-2 x^2): 5.7e-7, five deviations, at x = 2.745.
  CHECK(std::sqrt(n) * largest < 2.745);
}

TEST_CASE("neighbours, samples, noises, streams and seeds are uncorrelated", "[statistics]") {
  const auto same = [](std::uint32_t c) { return position{.seed = 3, .sample = c}; };
  for (const std::size_t lag : {1u, 2u, 3u, 4u, 8u}) CHECK(std::abs(correlation(same, same, lag)) < 5);
  CHECK(std::abs(correlation(same, [](std::uint32_t c) { return position{.seed = 3, .sample = c + 1}; })) < 5);
  CHECK(std::abs(correlation(same, [](std::uint32_t c) { return position{.seed = 3, .sample = c, .id = 1}; })) < 5);
  CHECK(std::abs(correlation(same, [](std::uint32_t c) { return position{.seed = 3, .sample = c, .stream = 3}; })) < 5);
  CHECK(std::abs(correlation(same, [](std::uint32_t c) { return position{.seed = 4, .sample = c}; })) < 5);
}
