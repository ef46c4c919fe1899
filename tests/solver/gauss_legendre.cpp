// SPDX-License-Identifier: MIT
#include <fokker/solver/gauss_legendre.hpp>

#include "support/members.hpp"

namespace fk = fokker;

TEST_CASE("Gauss and Legendre's rule of 16 points is exact for polynomials up to degree 31, and no further") {
  const auto integral = [](int power) {
    double sum = 0;
    fk::solver::gauss_legendre([&](double r, double weight) { sum += weight * std::pow(r, power); });
    return sum;
  };
  // 16 terms, each with the rounding of pow and of a point that is known to half an ulp, 31 times in its power.
  for (int power = 0; power < 32; ++power) CHECK(integral(power) * (power + 1) == Approx(1).epsilon(0x1p-52 * 32));
  // The error for degree 32 is (16!)^4 / (33 (32!)^2) times 32!/32! = 5.0e-20 of 1/33: below rounding, so of a higher
  // one.
  CHECK(std::abs(integral(120) * 121 - 1) > 1e-9);
}
