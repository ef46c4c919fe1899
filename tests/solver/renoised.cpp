// SPDX-License-Identifier: MIT
#include <fokker/solver/renoised.hpp>

#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpm_2.hpp>
#include <fokker/solver/dpm_2_ancestral.hpp>
#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/solver/dpmpp_2s_ancestral.hpp>
#include <fokker/solver/euler_ancestral.hpp>
#include <fokker/solver/heun.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::heun;
using fk::solver::renoised;

namespace {

/// Both plans do the same with x, predictions and normals.
template <class Schedule, class Grid, class One, class Other>
void are_one(const Schedule& schedule, const Grid& grid, const One& one, const Other& other) {
  const auto end = [&](const auto& solver) {
    return test::respond(fk::make_plan(schedule, fk::parameterization::data{}, grid, solver)).end;
  };
  const auto a = end(one), b = end(other);
  for (const auto& [what, weight] : a)
    CHECK(weight == Approx(b.count(what) ? b.at(what) : 0).epsilon(1e-11).margin(1e-13));
  for (const auto& [what, weight] : b)
    CHECK(weight == Approx(a.count(what) ? a.at(what) : 0).epsilon(1e-11).margin(1e-13));
}

}  // namespace

TEST_CASE("renoised solvers are those that have names of their own") {
  test::on_every_path([](const auto& schedule) {
    const auto on = [&](const auto& grid, double eta) {
      are_one(schedule, grid, renoised{fk::solver::ddim{}, eta}, fk::solver::euler_ancestral{.eta = eta});
      are_one(schedule, grid, renoised{fk::solver::dpmpp_2s{}, eta}, fk::solver::dpmpp_2s_ancestral{.eta = eta});
      are_one(schedule, grid, renoised{fk::solver::dpm_2{}, eta}, fk::solver::dpm_2_ancestral{.eta = eta});
    };
    for (const double eta : {1.0, 0.6, 0.0}) {
      on(test::inner(5), eta);
      on(fk::grid::uniform{.steps = 3}, eta);  // from noise, where all of it is drawn afresh with an eta of 1
    }
  });
}

TEST_CASE("without noise renoised is the solver, to the bit", "[bits]") {
  const auto planned = [](const auto& solver) {
    return fk::plan::to_text(
        fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{}, test::inner(5), solver));
  };
  CHECK(planned(renoised{heun{}, 0}) == planned(heun{}));
}

TEST_CASE("renoised keeps the weak order of the solver", "[order]") {
  const renoised two{heun{.variable = fk::solver::variable::ratio}};
  CHECK(test::measured_weak_order(fk::schedule::vp_linear{}, two, 32) == Approx(2).epsilon(0).margin(0.15));
  test::is_finite_from_noise_to_data(two);
  test::reaches_a_single_point(two);
  test::costs(renoised<heun>{}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}

TEST_CASE("renoised refuses an eta that is none") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3),
                                  renoised{fk::solver::ddim{}, -1}),
                    Catch::Contains("eta is -1"));
}
