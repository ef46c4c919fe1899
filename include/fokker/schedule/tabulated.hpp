// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/noise_schedule.hpp>

namespace fokker::inline v0::detail {

/// Throws std::invalid_argument for what is no size of a table.
inline void require_size(int size) {
  constexpr int most = 1'000'000;
  if (size < 1 || size > most) refuse("size", size, joined({"1 to ", text(most)}));
}

}  // namespace fokker::inline v0::detail

namespace fokker::inline v0::schedule {

/// What is linear in time between two timesteps of a table.
enum class interpolation {
  log_alpha,  ///< Lu et al. 2022 (DPM-Solver), appendix D.4
  log_ratio,  ///< log(sigma/alpha): k-diffusion, and the timesteps that Diffusers gives to noises
  ratio,      ///< sigma/alpha: the noises that Diffusers' Euler gives to timesteps
};

/// A checkpoint's own table: variance preserving, known at the times 0 ... size() - 1, data at time -1.
/// Between two times log alpha is linear in time, or what `interpolated` says; below time 0 always log alpha.
/// A last alpha of 0 (zero terminal SNR) is exact; no time strictly between it and its neighbour exists.
/// Throws std::invalid_argument for an empty table and for values that do not fall strictly.
class tabulated {
 public:
  /// alphas_cumprod[t] = product over i <= t of (1 - betas[i]), 0 < beta <= 1.
  [[nodiscard]] static tabulated from_betas(std::span<const double> betas) {
    double sum = 0;
    std::vector<double> log_alpha{0};
    for (std::size_t i = 0; i < betas.size(); ++i) {
      const double beta = betas[i];
      if (!(detail::is_finite(beta) && beta > 0 && beta <= 1)) refuse_entry("betas", i, beta, "above 0 and up to 1");
      log_alpha.push_back(0.5 * (sum += beta == 1 ? -infinity : std::log1p(-beta)));
    }
    return tabulated(std::move(log_alpha), "betas");
  }
  /// The table `alphas_cumprod` of a checkpoint: squares of alpha, in (0, 1), the last one may be 0.
  [[nodiscard]] static tabulated from_alphas_cumprod(std::span<const double> alphas_cumprod) {
    std::vector<double> log_alpha{0};
    for (std::size_t i = 0; i < alphas_cumprod.size(); ++i) {
      const double a = alphas_cumprod[i], before = i == 0 ? 1 : alphas_cumprod[i - 1];
      if (!(detail::is_finite(a) && a >= 0 && a < before))
        refuse_entry("alphas_cumprod", i, a, detail::joined({"0 or more, and less than ", detail::text(before)}));
      log_alpha.push_back(a == 0 ? -infinity : 0.5 * std::log(a));
    }
    return tabulated(std::move(log_alpha), "alphas_cumprod");
  }

  /// The same table, with another rule between its times.
  [[nodiscard]] tabulated interpolated(interpolation rule) const {
    tabulated table = *this;
    table.rule_ = rule;
    return table;
  }

