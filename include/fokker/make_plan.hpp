// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/concept/level_grid.hpp>
#include <fokker/concept/sampling_solver.hpp>
#include <fokker/detail/kept.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/plan/builder.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/guide.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/valid.hpp>
#if !defined(FOKKER_COMPILED)
#include <fokker/plan/planner.hpp>
#endif

namespace fokker::inline v0 {

/// What make_plan makes, and all that runs take.
using program = plan::program;

struct plan_options {
  bool preview = false;  ///< also write the x0-prediction of every call, for observers
};

namespace detail {

/// What a plan is made of, but for the guidance.
template <class Schedule, class Network, class Solver>
struct parts {
  Schedule schedule;
  Network network;
  Solver solver;
  std::vector<level> levels;
};

/// The plan of what a solver says. A template, so that fokker::compiled can have it, with the planner.
template <class Program>
[[nodiscard]] Program planned(plan::trace said, bool preview);
#if defined(FOKKER_COMPILED)
extern template plan::program planned(plan::trace, bool);
#else
template <class Program>
Program planned(plan::trace said, bool preview) {
  if (said.calls.empty()) refuse("the number of calls", 0, "1 or more");
  Program p = plan::planner(std::move(said), preview)();
  plan::require_valid(p);
  return p;
}
#endif

template <class Schedule>
[[nodiscard]] std::vector<level> even_levels(const Schedule& schedule, const plan::even_steps& steps) {
  std::vector<level> levels;
  for (int i = 0; i <= steps.count; ++i)
    levels.push_back(
        level_at_ratio(schedule, steps.first * std::exp(std::log(steps.last / steps.first) * i / steps.count)));
  return levels;
}

template <class Parts>
[[nodiscard]] plan::program plan_of(const plan::source& from, const plan::rule& guidance, bool preview,
                                    const plan::even_steps& steps) {
  const Parts& made_of = *static_cast<const Parts*>(from.parts.get());
  plan::builder p(made_of.schedule, opaque(made_of.network),
                  steps.count == 0 ? made_of.levels : even_levels(made_of.schedule, steps), guidance);
  const plan::expression x = opaque(made_of.solver)(p, plan::expression(plan::atom{0}));
  plan::program made = planned<plan::program>(std::move(p).finish(x), preview);
  made.source = from;
  return made;
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
                               (!guidance_rule<Guidance> && (guidance_rule<All> || ...));
    static_assert(holds<!exchanged>,
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
      // What cannot be copied is planned where it lies, once.
      if constexpr (!(std::is_copy_constructible_v<Schedule> && std::is_copy_constructible_v<Parameterization> &&
                      std::is_copy_constructible_v<Solver>)) {
        using parts = detail::parts<const Schedule&, const Parameterization&, const Solver&>;
        const parts here{schedule, network, solver, std::move(levels)};
        plan::program made = detail::plan_of<parts>({std::shared_ptr<const void>(std::shared_ptr<void>(), &here)},
                                                    plan::rule_of(guidance), options.preview, {});
        made.source = {};
        return made;
      } else {
        using parts = detail::parts<Schedule, Parameterization, Solver>;
        return detail::plan_of<parts>(
            {detail::kept(parts{schedule, network, solver, std::move(levels)}), detail::plan_of<parts>},
            plan::rule_of(guidance), options.preview, {});
      }
    }
  }
  return {};
}

/// The same of one prediction alone, with options.
template <class Schedule, class Parameterization, class Grid, class Solver>
[[nodiscard]] plan::program make_plan(const Schedule& schedule, const Parameterization& network, const Grid& grid,
                                      const Solver& solver, plan_options options) {
  return fokker::make_plan(schedule, network, grid, solver, guidance::none{}, options);
}

template <class Guidance>
plan::program plan::program::with(const Guidance& guidance) const {
  if constexpr (check_guidance_rule<Guidance>()) {
    if (source.plan == nullptr)
      detail::refuse("plan.with", "called on a plan read from text, or of parts that cannot be copied",
                     "a plan made by make_plan of others");
    return source.plan(source, plan::rule_of(guidance), preview, {});
  }
  return {};
}

}  // namespace fokker::inline v0
