// SPDX-License-Identifier: MIT
#include <fokker/solver/ancestral.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ancestral;

TEST_CASE("an ancestral step goes down by as much as its noise goes up") {
  const fk::schedule::edm schedule;
  const auto levels = fk::levels_at(schedule, {3, 1, 0});
  // Crowson 2022: sigma_up^2 = eta^2 1 (9 - 1) / 9 at sigma 3 -> 1.
  const ancestral half(levels[0], levels[1], 0.5);
  CHECK(half.up == Approx(0.5 * std::sqrt(8.0 / 9)).epsilon(0x1p-50));
  CHECK(half.below(levels[1]).sigma == Approx(std::sqrt(1 - 2.0 / 9)).epsilon(0x1p-50));
  CHECK(half.below(levels[1]).alpha == 1);
  const ancestral all(levels[0], levels[1], 5);
  CHECK(all.up == 1);
  CHECK(all.down == 0);
  const ancestral none(levels[0], levels[1], 0);
  CHECK(none.up == 0);
  CHECK(none.down == 1);
}

TEST_CASE("an ancestral step draws no noise onto data, and without eta") {
  const fk::schedule::edm schedule;
  const fk::parameterization::data network;
  fk::plan::builder p(schedule, network, fk::levels_at(schedule, {3, 1, 0}));
  const auto levels = fk::levels_at(schedule, {3, 1, 0});
  CHECK(ancestral(levels[1], levels[2], 1).noise(p, levels[1], levels[2]).empty());
  CHECK(ancestral(levels[0], levels[1], 0).noise(p, levels[0], levels[1]).empty());
  CHECK_FALSE(ancestral(levels[0], levels[1], 1).noise(p, levels[0], levels[1]).empty());
}
