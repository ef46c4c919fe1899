// SPDX-License-Identifier: MIT
#include <fokker/solver/phi.hpp>

#include <limits>

#include "support/catch.hpp"

using fokker::solver::phi;

TEST_CASE("phi-functions have their values, on both sides of the change of formula") {
  // 50-digit series by mpmath; k = 1 ... 4
  struct known {
    double z, value[4];
  };
  for (const known& k :
       {known{-0.25, {0.884796867714380527, 0.460812529142477892, 0.156749883430088432, 0.0396671329463129374}},
        known{-2, {0.432332358381693654, 0.283833820809153173, 0.108083089595423414, 0.0292917885356216266}},
        known{0, {1, 0.5, 1.0 / 6, 1.0 / 24}}}) {
    const auto values = phi<4>(k.z);
    CHECK(values[0] == std::exp(k.z));
    // series and recurrence round some ten times, and lose two bits at |z| = 2
    for (std::size_t i = 0; i < 4; ++i) CHECK(values[i + 1] == Approx(k.value[i]).epsilon(4e-15));
  }
}

TEST_CASE("phi-functions obey their recurrence and join where the formulas change") {
  for (double z = -40; z <= 40; z += 0.3125) {
    const auto v = phi<9>(z);
    double factorial = 1;
    for (std::size_t k = 0; k < 9; factorial *= static_cast<double>(++k)) {
      // z phi_{k+1} + 1/k! = phi_k: one of them may be the difference of the others
      const double size = std::abs(z * v[k + 1]) + 1 / factorial + std::abs(v[k]);
      CHECK(std::abs(z * v[k + 1] + 1 / factorial - v[k]) <= 0x1p-53 * 8 * size);
      CHECK(v[k] > 0);
    }
  }
  for (const double at : {-2.0, 2.0}) {
    const auto inside = phi<9>(std::nextafter(at, 0)), outside = phi<9>(at);
    // the recurrence divides its error by 2 at each k, and phi_k falls like 1/k!: 9!/2^9 is 709
    for (std::size_t k = 0; k <= 9; ++k) CHECK(inside[k] == Approx(outside[k]).epsilon(0x1p-53 * 709 * 8));
  }
}

TEST_CASE("phi-functions at their ends") {
  const auto far = phi<3>(-800);  // e^z is 0
  CHECK(far[0] == 0);
  CHECK(far[1] == Approx(1 / 800.0).epsilon(1e-15));
  CHECK(far[2] == Approx((1 - 1 / 800.0) / 800).epsilon(1e-15));
  CHECK(phi<1>(0)[1] == 1);
}
