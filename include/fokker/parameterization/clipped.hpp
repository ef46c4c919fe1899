// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::parameterization {

/// Another parameterization whose x0-prediction, once it is guided, is clamped to [-bound, bound], as in the published
/// code of Ho et al. 2020 (DDPM). What else a solver asks for is that of the clamped data, epsilon too unless
/// `network_epsilon` is set. Throws std::invalid_argument for a bound that is not a positive number.
template <class Network>
struct clipped {
  static constexpr const char* name = Network::name;
  static constexpr bool learns_variance = fokker::learns_variance<Network>();
  Network network;
  double bound = 1;
  bool network_epsilon = false;

  [[nodiscard]] prediction_row row(const level& l) const { return network.row(l); }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const { return row_of(network, from, &to); }
  [[nodiscard]] double input_scale(const level& l) const { return fokker::input_scale(network, l); }
  [[nodiscard]] double label(const level& l) const { return fokker::label(network, l); }
  [[nodiscard]] data_limit limit() const {
    static_assert(!has_limit<Network>, "fokker: the data of this parameterization are limited already");
    detail::require_positive("bound", bound);
    return {.bound = bound, .network_epsilon = network_epsilon};
  }
};
template <class Network>
clipped(Network) -> clipped<Network>;
template <class Network>
clipped(Network, double) -> clipped<Network>;
template <class Network>
clipped(Network, double, bool) -> clipped<Network>;

}  // namespace fokker::inline v0::parameterization
