// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// Another parameterization whose network also tells the variance of a reverse step, in an output of its own: one more
/// denoiser, after those of the guidance, element by element. Nichol & Dhariwal 2021, section 3.1. Solvers that draw it
/// say so (solver::ddpm with `learned` or `learned_range`); for the others that denoiser is not called.
template <class Network>
struct learned_variance {
  static constexpr const char* name = Network::name;
  static constexpr bool learns_variance = true;
  Network network;

  [[nodiscard]] prediction_row row(const level& l) const { return network.row(l); }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const { return row_of(network, from, &to); }
  [[nodiscard]] double input_scale(const level& l) const { return fokker::input_scale(network, l); }
  [[nodiscard]] double label(const level& l) const { return fokker::label(network, l); }
  [[nodiscard]] data_limit limit() const requires has_limit<Network> { return network.limit(); }
};
template <class Network>
learned_variance(Network) -> learned_variance<Network>;

}  // namespace fokker::inline v0::parameterization
