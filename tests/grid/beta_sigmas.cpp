// SPDX-License-Identifier: MIT
#include <fokker/grid/beta_sigmas.hpp>

#include <cmath>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::beta_sigmas;

TEST_CASE("beta_sigmas is a lawful grid on every schedule that has its ends") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [=](int steps) { return beta_sigmas{.steps = steps, .end = end}; };
    law::grid(make, fokker::schedule::edm{}, end);
    law::grid(make, fokker::schedule::vp_linear{}, end);
    law::grid(make, fokker::schedule::scaled_linear(), end);
  }
  law::steps_refused([](int steps) { return beta_sigmas{.steps = steps}; }, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("beta_sigmas with a range of its own is a lawful grid on every schedule") {
  const auto make = [](int steps) {
    return beta_sigmas{.steps = steps, .a = 0.5, .b = 2, .sigma_min = 0.05, .sigma_max = 12};
  };
  const auto check = [&](const auto& s) {
    law::grid(
        make, s, [&](int) { return fokker::level_at_ratio(s, 12); }, ending::to_data, 1, 1000);
  };
  check(fokker::schedule::cosine{});
  check(fokker::schedule::flow_linear{});
}

TEST_CASE("beta_sigmas over the table of Stable Diffusion has the levels of Diffusers' formula") {
  // 40-digit evaluation of the formula, twelve digits of it; the first and the last are the table's own ends
  const double known[] = {13.9277847455, 12.4909802022, 10.5976078178, 8.44243669368,
                          6.20137169381, 4.04620056965, 2.15282818524, 0.716023641978};
  const auto s = fokker::schedule::scaled_linear();
  const auto levels = beta_sigmas{.steps = 10}.levels(s);
  REQUIRE(levels.size() == 11);
  CHECK(levels[0].time == 999);
  for (std::size_t i = 0; i < 8; ++i) CHECK(std::abs(levels[i + 1].ratio() / known[i] - 1) <= 1e-11);
  CHECK(levels[9].time == 0);
  CHECK(levels[10].is_data());
  CHECK(beta_sigmas{.steps = 1}.levels(s).front().time == 999);
}

TEST_CASE("beta_sigmas refuses an a and a b that it is not good for, and a range that is empty") {
  const auto levels = [](beta_sigmas g) { return [g] { (void)g.levels(fokker::schedule::edm{}); }; };
  law::refused(levels({.a = 0}), {"a is 0;"});
  law::refused(levels({.b = 60}), {"b is 60;"});
  law::refused(levels({.sigma_min = 3, .sigma_max = 2}), {"sigma_min is 3;"});
}
