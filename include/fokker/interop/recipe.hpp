// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <type_traits>
#include <variant>
#include <vector>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/consistency.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/flow_to_data.hpp>
#include <fokker/parameterization/latent_consistency.hpp>
#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/any.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/any.hpp>

namespace fokker::inline v0::interop {

using any_schedule = schedule::any;
using any_solver = solver::any;

/// A solver whose plan goes from data to noise.
struct any_inversion : any_solver {
  static constexpr bool towards_noise = true;
};

/// Another parameterization with any limit of its data, or none.
template <class Network>
struct limited {
  static constexpr const char* name = Network::name;
  Network network;
  data_limit bounds;
  bool whole_labels = false;  ///< rounds what the network is told, where no level says it

  [[nodiscard]] prediction_row row(const level& l) const { return network.row(l); }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const { return row_of(network, from, &to); }
  [[nodiscard]] double input_scale(const level& l) const { return fokker::input_scale(network, l); }
  [[nodiscard]] double label(const level& l) const {
    const double told = fokker::label(network, l);
    return whole_labels ? std::nearbyint(told) : told;
  }
  [[nodiscard]] data_limit limit() const { return bounds; }
};
template <class Network>
limited(Network, data_limit) -> limited<Network>;
template <class Network>
limited(Network, data_limit, bool) -> limited<Network>;

/// What a config says, as the parts of a plan that are known only at run time.
struct recipe {
  using any_network = std::variant<parameterization::epsilon, parameterization::data, parameterization::velocity,
                                   parameterization::flow, parameterization::flow_to_data, parameterization::edm,
                                   parameterization::trigflow, parameterization::consistency,
                                   parameterization::latent_consistency<parameterization::epsilon>,
                                   parameterization::latent_consistency<parameterization::data>,
                                   parameterization::latent_consistency<parameterization::velocity>>;

  any_schedule schedule;
  std::vector<level> levels;
  any_solver solver;
  any_network network = parameterization::epsilon{};
  data_limit limit = {};
  bool learns_variance = false;  ///< of networks that predict epsilon, data or velocity
  bool towards_noise = false;
  double initial_scale = 1;   ///< what the peer multiplies its first normals by
  bool over_alpha = false;    ///< the peer's latents are x/alpha
  bool whole_labels = false;  ///< rounds what the network is told, where no level says it

  template <class Network>
  static constexpr bool can_learn_variance =
      std::is_same_v<Network, parameterization::epsilon> || std::is_same_v<Network, parameterization::data> ||
      std::is_same_v<Network, parameterization::velocity>;

  template <class Guidance>
  [[nodiscard]] plan::program plan(const Guidance& guidance, plan_options options) const {
    return std::visit(
        [&](const auto& predicts) {
          const limited network_with_limit{predicts, limit, whole_labels};
          const grid::explicit_levels grid{levels};
          if (towards_noise)
            return make_plan(schedule, network_with_limit, grid, any_inversion{solver}, guidance, options);
          if constexpr (can_learn_variance<std::remove_cvref_t<decltype(predicts)>>)
            if (learns_variance)
              return make_plan(schedule, parameterization::learned_variance{network_with_limit}, grid, solver, guidance,
                               options);
          return make_plan(schedule, network_with_limit, grid, solver, guidance, options);
        },
        network);
  }
};

}  // namespace fokker::inline v0::interop
