// SPDX-License-Identifier: MIT
#include <fokker/guidance/gradient.hpp>

#include "support/linear_gaussian.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using fokker::guidance::gradient;

namespace {

/// Data of variance 1 about 0 that are seen as y with noise of deviation s: the posterior is normal of the mean
/// y / (1 + s^2) and the variance s^2 / (1 + s^2). Of x at a level data are normal of the mean a x / (a^2 + s_t^2) and
/// the variance v = s_t^2 / (a^2 + s_t^2), so that grad log p(y | x) = a / (a^2 + s_t^2) (y - mean) / (v + s^2).
constexpr double y = 1.5, s = 0.5;

template <class Network>
void posterior(const Network& network, double tolerance) {
  const auto exact = [&](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
    const double c = fk::input_scale(network, at), total = at.alpha * at.alpha + at.sigma * at.sigma;
    const fk::prediction_row row = network.row(at);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double here = x[i] / c, data = at.alpha * here / total;
      out[i] = row.data * data + row.noise * (here - at.alpha * data) / at.sigma;
    }
  };
  const auto pull = [&](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
    const double c = fk::input_scale(network, at), total = at.alpha * at.alpha + at.sigma * at.sigma;
    const double v = at.sigma * at.sigma / total;
    for (std::size_t i = 0; i < x.size(); ++i)
      out[i] = at.alpha / total * (y - at.alpha * x[i] / c / total) / (v + s * s) / c;  // to what the network reads
  };
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::log_snr{.steps = 400, .sigma_min = 1e-4, .sigma_max = 100},
                    fk::solver::heun{}, gradient{});
  CHECK(fk::plan::check(plan).empty());
  const double mean = y / (1 + s * s), deviation = s / std::sqrt(1 + s * s);
  const double wide = std::sqrt(100.0 * 100.0 + deviation * deviation);
  std::vector<double> x{mean - wide, mean, mean + wide};  // one deviation of the noised posterior each way
  fk::sample_from(plan, fk::denoisers{exact, pull}, fk::noise::philox{}, x);
  CHECK(x[1] == Approx(mean).margin(tolerance));
  CHECK(x[2] - x[1] == Approx(deviation).margin(tolerance));
  CHECK(x[1] - x[0] == Approx(deviation).margin(tolerance));
}

}  // namespace

TEST_CASE("the gradient of what is seen leads to the posterior, also where the network's input is scaled") {
  // Heun's second order at 400 steps of log-SNR over 14 units: (14 / 400)^2 / 6 with constants below 5.
  posterior(fk::parameterization::epsilon{}, 1e-3);
  posterior(fk::parameterization::edm{.sigma_data = 1}, 1e-3);
}

TEST_CASE("correlated data seen through a mask or a general operator have their posterior, by its exact gradient") {
  test::linear_gaussian masked{.axis = {0.6, 0.48, 0.64}, .variances = {1, 0.25, 0.04}};
  test::linear_gaussian general = masked;
  general.A = {{{1, 0.5, -0.25}, {0.25, -1, 2}}};
  const auto check = [](const auto& network, const test::linear_gaussian& world) {
    const test::normal_law posterior = world.posterior();
    CHECK(std::abs(posterior.covariance[0][2]) > 0.005);  // what is not seen depends on what is
    const auto networks = fk::denoisers{world.network(network), world.likelihood(network)};
    const fk::grid::log_snr fine{.steps = 400, .sigma_min = 1e-4, .sigma_max = 1000};
    const auto plan = fk::make_plan(fk::schedule::edm{}, network, fine, fk::solver::heun{}, gradient{});
    // Starting from a mean of 0 moves the result by its deviation times mean / sigma_max, below 1e-3; Heun's second
    // order at steps of 16 / 400 in log-SNR is (16 / 400)^2 / 6 with constants below 5.
    test::are(test::mapped(plan, networks), posterior, 1e-3 + 1.4e-3);
  };
  for (const auto& world : {masked, general}) {
    check(fk::parameterization::data{}, world);
    check(fk::parameterization::edm{.sigma_data = 1}, world);
  }
  constexpr std::size_t n = 2000;
  const fk::parameterization::data network;
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::log_snr{.steps = 80, .sigma_min = 1e-3, .sigma_max = 1000},
                    fk::solver::sde_dpmpp_2m{}, gradient{});
  // Steps of 14 / 80 in log-SNR, (14 / 80)^2 / 3 of numbers below 1.
  for (const auto& world : {masked, general})
    test::are(test::drawn(plan, fk::denoisers{world.network(network), world.likelihood(network)}, n), world.posterior(),
              0.0103, n);
}

TEST_CASE("scale 0 calls no gradient") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, fk::grid::karras{.steps = 3},
                                  fk::solver::euler{}, gradient{.scale = 0});
  for (const auto& c : plan.calls) CHECK_FALSE(plan.wants(c, 1));
}
