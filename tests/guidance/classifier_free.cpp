// SPDX-License-Identifier: MIT
#include <fokker/guidance/classifier_free.hpp>

#include <limits>

#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::guidance::classifier_free;

TEST_CASE("classifier_free is a lawful guidance rule") {
  for (const double scale : {-3.0, 0.0, 0.1, 1.0, 1.3, 7.5, 1e6}) law::guidance(classifier_free{.scale = scale}, {});
  law::guidance(classifier_free{}, {{.time = 1, .alpha = 0, .sigma = 1}});
}

TEST_CASE("classifier_free weighs the conditional network first") {
  CHECK(classifier_free::branches == 2);
  CHECK(classifier_free{}.weights({}) == std::array{7.5, -6.5});
}

TEST_CASE("Scale 1 is the conditional network alone, scale 0 the other") {
  CHECK(classifier_free{.scale = 1}.weights({}) == std::array{1.0, 0.0});
  CHECK(classifier_free{.scale = 0}.weights({}) == std::array{0.0, 1.0});
}

TEST_CASE("The paper's number is off at 0 and one below the scale") {
  // Ho & Salimans 2021, eq. 6: (1 + w) conditional - w unconditional
  CHECK(classifier_free::paper(0).scale == 1);
  CHECK(classifier_free::paper(0).weights({}) == std::array{1.0, 0.0});
  CHECK(classifier_free::paper(0.5).scale == 1.5);
  CHECK(classifier_free::paper(6.5).weights({}) == std::array{7.5, -6.5});
}

TEST_CASE("classifier_free refuses a scale that is not finite, by name and value") {
  const auto plan = [](double scale) {
    return [=] {
      (void)fokker::make_plan(fokker::schedule::flow_linear{}, fokker::parameterization::flow{},
                              fokker::grid::uniform{3}, fokker::solver::ddim{}, classifier_free{.scale = scale});
    };
  };
  law::refused(plan(std::numeric_limits<double>::quiet_NaN()), {"scale is nan;"});
  law::refused(plan(std::numeric_limits<double>::infinity()), {"scale is inf;"});
  law::refused(plan(1e39), {"scale is 1e+39;", "-2.1267647932558654e+37 to 2.1267647932558654e+37"});  // float ends
  law::refused(plan(-1e39), {"scale is -1e+39;"});
}
