// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string_view>
#include <utility>

#include <fokker/concept/prediction_type.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/level.hpp>

/// Weights of the squared error at a level. Each says of which prediction's error it is, that of which it is finite,
/// and `weight_on` makes it the equal weight of another's: an error of p = a x0 + b eps is a multiple of that of x0.
namespace fokker::inline v0::training {

/// value |error of the prediction with this row|^2.
struct weight {
  prediction_row of;
  double value = 1;
};

/// The squared error of a parameterization as it is: plain{parameterization::epsilon{}} is the simple loss of Ho et al.
/// 2020, and the losses of velocity, data and flow are those of their papers. plain{parameterization::edm{}} is that of
/// Karras et al. 2022: (sigma^2 + sd^2)/(sigma sd)^2 of data.
template <class P>
struct plain {
  P of;
  [[nodiscard]] weight operator()(const level& l) const {
    static_assert(check_prediction_type<P>());
    return {of.row(l), 1};
  }
};
template <class P>
plain(P) -> plain<P>;

/// min(SNR, gamma) of data, which is min(SNR, gamma)/SNR of epsilon. Hang et al. 2023 (min-SNR).
struct min_snr {
  double gamma = 5;
  [[nodiscard]] weight operator()(const level& l) const {
    detail::require_positive("gamma", gamma);
    const bool noisy = l.alpha * l.alpha <= gamma * l.sigma * l.sigma;
    return noisy ? weight{{0, 1}, 1} : weight{{1, 0}, gamma};
  }
};

/// (k + SNR)^-gamma of epsilon. Choi et al. 2022 (P2).
struct p2 {
  double gamma = 1;
  double k = 1;
  [[nodiscard]] weight operator()(const level& l) const {
    detail::require_not_negative("gamma", gamma);
    detail::require_positive("k", k);
    const double noise = l.sigma * l.sigma;
    return {{0, 1}, std::pow(noise / std::fma(k, noise, detail::rounded_product(l.alpha, l.alpha)), gamma)};
  }
};

/// sigmoid(bias - log SNR) of epsilon, for levels that are drawn evenly in log SNR; `in_time` makes it one for others.
/// Kingma & Gao 2023 (VDM++), section 5; Hoogeboom et al. 2024.
struct sigmoid {
  double bias = 2;
  [[nodiscard]] weight operator()(const level& l) const {
    detail::require_finite("bias", bias);
    const double noise = detail::rounded_product(l.sigma, l.sigma);
    return {{0, 1}, noise / std::fma(l.alpha * l.alpha, std::exp(-bias), noise)};
  }
};

/// A weight w(log SNR) for levels that are drawn evenly in time: w/2 (-d log SNR / dt). Of plain epsilon it is the
/// evidence lower bound (Kingma et al. 2021). Throws std::invalid_argument at data and noise, where log SNR has no end,
/// and for a schedule that does not tell its rates.
template <class Weight>
struct in_time {
  Weight within;
  [[nodiscard]] weight operator()(const level& l) const {
    if (detail::is_nan(l.alpha_rate) || detail::is_nan(l.sigma_rate))
      detail::refuse("the rate of log SNR", "unknown", "that of a schedule which tells its rates");
    if (l.is_data() || l.is_noise())
      detail::refuse("the rate of log SNR", "infinite", "that of a level between data and noise");
    const double rate = difference_of_products(l.alpha, l.sigma_rate, l.sigma, l.alpha_rate) / (l.alpha * l.sigma);
    weight w = within(l);
    w.value *= rate;
    return w;
  }
};
template <class Weight>
in_time(Weight) -> in_time<Weight>;

/// The weight of the squared error of what `network` predicts. Throws std::invalid_argument where no finite one is
/// equal, such as that of epsilon at noise alone for an error of data's.
template <class Weight, prediction_type P>
[[nodiscard]] double weight_on(const Weight& its, const P& network, const level& l) {
  const weight w = its(l);
  const conversion c = convert(l, network.row(l), w.of);
  const double value = w.value * c.of_p * c.of_p;
  const std::string_view predicted = network.name;
  if (!(c.determined && detail::is_finite(value)))
    detail::refuse("the weight", "not finite",
                   detail::joined({"levels at which what a network that predicts ", predicted,
                                   " errs determines the error that is weighted"}));
  return value;
}

}  // namespace fokker::inline v0::training
