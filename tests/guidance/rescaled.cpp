// SPDX-License-Identifier: MIT
#include <fokker/guidance/rescaled.hpp>

#include <fokker/guidance/classifier_free.hpp>

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
