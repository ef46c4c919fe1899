// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/level.hpp>
#include <fokker/model/operands.hpp>

namespace fokker::inline v0::model {

/// Throws std::invalid_argument unless there are as many weights > 0, means of one size and deviations >= 0, all
/// finite.
inline void require_components(const std::vector<double>& weights, const std::vector<std::vector<double>>& means,
                               const std::vector<double>& deviations) {
  using detail::joined, detail::refuse, detail::text;
  const std::size_t count = weights.size();
  if (count == 0) refuse("the number of weights", 0, "1 or more");
  if (means.size() != count)
    refuse("the number of means", means.size(), joined({text(count), ", one for each weight"}));
  if (deviations.size() != count)
    refuse("the number of deviations", deviations.size(), joined({text(count), ", one for each weight"}));
  const std::size_t size = means.front().size();
  if (size == 0) refuse("the size of means[0]", 0, "1 or more");
  for (std::size_t k = 0; k < count; ++k) {
    const auto name = [k](const char* list) { return joined({list, "[", text(k), "]"}); };
    if (!(weights[k] > 0 && detail::is_finite(weights[k]))) refuse(name("weights"), weights[k], "a finite number > 0");
    if (!(deviations[k] >= 0 && detail::is_finite(deviations[k])))
      refuse(name("deviations"), deviations[k], "a finite number >= 0");
    if (means[k].size() != size)
      refuse(joined({"the size of ", name("means")}), means[k].size(), joined({text(size), ", that of means[0]"}));
    for (const double m : means[k])
      if (!detail::is_finite(m)) refuse(name("means"), m, "finite numbers");
  }
}

/// The exact denoiser of a mixture of normals N(m_k, s_k^2 I) with shares w_k, in d dimensions:
///     D = sum_k r_k (s_k^2 alpha x + sigma^2 m_k) / v_k,  v_k = alpha^2 s_k^2 + sigma^2,
///     r the softmax of log w_k - d/2 log v_k - |x - alpha m_k|^2 / (2 v_k).
/// K weights > 0 of any sum, K means of d numbers, K deviations >= 0. In double; a call takes memory for K numbers.
/// Throws std::invalid_argument for arguments that are not so; a call for samples of another size than d, and at sigma
/// = 0 where a deviation is 0.
class mixture {
 public:
  mixture(const std::vector<double>& weights, const std::vector<std::vector<double>>& means,
          std::vector<double> deviations)
      : deviations_(static_cast<std::vector<double>&&>(deviations)) {
    require_components(weights, means, deviations_);
    size_ = means.front().size();
    for (std::size_t k = 0; k < weights.size(); ++k) {
      log_weights_.push_back(std::log(weights[k]));
      for (const double mean : means[k]) means_.push_back(mean);
    }
  }

  template <class T>
  void operator()(T& out, const T& x, const level& at) const {
    if constexpr (check_tensor_backend<T>()) {
      const operands on(out, x, size_);
      if (at.is_data() && *std::min_element(deviations_.begin(), deviations_.end()) == 0)
        detail::refuse("sigma of the level", at.sigma, "a number > 0, as a deviation of the mixture is 0");
      std::vector<double> share(log_weights_.size());
      for (std::size_t n = 0; n < on.samples; ++n) denoise(on.x + n * size_, on.out + n * size_, at, share);
    }
  }

 private:
  [[nodiscard]] double variance(std::size_t k, const level& at) const {
    const double signal = at.alpha * deviations_[k];
    return signal * signal + at.sigma * at.sigma;
  }

  template <class E>
  void denoise(const E* x, E* out, const level& at, std::vector<double>& share) const {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < share.size(); ++k) {
      const double v = variance(k, at);
      double distance = 0;
      for (std::size_t i = 0; i < size_; ++i) {
        const double off = static_cast<double>(x[i]) - at.alpha * means_[k * size_ + i];
        distance += off * off;
      }
      share[k] = log_weights_[k] - 0.5 * (static_cast<double>(size_) * std::log(v) + distance / v);
      largest = (std::max)(largest, share[k]);
    }
    double sum = 0, of_x = 0;
    for (double& s : share) sum += s = std::exp(s - largest);
    for (std::size_t k = 0; k < share.size(); ++k) {
      const double v = variance(k, at), r = share[k] / sum;
      of_x += r * (deviations_[k] * deviations_[k] * at.alpha / v);
      share[k] = r * (at.sigma * at.sigma / v);
    }
    for (std::size_t i = 0; i < size_; ++i) {
      double data = of_x * static_cast<double>(x[i]);
      for (std::size_t k = 0; k < share.size(); ++k) data += share[k] * means_[k * size_ + i];
      out[i] = static_cast<E>(data);
    }
  }

  std::vector<double> deviations_, log_weights_, means_;
  std::size_t size_ = 0;
};

}  // namespace fokker::inline v0::model
