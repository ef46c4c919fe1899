// SPDX-License-Identifier: MIT
#include <fokker/noise/sobol.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::sobol;
using fk::noise::words;
static_assert(fk::noise_source<sobol>);

namespace {

constexpr std::size_t count = 256;

// samples x elements
std::vector<double> normals(const sobol& noise, std::size_t samples, std::size_t size) {
  std::vector<double> x(samples * size);
  fk::fill_normal(noise, fk::backend::host_view{x.data(), {samples, size}});
  return x;
}

double mean_product(const std::vector<double>& x, std::size_t size, std::size_t a, std::size_t b) {
  double sum = 0;
  for (std::size_t s = 0; s < x.size() / size; ++s) sum = std::fma(x[s * size + a], x[s * size + b], sum);
  return sum / static_cast<double>(x.size() / size);
}

}  // namespace

TEST_CASE("points are those of scipy.stats.qmc.Sobol(4, scramble=False, bits=32)") {
  // scipy's point n is that of n ^ n >> 1, in the order of a Gray code.
  const auto point = [](std::uint32_t n) { return fk::noise::sobol_point(n ^ n >> 1); };
  CHECK(point(0) == words{{0, 0, 0, 0}});
  CHECK(point(1) == words{{2147483648, 2147483648, 2147483648, 2147483648}});
  CHECK(point(1000) == words{{943718400, 415236096, 2227175424, 2906652672}});
  CHECK(point(65535) == words{{65536, 4294901760, 2421489664, 3271884800}});
  CHECK(point(123456) == words{{113803264, 784891904, 1319665664, 1934065664}});
  CHECK(point(262143) == words{{16384, 3221274624, 1556135936, 1363623936}});
}

TEST_CASE("scrambling keeps dyadic intervals, and is one to one in each") {
  for (const std::uint64_t key : {0ull, 1ull, 0x123456789abcdefull})
    for (int bits = 1; bits <= 8; ++bits) {
      std::set<std::uint32_t> above;
      for (std::uint32_t i = 0; i < 1u << bits; ++i) {
        above.insert(fk::noise::owen(i << (32 - bits), key) >> (32 - bits));
        CHECK(fk::noise::owen(i << (32 - bits), key) >> (32 - bits) ==
              fk::noise::owen(i << (32 - bits) | 1, key) >> (32 - bits));
      }
      CHECK(above.size() == 1u << bits);
    }
}

TEST_CASE("the radii and the angles of a pair are as even as points of a net") {
  for (const std::uint32_t first : {0u, 256u, 3u * 256}) {
    const std::vector<double> x = normals({.seed = 7, .first_sample = first}, count, 12);
    for (std::size_t pair = 0; pair < 6; ++pair) {
      // exp(-r^2 / 2) and the angle are uniform. Of 256 points each of 256 strata has one, and in the first two
      // coordinates of a block each of 16 x 16 cells. No point is so near an edge that rounding takes it over.
      std::set<int> radii, angles, cells;
      for (std::size_t s = 0; s < count; ++s) {
        const double a = x[s * 12 + 2 * pair], b = x[s * 12 + 2 * pair + 1];
        const double u = std::exp(-0.5 * std::fma(a, a, b * b)), turn = std::atan2(b, a) / 6.283185307179586 + 0.5;
        radii.insert(static_cast<int>(256 * u));
        angles.insert(static_cast<int>(256 * turn));
        cells.insert(16 * static_cast<int>(16 * u) + static_cast<int>(16 * turn));
      }
      CHECK(radii.size() == count);
      CHECK(angles.size() == count);
      if (pair % 2 == 0) CHECK(cells.size() == count);
    }
  }
}

TEST_CASE("means over samples err less than those of independent normals, and blocks are independent") {
  const std::size_t size = 40;
  const std::vector<double> x = normals({.seed = 3}, count, size);
  double of_mean = 0, of_square = 0, of_others = 0;
  for (std::size_t e = 0; e < size; ++e) {
    double sum = 0;
    for (std::size_t s = 0; s < count; ++s) sum += x[s * size + e];
    of_mean += std::pow(sum / count, 2) / size;
    of_square += std::pow(mean_product(x, size, e, e) - 1, 2) / size;
    of_others += std::pow(mean_product(x, size, e, (e + 4) % size), 2) / size;
  }
  // Of independent samples these are 1/256, 2/256 and 1/256, the last within a third of that.
  CHECK(of_mean < 0.1 / count);
  CHECK(of_square < 0.2 / count);
  CHECK(std::abs(of_others * count - 1) < 0.7);
}

TEST_CASE("seeds, streams, normals and blocks have points of their own, and shards draw their part") {
  const auto z = [](const sobol& noise, std::uint32_t sample, std::uint32_t block, std::uint32_t id,
                    std::uint32_t stream) {
    return noise.normals(sample, block, {stream, id}).z[0];
  };
  const sobol noise{.seed = 5};
  const std::set<float> all{z(noise, 1, 0, 0, 0), z(noise, 2, 0, 0, 0), z(noise, 1, 1, 0, 0),
                            z(noise, 1, 0, 1, 0), z(noise, 1, 0, 0, 1), z({.seed = 6}, 1, 0, 0, 0)};
  CHECK(all.size() == 6);
  CHECK(z({.seed = 5, .first_sample = 7}, 3, 2, 1, 0) == z(noise, 10, 2, 1, 0));
  CHECK(z({.seed = 5, .first_element = 8}, 3, 2, 1, 0) == z(noise, 3, 4, 1, 0));
}

TEST_CASE("words are those of a program of its own, from the papers") {
  // In Python: Philox whose words are Random123's, a finaliser whose numbers are SplitMix's, the direction numbers of
  // Joe & Kuo, and bits flipped from the highest one down. A word more or less is another normal altogether.
  struct one {
    sobol noise;
    std::uint32_t sample, block;
    fk::noise_piece piece;
    words x;
  };
  for (const one& c :
       {one{{.seed = 7}, 0, 0, {0, 0}, {{0x1ca5e96a, 0xfce32b83, 0xa1d3069d, 0x7b308323}}},
        one{{.seed = 0x123456789abcdef}, 1000, 3, {1, 2}, {{0xb7f18773, 0x55df3df8, 0xad14571d, 0x77a8dff3}}},
        one{{.seed = ~0ull}, 0xffffffff, 77, {4, 5}, {{0x1e83cab6, 0x7dcb51f5, 0x3b3f83d2, 0xef8b8b25}}}})
    for (std::size_t j = 0; j < 4; ++j)
      CHECK(c.noise.normals(c.sample, c.block, c.piece).z[j] == Approx(fk::noise::normals_of(c.x).z[j]).epsilon(1e-6));
}
