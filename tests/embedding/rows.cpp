// SPDX-License-Identifier: MIT
#include <fokker/embedding/rows.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/half.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
namespace embedding = fk::embedding;

TEST_CASE("every tensor of the host gives the same rows") {
  const std::vector<double> expected{1, 2, 3, 4, 5, 6};
  std::vector<float> memory{1, 2, 3, 4, 5, 6};
  std::vector<fk::half> halves;
  for (const float v : memory) halves.emplace_back(v);
  CHECK(embedding::rows_of(fk::backend::host_view{memory.data(), {2, 3}}, "x").values == expected);
  CHECK(embedding::rows_of(fk::backend::host_view{halves.data(), {2, 3}}, "x").values == expected);
  const xt::xtensor<double, 3> images{{{1}, {2}, {3}}, {{4}, {5}, {6}}};  // a sample is all that it has
  const embedding::rows r = embedding::rows_of(images, "x");
  CHECK(r.values == expected);
  CHECK(r.count == 2);
  CHECK(r.size == 3);
  CHECK(r[1][2] == 6);
  CHECK(embedding::rows_of(std::span(memory), "x").count == 6);
}

namespace {
/// 3 and -4 times `scale`, whose rounding may be all of it, are of length 1 and in their directions afterwards.
void check_units(double scale) {
  embedding::rows r{1, 2, {3 * scale, -4 * scale}};
  const double ratio = r.values[1] / r.values[0], cosine = 1 / std::sqrt(std::fma(ratio, ratio, 1));
  const std::vector<double> lengths = embedding::make_units(r, "x");
  // The sum of two squares, its root and a quotient round, each by u, here and there: 8 u of each number.
  CHECK(std::abs(r.values[0] - cosine) <= 8 * law::u);
  CHECK(std::abs(r.values[1] - ratio * cosine) <= 8 * law::u);
  CHECK(lengths.at(0) == Approx(3 * scale / cosine).epsilon(8 * law::u));
}
}  // namespace

TEST_CASE("units of any length that double holds are of length 1, and lengths are told") {
  for (const double scale : {1e-300, 1e-200, 1.0, 1e200, 3e307}) check_units(scale);
}

// With -ffast-math a processor takes these for 0.
TEST_CASE("units of subnormal numbers are of length 1", "[bits]") { check_units(1e-320); }

TEST_CASE("rows of zeros, and numbers that are not finite, are refused by their place") {
  law::refused([] { (void)embedding::units_of(std::vector<float>{1, 0}, "x"); }, {"the length of row 1 of x is 0;"});
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    std::vector<double> x{1, 2, 3, bad};
    const fk::backend::host_view view{x.data(), {2, 2}};
    law::refused([&] { (void)embedding::rows_of(view, "x"); }, {"a number of x, row 1 is ", "finite"});
  }
  law::refused([] { (void)embedding::rows_of(std::vector<float>{}, "x"); }, {"the shape of x"});
  law::refused(
      [] {
        (void)embedding::rows_of(fk::backend::host_view<float>{nullptr, {2}}, "x");
      },
      {"the data of x is null"});
}
