// SPDX-License-Identifier: MIT
#pragma once

// The checks that every solver must pass, on every path.

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/any.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/any.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/any.hpp>

#include "support/catch.hpp"
#include "support/scalar.hpp"

namespace test {

namespace fk = fokker;

// Types are forgotten here, so that what all solvers must pass is compiled once.
using any_schedule = fk::schedule::any;
using any_solver = fk::solver::any;
using any_network = fk::parameterization::any;

/// Calls `check(schedule)` with one schedule of each kind of path.
template <class Check>
void on_every_path(Check check) {
  const any_schedule all[] = {fk::schedule::vp_linear{}, fk::schedule::cosine{}, fk::schedule::edm{},
                              fk::schedule::flow_linear{}};
  for (const any_schedule& schedule : all) check(schedule);
}

/// sigma/alpha from 10 to 0.1, both inside of every path.
inline fk::grid::log_snr inner(int steps) {
  return {.steps = steps, .sigma_min = 0.1, .sigma_max = 10, .end = fk::ending::to_last_level};
}

/// The measured order on two normals: the mean slope of the error over four doublings of the steps, or fewer.
inline double measured_order(const any_schedule& schedule, const any_solver& solver, int coarsest, int doublings = 4) {
  const two_normals problem;
  std::vector<double> errors;
  for (int steps = coarsest; steps <= coarsest << doublings; steps *= 2) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, inner(steps), solver);
    double worst = 0;
    for (const double start : {-1.3, -0.2, 0.5, 1.7}) {
      const double x = start * plan.levels.front().alpha * 10;
      const double exact = problem.flow(x, plan.levels.front(), plan.levels.back());
      worst = std::max(worst, std::abs(run(plan, problem, x) - exact) / plan.levels.back().alpha);
    }
    errors.push_back(worst);
  }
  return slope(errors);
}

/// The same of a network of the flow, whose steps are even in time and end on data.
inline double measured_order_onto_data(const any_solver& solver, int coarsest, int doublings = 4) {
  const two_normals problem;
  const fk::schedule::flow_linear straight;
  std::vector<double> errors;
  for (int steps = coarsest; steps <= coarsest << doublings; steps *= 2) {
    std::vector<double> times;
    for (int i = 0; i <= steps; ++i) times.push_back(0.9 * (steps - i) / steps);
    const auto plan = fk::make_plan(straight, fk::parameterization::flow{},
                                    fk::grid::explicit_levels{fk::levels_at(straight, times)}, solver);
    double worst = 0;
    for (const double start : {-1.3, -0.2, 0.5, 1.7})
      worst = std::max(
          worst, std::abs(run(plan, problem, start) - problem.flow(start, plan.levels.front(), plan.levels.back())));
    errors.push_back(worst);
  }
  return slope(errors);
}

/// The measured weak order on normal data: exact variance and mean, no sampling.
inline double measured_weak_order(const any_schedule& schedule, const any_solver& solver, int coarsest) {
  const normal_data problem;
  std::vector<double> errors;
  for (int steps = coarsest; steps <= 16 * coarsest; steps *= 2) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, inner(steps), solver);
    errors.push_back(std::abs(law(plan, problem).variance / problem.variance(plan.levels.back()) - 1));
  }
  return slope(errors);
}

