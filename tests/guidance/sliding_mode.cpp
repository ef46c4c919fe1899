// SPDX-License-Identifier: MIT
#include <fokker/guidance/sliding_mode.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("sliding_mode is its formula, of data") {
  const sliding_mode rule{.scale = 5, .rate = 6, .gain = 0.3};
  test::follows<fk::parameterization::data>(rule, [&] {
    return [&, before = std::vector<test::column>(3)](const auto& b, std::size_t s, int) mutable {
      auto e = test::sum({{1, b[0]}, {-1, b[1]}});
      if (before[s].empty()) before[s].resize(e.size());
      const auto surface = test::sum({{1, e}, {rule.rate - 1, before[s]}});
      e = test::sum({{1, e}, {-rule.gain / test::norm(surface), surface}});
      before[s] = e;
      return test::sum({{1, b[1]}, {rule.scale, e}});
    };
  });
}
