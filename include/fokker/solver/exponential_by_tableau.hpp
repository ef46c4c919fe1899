// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>

#include <fokker/solver/exponential_runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// Exponential tableaus of the literature that no solver of this room has by a name of its own, all of order 4: where
/// the stages after the first one stand, and their rows at some z. phi_k without an argument is phi_k(z).
namespace exponential_tableaus {

/// ETDRK4, Cox & Matthews 2002, eqs. 26-29.
struct etdrk_4 {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto half = phi<1>(z / 2);
    const auto f = phi<3>(z);
    const double middle = std::fma(-4, f[3], 2 * f[2]);
    return {{}, {half[1] / 2}, {0, half[1]}, {middle, middle, std::fma(4, f[3], -f[2])}};
  }
};

/// Krogstad 2005, eq. 51: stage i is exact for predictions that are linear in log-SNR as well.
struct krogstad {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto f = phi<3>(z);
    const double middle = std::fma(-4, f[3], 2 * f[2]);
    return {{}, {phi<2>(z / 2)[2]}, {0, 2 * f[2]}, {middle, middle, std::fma(4, f[3], -f[2])}};
  }
};

/// Strehmel & Weiner 1992, example 4.5.5.
struct strehmel_weiner {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto f = phi<3>(z);
    return {
        {}, {phi<2>(z / 2)[2] / 2}, {-2 * f[2], 4 * f[2]}, {0, std::fma(-8, f[3], 4 * f[2]), std::fma(4, f[3], -f[2])}};
  }
};

/// Friedli 1978.
struct friedli {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto f = phi<3>(z);
    return {{},
            {phi<2>(z / 2)[2] / 2},
            {std::fma(-26.0 / 25, f[1], 2.0 / 25 * f[2]), std::fma(26.0 / 25, f[1], 48.0 / 25 * f[2])},
            {0, std::fma(-8, f[3], 4 * f[2]), std::fma(4, f[3], -f[2])}};
  }
};

/// Minchev 2004 (thesis, Bergen), whose phi_k of a stage at c are c^k phi_k(c z) here.
struct minchev {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto half = phi<2>(z / 2);
    const auto f = phi<4>(z);
    const auto sum = [&f](double w1, double w2, double w3, double w4) {
      return std::fma(w1, f[1], std::fma(w2, f[2], std::fma(w3, f[3], w4 * f[4])));
    };
    return {{},
            {std::fma(2.0 / 25, half[1], 6.0 / 25 * half[2])},
            {sum(0, 21.0 / 5, -108.0 / 5, 0), sum(1.0 / 20, -33.0 / 10, 123.0 / 5, 0)},
            {sum(-1.0 / 10, 1.0 / 5, -4, 12), sum(1.0 / 30, 23.0 / 5, -8, -4), sum(1.0 / 30, -7.0 / 5, 6, -4)}};
  }
};

/// Lawson 1967 with the classical method of four stages, weights a_ij e^{(c_i - c_j) z}, but the first column's: so
/// constants are kept, which Lawson's are not. Krogstad 2005; GenLawson41 of EXPINT (Berland, Skaflestad &
/// Wright 2007).
struct generalised_lawson {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const double e = std::exp(z / 2);
    return {{}, {0.5}, {0, e}, {e / 3, e / 3, 1.0 / 6}};
  }
};

/// The same, and its end is exact for predictions that are linear in log-SNR: ModGenLawson41 of EXPINT.
struct modified_lawson {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const double e = std::exp(z / 2);
    return {{}, {0.5}, {0, e}, {e / 3, e / 3, std::fma(-1.0 / 3, e, phi<2>(z)[2])}};
  }
};

/// Hochbruck & Ostermann 2005, eq. 5.19: five stages, the last of which is half-way again, of order 4 for stiff
/// problems.
struct hochbruck_ostermann {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0, 0.5};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto half = phi<3>(z / 2), f = phi<3>(z);
    const double a52 = std::fma(0.5, half[2], std::fma(0.25, f[2], std::fma(-0.5, half[3], -f[3])));
    return {{},
            {half[2]},
            {f[2], f[2]},
            {a52, a52, std::fma(0.25, half[2], -a52)},
            {0, 0, std::fma(4, f[3], -f[2]), std::fma(-8, f[3], 4 * f[2])}};
  }
};

}  // namespace exponential_tableaus

/// The exponential Runge-Kutta method of a tableau, one of `exponential_tableaus` or yours: the linear part of the
/// probability-flow ODE is solved exactly, and predictions of data, or of epsilon, at stages in log-SNR are weighted by
/// functions of its length. Each row is completed so that constant predictions are kept. From noise and onto data the
/// step is DDIM's, with one call.
template <class Tableau>
struct exponential_by_tableau {
  static constexpr int order = Tableau::order;
  static constexpr int evaluations = static_cast<int>(Tableau::nodes.size()) + 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::target target = target::data;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const std::vector<double> c(Tableau::nodes.begin(), Tableau::nodes.end());
    for (auto [s, t] : p.steps()) x = exponential_runge_kutta(p, x, s, t, c, &Tableau::rows, target);
    return x;
  }
};

}  // namespace fokker::inline v0::solver
