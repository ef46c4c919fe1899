// SPDX-License-Identifier: MIT
#include <fokker/parameterization/trigflow.hpp>

#include <limits>
#include <numbers>

#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/velocity.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::prediction_row;
using fokker::parameterization::trigflow;

TEST_CASE("trigflow gives x0 = cos(t) x - sin(t) sd F(x / sd, t) on its own path") {
  for (const double sd : {0.5, 1.0, 2.0})
    for (const double t : {0.1, 0.7, 1.5}) {
      // x = cos(t) x0 + sin(t) z with z of deviation sd: sigma = sd sin(t)
      const level l{.time = t, .alpha = std::cos(t), .sigma = sd * std::sin(t)};
      const trigflow network{.sigma_data = sd};
      const auto data = fokker::convert(l, network.row(l), {1, 0});
      // alpha and sigma round once each, the row four times, the conversion seven times
      CHECK(std::abs(data.of_x / std::cos(t) - 1) <= 16 * law::u);
      CHECK(std::abs(data.of_p / (-sd * std::sin(t)) - 1) <= 16 * law::u);
      CHECK(std::abs(fokker::input_scale(network, l) * sd - 1) <= 8 * law::u);
      CHECK(std::abs(fokker::label(network, l) / t - 1) <= 8 * law::u);
    }
}

TEST_CASE("trigflow is minus the network of edm, and with sd = 1 the velocity of a variance preserving path") {
  const level l{.time = 0.3, .alpha = 0.8, .sigma = 0.6};
  const auto row = trigflow{}.row(l), edm = fokker::parameterization::edm{}.row(l);
  CHECK(row == prediction_row{-edm.data, -edm.noise});
  const auto one = trigflow{.sigma_data = 1}.row(l), v = fokker::parameterization::velocity{}.row(l);
  CHECK(std::abs(one.data - v.data) <= 4 * law::u);
  CHECK(std::abs(one.noise - v.noise) <= 4 * law::u);
}

TEST_CASE("trigflow determines data and noise at both ends, and has its label there") {
  const level noise{.alpha = 0, .sigma = 1}, data{.alpha = 1, .sigma = 0};
  CHECK(trigflow{}.row(noise) == prediction_row{-2, 0});
  CHECK(trigflow{}.row(data) == prediction_row{0, 1});
  CHECK(fokker::label(trigflow{}, noise) == std::numbers::pi / 2);
  CHECK(fokker::label(trigflow{}, data) == 0);
  for (const level& l : {noise, data})
    for (const prediction_row to : {prediction_row{1, 0}, prediction_row{0, 1}})
      CHECK(fokker::convert(l, trigflow{}.row(l), to).determined);
}

TEST_CASE("trigflow refuses a deviation of data that is not positive, by name") {
  for (const double sd : {0.0, -0.5, std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)trigflow{.sigma_data = sd}.row({.alpha = 0.8, .sigma = 0.6}); }, {"sigma_data is "});
}
