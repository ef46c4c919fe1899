// SPDX-License-Identifier: MIT
#include <fokker/parameterization/data.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::prediction_row;
using fokker::parameterization::data;

TEST_CASE("data is x0 itself, unscaled, told the time") {
  const level l{.time = 0.3, .alpha = 0.8, .sigma = 0.6};
  CHECK(data{}.row(l) == prediction_row{1, 0});
  CHECK(data::name == std::string("data"));
  CHECK(fokker::input_scale(data{}, l) == 1);
  CHECK(fokker::label(data{}, l) == 0.3);
}

TEST_CASE("data determines the noise at alpha = 0, and not at sigma = 0") {
  const auto at_noise = fokker::convert({.alpha = 0, .sigma = 2}, {1, 0}, {0, 1});
  CHECK(at_noise.determined);
  CHECK(at_noise.of_x == 0.5);
  CHECK(at_noise.of_p == 0);
  CHECK_FALSE(fokker::convert({.alpha = 1, .sigma = 0}, {1, 0}, {0, 1}).determined);
}
