// SPDX-License-Identifier: MIT
#include <fokker/concept/sampling_solver.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/euler_ancestral.hpp>
#include <fokker/solver/heun.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(sampling_solver<archetype::solver>);
static_assert(!sampling_solver<archetype::solver_without_order>);
static_assert(!sampling_solver<archetype::solver_without_evaluations>);
static_assert(!sampling_solver<archetype::solver_without_history>);
static_assert(!sampling_solver<archetype::solver_without_stochastic>);
static_assert(!sampling_solver<archetype::solver_without_steps>);
static_assert(!sampling_solver<int>);

static_assert(sampling_solver<solver::ddim> && sampling_solver<solver::ddpm> && sampling_solver<solver::dpmpp_2m> &&
              sampling_solver<solver::euler> && sampling_solver<solver::euler_ancestral> &&
              sampling_solver<solver::heun>);

namespace {

/// Facts of an object instead of the type.
struct of_an_object {
  int order = 1;
  [[maybe_unused]] static constexpr int evaluations = 1;
  [[maybe_unused]] static constexpr int history = 0;
  [[maybe_unused]] static constexpr bool stochastic = false;
  plan::expression operator()(plan::builder&, plan::expression x) const { return x; }
};
/// Steps that a constant object cannot take.
struct changing {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  plan::expression operator()(plan::builder&, plan::expression x) { return x; }
};
static_assert(!sampling_solver<changing>);

}  // namespace

TEST_CASE("Facts of a solver may be those of an object") { CHECK(sampling_solver<of_an_object>); }

TEST_CASE("The least of every concept makes a plan") {
  const auto plan = make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{},
                              archetype::solver{}, archetype::guidance{});
  REQUIRE(plan.calls.size() == 2);
  CHECK(plan.branches == 2);
  CHECK(plan.predicts == "archetype");
  CHECK(plan.calls[0].at.is_noise());
  CHECK(plan.calls[1].at.time == 0.5);
  CHECK(plan.calls[1].at.label == 0.5);
}
