// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/solver/order_of.hpp>
#include <fokker/solver/runge_kutta.hpp>

namespace fokker::inline v0::solver {

/// Tableaus of the literature that no solver of this room has by a name of its own.
namespace tableaus {

/// Ralston 1962: the two stages whose bound of the error is least.
inline constexpr tableau<2> ralston{.nodes = {0, 2.0 / 3}, .weights = {{{2.0 / 3}, {1.0 / 4, 3.0 / 4}}}};
/// Kutta 1901: Simpson's rule.
inline constexpr tableau<3> kutta_3{.nodes = {0, 0.5, 1}, .weights = {{{0.5}, {-1, 2}, {1.0 / 6, 2.0 / 3, 1.0 / 6}}}};
/// Heun 1900.
inline constexpr tableau<3> heun_3{.nodes = {0, 1.0 / 3, 2.0 / 3},
                                   .weights = {{{1.0 / 3}, {0, 2.0 / 3}, {1.0 / 4, 0, 3.0 / 4}}}};
/// Shu & Osher 1988: it preserves strong stability. Its second stage is at the end of the step.
inline constexpr tableau<3> ssprk_3{.nodes = {0, 1, 0.5},
                                    .weights = {{{1}, {1.0 / 4, 1.0 / 4}, {1.0 / 6, 1.0 / 6, 2.0 / 3}}}};
/// Kutta 1901: the 3/8 rule.
inline constexpr tableau<4> three_eighths{
    .nodes = {0, 1.0 / 3, 2.0 / 3, 1},
    .weights = {{{1.0 / 3}, {-1.0 / 3, 1}, {1, -1, 1}, {1.0 / 8, 3.0 / 8, 3.0 / 8, 1.0 / 8}}}};
/// Tsitouras 2011, the method of order 5 of the pair 5(4).
inline constexpr tableau<6> tsit5{
    .nodes = {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1},
    .weights = {
        {{0.161},
         {-0.008480655492356989, 0.335480655492357},
         {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
         {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
         {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
         {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774}}}};

}  // namespace tableaus

/// The explicit Runge-Kutta method of a tableau, one of `tableaus` or yours, on the probability-flow ODE. Its order is
/// found from the tableau when it is compiled. From noise and onto data as `rk4`.
template <const auto& Tableau>
struct by_tableau {
  static constexpr int order = order_of(Tableau);
  static_assert(order > 0,
                "fokker: the tableau is no method: the weights of a stage sum to its node, the last ones to 1");
  static constexpr int evaluations = static_cast<int>(Tableau.nodes.size());
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  solver::variable variable = solver::variable::natural;

  [[nodiscard]] plan::expression operator()(plan::builder& p, const plan::expression& x) const {
    return runge_kutta(Tableau, variable, p, x);
  }
};

}  // namespace fokker::inline v0::solver
