// SPDX-License-Identifier: MIT
#include <fokker/plan/print.hpp>

#include <sstream>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;

TEST_CASE("a plan prints as a table that says what is computed") {
  const fk::schedule::flow_linear schedule;
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::flow{.label_scale = 1000}, fk::grid::uniform{.steps = 2},
                    fk::solver::ddim{.eta = 1}, fk::guidance::classifier_free{.scale = 3});
  std::ostringstream out;
  out << plan;
  CHECK(out.str() ==
        "plan: 2 steps, 2 network calls, 4 evaluations, 1 normals, 1 buffers; the network predicts flow\n"
        "start   x = 1 z_start\n"
        "call step       time      label      alpha      sigma    log-snr  reads   then\n"
        "   0    0          1       1000          0          1       -inf  x       x = 0.5 x - 1.5 n0 + 1 n1 + 0.5 z0\n"
        "   1    1        0.5        500        0.5        0.5          0  x       x = 1 x - 1.5 n0 + 1 n1\n"
        "end                0                     1          0\n");
}

TEST_CASE("counts of evaluations and normals leave out what is not used") {
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 10},
                    fk::solver::ddim{.eta = 0.5}, fk::guidance::classifier_free{.scale = 1});
  CHECK(fk::plan::evaluations(plan) == 10);
  CHECK(fk::plan::normals(plan) == 9);  // none on the data
}

TEST_CASE("a plan of nothing prints as one") {
  CHECK(fk::plan::to_string(fk::plan::program{}) ==
        "plan: 0 steps, 0 network calls, 0 evaluations, 0 normals, 1 buffers; the network predicts \n"
        "start   \n"
        "call step       time      label      alpha      sigma    log-snr  reads   then\n");
}
