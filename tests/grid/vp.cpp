// SPDX-License-Identifier: MIT
#include <fokker/grid/vp.hpp>

#include <cmath>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::vp;

TEST_CASE("vp is a lawful grid on every schedule with as much noise") {
  const double first = vp{.steps = 1}.levels(fokker::schedule::edm{}).front().ratio();
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [=](int steps) { return vp{.steps = steps, .end = end}; };
    const auto check = [&](const auto& s) {
      law::grid(
          make, s, [&](int) { return fokker::level_at_ratio(s, first); }, end, 1, 1000);
    };
    check(fokker::schedule::edm{});
    check(fokker::schedule::cosine{});
    check(fokker::schedule::flow_linear{});
    check(fokker::schedule::vp_linear{});
  }
  law::steps_refused([](int steps) { return vp{.steps = steps}; }, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("vp has the levels of k-diffusion's formula") {
  // Independent 40-digit evaluation. The exponent, up to 10, rounds four times in sigma, alpha and their quotient.
  const double known[] = {152.166970283946472,  53.3098474773917621,  21.0956240704021975, 9.40319655455550082,
                          4.68063986700346482,  2.54942993274529093,  1.46197182781161152, 0.822899015387765049,
                          0.381702185501936159, 0.0104859927867029863};
  const auto levels = vp{.steps = 10}.levels(fokker::schedule::edm{});
  REQUIRE(levels.size() == 11);
  for (std::size_t i = 0; i < 10; ++i) CHECK(std::abs(levels[i].sigma / known[i] - 1) <= 40 * law::u);
  CHECK(levels[10].is_data());
  CHECK(vp{.steps = 1}.levels(fokker::schedule::edm{}).front().sigma == levels.front().sigma);
}

TEST_CASE("vp on its own schedule has even times") {
  const auto levels = vp{.steps = 4, .end = ending::to_last_level}.levels(fokker::schedule::vp_linear{});
  for (std::size_t i = 0; i <= 4; ++i)
    // there and back, as the laws of a schedule say, of a log-SNR up to 5 and a slope of it below 1000 at t = 0.001
    CHECK(std::abs(levels[i].time - (1 - 0.24975 * static_cast<double>(i))) <= 8 * 16 * law::u);
}

TEST_CASE("vp of another path has its ends") {
  const fokker::schedule::vp_linear path{.beta_min = 0.5, .beta_max = 8};
  const auto levels =
      vp{.steps = 3, .beta_min = 0.5, .beta_max = 8, .clean_time = 0.01, .end = ending::to_last_level}.levels(
          fokker::schedule::edm{});
  // The exponent, 4 at most, rounds some five times on either side.
  CHECK(levels.front().sigma == Approx(fokker::level_at(path, 1).ratio()).epsilon(64 * law::u));
  CHECK(levels.back().sigma == Approx(fokker::level_at(path, 0.01).ratio()).epsilon(64 * law::u));
}

TEST_CASE("vp refuses a schedule with less noise, and a last time that is no time of its path") {
  law::refused([] { (void)vp{}.levels(fokker::schedule::scaled_linear()); }, {"sigma/alpha is 152."});
  law::refused([] { (void)vp{.clean_time = 0}.levels(fokker::schedule::edm{}); }, {"clean_time is 0;"});
  law::refused([] { (void)vp{.clean_time = 1}.levels(fokker::schedule::edm{}); }, {"clean_time is 1;"});
}
