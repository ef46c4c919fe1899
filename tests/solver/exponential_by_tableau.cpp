// SPDX-License-Identifier: MIT
#include <fokker/solver/exponential_by_tableau.hpp>

#include <fokker/solver/order_of.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::exponential_by_tableau;
namespace tableaus = fk::solver::exponential_tableaus;

namespace {

/// A tableau at z = 0, where the linear part is gone, is that of a Runge-Kutta method.
template <class Tableau>
constexpr std::size_t stages = Tableau::nodes.size() + 1;
template <class Tableau>
fk::solver::tableau<stages<Tableau>> without_linear_part() {
  fk::solver::tableau<stages<Tableau>> method{};
  const auto rows = Tableau::rows(0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double node = i < Tableau::nodes.size() ? Tableau::nodes[i] : 1;
    if (i < Tableau::nodes.size()) method.nodes[i + 1] = node;
    method.weights[i][0] = node;
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      method.weights[i][j + 1] = rows[i][j];
      method.weights[i][0] -= rows[i][j];
    }
  }
  return method;
}

/// The conditions on the last row alone, for any z: sum_j b_j c_j^(k - 1) / (k - 1)! = phi_k (Hochbruck & Ostermann
/// 2005).
template <class Tableau>
void weights_predictions_of_degree(int degree) {
  for (const double z : {-4.0, -1.0, -0.01, 0.5}) {
    const auto b = Tableau::rows(z).back();
    const auto phi = fk::solver::phi<4>(z);
    double factorial = 1;
    for (int k = 2; k <= degree + 1; ++k) {
      double sum = 0;
      factorial *= k - 1;
      for (std::size_t j = 0; j < b.size(); ++j) sum += b[j] * std::pow(Tableau::nodes[j], k - 1) / factorial;
      CHECK(sum == Approx(phi[static_cast<std::size_t>(k)]).epsilon(1e-12));
    }
  }
}

/// `degree` is that of the predictions for which the end is exact, two where it is not said.
template <class Tableau>
void is_a_method(int degree = 2) {
  using solver = exponential_by_tableau<Tableau>;
  CHECK(fk::solver::order_of(without_linear_part<Tableau>()) == Tableau::order);
  weights_predictions_of_degree<Tableau>(degree);
  CHECK(test::measured_order(fk::schedule::edm{}, solver{}, 16) == Approx(solver::order).epsilon(0).margin(0.15));
  test::is_finite_from_noise_to_data(solver{});
  test::reaches_a_single_point(solver{});
}

}  // namespace

TEST_CASE("exponential tableaus satisfy their conditions and have the order that they measure", "[order]") {
  is_a_method<tableaus::etdrk_4>();
  is_a_method<tableaus::krogstad>();
  is_a_method<tableaus::strehmel_weiner>();
  is_a_method<tableaus::friedli>();
  is_a_method<tableaus::hochbruck_ostermann>();
  is_a_method<tableaus::minchev>(1);
  is_a_method<tableaus::generalised_lawson>(0);
  is_a_method<tableaus::modified_lawson>(1);
}

TEST_CASE("exponential_by_tableau takes predictions of epsilon", "[order]") {
  using solver = exponential_by_tableau<tableaus::krogstad>;
  CHECK(test::measured_order(fk::schedule::edm{}, solver{.target = fk::solver::target::epsilon}, 16) ==
        Approx(4).epsilon(0).margin(0.15));
}

namespace {

/// What a column of weights of a row leaves of c phi_1(c z).
double first_weight(double z, double node, const std::vector<double>& others) {
  double left = node * fk::solver::phi<1>(node * z)[1];
  for (const double w : others) left -= w;
  return left;
}

}  // namespace

// EXPINT's tables have their first column written out. The two sums have other roundings, no more than ten of numbers
// that are at most 1, and so differ by less than 1e-14.
TEST_CASE("exponential_by_tableau completes Lawson's rows as EXPINT does") {
  for (const double z : {-6.0, -1.0, -0.01, 0.5}) {
    const double phi_1 = fk::solver::phi<1>(z)[1], half = fk::solver::phi<1>(z / 2)[1], e = std::exp(z / 2);
    const auto rows = tableaus::generalised_lawson::rows(z);
    const auto modified = tableaus::modified_lawson::rows(z).back();
    const auto close = [](double value) { return Approx(value).epsilon(0).margin(1e-14); };
    CHECK(first_weight(z, 0.5, rows[0]) == close(half / 2));
    CHECK(first_weight(z, 0.5, rows[1]) == close(half / 2 - 0.5));
    CHECK(first_weight(z, 1, rows[2]) == close(phi_1 - e));
    CHECK(first_weight(z, 1, rows[3]) == close(phi_1 - 2.0 / 3 * e - 1.0 / 6));
    CHECK(first_weight(z, 1, modified) == close(phi_1 - fk::solver::phi<2>(z)[2] - e / 3));
  }
}
