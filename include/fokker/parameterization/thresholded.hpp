// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/message.hpp>

namespace fokker::inline v0::parameterization {

/// Another parameterization with the dynamic thresholding of Saharia et al. 2022 (Imagen), section 2.3: s is a quantile
/// of |x0| over each sample, not less than 1 and not more than `largest`; the guided x0-prediction is clamped to [-s,
/// s] and divided by s. For data in [-1, 1], that is for pixels. What else a solver asks for is that of the thresholded
/// data. A call then reads and writes the data once more. Throws std::invalid_argument for a quantile outside of
/// (0, 1] and for a largest s that is not positive.
template <class Network>
struct thresholded {
  static constexpr const char* name = Network::name;
  static constexpr bool learns_variance = fokker::learns_variance<Network>();
  Network network;
  double quantile = 0.995;
  double largest = data_limit::none;

  [[nodiscard]] prediction_row row(const level& l) const { return network.row(l); }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const { return row_of(network, from, &to); }
  [[nodiscard]] double input_scale(const level& l) const { return fokker::input_scale(network, l); }
  [[nodiscard]] double label(const level& l) const { return fokker::label(network, l); }
  [[nodiscard]] data_limit limit() const {
    static_assert(!has_limit<Network>, "fokker: the data of this parameterization are limited already");
    if (!(detail::is_finite(quantile) && quantile > 0 && quantile <= 1))
      detail::refuse("quantile", quantile, "above 0 and up to 1");
    constexpr double least = 1 / detail::largest_number;  // the data are divided by it
    if (!(detail::is_finite(largest) && largest >= least))
      detail::refuse("largest", largest, detail::joined({detail::text(least), " or more"}));
    return {.bound = 1, .quantile = quantile, .largest = largest};
  }
};
template <class Network>
thresholded(Network) -> thresholded<Network>;
template <class Network>
thresholded(Network, double) -> thresholded<Network>;
template <class Network>
thresholded(Network, double, double) -> thresholded<Network>;

}  // namespace fokker::inline v0::parameterization
