// SPDX-License-Identifier: MIT
#include <fokker/guidance/gradient.hpp>

#include <algorithm>
#include <string_view>

#include <fokker/solver/by_name.hpp>

#include "support/linear_gaussian.hpp"
#include "support/members.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using fokker::guidance::gradient;

namespace {

/// Data of variance 1 about 0 that are seen as y with noise of deviation s: the posterior is normal of the mean
/// y / (1 + s^2) and the variance s^2 / (1 + s^2). Of x at a level data are normal of the mean a x / (a^2 + s_t^2) and
/// the variance v = s_t^2 / (a^2 + s_t^2), so that grad log p(y | x) = a / (a^2 + s_t^2) (y - mean) / (v + s^2).
constexpr double y = 1.5, s = 0.5;

template <class Network>
auto exact(const Network& network) {
  return [network](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
    const double c = fk::input_scale(network, at), total = at.alpha * at.alpha + at.sigma * at.sigma;
    const fk::prediction_row row = network.row(at);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double here = x[i] / c, data = at.alpha * here / total;
      out[i] = row.data * data + row.noise * (here - at.alpha * data) / at.sigma;
    }
  };
}
template <class Network>
auto pull(const Network& network) {
  return [network](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
    const double c = fk::input_scale(network, at), total = at.alpha * at.alpha + at.sigma * at.sigma;
    const double v = at.sigma * at.sigma / total;
    for (std::size_t i = 0; i < x.size(); ++i)
      out[i] = at.alpha / total * (y - at.alpha * x[i] / c / total) / (v + s * s) / c;  // to what the network reads
  };
}

template <class Network>
void posterior(const Network& network, double tolerance) {
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::log_snr{.steps = 400, .sigma_min = 1e-4, .sigma_max = 100},
                    fk::solver::heun{}, gradient{});
  CHECK(fk::plan::check(plan).empty());
  const double mean = y / (1 + s * s), deviation = s / std::sqrt(1 + s * s);
  const double wide = std::sqrt(100.0 * 100.0 + deviation * deviation);
  std::vector<double> x{mean - wide, mean, mean + wide};  // one deviation of the noised posterior each way
  fk::sample_from(plan, fk::denoisers{exact(network), pull(network)}, fk::noise::philox{}, x);
  CHECK(x[1] == Approx(mean).margin(tolerance));
  CHECK(x[2] - x[1] == Approx(deviation).margin(tolerance));
  CHECK(x[1] - x[0] == Approx(deviation).margin(tolerance));
}

/// Each normal is 0.7.
struct always {
  [[nodiscard]] static fk::noise::quad normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) {
    return {{0.7f, 0.7f, 0.7f, 0.7f}};
  }
};

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

TEST_CASE("a normal classifier of normal data is the exact network of what it tilts them to, by every solver") {
  const auto check = [](const auto& schedule, const auto& network) {
    const fk::model::predicting tilted{
        network, fk::model::gaussian{.mean = y / (1 + s * s), .deviation = s / std::sqrt(1 + s * s)}};
    int ancestral = 0;
    for (const fk::solver::named& solver : fk::solver::all) {
      if (std::string_view(solver.name).ends_with("cfg_pp")) continue;  // they ask what the second branch predicts
      INFO(solver.name);
      const auto end = [&](const auto& rule, const auto& networks) {
        std::vector<double> x{-2, 0, 0.5, 3};
        fk::sample_from(fk::make_plan(schedule, network, test::inner(6), solver, rule), networks,
                        fk::noise::philox{.seed = 4}, x);
        return x;
      };
      const auto guided = end(gradient{}, fk::denoisers{exact(network), pull(network)});
      const auto alone = end(fk::guidance::none{}, tilted);
      // 6 steps of some hundred roundings each, of numbers up to 2^5, which none carries on by more than 10.
      for (std::size_t i = 0; i < guided.size(); ++i) CHECK(guided[i] == Approx(alone[i]).epsilon(0).margin(1e-10));
      ancestral += solver.stochastic;
    }
    CHECK(ancestral > 20);
  };
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
}

