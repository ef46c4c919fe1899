// SPDX-License-Identifier: MIT
#include <fokker/grid/log_snr.hpp>

#include <array>
#include <limits>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::log_snr;

TEST_CASE("log_snr is a lawful grid on every schedule that has its ends") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [end](int steps) { return log_snr{.steps = steps, .end = end}; };
    law::grid(make, fokker::schedule::edm{}, end);
    law::grid(make, fokker::schedule::vp_linear{}, end);
    law::grid(make, fokker::schedule::scaled_linear(), end);
  }
}

TEST_CASE("log_snr with a range of its own is a lawful grid on every schedule") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [end](int steps) {
      return log_snr{.steps = steps, .sigma_min = 0.05, .sigma_max = 12, .end = end};
    };
    const auto check = [&](const auto& s, int most) {
      law::grid(
          make, s, [&](int) { return fokker::level_at_ratio(s, 12); }, end, 1, most);
    };
    check(fokker::schedule::cosine{}, 1000);
    check(fokker::schedule::flow_linear{}, 1000);
    check(fokker::schedule::linear(), 1000);
    check(archetype::schedule{}, 50);
  }
}

TEST_CASE("log_snr goes up to a million steps and refuses more, and none") {
  const auto make = [](int steps) { return log_snr{.steps = steps}; };
  law::grid(make, fokker::schedule::edm{}, ending::to_data, 1'000'000, 1'000'000);
  law::steps_refused(make, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("log_snr has the timesteps of DPM-Solver from 1 to 1e-3") {
  // Lu et al. 2022; independent 40-digit evaluation. sigma/alpha of the ends is off by 23 roundings, of the rule by
  // |log(first/last)| + 3, below 36; a time moves by less than t/2 times that, and its own inverse by the laws' 8.
  constexpr std::array times{1.0,
                             0.899122932336903781,
                             0.785568074974585635,
                             0.653438506816408038,
                             0.493439534033273705,
                             0.304631409768774851,
                             0.140636413518903111,
                             0.0536043148093040123,
                             0.018095399839036196,
                             0.00499190103346637822,
                             0.001};
  const auto levels = log_snr{.steps = 10, .end = ending::to_last_level}.levels(fokker::schedule::vp_linear{});
  REQUIRE(levels.size() == times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    INFO("level " << i);
    CHECK(std::abs(levels[i].time / times[i] - 1) <= 40 * law::u);
  }
}

TEST_CASE("log_snr is evenly spaced in log-SNR") {
  const auto levels = log_snr{.steps = 8, .sigma_min = 0.25, .sigma_max = 64, .end = ending::to_last_level}.levels(
      fokker::schedule::edm{});
  for (std::size_t i = 0; i < levels.size(); ++i)
    // exp(share log(256)): the logarithm's rounding and the product's, amplified by 5.5, and two more
    CHECK(std::abs(levels[i].sigma / std::ldexp(64, -static_cast<int>(i)) - 1) <= 16 * law::u);
}

TEST_CASE("log_snr refuses what is no range, by name and value") {
  const fokker::schedule::edm s;
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  law::refused([&] { (void)log_snr{.sigma_min = -0.1}.levels(s); }, {"sigma_min is -0.1;"});
  law::refused([&] { (void)log_snr{.sigma_max = not_a_number}.levels(s); }, {"sigma_max is nan;"});
  law::refused([] { (void)log_snr{}.levels(fokker::schedule::flow_linear{}); }, {"sigma_max"});
}

TEST_CASE("log_snr refuses a range that is empty or turned round") {
  law::refused([] { (void)log_snr{.sigma_min = 3, .sigma_max = 2}.levels(fokker::schedule::edm{}); },
               {"sigma_min is 3;"});
  law::refused([] { (void)log_snr{.sigma_min = 3, .sigma_max = 3}.levels(fokker::schedule::edm{}); },
               {"sigma_min is 3;"});
}
