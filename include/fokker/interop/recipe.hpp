// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/any.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/schedule/any.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/any.hpp>

namespace fokker::inline v0::interop {

using any_network = parameterization::any;
using any_schedule = schedule::any;
using any_solver = solver::any;

/// A solver whose plan goes from data to noise.
struct any_inversion : any_solver {
  static constexpr bool towards_noise = true;
};

/// What the network predicts, and how it is told where it is.
struct told_network : any_network {
  bool whole_labels = false;  ///< rounds what the network is told, where no level says it
  double least_label = std::numeric_limits<double>::lowest();  ///< and tells it no less than this

  [[nodiscard]] double label(const level& l) const {
    const double told = (std::max)(any_network::label(l), least_label);
    return whole_labels ? std::nearbyint(told) : told;
  }
};

/// What a config says, as the parts of a plan that are known only at run time.
struct recipe {
  any_schedule schedule;
  std::vector<level> levels;
  any_solver solver;
  any_network network = parameterization::epsilon{};
  data_limit limit = {};         ///< of its data, where that is not its own
  bool learns_variance = false;  ///< where it does not say so itself
  bool towards_noise = false;
  double initial_scale = 1;   ///< what the peer multiplies its first normals by
  bool over_alpha = false;    ///< the peer's latents are x/alpha
  bool whole_labels = false;  ///< rounds what the network is told, where no level says it
  double least_label = std::numeric_limits<double>::lowest();  ///< and tells it no less than this

  template <class Guidance>
  [[nodiscard]] plan::program plan(const Guidance& guidance, plan_options options) const {
    told_network told{network, whole_labels, least_label};
    if (limit != data_limit{}) told.limits = limit;
    if (learns_variance) told.learns_variance = true;
    const grid::explicit_levels grid{levels};
    if (towards_noise) return make_plan(schedule, told, grid, any_inversion{solver}, guidance, options);
    return make_plan(schedule, told, grid, solver, guidance, options);
  }
};

}  // namespace fokker::inline v0::interop
