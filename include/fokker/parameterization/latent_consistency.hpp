// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::parameterization {

/// A latent consistency model, Luo et al. 2023, eq. 9: x0 = c_skip x + c_out D, D the x0-prediction of `network`, with
/// c_skip = sd^2 / ((s t)^2 + sd^2), c_out = s t / sqrt((s t)^2 + sd^2), t what the network is told, s `label_scale`.
/// As a row of x0 and eps that is what the network says, D being (x0 - c_skip x) / c_out. Throws std::invalid_argument
/// at t = 0, where x0 is x whatever the network says.
template <class Network>
struct latent_consistency {
  static_assert(!has_limit<Network>, "fokker: limit the data of latent_consistency, not those of its network");
  static constexpr const char* name = Network::name;
  Network network;
  double sigma_data = 0.5;
  double label_scale = 10;

  [[nodiscard]] prediction_row row(const level& l) const {
    detail::require_positive("sigma_data", sigma_data);
    const double t = detail::rounded_product(label_scale, label(l)), r = detail::hypotenuse(t, sigma_data);
    if (!(detail::is_finite(t) && t > 0))
      detail::refuse("the scaled label", t, "above 0, where a consistency function is x itself");
    const double skip = (sigma_data / r) * (sigma_data / r), out = t / r;
    const prediction_row p = network.row(l);
    const double det = difference_of_products(l.alpha, p.noise, l.sigma, p.data);
    // 1 - (1 - alpha c_skip) / c_out, where c_out - 1 = -sd^2 / (r (r + t))
    const double off = std::fma(l.alpha, skip, -sigma_data * sigma_data / (r * (r + t))) / out;
    return {std::fma(det / l.sigma, off, p.data), std::fma(det, skip / out, p.noise)};
  }
  [[nodiscard]] double input_scale(const level& l) const { return fokker::input_scale(network, l); }
  [[nodiscard]] double label(const level& l) const { return fokker::label(network, l); }
};
template <class Network>
latent_consistency(Network) -> latent_consistency<Network>;
template <class Network>
latent_consistency(Network, double) -> latent_consistency<Network>;
template <class Network>
latent_consistency(Network, double, double) -> latent_consistency<Network>;

}  // namespace fokker::inline v0::parameterization
