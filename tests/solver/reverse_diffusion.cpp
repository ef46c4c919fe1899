// SPDX-License-Identifier: MIT
#include <fokker/solver/reverse_diffusion.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::reverse_diffusion;

TEST_CASE("reverse_diffusion converges weakly at order 1 on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_weak_order(schedule, reverse_diffusion{}, 128) ==
          Approx(reverse_diffusion::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("reverse_diffusion is the predictor of Song et al. where alpha is 1") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {5, 3})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::score{}, grid, reverse_diffusion{});
  // Song et al. 2021, algorithm 2: x + (sigma^2 - sigma'^2) score + sqrt(sigma^2 - sigma'^2) z.
  const auto end = test::respond(plan).end;
  CHECK(end.at({-2, 0}) == Approx(1).epsilon(1e-14));
  CHECK(end.at({-3, 0}) == Approx(16).epsilon(1e-14));
  CHECK(plan.calls[0].then.rows[0].normals[0] == Approx(4).epsilon(1e-14));
}

TEST_CASE("reverse_diffusion reaches single points, is finite at both ends, and costs one update of two operands") {
  test::is_finite_from_noise_to_data(reverse_diffusion{});
  test::reaches_a_single_point(reverse_diffusion{});
  test::costs(reverse_diffusion{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}
