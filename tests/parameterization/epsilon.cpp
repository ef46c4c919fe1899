// SPDX-License-Identifier: MIT
#include <fokker/parameterization/epsilon.hpp>

#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::prediction_row;
using fokker::parameterization::epsilon;

TEST_CASE("epsilon is the noise, unscaled, told the time") {
  const level l{.time = 0.3, .alpha = 0.8, .sigma = 0.6};
  CHECK(epsilon{}.row(l) == prediction_row{0, 1});
  CHECK(epsilon::name == std::string("epsilon"));
  CHECK(fokker::input_scale(epsilon{}, l) == 1);
  CHECK(fokker::label(epsilon{}, l) == 0.3);
}

TEST_CASE("epsilon determines the data at sigma = 0, and nothing else at alpha = 0") {
  const auto at_data = fokker::convert({.alpha = 1, .sigma = 0}, {0, 1}, {1, 0});
  CHECK(at_data.determined);
  CHECK(at_data.of_x == 1);
  CHECK(at_data.of_p == 0);
  const level noise{.alpha = 0, .sigma = 1};
  CHECK_FALSE(fokker::convert(noise, {0, 1}, {1, 0}).determined);
  CHECK_FALSE(fokker::convert(noise, {0, 1}, {-1, 0}).determined);    // velocity
  CHECK_FALSE(fokker::convert(noise, {0, 1}, {-1, 0.5}).determined);  // a flow
  CHECK(fokker::convert(noise, {0, 1}, {0, 1}).determined);
}

TEST_CASE("A plan that asks epsilon for the data at alpha = 0 is refused by name") {
  law::refused(
      [] {
        (void)fokker::make_plan(fokker::schedule::cosine{}, epsilon{}, fokker::grid::uniform{3},
                                fokker::solver::ddim{});
      },
      {"epsilon", "does not determine data", "alpha 0"});
}
