// SPDX-License-Identifier: MIT
#include <fokker/parameterization/score.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::prediction_row;
using fokker::parameterization::score;

TEST_CASE("score is -eps/sigma, unscaled, told the time") {
  const level l{.time = 0.3, .alpha = 0.75, .sigma = 0.5};
  CHECK(score{}.row(l) == prediction_row{0, -2});
  CHECK(score::name == std::string("score"));
  CHECK(fokker::input_scale(score{}, l) == 1);
  CHECK(fokker::label(score{}, l) == 0.3);
}

TEST_CASE("score determines epsilon at alpha = 0 without x, and the data there not at all") {
  const level noise{.alpha = 0, .sigma = 0.5};
  const auto to_epsilon = fokker::convert(noise, score{}.row(noise), {0, 1});
  CHECK(to_epsilon.determined);
  CHECK(to_epsilon.of_x == 0);
  CHECK(to_epsilon.of_p == -0.5);
  CHECK_FALSE(fokker::convert(noise, score{}.row(noise), {1, 0}).determined);
  const auto back = fokker::convert(noise, {0, 1}, score{}.row(noise));
  CHECK(back.determined);
  CHECK(back.of_p == -2);
}

TEST_CASE("Nothing determines the score at sigma = 0") {
  const level data{.alpha = 1, .sigma = 0};
  for (const prediction_row from : {prediction_row{1, 0}, prediction_row{0, 1}, prediction_row{0.5, -1}})
    CHECK_FALSE(fokker::convert(data, from, score{}.row(data)).determined);
}
