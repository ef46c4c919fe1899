// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include <fokker/detail/rounded_product.hpp>

namespace fokker::inline v0::solver {

/// phi_k(z) = integral over [0, 1] of e^{(1 - r) z} r^{k-1} / (k-1)! dr for k = 0 ... Most, phi_0 = e^z; at most 12.
/// Below |z| = 2 the last one by its series and the others by phi_k = z phi_{k+1} + 1/k!, whose terms cancel little
/// there; beyond it by phi_{k+1} = (phi_k - 1/k!) / z, which divides what was lost. Hochbruck & Ostermann 2010,
/// eq. 2.10.
template <std::size_t Most>
[[nodiscard]] std::array<double, Most + 1> phi(double z) {
  static_assert(Most >= 1 && Most <= 12);
  std::array<double, Most + 2> inverse_factorial{1};  // 1/k!
  for (std::size_t k = 1; k < inverse_factorial.size(); ++k)
    inverse_factorial[k] = inverse_factorial[k - 1] / static_cast<double>(k);
  std::array<double, Most + 1> values{};
  if (std::abs(z) < 2) {
    double term = inverse_factorial[Most];
    for (std::size_t j = 1; term != 0 && values[Most] + term != values[Most]; ++j) {
      values[Most] += term;
      term = detail::rounded_product(term, z / static_cast<double>(Most + j));
    }
    for (std::size_t k = Most; k-- > 1;) values[k] = std::fma(z, values[k + 1], inverse_factorial[k]);
    values[0] = std::exp(z);
  } else {
    values[0] = std::exp(z);
    values[1] = std::expm1(z) / z;
    for (std::size_t k = 1; k < Most; ++k) values[k + 1] = (values[k] - inverse_factorial[k]) / z;
  }
  return values;
}

}  // namespace fokker::inline v0::solver
