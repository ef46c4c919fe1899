// SPDX-License-Identifier: MIT
#include <fokker/guidance/apg.hpp>

#include <fokker/guidance/scheduled.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
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

TEST_CASE("apg at scale 1 is the conditional network alone, and remembers nothing that no call reads") {
  const auto planned = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                         fk::grid::log_snr{.steps = 4, .sigma_min = 0.2, .sigma_max = 3}, fk::solver::dpmpp_2m{}, rule);
  };
  const auto text = [&](const auto& rule) { return fk::plan::to_text(planned(rule)); };
  CHECK(text(apg{.scale = 1}) == text(fk::guidance::classifier_free{.scale = 1}));
  // x, what the solver remembers, and m
  CHECK(planned(apg{.scale = 2}).buffers == 3);
  CHECK(planned(apg{.scale = 1}).buffers == 2);
}

TEST_CASE("calls at scale 1 leave what apg remembers as it was, and ask for no other network") {
  const fk::guidance::scheduled rule{apg{.eta = 0.3, .radius = 4}, fk::guidance::per_step{{5, 1, 3, 1}}};
  const std::vector<double>& scales = rule.curve.scales;
  test::follows<fk::parameterization::data>(rule, [&] {
    return [&, before = std::vector<test::column>(3)](const auto& b, std::size_t s, int call) mutable {
      const double scale = scales[static_cast<std::size_t>(call)];
      const auto &c = b[0], &u = b[1];
      if (scale == 1) return c;
      test::column m = test::sum({{1, c}, {-1, u}});
      if (!before[s].empty()) m = test::sum({{1, m}, {-0.5, before[s]}});
      before[s] = m;
      const double shorter = std::min(1.0, 4 / test::norm(m)), along = shorter * test::dot(m, c) / test::dot(c, c);
      return test::sum({{1, c}, {(scale - 1) * shorter, m}, {-(scale - 1) * 0.7 * along, c}});
    };
  });
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                    fk::grid::log_snr{.steps = 4, .sigma_min = 0.2, .sigma_max = 3}, fk::solver::dpmpp_2m{}, rule);
  for (const auto& c : plan.calls) CHECK(plan.wants(c, 1) == (scales[static_cast<std::size_t>(c.step)] != 1));
}
