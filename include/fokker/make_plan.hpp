// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/concept/level_grid.hpp>
#include <fokker/concept/sampling_solver.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/planner.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/plan/program.hpp>

namespace fokker {

struct plan_options {
  bool preview = false;  ///< also write the x0-prediction of every call, for observers
};

namespace detail {

template <class Guidance>
[[nodiscard]] plan::program plan_with(std::shared_ptr<const plan::trace> source, const Guidance& guidance,
                                      bool preview) {
  std::vector<double> weights;
  for (const plan::trace::call& c : source->calls)
    for (const double w : guidance.weights(c.at)) weights.push_back(w);
  plan::program p = plan::planner(*source, std::move(weights), preview)();
  plan::require_finite(p);
  p.source = std::move(source);
  return p;
}

}  // namespace detail

/// Plans a run: what is evaluated where, and the one update that follows each evaluation. Scalars only, no tensor.
/// Throws std::invalid_argument where levels are not strictly towards data, where the network's prediction does not
/// determine what the solver asks for, and where an update needs more than the kernels have.
template <class Schedule, class Parameterization, class Grid, class Solver, class Guidance = guidance::none>
[[nodiscard]] plan::program make_plan(const Schedule& schedule, const Parameterization& network, const Grid& grid,
                                      const Solver& solver, const Guidance& guidance = {}, plan_options options = {}) {
  constexpr bool members = check_noise_schedule<Schedule>() && check_prediction_type<Parameterization>() &&
                           check_sampling_solver<Solver>() && check_guidance_rule<Guidance>();
  if constexpr (members) {
    if constexpr (check_level_grid<Grid, Schedule>()) {
      std::vector<level> levels = detail::opaque(grid).levels(schedule);
      detail::require_levels(levels);
      if (goes_towards_noise<Solver>()) std::reverse(levels.begin(), levels.end());
      plan::builder p(schedule, detail::opaque(network), std::move(levels), Guidance::branches);
      const plan::expression x = detail::opaque(solver)(p, plan::expression(plan::atom{0}));
      return detail::plan_with(std::make_shared<const plan::trace>(std::move(p).finish(x)), guidance, options.preview);
    }
  }
  return {};
}

template <class Guidance>
plan::program plan::program::with(const Guidance& guidance) const {
  if constexpr (check_guidance_rule<Guidance>()) {
    if (!source) detail::refuse("plan.with", "called on a plan read from text", "a plan made by make_plan");
    if (Guidance::branches != source->branches)
      detail::refuse("guidance.branches", Guidance::branches, detail::text(source->branches));
    return detail::plan_with(source, guidance, preview);
  }
  return {};
}

}  // namespace fokker
