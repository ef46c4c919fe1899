// SPDX-License-Identifier: MIT
#include <fokker/embedding/slerp.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::backend::host_view;
using fk::backend::one_sample;
using fk::embedding::slerp;

namespace {
std::vector<double> between(std::vector<double> a, std::vector<double> b, double share) {
  std::vector<double> y(a.size());
  slerp(one_sample(a), one_sample(b), share, one_sample(y));
  return y;
}
double length(const std::vector<double>& x) {
  double squares = 0;
  for (const double v : x) squares = std::fma(v, v, squares);
  return std::sqrt(squares);
}
}  // namespace

TEST_CASE("at its ends it is the one and the other, to the bit") {
  std::vector<double> a(64), b(64);
  fk::fill_normal(fk::noise::philox{.seed = 1}, a);
  fk::fill_normal(fk::noise::philox{.seed = 2}, b);
  CHECK(between(a, b, 0) == a);
  CHECK(between(a, b, 1) == b);
}

TEST_CASE("on the unit circle it goes at one speed, also of small angles and near half a turn") {
  // An angle of atan2 errs by 2 u and is multiplied; a sine near a half turn has an error of u over what is left of it.
  for (const double angle : {1e-9, 1e-3, 1.0, std::numbers::pi / 2, 3.0, std::numbers::pi - 1e-3})
    for (const double share : {0.25, 0.5, 0.875}) {
      const std::vector<double> y = between({1, 0}, {std::cos(angle), std::sin(angle)}, share);
      const double near = 32 * law::u / (std::numbers::pi - angle);
      CHECK(std::abs(y[0] - std::cos(share * angle)) <= near);
      CHECK(std::abs(y[1] - std::sin(share * angle)) <= near);
    }
}

TEST_CASE("normals between normals are as long as they are") {
  const std::size_t n = 4096;
  std::vector<double> a(n), b(n);
  fk::fill_normal(fk::noise::philox{.seed = 1}, a);
  fk::fill_normal(fk::noise::philox{.seed = 2}, b);
  // Independent lengths differ by 1/sqrt(2 n), and cosines from 0 by 1/sqrt(n); six deviations of each.
  for (const double share : {0.1, 0.5, 0.7})
    CHECK(std::abs(length(between(a, b, share)) / std::sqrt(static_cast<double>(n)) - 1) <= 12 / std::sqrt(2.0 * n));
}

TEST_CASE("of equal and of parallel samples it is the line between them") {
  CHECK(between({3, 4}, {3, 4}, 0.25) == std::vector<double>{3, 4});
  CHECK(between({0, 4}, {0, 8}, 0.25) == std::vector<double>{0, 5});
  const std::vector<double> y = between({1, 2, 3}, {2, 4, 6}, 0.5);
  for (std::size_t k = 0; k < 3; ++k) CHECK(y[k] == Approx(1.5 * static_cast<double>(k + 1)).epsilon(16 * law::u));
}

TEST_CASE("opposite samples have no arc, however long they are") {
  law::refused([] { (void)between({1, 2, 3}, {-1, -2, -3}, 0.5); }, {"the angle between a and b, sample 0 is pi;"});
  law::refused([] { (void)between({1, 2, 3}, {-3, -6, -9}, 0.5); }, {"the angle between a and b, sample 0 is pi;"});
  law::refused([] { (void)between({0.1, 0.2, 0.7}, {-0.1, -0.2, -0.7}, 0); }, {"is pi; allowed: below it"});
  std::vector<double> x(1000), y(1000);
  fk::fill_normal(fk::noise::philox{.seed = 3}, x);
  for (std::size_t k = 0; k < x.size(); ++k) y[k] = -x[k] / 3;
  law::refused([&] { (void)between(x, y, 0.5); }, {"is pi;"});
}

TEST_CASE("each sample goes its own way, in any tensors, also into one of the two") {
  xt::xtensor<float, 2> a{{1, 0}, {0, 2}};
  std::vector<double> memory{0, 1, 0, 4};
  slerp(a, host_view{memory.data(), {2, 2}}, 0.5, a);
  const auto root = static_cast<float>(std::sqrt(0.5));
  CHECK(std::abs(a(0, 0) - root) <= 0x1p-24f);
  CHECK(std::abs(a(0, 1) - root) <= 0x1p-24f);
  CHECK(a(1, 0) == 0);
  CHECK(a(1, 1) == 3);
}

TEST_CASE("zeros, other shapes and shares outside are refused") {
  law::refused([] { (void)between({0, 0}, {1, 0}, 0.5); }, {"the length of row 0 of a is 0;"});
  law::refused([] { (void)between({1, 0}, {0, 0}, 0.5); }, {"the length of row 0 of b is 0;"});
  for (const double bad : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)between({1, 0}, {0, 1}, bad); }, {"share is ", "0 to 1"});
  std::vector<double> three(3), pair{1, 0};
  law::refused([&] { slerp(one_sample(pair), one_sample(three), 0.5, one_sample(pair)); },
               {"the shape of b is (1, 3);"});
  law::refused([&] { slerp(one_sample(pair), one_sample(pair), 0.5, one_sample(three)); },
               {"the shape of y is (1, 3);"});
}
