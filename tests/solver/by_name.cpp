// SPDX-License-Identifier: MIT
#include <fokker/solver/by_name.hpp>

#include <set>
#include <string>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::by_name;
using fk::solver::named;

TEST_CASE("every solver is found by its name, once, and runs from noise to data in any number of steps") {
  std::set<std::string_view> names;
  for (const named& s : fk::solver::all) {
    INFO(s.name);
    CHECK(names.insert(s.name).second);
    CHECK(&by_name(s.name) == &s);
    CHECK(s.order >= 0);  // samplers of distilled networks have none
    CHECK(s.evaluations >= 1);
    for (const int steps : {1, 2, 3, 12}) {
      // guidance of two branches, since some solvers ask for one of them
      const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                      fk::grid::uniform{.steps = steps}, s, fk::guidance::classifier_free{.scale = 2});
      CHECK(plan.levels.front().is_noise());
      CHECK(plan.levels.back().is_data());
      CHECK(std::isfinite(test::run(plan, test::two_normals{}, 0.7)));
    }
  }
  CHECK(names.contains("dpmpp_2m"));
  CHECK(names.contains("exp_adams<3>"));
}

TEST_CASE("an unknown name is refused with the names that there are") {
  law::refused([] { (void)by_name("dpm++ 2M"); }, {"the name of a solver is dpm++ 2M", "ddim", "exp_adams<4>"});
}
