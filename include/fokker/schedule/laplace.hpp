// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::schedule {

/// Diffusers' table of the Laplace noise of Hang & Gu 2024: alpha^2 = f((t + 1)/T) / f(0), f(s) = (1 + 1/SNR)^(-1/2),
/// SNR = x^(-1/2) with x = 2s + 1e-6 up to s = 1/2, SNR = x^(1/2) with x = 2 (1 - s) + 1e-6 above.
/// In the paper f is alpha; here it is alpha^2. Throws std::invalid_argument for a size that no table has.
[[nodiscard]] inline tabulated laplace(int size = 1000) {
  detail::require_size(size);
  const auto one_and_noise = [](double s) {  // 1 + 1/SNR
    return 1 + (s <= 0.5 ? std::sqrt(std::fma(2, s, 1e-6)) : 1 / std::sqrt(std::fma(2, 1 - s, 1e-6)));
  };
  std::vector<double> alphas_cumprod;
  for (int t = 1; t <= size; ++t)
    alphas_cumprod.push_back(std::sqrt(one_and_noise(0) / one_and_noise(static_cast<double>(t) / size)));
  return tabulated::from_alphas_cumprod(alphas_cumprod);
}

}  // namespace fokker::inline v0::schedule
