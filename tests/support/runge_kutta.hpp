// SPDX-License-Identifier: MIT
#pragma once

// What the tableau of a Runge-Kutta method promises on two equations with closed solutions. On `edm`, where x = y, the
// flow in sigma is dx/dsigma = eps.

#include <cmath>
#include <vector>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/schedule/edm.hpp>

#include "support/catch.hpp"
#include "support/scalar.hpp"

namespace test {

template <class Solver, class Slope>
double one_step(const Solver& solver, double from, double to, double x, Slope slope) {
  struct known {
    Slope slope;
    double data(double at, const level& l) const { return at - l.sigma * slope(at, l.sigma); }
  };
  const fokker::schedule::edm schedule;
  const fokker::grid::explicit_levels grid{fokker::levels_at(schedule, {from, to})};
  return run(fokker::make_plan(schedule, fokker::parameterization::epsilon{}, grid, solver), known{slope}, x);
}

/// A step of h of x' = c x multiplies by a polynomial in z = c h (Hairer & Wanner 1996, section IV.2): its
/// coefficients.
template <class Solver>
void has_stability_polynomial(const Solver& solver, const std::vector<double>& coefficients) {
  for (const double z : {-2.5, -0.5, 0.25, 3.0}) {
    double expected = 0, size = 0;
    for (std::size_t k = coefficients.size(); k-- > 0;) {
      expected = expected * z + coefficients[k];
      size = size * std::abs(z) + coefficients[k];
    }
    // Weights up to 30 of either sign, and what x - sigma c x loses at sigma = 2: some 200 roundings of the size.
    const double reached = one_step(solver, 2.0, 1.0, 1.0, [z](double x, double) { return -z * x; });
    CHECK(reached == Approx(expected).epsilon(0).margin(0x1p-53 * 1024 * size));
  }
}

/// Powers of sigma up to `degree` are integrated exactly, the next one is not.
template <class Solver>
void integrates_powers(const Solver& solver, int degree) {
  for (int k = 0; k <= degree + 1; ++k) {
    const double exact = (std::pow(1.0, k + 1) - std::pow(2.0, k + 1)) / (k + 1);
    const double off =
        one_step(solver, 2.0, 1.0, 0.0, [k](double, double sigma) { return std::pow(sigma, k); }) - exact;
    if (k <= degree)
      CHECK(std::abs(off) <= 0x1p-53 * 1024 * std::pow(2.0, k + 1));  // as above
    else
      CHECK(std::abs(off) > 1e-5);
  }
}

}  // namespace test
