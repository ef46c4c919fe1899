// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/concept/level_grid.hpp>
#include <fokker/concept/sampling_solver.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/planner.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>

namespace fokker::inline v0 {

struct plan_options {
  bool preview = false;  ///< also write the x0-prediction of every call, for observers
};

namespace detail {

/// Throws std::invalid_argument for weights whose sum is not 1, up to as many roundings of each and of their sum as
/// there are weights.
template <class Weights>
void require_sum(const Weights& weights, std::size_t call, const level& at) {
  double sum = 0, size = 0;
  for (const double w : weights) sum += w, size += std::abs(w);
  if (!is_finite(sum) || std::abs(sum - 1) > 0x1p-52 * static_cast<double>(weights.size()) * size)
    refuse(joined({"call ", text(call), ", at time ", text(at.time), ": the sum of the guidance's weights"}), sum, "1");
}

template <class Guidance>
[[nodiscard]] plan::program plan_with(std::shared_ptr<const plan::trace> source, const Guidance& guidance,
                                      bool preview) {
  if (source->calls.empty()) refuse("the number of calls", 0, "1 or more");
  std::vector<double> weights;
  for (std::size_t c = 0; c < source->calls.size(); ++c) {
    const auto each = guidance.weights(source->calls[c].at);
    require_sum(each, c, source->calls[c].at);
    weights.insert(weights.end(), each.begin(), each.end());
  }
  plan::program p = plan::planner(*source, std::move(weights), preview)();
  plan::require_valid(p);
  p.source = std::move(source);
  return p;
}

/// What is said of the arguments of make_plan, the grid apart. Where one is missed at its place, and one of `All` is at
/// the place of another, it is their order.
template <class Schedule, class Network, class Solver, class Guidance, class... All>
consteval bool check_arguments() {
  if constexpr (!(noise_schedule<Schedule> && prediction_type<Network> && sampling_solver<Solver> &&
                  guidance_rule<Guidance>)) {
    constexpr bool exchanged = (!noise_schedule<Schedule> && (noise_schedule<All> || ...)) ||
                               (!prediction_type<Network> && (prediction_type<All> || ...)) ||
                               (!sampling_solver<Solver> && (sampling_solver<All> || ...)) ||
                               (!guidance_rule<Guidance> && (guidance_rule<All> || ...)) ||
                               std::is_same_v<Guidance, plan_options>;
    static_assert(told<!exchanged>,
                  "fokker: the arguments of make_plan are a schedule, a parameterization, a grid, a solver, guidance, "
                  "options, in this order; docs/api/make_plan.md");
    if constexpr (!exchanged)
      static_cast<void>(check_noise_schedule<Schedule>() && check_prediction_type<Network>() &&
                        check_sampling_solver<Solver>() && check_guidance_rule<Guidance>());
    return false;
  }
  return true;
}

}  // namespace detail

/// Plans a run: what is evaluated where, and the one update that follows each evaluation. Scalars only, no tensor.
/// Throws std::invalid_argument where levels are not strictly towards data, where the network's prediction does not
/// determine what the solver asks for, where guidance weights do not sum to 1, and where an update needs more than the
/// kernels have.
template <class Schedule, class Parameterization, class Grid, class Solver, class Guidance = guidance::none>
[[nodiscard]] plan::program make_plan(const Schedule& schedule, const Parameterization& network, const Grid& grid,
                                      const Solver& solver, const Guidance& guidance = {}, plan_options options = {}) {
  constexpr bool members = detail::check_arguments<Schedule, Parameterization, Solver, Guidance, Schedule,
                                                   Parameterization, Grid, Solver, Guidance>();
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

}  // namespace fokker::inline v0
