// SPDX-License-Identifier: MIT
#include <fokker/solver/rx_dpm.hpp>

#include <fokker/solver/ddim.hpp>
#include <fokker/solver/midpoint.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::rx_dpm;

namespace {

fk::grid::explicit_levels at_sigmas(const std::vector<double>& sigmas) {
  return {fk::levels_at_ratios(fk::schedule::edm{}, sigmas)};
}
template <class Solver>
double end(const std::vector<double>& sigmas, const Solver& solver) {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, at_sigmas(sigmas), solver);
  return test::run(plan, test::two_normals{}, 0.3 * sigmas.front());
}

}  // namespace

TEST_CASE("rx_dpm converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    CHECK(test::measured_order(schedule, rx_dpm{}, 64) == Approx(rx_dpm::order).epsilon(0).margin(0.15));
    CHECK(test::measured_order(schedule, rx_dpm{.every = 4}, 64) == Approx(rx_dpm::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("rx_dpm of two even steps is the midpoint rule of half as many") {
  CHECK(end({9, 8, 7, 6, 5, 4, 3}, rx_dpm{}) ==
        Approx(end({9, 7, 5, 3}, fk::solver::midpoint{.variable = fk::solver::variable::ratio})).epsilon(1e-13));
}

TEST_CASE("rx_dpm combines the fine and the coarse result by the paper's two weights") {
  const std::vector<double> sigmas{9, 7, 4, 3.5};
  const double fine = end(sigmas, fk::solver::ddim{}), coarse = end({9, 3.5}, fk::solver::ddim{});
  // weights that sum to 1, and whose errors H^2 and the sum of h^2 cancel
  const double squares = (2 * 2 + 3 * 3 + 0.5 * 0.5) / (5.5 * 5.5);
  const double of_fine = 1 / (1 - squares), of_coarse = 1 - of_fine;
  CHECK(end(sigmas, rx_dpm{.every = 3}) == Approx(of_fine * fine + of_coarse * coarse).epsilon(1e-13));
  CHECK(end({9, 7, 4, 3.5}, rx_dpm{.every = 4}) == fine);  // fewer steps are left than it takes
  law::refused([] { (void)end({2, 1}, rx_dpm{.every = 1}); }, {"every is 1", "2 or more"});
}

TEST_CASE("rx_dpm reaches single points, is finite at both ends, and keeps one tensor more") {
  test::is_finite_from_noise_to_data(rx_dpm{});
  test::is_finite_from_noise_to_data(rx_dpm{.every = 3});
  test::reaches_a_single_point(rx_dpm{});
  test::costs(rx_dpm{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
}
