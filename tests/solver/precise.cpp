// SPDX-License-Identifier: MIT
#include <fokker/solver/precise.hpp>

#include <fokker/solver/exp_adams.hpp>

#include "support/members.hpp"
#include "support/rewards.hpp"

namespace fk = fokker;
using fk::solver::precise;

TEST_CASE("precise has the published mean and deviation") {
  for (const double eta : {0.4, 0.7, 1.5})
    test::has_transition(precise{.eta = eta}, [eta](double from, double to) {
      const double rho = to * (1 - from) / (from * (1 - to)), s = to * std::sqrt(1 - std::pow(rho, eta * eta));
      return test::of_both(1 - to, std::sqrt(to * to - s * s), from, s);
    });
}

TEST_CASE("precise converges weakly at order 1, and is the exponential step of the SDE of half of eta squared") {
  const test::normal_data problem;
  test::on_every_path([&](const auto& schedule) {
    for (const double eta : {0.5, 1.0})
      CHECK(test::measured_weak_order(schedule, precise{.eta = eta}, 64) == Approx(1).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, precise{.eta = 0}, 64) == Approx(precise::order).epsilon(0).margin(0.15));
    const auto law = [&](const auto& solver) {
      return test::law(fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver), problem);
    };
    const auto mine = law(precise{.eta = 0.7});
    const auto other = law(fk::solver::exp_adams<1>{.variable = fk::solver::variable::log_snr, .eta = 0.7 * 0.7 / 2});
    CHECK(mine.mean == Approx(other.mean).epsilon(1e-12));
    CHECK(mine.variance == Approx(other.variance).epsilon(1e-12));
  });
}

TEST_CASE("precise reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 0.7, 1.5}) {
    test::is_finite_from_noise_to_data(precise{.eta = eta});
    test::reaches_a_single_point(precise{.eta = eta});
  }
  test::costs(precise{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("precise refuses an eta below 0") { test::refuses_eta<precise>({-0.1, std::nan("")}, "a number >= 0"); }
