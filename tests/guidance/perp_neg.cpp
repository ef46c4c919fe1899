// SPDX-License-Identifier: MIT
#include <fokker/guidance/perp_neg.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("perp_neg is the formula of its paper") {
  test::follows_in_network(perp_neg{.scale = 5, .negative = 0.8}, [] {
    return [](const auto& b, std::size_t, int) {
      const auto p = test::sum({{1, b[0]}, {-1, b[2]}}), n = test::sum({{1, b[1]}, {-1, b[2]}});
      const double along = test::dot(n, p) / test::dot(p, p);
      return test::sum({{1, b[2]}, {5, p}, {-5 * 0.8, n}, {5 * 0.8 * along, p}});
    };
  });
}
