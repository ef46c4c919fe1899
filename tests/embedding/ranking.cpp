// SPDX-License-Identifier: MIT
#include <fokker/embedding/ranking.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::embedding::ranked;
using fk::embedding::top;
using ranks = std::vector<ranked>;

TEST_CASE("the largest come first, of equal ones the first, without those that are left out") {
  const std::vector<double> s{0.5, -1, 0.75, 0.5, 0.5};
  CHECK(top(s, 3) == ranks{{2, 0.75}, {0, 0.5}, {3, 0.5}});
  CHECK(top(s, 2, {2, 0}) == ranks{{3, 0.5}, {4, 0.5}});
  CHECK(top(s, 9).size() == 5);
  CHECK(top(s, 0).empty());
  CHECK(top({}, 3).empty());
  const std::vector<double> bad{0.5, std::numeric_limits<double>::quiet_NaN()};
  law::refused([&] { (void)top(bad, 1); }, {"a similarity is nan;"});
}

TEST_CASE("a query finds the directions that are nearest, whatever the lengths") {
  const xt::xtensor<float, 2> x{{100, 100}, {0.1f, 0}, {0, 3}, {-1, 0}};
  std::vector<double> query{1, 0.25};
  const auto found = fk::embedding::ranking(fk::backend::one_sample(query), x, 2);
  REQUIRE(found.size() == 2);
  CHECK(found[0].row == 1);
  CHECK(found[0].similarity == Approx(1 / std::sqrt(1.0625)).epsilon(8 * law::u));
  CHECK(found[1].row == 0);
  const auto others = fk::embedding::ranking(fk::backend::one_sample(query), x, 1, {1, 0}, fk::kernel::product{});
  CHECK(others.at(0).row == 2);
  law::refused([&] { (void)fk::embedding::ranking(x, x, 1); }, {"the number of samples of the query is 4;"});
  law::refused([&] { (void)fk::embedding::ranking(std::vector<float>{1}, x, 1); },
               {"the size of a sample of the query is 1;"});
}
