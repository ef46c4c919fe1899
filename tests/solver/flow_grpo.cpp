// SPDX-License-Identifier: MIT
#include <fokker/solver/flow_grpo.hpp>

#include <fokker/solver/euler_maruyama.hpp>

#include "support/members.hpp"
#include "support/rewards.hpp"

namespace fk = fokker;
using fk::solver::flow_grpo;

TEST_CASE("flow_grpo has the published mean and deviation") {
  test::has_transition(flow_grpo{.eta = 0.7}, [](double from, double to) {
    const double dt = to - from, at = from == 1 ? to : from, g = 0.7 * std::sqrt(at / (1 - at));
    return test::transition{.of_x = 1 + g * g * dt / (2 * from),
                            .of_v = (1 + g * g * (1 - from) / (2 * from)) * dt,
                            .deviation = g * std::sqrt(-dt)};
  });
}

TEST_CASE("flow_grpo converges weakly at order 1, and is euler_maruyama of half of eta squared") {
  const test::normal_data problem;
  const auto law = [&](const auto& solver) {
    return test::law(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{}, test::inner(60), solver),
                     problem);
  };
  const auto mine = law(flow_grpo{.eta = 0.7});
  const auto other = law(fk::solver::euler_maruyama{.eta = 0.7 * 0.7 / 2, .variable = fk::solver::variable::time});
  CHECK(mine.mean == Approx(other.mean).epsilon(1e-12));
  CHECK(mine.variance == Approx(other.variance).epsilon(1e-12));
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, flow_grpo{.eta = 0}, 64) == Approx(flow_grpo::order).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, flow_grpo{}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("flow_grpo reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 0.7}) {
    test::is_finite_from_noise_to_data(flow_grpo{.eta = eta});
    test::reaches_a_single_point(flow_grpo{.eta = eta});
  }
  test::costs(flow_grpo{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("flow_grpo refuses an eta below 0") { test::refuses_eta<flow_grpo>({-0.1, std::nan("")}, "a number >= 0"); }
