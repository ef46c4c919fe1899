// SPDX-License-Identifier: MIT
#include <fokker/guidance/tangential.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("tangential is the formula of its paper, by the singular vector") {
  test::follows_in_network(tangential{.scale = 5}, [] {
    return [](const auto& b, std::size_t, int) {
      // The right singular vector of the larger value, by iterations of the power method.
      test::column v = test::sum({{1, b[0]}, {0.5, b[1]}});
      for (int i = 0; i < 3000; ++i) {
        v = test::sum({{test::dot(b[0], v), b[0]}, {test::dot(b[1], v), b[1]}});
        v = test::sum({{1 / test::norm(v), v}});
      }
      return test::sum({{5, b[0]}, {-4 * test::dot(b[1], v), v}});
    };
  });
}
