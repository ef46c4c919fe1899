// SPDX-License-Identifier: MIT
#include <fokker/guidance/rescaled.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/tangential.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("rescaled is the formula of its paper, of what the network predicts") {
  test::follows_in_network(rescaled{classifier_free{.scale = 5}, 0.7}, [] {
    return [](const auto& b, std::size_t, int) {
      const auto g = test::sum({{5, b[0]}, {-4, b[1]}});
      return test::sum({{0.7 * test::deviation(b[0]) / test::deviation(g) + 0.3, g}});
    };
  });
}

TEST_CASE("rescaled by the excess of the deviation") {
  test::follows_in_network(rescaled{classifier_free{.scale = 5}, 0.7, true}, [] {
    return [](const auto& b, std::size_t, int) {
      const auto g = test::sum({{5, b[0]}, {-4, b[1]}});
      const double ratio = test::deviation(b[0]) / test::deviation(g), phi = 0.7 * (1 - ratio * ratio);
      return test::sum({{phi * ratio + 1 - phi, g}});
    };
  });
}

TEST_CASE("a rule that measures is rescaled as well") {
  const rescaled rule{apg{.scale = 5, .eta = 0.3, .radius = 4, .momentum = 0}};
  test::follows<fk::parameterization::data>(
      fk::schedule::vp_linear{}, fk::parameterization::data{}, rule,
      [](const auto& b, std::size_t, int) {
        const test::column m = test::sum({{1, b[0]}, {-1, b[1]}});
        const double shorter = std::min(1.0, 4 / test::norm(m));
        const double along = shorter * test::dot(m, b[0]) / test::dot(b[0], b[0]);
        const test::column g = test::sum({{1, b[0]}, {4 * shorter, m}, {-4 * 0.7 * along, b[0]}});
        return test::sum({{0.7 * test::deviation(b[0]) / test::deviation(g) + 0.3, g}});
      },
      {3, 4, 6});
  const auto plan = [](const auto& network, const auto& outer) {
    return fk::make_plan(fk::schedule::vp_linear{}, network, fk::grid::karras{.steps = 4}, fk::solver::dpmpp_2m{},
                         outer);
  };
  for (const bool by_excess : {false, true}) {
    CHECK_NOTHROW(plan(fk::parameterization::epsilon{}, rescaled{apg{}, 0.7, by_excess}));
    CHECK_NOTHROW(plan(fk::parameterization::flow{}, rescaled{apg{}, 0.7, by_excess}));
    CHECK_NOTHROW(plan(fk::parameterization::velocity{}, rescaled{tangential{}, 0.7, by_excess}));
  }
}

TEST_CASE("phi 0 is the rule itself, to the bit") {
  const auto plan = [](const auto& rule) {
    return fk::plan::to_text(fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                                           fk::grid::karras{.steps = 4}, fk::solver::heun{}, rule));
  };
  CHECK(plan(rescaled{classifier_free{}, 0.0}) == plan(classifier_free{}));
}

TEST_CASE("a sample of one element has no deviation, and is the rule's") {
  test::follows_in_network(
      rescaled{classifier_free{.scale = 3}},
      [] { return [](const auto& b, std::size_t, int) {
             return test::sum({{3, b[0]}, {-2, b[1]}});
           }; }, {4, 1});
}
