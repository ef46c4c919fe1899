// SPDX-License-Identifier: MIT
#include <fokker/guidance/mambo_g.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("mambo_g is the formula of its paper") {
  test::follows_in_network(mambo_g{.scale = 10, .damping = 2}, [] {
    return [](const auto& b, std::size_t, int) {
      const auto d = test::sum({{1, b[0]}, {-1, b[1]}});
      const double w = 1 + 9 * std::exp(-2 * test::norm(d) / test::norm(b[1]));
      return test::sum({{1, b[1]}, {w, d}});
    };
  });
}
