// SPDX-License-Identifier: MIT
#include <fokker/guidance/beta_cfg.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/text.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

fk::plan::program planned(const auto& rule, int steps = 4) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = steps},
                       fk::solver::dpmpp_2m{}, rule);
}

}  // namespace

TEST_CASE("beta_cfg is the formula of its paper, of what the network predicts") {
  for (const double gamma : {0.0, 0.5, 1.0, 2.0})
    test::follows_in_network(beta_cfg{.scale = 3, .a = 4, .b = 3, .gamma = gamma}, [=] {
      return [=](const auto& b, std::size_t, int call) {
        const auto d = test::sum({{1, b[0]}, {-1, b[1]}});
        const double p = call / 3.0, density = 60 * p * p * p * (1 - p) * (1 - p);  // of 4 and 3
        return test::sum({{1, b[1]}, {3 * density * std::pow(test::norm(d), -gamma), d}});
      };
    });
}

TEST_CASE("with its own shape beta_cfg is a parabola over the steps") {
  test::follows_in_network(beta_cfg{}, [] {
    return [](const auto& b, std::size_t, int call) {
      const auto d = test::sum({{1, b[0]}, {-1, b[1]}});
      const double p = call / 3.0;
      return test::sum({{1, b[1]}, {7.5 * 6 * p * (1 - p) / test::norm(d), d}});
    };
  });
}

TEST_CASE("beta_cfg with a flat density and without a norm is classifier_free, to the bit") {
  const beta_cfg flat{.scale = 3, .a = 1, .b = 1, .gamma = 0};
  CHECK(fk::plan::to_text(planned(flat)) == fk::plan::to_text(planned(classifier_free{.scale = 3})));
}

TEST_CASE("the conditional network is not called where the density is 0") {
  const auto plan = planned(beta_cfg{}, 5);
  for (const auto& c : plan.calls) CHECK(plan.wants(c, 0) == (c.step != 0 && c.step != 4));
  const auto one = planned(beta_cfg{}, 1);
  CHECK_FALSE(one.wants(one.calls[0], 0));
  // One step is the first: of 1 and 2 the density is highest there.
  const auto first = planned(beta_cfg{.a = 1}, 1), last = planned(beta_cfg{.b = 1}, 1);
  CHECK(first.wants(first.calls[0], 0));
  CHECK_FALSE(last.wants(last.calls[0], 0));
}

TEST_CASE("beta_cfg refuses shapes and powers out of its range, and steps that are not counted") {
  for (const double wrong : {0.5, 51.0, std::numeric_limits<double>::quiet_NaN()}) {
    law::refused([&] { (void)planned(beta_cfg{.a = wrong}); }, {"a is ", "1 to 50"});
    law::refused([&] { (void)planned(beta_cfg{.b = wrong}); }, {"b is ", "1 to 50"});
  }
  for (const double wrong : {-0.5, 2.5, std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)planned(beta_cfg{.gamma = wrong}); }, {"gamma is ", "0 to 2"});
  law::refused([] { (void)planned(beta_cfg{.scale = 1e39}); }, {"scale is ", "a number that a float holds"});
}
