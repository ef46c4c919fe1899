// SPDX-License-Identifier: MIT
#include <fokker/solver/dance_grpo.hpp>

#include "support/members.hpp"
#include "support/rewards.hpp"

namespace fk = fokker;
using fk::solver::dance_grpo;

TEST_CASE("dance_grpo has the published mean and deviation") {
  test::has_transition(dance_grpo{.eta = 0.3}, [](double from, double to) {
    // x + (v + eta^2 / 2 (x - (1 - sigma) x0) / sigma^2) dt, x0 = x - sigma v
    const double dt = to - from, half = 0.3 * 0.3 / 2;
    return test::transition{.of_x = 1 + half * (1 - (1 - from)) / (from * from) * dt,
                            .of_v = (1 + half * (1 - from) * from / (from * from)) * dt,
                            .deviation = 0.3 * std::sqrt(-dt)};
  });
}

TEST_CASE("dance_grpo converges weakly at order 1, and without noise at order 1") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, dance_grpo{.eta = 0}, 64) ==
          Approx(dance_grpo::order).epsilon(0).margin(0.15));
    CHECK(test::measured_weak_order(schedule, dance_grpo{}, 64) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("dance_grpo reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double eta : {0.0, 0.3}) {
    test::is_finite_from_noise_to_data(dance_grpo{.eta = eta});
    test::reaches_a_single_point(dance_grpo{.eta = eta});
  }
  test::costs(dance_grpo{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("dance_grpo refuses an eta below 0") { test::refuses_eta<dance_grpo>({-0.1, std::nan("")}, "a number >= 0"); }