  [[nodiscard]] double log_alpha(double time) const {
    if (!(detail::is_finite(time) && time >= -1 && time <= noise_time()))
      detail::refuse("time", time, "-1 (data) to size() - 1");
    const double whole = std::floor(time);
    const auto i = static_cast<std::size_t>(whole + 1);
    if (whole == time) return log_alpha_[i];
    if (!detail::is_finite(log_alpha_[i + 1]))
      detail::refuse("time", time, "none beside the last entry, where alpha is 0");
    const double before = linear_of(log_alpha_[i], i + 1), after = linear_of(log_alpha_[i + 1], i + 1);
    return log_alpha_of(std::fma(time - whole, after - before, before), i + 1);
  }
  [[nodiscard]] double alpha(double time) const { return std::exp(log_alpha(time)); }
  [[nodiscard]] double sigma(double time) const { return std::sqrt(0 - std::expm1(2 * log_alpha(time))); }
  [[nodiscard]] double noise_time() const { return size() - 1; }
  [[nodiscard]] double last_time() const { return 0; }
  [[nodiscard]] double data_time() const { return -1; }
  [[nodiscard]] int size() const { return static_cast<int>(log_alpha_.size()) - 1; }
  [[nodiscard]] double time_of(double ratio) const {
    const double wanted = -0.5 * std::log1p(ratio * ratio);
    std::size_t next = 1, end = log_alpha_.size();  // `next` will be the first entry that is not above `wanted`
    while (next < end) {
      const std::size_t middle = (next + end) / 2;
      if (log_alpha_[middle] > wanted)
        next = middle + 1;
      else
        end = middle;
    }
    if (next == log_alpha_.size()) {
      // The table's own last ratio may come back an ulp too large.
      if (wanted >= log_alpha_.back() * (1 + 1e-14)) return noise_time();
      detail::refuse("sigma/alpha", ratio,
                     detail::joined({"at most ", ratio_text(noise_time()), ", that of the table's last entry"}));
    }
    if (!detail::is_finite(log_alpha_[next])) {
      if (!detail::is_finite(wanted)) return noise_time();
      detail::refuse("sigma/alpha", ratio,
                     detail::joined({"infinity, or at most ", ratio_text(noise_time() - 1),
                                     ", that of the table's last entry with alpha > 0"}));
    }
    const double before = linear_of(log_alpha_[next - 1], next), after = linear_of(log_alpha_[next], next);
    return static_cast<double>(next) - 2 + (linear_of(wanted, next) - before) / (after - before);
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  explicit tabulated(std::vector<double> log_alpha, const char* name) : log_alpha_(std::move(log_alpha)) {
    if (size() == 0) detail::refuse(name, "empty", "at least one entry");
    for (std::size_t i = 1; i < log_alpha_.size(); ++i)
      if (!(log_alpha_[i] < log_alpha_[i - 1]))
        refuse_entry(detail::joined({"alpha^2 after ", name}), i - 1, std::exp(2 * log_alpha_[i]), "less than before");
  }
  [[noreturn]] static void refuse_entry(std::string_view name, std::size_t i, double value, std::string_view allowed) {
    detail::refuse(detail::joined({name, "[", detail::text(i), "]"}), value, allowed);
  }

  [[nodiscard]] std::string ratio_text(double time) const { return detail::text(sigma(time) / alpha(time)); }

  /// What is linear between entry - 1 and entry, of a log alpha, and back.
  [[nodiscard]] double linear_of(double log_alpha, std::size_t entry) const {
    if (entry == 1 || rule_ == interpolation::log_alpha) return log_alpha;
    const double log_ratio = std::fma(0.5, std::log(0 - std::expm1(2 * log_alpha)), -log_alpha);
    return rule_ == interpolation::log_ratio ? log_ratio : std::exp(log_ratio);
  }
  [[nodiscard]] double log_alpha_of(double value, std::size_t entry) const {
    if (entry == 1 || rule_ == interpolation::log_alpha) return value;
    const double log_ratio = rule_ == interpolation::log_ratio ? value : std::log(value);
    if (log_ratio < 0) return -0.5 * std::log1p(std::exp(2 * log_ratio));
    return std::fma(-0.5, std::log1p(std::exp(-2 * log_ratio)), -log_ratio);
  }

  std::vector<double> log_alpha_;  // entry t + 1 belongs to time t
  interpolation rule_ = interpolation::log_alpha;
};

/// `size` numbers from `first` to `last`, both included.
[[nodiscard]] inline std::vector<double> evenly_spaced(double first, double last, int size) {
  detail::require_size(size);
  std::vector<double> values;
  for (int i = 0; i < size; ++i) values.push_back(size == 1 ? first : std::fma(last - first, i / (size - 1.0), first));
  return values;
}

/// betas evenly spaced: Ho et al. 2020, section 4.
[[nodiscard]] inline tabulated linear(double beta_first = 1e-4, double beta_last = 0.02, int size = 1000) {
  return tabulated::from_betas(evenly_spaced(beta_first, beta_last, size));
}

/// sqrt(beta) evenly spaced: Stable Diffusion (Rombach et al. 2022), its defaults.
[[nodiscard]] inline tabulated scaled_linear(double beta_first = 0.00085, double beta_last = 0.012, int size = 1000) {
  auto betas = evenly_spaced(std::sqrt(beta_first), std::sqrt(beta_last), size);
  for (double& beta : betas) beta *= beta;
  return tabulated::from_betas(betas);
}

}  // namespace fokker::inline v0::schedule