TEST_CASE("the mean of an ancestral step is shifted by its variance times the gradient, as the paper's algorithm 1") {
  using fk::solver::ddpm_variance;
  const auto epsilon = [](double x) { return 0.3 * std::sin(x) + 0.2; };
  const auto slope = [](double x) { return std::sin(x) - 0.5; };  // of log p(y | x)
  const auto each = [](auto f) {
    return [f](std::vector<double>& out, const std::vector<double>& x, const fk::level&) {
      std::transform(x.begin(), x.end(), out.begin(), f);
    };
  };
  const auto networks = fk::denoisers{each(epsilon), each(slope)};
  const double scale = 1.5;
  for (const auto variance : {ddpm_variance::fixed_small, ddpm_variance::fixed_large}) {
    const bool small = variance == ddpm_variance::fixed_small;
    // The score moves the mean by (alpha_t / alpha_s) beta times what it gains, beta the variance of the forward step.
    // That of the step, beta or beta sigma_t^2 / sigma_s^2, is the same for small steps.
    const auto as_in_the_paper = [&](const std::vector<fk::level>& levels) {
      fk::guidance::per_step scales;
      for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
        const fk::level &from = levels[i], &to = levels[i + 1];
        const double ratio = small ? to.sigma * to.sigma / (from.sigma * from.sigma) : 1;
        scales.scales.push_back(scale * from.alpha / to.alpha * ratio);
      }
      return scales;
    };
    const auto plan_of = [&](const auto& schedule, const auto& grid) {
      return fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::ddpm{.variance = variance},
                           fk::guidance::scheduled{gradient{}, as_in_the_paper(grid.levels(schedule))});
    };
    // Algorithm 1 with the mean of Ho et al. 2020, eq. 7, where variance is preserved, onto the data as well.
    const auto preserving = fk::schedule::scaled_linear();
    const auto plan = plan_of(preserving, fk::grid::trailing{.steps = 8});
    std::vector<double> x{-1, 0.25, 2}, expected = x;
    fk::sample_from(plan, networks, always{}, x);
    for (std::size_t i = 0; i + 1 < plan.levels.size(); ++i) {
      const fk::level &from = plan.levels[i], &to = plan.levels[i + 1];
      const double bar = from.alpha * from.alpha, bar_before = to.alpha * to.alpha, a = bar / bar_before, beta = 1 - a;
      const double of_step = small ? (1 - bar_before) / (1 - bar) * beta : beta;
      for (double& v : expected) {
        const double data = (v - std::sqrt(1 - bar) * epsilon(v)) / std::sqrt(bar);
        const double mean =
            std::sqrt(bar_before) * beta / (1 - bar) * data + std::sqrt(a) * (1 - bar_before) / (1 - bar) * v;
        const double normal = to.is_data() ? 0 : static_cast<double>(0.7f);
        v = mean + scale * of_step * slope(v) + std::sqrt(of_step) * normal;
      }
    }
    // 8 steps of some twenty roundings, of numbers up to 33. What a step carries on of an error is below its
    // (1 + 0.3 beta / sigma) / sqrt(a) + 1.5 beta, 620 in all.
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK(x[i] == Approx(expected[i]).epsilon(0).margin(8 * 20 * 33 * 620 * 0x1p-53));
    // On any path it is what is added to the step without guidance.
    const auto shifted = [&](const auto& schedule) {
      const auto grid = fk::grid::explicit_levels{fk::levels_at_ratios(schedule, std::vector<double>{2, 0.7})};
      const auto guided = plan_of(schedule, grid);
      const auto alone =
          fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::ddpm{.variance = variance});
      std::vector<double> with{-1, 0.25, 2}, without = with;
      const std::vector<double> start = with;
      fk::sample_from(guided, networks, always{}, with);
      fk::sample_from(alone, each(epsilon), always{}, without);
      const double deviation = alone.calls[0].then.rows[0].normals[0];
      for (std::size_t i = 0; i < 3; ++i)
        CHECK(with[i] - without[i] == Approx(scale * deviation * deviation * slope(start[i])).epsilon(0).margin(1e-13));
    };
    shifted(fk::schedule::edm{});
    shifted(fk::schedule::flow_linear{});
  }
}

TEST_CASE("scale 0 is the network alone, to the bit, also where it does not determine a score") {
  // heun calls it on the data at last, where the flow says nothing of the noise.
  const auto planned = [](const auto& rule) {
    return fk::make_plan(
        fk::schedule::flow_linear{}, fk::parameterization::flow{},
        fk::grid::explicit_levels{fk::levels_at_ratios(fk::schedule::flow_linear{}, std::vector<double>{2, 0.7, 0})},
        fk::solver::heun{}, rule);
  };
  const auto plan = planned(gradient{.scale = 0});
  for (const auto& c : plan.calls) CHECK_FALSE(plan.wants(c, 1));
  CHECK(fk::plan::to_text(plan) == fk::plan::to_text(planned(fk::guidance::classifier_free{.scale = 1})));
}
