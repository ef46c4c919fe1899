// SPDX-License-Identifier: MIT
#include <fokker/solver/ipndm.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/exp_adams.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ipndm;

TEST_CASE("ipndm converges at order 2 whatever it remembers, on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, ipndm<1>{}, 64) == Approx(ipndm<1>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, ipndm<2>{}, 64) == Approx(ipndm<2>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, ipndm<3>{}, 64) == Approx(ipndm<3>::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, ipndm<4>{}, 64) == Approx(ipndm<4>::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("ipndm is ddim with one prediction, and exp_adams on levels equally spaced in sigma/alpha") {
  const test::two_normals problem;
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {3.5, 3, 2.5, 2, 1.5, 1, 0.5, 0})};
  const auto end = [&](const auto& solver) {
    return test::run(fk::make_plan(schedule, fk::parameterization::data{}, grid, solver), problem, 2.0);
  };
  CHECK(end(ipndm<1>{}) == Approx(end(fk::solver::ddim{})).epsilon(1e-12));
  CHECK(end(ipndm<2>{}) == Approx(end(fk::solver::exp_adams<2>{.target = fk::solver::target::epsilon})).epsilon(1e-12));
  CHECK(end(ipndm<4>{}) == Approx(end(fk::solver::exp_adams<4>{.target = fk::solver::target::epsilon})).epsilon(1e-12));
}

TEST_CASE("ipndm reaches single points, is finite at both ends, and keeps as many predictions as it must") {
  test::is_finite_from_noise_to_data(ipndm<1>{});
  test::reaches_a_single_point(ipndm<1>{});
  test::is_finite_from_noise_to_data(ipndm<4>{});
  test::reaches_a_single_point(ipndm<4>{});
  test::costs(ipndm<1>{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(ipndm<2>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(ipndm<3>{}, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
  test::costs(ipndm<4>{}, {.inputs = 5, .rows = 2, .normals = 0, .buffers = 4});
}