/// Data that are one point are reached from anywhere, whatever the network predicts, in any number of steps.
inline void reaches_a_single_point(const any_solver& solver) {
  struct point {
    double data(double, const level&) const { return 0.375; }
  };
  const auto check = [&](const any_schedule& schedule, const any_network& network) {
    for (const int steps : {1, 2, 3, 10}) {
      auto levels = fk::grid::uniform{.steps = steps}.levels(schedule);
      for (auto& l : levels) l.label = l.time;  // F has no label of its own at data
      const auto plan = fk::make_plan(schedule, network, fk::grid::explicit_levels{levels}, solver);
      // Rounding of each update, times the condition of turning a prediction into data near noise (1/alpha of the first
      // level below it, at most 2^8 here); the last update sets x = D, of which 2^-53 per operand is off.
      CHECK(run(plan, point{}, 0.9) == Approx(0.375).epsilon(0).margin(0x1p-53 * 64 * steps * 256));
    }
  };
  // Where data are one point the flow has no value at them.
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{.at_data = false});
  check(fk::schedule::flow_linear{}, fk::parameterization::data{});
  check(fk::schedule::cosine{}, fk::parameterization::velocity{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
  check(fk::schedule::edm{}, fk::parameterization::score{});
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
}

/// From alpha = 0 to sigma = 0, for predictions that determine data there, every coefficient is finite and constants
/// are kept.
inline void is_finite_from_noise_to_data(const any_solver& solver) {
  const auto check = [&](const any_schedule& schedule, const any_network& network) {
    for (const int steps : {1, 2, 3}) {
      auto levels = fk::grid::uniform{.steps = steps}.levels(schedule);
      CHECK(levels.front().alpha == 0);
      CHECK(levels.back().sigma == 0);
      for (auto& l : levels) l.label = l.time;  // F has no label of its own at alpha = 0
      const auto plan = fk::make_plan(schedule, network, fk::grid::explicit_levels{levels}, solver);
      CHECK(fk::plan::check(plan) == std::vector<std::string>{});
    }
  };
  check(fk::schedule::flow_linear{}, fk::parameterization::velocity{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
  check(fk::schedule::flow_linear{}, fk::parameterization::edm{});
  check(fk::schedule::cosine{}, fk::parameterization::velocity{});
  check(fk::schedule::cosine{}, fk::parameterization::edm{});
}

struct cost {
  int inputs, rows, normals, buffers;
};

/// One update follows each call, and it needs at most so much, with one branch; a second branch adds one operand.
/// No plan keeps more tensors than the fewest possible.
inline void costs(const any_solver& solver, cost most) {
  on_every_path([&](const any_schedule& schedule) {
    const auto check = [&](const fk::program& plan, int more) {
      for (const auto& c : plan.calls) {
        CHECK(c.then.input_count <= most.inputs + more);
        CHECK(c.then.row_count <= most.rows);
        CHECK(c.then.normal_count <= most.normals);
      }
      CHECK(plan.enter.row_count == 0);
      CHECK(plan.draw.row_count == 1);
      CHECK(plan.buffers == most.buffers);
      CHECK(plan.buffers == fewest_buffers(plan));
    };
    check(fk::make_plan(schedule, fk::parameterization::velocity{}, inner(12), solver), 0);
    check(fk::make_plan(schedule, fk::parameterization::velocity{}, inner(12), solver, fk::guidance::classifier_free{}),
          1);
  });
}

/// In a step the normals of stages, which lie on a path of that clock, end with the shares that its span gives them.
inline void joins_its_pieces(const any_solver& solver, fk::plan::clock clock) {
  on_every_path([&](const any_schedule& schedule) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, inner(1), solver);
    const auto end = respond(plan).end;
    const fk::parameterization::data network;
    fk::plan::builder p(schedule, network, plan.levels);
    auto path = p.path(plan.levels[0], plan.levels[1], clock);
    std::vector<fk::plan::expression> drawn;
    for (std::size_t i = 0; i < plan.calls.size(); ++i)
      drawn.push_back(path(plan.calls[i].at, i + 1 < plan.calls.size() ? plan.calls[i + 1].at : plan.levels[1]));
    const auto span = path.span(plan.levels[0], plan.levels[1]);
    double total = 0;
    for (const auto& [key, value] : end)
      if (key.first >= 0) total += value * value;
    REQUIRE(drawn.size() > 1);
    for (std::size_t i = 0; i < drawn.size(); ++i)
      CHECK(span[drawn[i].terms().front().of] ==
            Approx(end.at({1, static_cast<long>(i)}) / std::sqrt(total)).epsilon(1e-12));
  });
}

}  // namespace test
