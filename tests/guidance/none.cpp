// SPDX-License-Identifier: MIT
#include <fokker/guidance/none.hpp>

#include "support/laws.hpp"

TEST_CASE("No guidance is one network, taken at its word") {
  law::guidance(fokker::guidance::none{}, {});
  CHECK(fokker::guidance::none::branches == 1);
  CHECK(fokker::guidance::none{}.weights({}) == std::array<double, 1>{1});
}
