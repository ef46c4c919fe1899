// SPDX-License-Identifier: MIT
#include <fokker/embedding/arithmetic.hpp>

#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/half.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::backend::one_sample;
using matrix = xt::xtensor<float, 2>;

TEST_CASE("what is centred has mean 0, and the mean is told") {
  matrix x{{1, 2, 3}, {3, 2, -1}};
  CHECK(fk::embedding::centre(x) == std::vector<double>{2, 2, 1});
  CHECK((x == matrix{{-1, 0, 2}, {1, 0, -2}}));
  CHECK(fk::embedding::centre(x) == std::vector<double>{0, 0, 0});
}

TEST_CASE("terms are summed in double, also of 16 bits, into a sample of another type") {
  const matrix x{{1, 10}, {2, 20}, {5, -3}};
  std::vector<double> y(2);
  fk::embedding::combine(x, {{1, 0}, {-1, 1}, {1, 2}}, one_sample(y));
  CHECK(y == std::vector<double>{4, -13});
  fk::embedding::combine(x, {{0.5, 1}, {2, 1}}, one_sample(y));
  CHECK(y == std::vector<double>{5, 50});
  fk::embedding::combine(x, {}, one_sample(y));
  CHECK(y == std::vector<double>{0, 0});
  // 2048 + 1 has no place in a half; the sum has.
  std::vector<fk::half> halves{fk::half(2048.0f), fk::half(1.0f)}, sum(1);
  fk::embedding::combine(halves, {{1, 0}, {1, 1}, {-1, 0}}, sum);
  CHECK(static_cast<float>(sum[0]) == 1);
}

TEST_CASE("a difference is that of the means, of as many samples as there are with and without") {
  const matrix with{{3, 1}, {5, 1}}, without{{1, 1}, {1, 0}, {1, 2}, {1, 1}};
  std::vector<double> y(2);
  fk::embedding::difference(with, without, one_sample(y));
  CHECK(y == std::vector<double>{3, 0});
}

TEST_CASE("rows that are none, weights that are none and results of another size are refused") {
  const matrix x{{1, 10}, {2, 20}};
  std::vector<float> y(2), z(3);
  law::refused(
      [&] {
        fk::embedding::combine(x, {{1, 2}}, one_sample(y));
      },
      {"the row of a term is 2; allowed: below 2"});
  law::refused(
      [&] {
        fk::embedding::combine(x, {{std::numeric_limits<double>::infinity(), 1}}, one_sample(y));
      },
      {"the weight of a term is inf;"});
  law::refused([&] { fk::embedding::combine(x, {{1, 1}}, y); }, {"the shape of y is (2); allowed: 1 by 2 numbers"});
  law::refused([&] { fk::embedding::difference(x, x, one_sample(z)); }, {"the shape of y is (1, 3);"});
  law::refused([&] { fk::embedding::difference(x, one_sample(z), one_sample(y)); },
               {"the size of a sample of without is 3;"});
}
