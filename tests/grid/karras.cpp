// SPDX-License-Identifier: MIT
#include <fokker/grid/karras.hpp>

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
using fokker::grid::karras;

namespace {

/// rho = 7: two roots of two roundings, a fma, a power: 7 * 4 + 2; a ratio's level and its inverse as the laws say.
template <class Known>
void check_ratios(const std::vector<fokker::level>& levels, const Known& known, double bound) {
  CHECK(levels.size() == known.size() + 1);
  for (std::size_t i = 0; i < known.size(); ++i) {
    INFO("level " << i);
    CHECK(std::abs(levels[i].ratio() / known[i] - 1) <= bound);
  }
  CHECK(levels.back().is_data());
}

}  // namespace

TEST_CASE("karras is a lawful grid on every schedule that has its ends") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [end](int steps) { return karras{.steps = steps, .end = end}; };
    law::grid(make, fokker::schedule::edm{}, end);
    law::grid(make, fokker::schedule::vp_linear{}, end);
    law::grid(make, fokker::schedule::scaled_linear(), end);
  }
}

TEST_CASE("karras with a range of its own is a lawful grid on every schedule") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [end](int steps) {
      return karras{.steps = steps, .rho = 3, .sigma_min = 0.05, .sigma_max = 12, .end = end};
    };
    const auto check = [&](const auto& s, int most) {
      law::grid(
          make, s, [&](int) { return fokker::level_at_ratio(s, 12); }, end, 1, most);
    };
    check(fokker::schedule::edm{}, 1000);
    check(fokker::schedule::cosine{}, 1000);
    check(fokker::schedule::flow_linear{}, 1000);
    check(fokker::schedule::linear(), 1000);
    check(archetype::schedule{}, 50);
  }
}

TEST_CASE("karras goes up to a million steps and refuses more, and none") {
  const auto make = [](int steps) { return karras{.steps = steps}; };
  law::grid(make, fokker::schedule::edm{}, ending::to_data, 1'000'000, 1'000'000);
  law::steps_refused(make, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("karras has the 18 levels of Karras et al. 2022") {
  // independent 40-digit evaluation
  constexpr std::array known{80.0,
                             57.5859847212481578,
                             40.7855737965079582,
                             28.3745846041568374,
                             19.3524529803252214,
                             12.9100823807573156,
                             8.40093530909982116,
                             5.31519452179637888,
                             3.25682151976553832,
                             1.92333983704004993,
                             1.08817063654527941,
                             0.585348123194542303,
                             0.296442284479157264,
                             0.13951646873101648,
                             0.0599473112354715665,
                             0.0229345183723333684,
                             0.0075280199627840704,
                             0.002};
  const auto levels = karras{}.levels(fokker::schedule::edm{});
  check_ratios(levels, known, 30 * law::u);
  CHECK(levels.front().sigma == 80);
  CHECK(levels[17].sigma == 0.002);
}

TEST_CASE("karras over the table of Stable Diffusion has its ten levels") {
  // Independent 40-digit evaluation. The ends are the table's, off by up to 1000 roundings of log alpha^2 = -5.4, half
  // of which reach sigma/alpha; the rest is below a hundred.
  constexpr std::array known{14.614641229333636,    9.10292813404764313,  5.47839198644295429, 3.1686030729596103,
                             1.74941704925118371,   0.914072265030962836, 0.44691820937343733, 0.201398299780311129,
                             0.0819102383202686331, 0.0291671581517200666};
  check_ratios(karras{.steps = 10}.levels(fokker::schedule::scaled_linear()), known, (1008 * 5.4 / 2 + 100) * law::u);
}

TEST_CASE("karras takes the ends that it is given as they are") {
  const auto levels = karras{.steps = 3, .sigma_min = 0.1, .sigma_max = 7, .end = ending::to_last_level}.levels(
      fokker::schedule::edm{});
  CHECK(levels.front().sigma == 7);
  CHECK(levels.back().sigma == 0.1);
  CHECK(karras{.steps = 1}.levels(fokker::schedule::edm{}).size() == 2);
}

TEST_CASE("karras refuses what is no range, by name and value") {
  const fokker::schedule::edm s;
  const double not_a_number = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  const auto levels = [&](karras g) { return [g, &s] { (void)g.levels(s); }; };
  law::refused(levels({.rho = 0}), {"rho is 0;"});
  law::refused(levels({.rho = -7}), {"rho is -7;"});
  law::refused(levels({.rho = not_a_number}), {"rho is nan;"});
  law::refused(levels({.sigma_min = -0.1}), {"sigma_min is -0.1;"});
  law::refused(levels({.sigma_min = not_a_number}), {"sigma_min is nan;"});
  law::refused(levels({.sigma_max = -80}), {"sigma_max is -80;"});
  law::refused(levels({.sigma_max = not_a_number}), {"sigma_max is nan;"});
  law::refused(levels({.sigma_max = infinity}), {"sigma_max is inf;"});
  law::refused(levels({.sigma_max = 1e39}), {"sigma_max is 1e+39;"});  // more than float holds
}

TEST_CASE("karras refuses an infinite rho") {
  law::refused([] { (void)karras{.rho = std::numeric_limits<double>::infinity()}.levels(fokker::schedule::edm{}); },
               {"rho is inf;"});
}

TEST_CASE("karras refuses a range that is empty or turned round") {
  const fokker::schedule::edm s;
  law::refused([&] { (void)karras{.sigma_min = 3, .sigma_max = 2}.levels(s); }, {"sigma_min is 3;"});
  law::refused([&] { (void)karras{.sigma_min = 3, .sigma_max = 3}.levels(s); }, {"sigma_min is 3;"});
  law::refused([&] { (void)karras{.sigma_max = 0.001}.levels(s); }, {"sigma_m"});
}

TEST_CASE("karras refuses a schedule without the end that it needs") {
  law::refused([] { (void)karras{.sigma_min = 0.01}.levels(fokker::schedule::cosine{}); },
               {"sigma_max is the schedule's own;", "such as 80", "without data"});
  law::refused([] { (void)karras{.sigma_max = 80}.levels(fokker::schedule::flow_linear{}); },
               {"sigma_min is the schedule's own;", "such as 0.002", "without noise"});
  law::refused([] { (void)karras{.sigma_max = 20}.levels(fokker::schedule::scaled_linear()); }, {"20"});
}
