// SPDX-License-Identifier: MIT
#include <fokker/guidance/pigdm.hpp>

#include <fokker/fokker.hpp>

#include "support/laws.hpp"
#include "support/linear_gaussian.hpp"

namespace fk = fokker;
using fk::guidance::pigdm;

namespace {

const fk::grid::log_snr fine{.steps = 400, .sigma_min = 1e-4, .sigma_max = 1000};

/// Isotropic data, for which data given x are normal of the variance that the rule takes; a mask, or orthonormal rows.
const test::linear_gaussian masked{.variances = {0.49, 0.49, 0.49}};
const test::linear_gaussian turned{.variances = {0.49, 0.49, 0.49}, .A = {{{0.6, 0.8, 0}, {0, 0, 1}}}, .noise = 0.5};
const test::linear_gaussian exactly_seen{.variances = {0.49, 0.49, 0.49}, .noise = 0};

template <class Network, class Solver>
fk::plan::program planned(const Network& network, const test::linear_gaussian& world, const fk::grid::log_snr& grid,
                          const Solver& solver) {
  return fk::make_plan(fk::schedule::edm{}, network, grid, solver, pigdm{.noise = world.noise, .deviation = 0.7});
}

}  // namespace

TEST_CASE("of isotropic normal data it is the posterior, also where nothing blurs what is seen") {
  const auto check = [](const auto& network, const test::linear_gaussian& world) {
    const auto plan = planned(network, world, fine, fk::solver::heun{});
    CHECK(fk::plan::check(plan).empty());
    // Starting from a mean of 0 moves the result by its deviation times mean / sigma_max, below 1e-3; Heun's second
    // order at steps of 16 / 400 in log-SNR is (16 / 400)^2 / 6 with constants below 5.
    test::are(test::mapped(plan, fk::denoisers{world.network(network), world.pulled_back(network)}), world.posterior(),
              1e-3 + 1.4e-3);
  };
  for (const auto& world : {masked, turned, exactly_seen}) {
    check(fk::parameterization::epsilon{}, world);
    check(fk::parameterization::edm{.sigma_data = 1}, world);
  }
}

TEST_CASE("samples of a stochastic solver have the posterior's mean and covariance", "[statistics]") {
  const fk::parameterization::data network;
  for (const auto& world : {masked, turned}) {
    const auto plan =
        planned(network, world, {.steps = 80, .sigma_min = 1e-3, .sigma_max = 1000}, fk::solver::sde_dpmpp_2m{});
    constexpr std::size_t n = 2000;
    const auto found = test::drawn(plan, fk::denoisers{world.network(network), world.pulled_back(network)}, n);
    // Steps of 14 / 80 in log-SNR, (14 / 80)^2 / 3 of numbers below 1.
    test::are(found, world.posterior(), 0.0103, n);
  }
}

TEST_CASE("the variance is that of data given x") {
  const fk::level at{.alpha = 0.6, .sigma = 0.8};
  CHECK(pigdm{.deviation = 0.7}.variance(at) == Approx(masked.spread(at)[0][0]).epsilon(1e-14));
  CHECK(pigdm{}.variance(at) == Approx(0.64).epsilon(1e-14));
  CHECK(pigdm{.deviation = 3}.variance({.alpha = 0, .sigma = 1}) == Approx(9).epsilon(1e-14));
  CHECK(pigdm{}.variance({}) == 0);
}

TEST_CASE("the ends that it does not determine are left to the network by an interval") {
  const fk::parameterization::flow network;
  const auto plan = [&](const auto& rule) {
    return fk::make_plan(fk::schedule::flow_linear{}, network, fk::grid::uniform{.steps = 4}, fk::solver::heun{}, rule);
  };
  CHECK_THROWS_WITH(plan(pigdm{}), Catch::Contains("does not determine"));
  const auto inside = plan(fk::guidance::interval{pigdm{}, fk::guidance::along::ratio, 1e-3, 1000});
  CHECK(fk::plan::evaluations(inside) == 2 * 8 - 2);
}

TEST_CASE("scale 0 calls no gradient, and numbers that mean nothing are refused") {
  const auto plan = [](const pigdm& rule) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, fk::grid::karras{.steps = 3},
                         fk::solver::euler{}, rule);
  };
  CHECK(fk::plan::evaluations(plan({.scale = 0})) == 3);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  law::refused([&] { (void)plan({.scale = nan}); }, {"scale is "});
  for (const double wrong : {nan, -1.0, 1e39}) law::refused([&] { (void)plan({.noise = wrong}); }, {"noise is "});
  for (const double wrong : {nan, -1.0, 0.0, 1e39})
    law::refused([&] { (void)plan({.deviation = wrong}); }, {"deviation is "});
}
