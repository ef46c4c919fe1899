// SPDX-License-Identifier: MIT
#include <fokker/solver/variable.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::variable;

TEST_CASE("the natural variable is time where x moves on a straight line in it, sigma/alpha elsewhere") {
  const auto check = [](const auto& schedule, bool straight) {
    const fk::parameterization::data network;
    const fk::plan::builder p(schedule, network, test::inner(4).levels(schedule));
    CHECK(fk::solver::in_time(variable::natural, p) == straight);
    CHECK(fk::solver::in_time(variable::time, p));
    CHECK_FALSE(fk::solver::in_time(variable::ratio, p));
  };
  check(fk::schedule::flow_linear{}, true);
  check(fk::schedule::edm{}, true);
  check(fk::schedule::vp_linear{}, false);
  check(fk::schedule::cosine{}, false);
}

TEST_CASE("data have a slope in time or in sigma/alpha where the network tells it there, and all other levels have") {
  const fk::schedule::flow_linear schedule;
  const auto check = [&](const auto& network, bool tells) {
    const auto levels = fk::grid::uniform{.steps = 2}.levels(schedule);
    const fk::plan::builder p(schedule, network, levels);
    for (const bool time : {true, false}) {
      CHECK(fk::solver::has_slope(p, levels[1], time));
      CHECK(fk::solver::has_slope(p, levels[2], time) == tells);
    }
  };
  check(fk::parameterization::data{}, false);  // of noise, which is not seen in x there, it says nothing
  check(fk::parameterization::flow{}, true);
}
