// SPDX-License-Identifier: MIT
#include <fokker/guidance/cfg_zero_star.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("cfg_zero_star is the formula of its paper, in the flow") {
  test::follows<fk::parameterization::flow>(cfg_zero_star{.scale = 5, .zero_steps = 0}, [] {
    return [](const auto& b, std::size_t, int) {
      const double a = test::dot(b[0], b[1]) / test::dot(b[1], b[1]);
      return test::sum({{5, b[0]}, {-4 * a, b[1]}});
    };
  });
}

TEST_CASE("the first steps have no flow and call no network") {
  for (const int zero_steps : {0, 1, 2}) {
    const auto plan =
        fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 4},
                      fk::solver::euler{}, cfg_zero_star{.scale = 5, .zero_steps = zero_steps});
    for (const auto& c : plan.calls)
      for (const int b : {0, 1}) CHECK(plan.wants(c, b) == (c.step >= zero_steps));
    CHECK(fk::plan::evaluations(plan) == 2 * (4 - zero_steps));
  }
}

TEST_CASE("scale 1 is the conditional network, to the bit, whatever it predicts") {
  const auto planned = [](const auto& rule) {
    return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                           fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, rule));
  };
  CHECK(planned(cfg_zero_star{.scale = 1, .zero_steps = 0}) == planned(classifier_free{.scale = 1}));
}
