// SPDX-License-Identifier: MIT
#include <fokker/solver/windowed.hpp>

#include <fokker/guidance/cfg_pp.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/plan/transition.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/flow_grpo.hpp>
#include <fokker/stepper.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddim, fk::solver::ddpm, fk::solver::dpmpp_2m, fk::solver::flow_grpo, fk::solver::windowed;

namespace {

template <class Grid = fk::grid::uniform>
fk::plan::program planned(const auto& solver, const Grid& grid = {.steps = 6}) {
  return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, grid, solver);
}
/// The update of a step of another plan, its normals numbered from the first one that is drawn here.
fk::plan::update update_of(const fk::plan::program& plan, int step, int drawn_before) {
  fk::plan::update u = plan.calls[static_cast<std::size_t>(step)].then;
  for (int q = 0; q < u.normal_count; ++q)
    u.normals[static_cast<std::size_t>(q)].id -= static_cast<std::uint32_t>(drawn_before);
  return u;
}
std::string text(const auto& solver) { return fk::plan::to_text(planned(solver)); }

static_assert(windowed<flow_grpo, dpmpp_2m>::order == 1 && windowed<flow_grpo, dpmpp_2m>::history == 1);
static_assert(windowed<flow_grpo>::stochastic);

}  // namespace

TEST_CASE("each step in the window is the solver's, with its noise, and each other one is that of its ODE", "[bits]") {
  const auto noisy = planned(flow_grpo{}), quiet = planned(flow_grpo{.eta = 0});
  for (int first = 0; first < 6; ++first)
    for (int count = 0; count < 8; ++count) {
      const auto mixed = planned(windowed{flow_grpo{}, first, count});
      REQUIRE(mixed.calls.size() == 6);
      for (int i = 0; i < 6; ++i) {
        const bool inside = i >= first && i < first + count;
        CHECK(update_of(mixed, i, 0) == (inside ? update_of(noisy, i, first) : update_of(quiet, i, 0)));
        CHECK(mixed.calls[static_cast<std::size_t>(i)].step == i);
      }
    }
  CHECK(text(windowed{flow_grpo{}, 0, 6}) == text(flow_grpo{}));
  CHECK(text(windowed{flow_grpo{}, 2, 0}) == text(flow_grpo{.eta = 0}));
  CHECK(text(windowed{flow_grpo{}}) == text(windowed{flow_grpo{}, 0, 4}));
}

TEST_CASE("log-probabilities are those of the window's steps") {
  const auto mixed = planned(windowed{flow_grpo{}, 1, 2}), noisy = planned(flow_grpo{});
  std::vector<double> x(2), next(2);
  fk::stepper run(mixed, fk::noise::philox{.seed = 3}, x);
  for (int i = 0; !run.done(); ++i) {
    run.output(0) = {0.2, -0.1};
    CHECK(run.deviation() ==
          (i == 1 || i == 2 ? fk::plan::transition_of(noisy, static_cast<std::size_t>(i)).deviation : 0));
    run.draw(next);
    if (run.deviation() > 0) CHECK(run.log_density(next).size() == 2);
    run.advance(next);
  }
}

TEST_CASE("another solver goes before and behind the window, and begins without history there") {
  const auto grid = test::inner(6);
  const auto mixed = planned(windowed{ddpm{}, 2, 2, dpmpp_2m{}}, grid);
  const auto noisy = planned(ddpm{}, grid), second_order = planned(dpmpp_2m{}, grid);
  CHECK(update_of(mixed, 0, 0) == update_of(second_order, 0, 0));
  for (const int i : {2, 3}) CHECK(update_of(mixed, i, 0) == update_of(noisy, i, 2));
  // Behind the window the first step reads one prediction, its own, and keeps it for the next one.
  for (const std::size_t i : {0u, 4u}) CHECK(mixed.calls[i].then.input_count == 2);
  for (const std::size_t i : {1u, 5u}) CHECK(mixed.calls[i].then.input_count == 3);
  CHECK(fk::plan::normals(mixed) == 2);
}

TEST_CASE("a run with a window converges to the law of the data") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, windowed{flow_grpo{}, 1, 0}, 64) == Approx(1).epsilon(0).margin(0.15));
    const test::normal_data problem;
    std::vector<double> errors;  // the window is the second quarter of the run
    for (int steps = 64; steps <= 1024; steps *= 2) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(steps),
                                      windowed{flow_grpo{}, steps / 4, steps / 4});
      errors.push_back(std::abs(test::law(plan, problem).variance / problem.variance(plan.levels.back()) - 1));
    }
    CHECK(test::slope(errors) == Approx(1).epsilon(0).margin(0.15));
  });
}

TEST_CASE("windowed reaches single points, is finite at both ends, and costs what its solvers cost") {
  for (const int count : {1, 2}) {
    test::is_finite_from_noise_to_data(windowed{flow_grpo{}, 0, count});
    test::reaches_a_single_point(windowed{flow_grpo{}, 0, count});
  }
  test::costs(windowed{flow_grpo{}, 3, 4}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
  test::costs(windowed{flow_grpo{}, 3, 4, dpmpp_2m{}}, {.inputs = 3, .rows = 2, .normals = 1, .buffers = 2});
}

TEST_CASE("guidance that leaves the steps to one branch goes over the window's borders") {
  const fk::guidance::cfg_pp rule{fk::guidance::classifier_free{.scale = 0.6}};
  const auto plan = [&](const auto& solver) {
    return fk::plan::to_text(
        fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(6), solver, rule));
  };
  CHECK(plan(windowed{ddim{.eta = 1}, 2, 0}) == plan(ddim{}));
  CHECK(plan(windowed{ddim{.eta = 1}, 0, 6}) == plan(ddim{.eta = 1}));
}

TEST_CASE("windowed refuses a window that begins outside of the grid") {
  for (const int first : {-1, 6})
    law::refused([&] { (void)planned(windowed{flow_grpo{}, first}); }, {"first is ", "0 to 5"});
  law::refused([] { (void)planned(windowed{flow_grpo{}, 0, -1}); }, {"count is -1", "0 or more"});
}

TEST_CASE("it costs what its solvers do") {
  test::costs(windowed<flow_grpo>{}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}
