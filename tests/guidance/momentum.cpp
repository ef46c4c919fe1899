// SPDX-License-Identifier: MIT
#include <fokker/guidance/momentum.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/none.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("momentum is the formula of its paper, of data, with a network alone and around other rules") {
  const auto around = [](auto guided) {
    return [=, before = std::vector<test::column>(3)](const auto& b, std::size_t s, int) mutable {
      const test::column g = guided(b);
      if (before[s].empty()) before[s] = g;
      const auto result = test::sum({{1.5, g}, {-0.5, before[s]}});
      before[s] = test::sum({{0.6, before[s]}, {0.4, g}});
      return result;
    };
  };
  using data = fk::parameterization::data;
  test::follows<data>(momentum{none{}}, [&] { return around([](const auto& b) { return b[0]; }); });
  test::follows<data>(momentum{classifier_free{.scale = 3}}, [&] {
    return around([](const auto& b) { return test::sum({{3, b[0]}, {-2, b[1]}}); });
  });
}

TEST_CASE("rules within rules remember for themselves") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::euler{}, momentum{apg{}});
  CHECK(plan.buffers == 3);  // x and two memories
}

TEST_CASE("momentum needs no pass of its own") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::euler{}, momentum{none{}});
  CHECK_FALSE(plan.has_measures());
}
