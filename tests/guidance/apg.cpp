// SPDX-License-Identifier: MIT
#include <fokker/guidance/apg.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

using fokker::guidance::apg;

TEST_CASE("apg is the formula of its paper, in data, whatever the network predicts") {
  for (const double radius : {0.5, 4.0, std::numeric_limits<double>::infinity()}) {
    const apg rule{.scale = 5, .eta = 0.3, .radius = radius, .momentum = -0.5};
    test::follows<fokker::parameterization::data>(rule, [&] {
      return [&, before = std::vector<test::column>(3)](const auto& b, std::size_t s, int) mutable {
        const auto &c = b[0], &u = b[1];
        test::column m = test::sum({{1, c}, {-1, u}});
        if (!before[s].empty()) m = test::sum({{1, m}, {rule.momentum, before[s]}});
        before[s] = m;
        const double shorter = std::min(1.0, radius / test::norm(m));
        const double along = shorter * test::dot(m, c) / test::dot(c, c);
        return test::sum({{1, c}, {4 * shorter, m}, {-4 * (1 - rule.eta) * along, c}});
      };
    });
  }
}
