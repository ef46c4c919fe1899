// SPDX-License-Identifier: MIT
#include <fokker/solver/exponential_runge_kutta.hpp>

#include <fokker/solver/dpm_solver_2s.hpp>
#include <fokker/solver/dpm_solver_3s.hpp>
#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/solver/dpmpp_3s.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/res_2s.hpp>
#include <fokker/solver/res_3s.hpp>
#include <fokker/solver/seeds_2.hpp>
#include <fokker/solver/seeds_3.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::exponential_tableau;
using fk::solver::phi;

namespace {

/// The sum over the stages of weight times c^power; the first stage has c = 0.
double moment(const std::vector<double>& weights, const std::vector<double>& c, int power) {
  double sum = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) sum += weights[j] * std::pow(c[j], power);
  return sum;
}

}  // namespace

TEST_CASE("the tableaus keep the order conditions of exponential Runge-Kutta methods") {
  // Hochbruck & Ostermann 2005, table 2: sum b_i c_i = phi_2, sum b_i c_i^2 / 2 = phi_3 (weakly, at z = 0, by all of
  // three stages), and sum b_i psi_{2,i} = 0 with psi_{2,i} = c_i^2 phi_2(c_i z) - sum_j a_ij c_j.
  for (const double z : {-3.0, -0.1, 0.2, 2.5})
    for (const auto& [c2, c3] : {std::pair{1.0 / 3, 2.0 / 3}, {0.5, 1.0}, {0.25, 0.9}}) {
      const double phi_2 = phi<2>(z)[2];
      CHECK(moment(fk::solver::two_stages(z, c2).back(), {c2}, 1) == Approx(phi_2).epsilon(1e-14));
      CHECK(moment(fk::solver::two_stages_of_phi_1(z, c2).back(), {c2}, 1) == Approx(phi<1>(z)[1] / 2).epsilon(1e-14));
      const double gamma = fk::solver::third_order(c2, c3);
      const exponential_tableau rows = fk::solver::three_stages(z, c2, c3, gamma);
      REQUIRE(rows.size() == 3);
      CHECK(moment(rows[2], {c2, c3}, 1) == Approx(phi_2).epsilon(1e-14));
      const double second = c2 * c2 * phi<2>(c2 * z)[2], third = c3 * c3 * phi<2>(c3 * z)[2] - rows[1][0] * c2;
      CHECK(rows[2][0] * second + rows[2][1] * third == Approx(0).margin(1e-14));
      CHECK(moment(fk::solver::three_stages(0, c2, c3, gamma).back(), {c2, c3}, 2) == Approx(1.0 / 3).epsilon(1e-14));
    }
}

TEST_CASE("three stages at 1/3 and 2/3 are those of DPM-Solver-3, the second prediction used for the third alone") {
  CHECK(fk::solver::third_order(1.0 / 3, 2.0 / 3) == 0);
  const exponential_tableau rows = fk::solver::three_stages(0.7, 1.0 / 3, 2.0 / 3, 0);
  // Lu et al. 2022, algorithm 5: r2/r1 ((e^{r2 h} - 1) / (r2 h) - 1) and ((e^h - 1) / h - 1) / r2, here over h.
  const double r2h = 0.7 * 2 / 3;
  CHECK(rows[1][0] * 0.7 == Approx(2 * (std::expm1(r2h) / r2h - 1)).epsilon(1e-14));
  CHECK(rows[2][0] == 0);
  CHECK(rows[2][1] * 0.7 == Approx(1.5 * (std::expm1(0.7) / 0.7 - 1)).epsilon(1e-14));
}

TEST_CASE("a stage so near to another one that float loses their difference is refused by its name") {
  const auto plan = [](const auto& solver) {
    return [=] {
      (void)fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(4), solver);
    };
  };
  using namespace fk::solver;
  law::refused(plan(dpm_solver_2s{.r1 = 1e-300}), {"r1 is 1e-300;", "7.62939453125e-06 or more from"});
  law::refused(plan(dpmpp_2s{.r1 = 1e-300}), {"r1 is 1e-300;"});
  law::refused(plan(dpmpp_sde{.r = 1e-300}), {"r is 1e-300;"});
  law::refused(plan(dpmpp_sde{.r = 1 - 0x1p-53}), {"r is 0.999"});
  law::refused(plan(seeds_2{.r = 1e-300}), {"r is 1e-300;"});
  law::refused(plan(res_2s{.c2 = 1e-300}), {"c2 is 1e-300;"});
  law::refused(plan(res_3s{.c2 = 1e-300}), {"c2 is 1e-300;"});
  law::refused(plan(res_3s{.c3 = 0.5 + 0x1p-53}), {"c3 is 0.5000"});
  law::refused(plan(seeds_3{.r1 = 1e-300}), {"r1 is 1e-300;"});
  law::refused(plan(dpmpp_3s{.r1 = 1e-300}), {"r1 is 1e-300;"});
  law::refused(plan(dpm_solver_3s{.r1 = 0x1.5555p-1, .r2 = 1}), {"r1 is 0.66"});
  law::refused(plan(dpm_solver_3s{.r2 = 1.0 / 3 + 1e-9}), {"r2 is 0.33"});
  CHECK_NOTHROW(plan(dpmpp_2s{.r1 = 0x1p-17})());
  CHECK_NOTHROW(plan(dpmpp_3s{.r1 = 0.5, .r2 = 0.5 + 0x1p-17})());
}
