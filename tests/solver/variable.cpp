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
