// SPDX-License-Identifier: MIT
#include <fokker/log_likelihood.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/renormalised.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/average_velocity.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/inverted.hpp>
#include <fokker/solver/rk4.hpp>

#include "support/catch.hpp"
#include "support/scalar.hpp"

namespace fk = fokker;

namespace {

constexpr std::size_t size = 3;
using view = fk::backend::host_view<double>;
view samples(std::vector<double>& x) { return {x.data(), {x.size() / size, size}}; }
const fk::noise::philox seeded{.seed = 4};

/// Data sum_k w_k N(m_k, s_k^2 1), what a network of them says, and its Jacobian.
template <class P>
struct network {
  std::vector<double> weights, deviations;
  std::vector<std::vector<double>> means;
  P parameterization{};

  struct shares {
    std::vector<double> r, v;
    double log_density = 0;
  };
  [[nodiscard]] shares at_point(const double* x, const fk::level& at) const {
    shares all;
    double total = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const double v = std::pow(at.alpha * deviations[k], 2) + at.sigma * at.sigma;
      double distance = 0;
      for (std::size_t i = 0; i < size; ++i) distance += std::pow(x[i] - at.alpha * means[k][i], 2);
      all.v.push_back(v);
      all.r.push_back(weights[k] * std::exp(-distance / v / 2) / std::pow(2 * 3.14159265358979323846 * v, size / 2.0));
      total += all.r.back();
    }
    for (double& r : all.r) r /= total;
    all.log_density = std::log(total);
    return all;
  }
  /// p = a D + b eps of component k: of_x x + of_mean m_k.
  struct weight {
    double of_x, of_mean;
  };
  [[nodiscard]] weight component(std::size_t k, const shares& s, const fk::level& at) const {
    const fk::prediction_row row = parameterization.row(at);
    const double c = deviations[k] * deviations[k];
    return {(row.data * c * at.alpha + row.noise * at.sigma) / s.v[k],
            (row.data * at.sigma * at.sigma - row.noise * at.sigma * at.alpha) / s.v[k]};
  }

  void operator()(view& out, const view& in, const fk::level& at) const {
    const double scale = fk::input_scale(parameterization, at);
    for (std::size_t n = 0; n < in.shape.samples(); ++n) {
      double x[size];
      for (std::size_t i = 0; i < size; ++i) x[i] = in.data[n * size + i] / scale, out.data[n * size + i] = 0;
      const shares s = at_point(x, at);
      for (std::size_t k = 0; k < weights.size(); ++k) {
        const weight w = component(k, s, at);
        for (std::size_t i = 0; i < size; ++i)
          out.data[n * size + i] += s.r[k] * (w.of_x * x[i] + w.of_mean * means[k][i]);
      }
    }
  }
  /// J v, J the Jacobian in what the network reads.
  void product(view& out, const view& v, const view& in, const fk::level& at) const {
    const double scale = fk::input_scale(parameterization, at);
    for (std::size_t n = 0; n < in.shape.samples(); ++n) {
      double x[size];
      for (std::size_t i = 0; i < size; ++i) x[i] = in.data[n * size + i] / scale, out.data[n * size + i] = 0;
      const double* const along = v.data + n * size;
      const shares s = at_point(x, at);
      std::vector<double> slopes;  // of log r_k along v, up to one that is the same for all
      double mean = 0;
      for (std::size_t k = 0; k < weights.size(); ++k) {
        slopes.push_back(0);
        for (std::size_t i = 0; i < size; ++i) slopes[k] -= (x[i] - at.alpha * means[k][i]) / s.v[k] * along[i];
        mean += s.r[k] * slopes[k];
      }
      for (std::size_t k = 0; k < weights.size(); ++k) {
        const weight w = component(k, s, at);
        for (std::size_t i = 0; i < size; ++i)
          out.data[n * size + i] +=
              s.r[k] * (w.of_x * along[i] + (slopes[k] - mean) * (w.of_x * x[i] + w.of_mean * means[k][i])) / scale;
      }
    }
  }
  [[nodiscard]] auto products() const {
    return [this](view& out, const view& v, const view& x, const fk::level& at) { product(out, v, x, at); };
  }
};

template <class P>
network<P> two(P parameterization = {}) {
  return {{0.3, 0.7}, {0.5, 0.35}, {{-0.8, 0.3, 0.1}, {0.6, -0.2, 0.4}}, parameterization};
}
template <class P>
network<P> one(P parameterization = {}) {
  return {{1}, {0.6}, {{-0.3, 0.2, 0.5}}, parameterization};
}

const std::vector<double> points{0.2, -0.1, 0.3, -0.9, 0.4, 0.0, 1.3, 0.8, -0.6};
const fk::schedule::flow_linear straight;
const fk::parameterization::flow flow;

/// The worst error of the logarithm of the density at some points.
template <class Network, class Solver, class Divergence>
double worst(const Network& known, const Solver& solver, int steps, const Divergence& divergence) {
  const auto plan =
      fk::make_plan(straight, flow, fk::grid::uniform{.steps = steps}, fk::solver::inverted<Solver>{solver});
  auto memory = points;
  view x = samples(memory);
  const auto found = fk::log_likelihood(plan, known, divergence, x);
  REQUIRE(found.size() == 3);
  double most = 0;
  for (std::size_t n = 0; n < 3; ++n)
    most =
        std::max(most, std::abs(found[n] - known.at_point(points.data() + n * size, plan.levels.front()).log_density));
  return most;
}

}  // namespace

TEST_CASE("the likelihood of data is that of a normal and of a mixture") {
  const auto normal = one(flow);
  CHECK(worst(normal, fk::solver::rk4{}, 64, fk::exact_trace{normal.products()}) < 1e-6);
  CHECK(worst(normal, fk::solver::rk4{}, 64, fk::hutchinson{normal.products(), seeded}) <
        1e-6);  // J is a multiple of 1
  const auto mixture = two(flow);
  CHECK(worst(mixture, fk::solver::rk4{}, 64, fk::exact_trace{mixture.products()}) < 1e-6);
  CHECK(worst(mixture, fk::solver::dopri5{}, 32, fk::exact_trace{mixture.products()}) < 1e-6);
}

TEST_CASE("the likelihood converges at the order of its solver", "[order]") {
  const auto mixture = two(flow);
  const auto order = [&](const auto& solver, int coarsest) {
    std::vector<double> errors;
    for (int steps = coarsest; steps <= coarsest * 8; steps *= 2)
      errors.push_back(worst(mixture, solver, steps, fk::exact_trace{mixture.products()}));
    return test::slope(errors);
  };
  CHECK(order(fk::solver::euler{}, 64) == Approx(1).margin(0.15));
  CHECK(order(fk::solver::heun{}, 32) == Approx(2).margin(0.15));
  CHECK(order(fk::solver::rk4{}, 16) == Approx(4).margin(0.3));
}

TEST_CASE("the likelihood of what is sampled is that of the data it becomes") {
  const auto mixture = two(flow);
  const auto plan = fk::make_plan(straight, flow, fk::grid::uniform{.steps = 64}, fk::solver::rk4{});
  std::vector<double> memory(9);
  view x = samples(memory);
  fk::fill_normal(seeded, x);
  const auto found = fk::log_likelihood(plan, mixture, fk::exact_trace{mixture.products()}, x);
  for (std::size_t n = 0; n < 3; ++n)
    CHECK(found[n] ==
          Approx(mixture.at_point(memory.data() + n * size, plan.levels.back()).log_density).epsilon(0).margin(1e-6));
}

TEST_CASE("noise is as wide as its level says") {
  // Data N(m, s^2) at sigma = 1000 are N(0, sigma^2) but for s^2 / sigma^2 and x m / sigma^2, with x of some sigma.
  const auto normal = one(fk::parameterization::epsilon{});
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                                  fk::grid::log_snr{.steps = 96, .sigma_min = 0.1, .sigma_max = 1000},
                                  fk::solver::inverted{fk::solver::rk4{}});
  auto memory = points;
  view x = samples(memory);
  const auto found = fk::log_likelihood(plan, normal, fk::exact_trace{normal.products()}, x);
  for (std::size_t n = 0; n < 3; ++n)
    CHECK(found[n] ==
          Approx(normal.at_point(points.data() + n * size, plan.levels.front()).log_density).epsilon(0).margin(5e-3));
}

TEST_CASE("the determinant is that of the densities at both ends, for every prediction and path") {
  const auto check = [](const auto& schedule, const auto& parameterization) {
    const auto mixture = two(parameterization);
    const auto plan = fk::make_plan(
        schedule, parameterization,
        fk::grid::log_snr{.steps = 96, .sigma_min = 0.1, .sigma_max = 10, .end = fk::ending::to_last_level},
        fk::solver::inverted{fk::solver::rk4{}});
    const fk::level &from = plan.levels.front(), &to = plan.levels.back();
    auto memory = points;
    for (double& x : memory) x *= from.alpha;
    const auto start = memory;
    view x = samples(memory);
    const auto found = fk::log_determinant(plan, mixture, fk::exact_trace{mixture.products()}, x);
    for (std::size_t n = 0; n < 3; ++n) {
      const double exact = mixture.at_point(start.data() + n * size, from).log_density -
                           mixture.at_point(memory.data() + n * size, to).log_density;
      CHECK(found[n] == Approx(exact).epsilon(0).margin(1e-6));
    }
  };
  check(fk::schedule::cosine{}, fk::parameterization::velocity{});
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
  check(fk::schedule::edm{}, fk::parameterization::epsilon{});
  check(fk::schedule::flow_linear{}, fk::parameterization::epsilon{});
}

TEST_CASE("Hutchinson's estimate is the trace in the mean, and the same at each call") {
  // v^T diag(1, 0, 0) v / v^T v is Beta(1/2, 1) distributed: its mean is 1/3, its variance 4/45.
  const auto product = [](view& out, const view& v, const view&, const fk::level&) {
    for (std::size_t i = 0; i < v.shape.size(); ++i) out.data[i] = i % size == 0 ? 5 * v.data[i] : 0;
  };
  auto memory = points;
  const view x = samples(memory);
  std::vector<double> traces(3), again(3);
  const fk::hutchinson many{product, seeded, 4096};
  many(traces, x, {});
  many(again, x, {});
  CHECK(traces == again);
  fk::hutchinson{product, seeded, 4096, {fk::noise_piece::user, 4096}}(again, x, {});
  for (std::size_t s = 0; s < 3; ++s) CHECK(traces[s] != again[s]);  // other directions
  for (const double t : traces) CHECK(t == Approx(5).margin(5 * 15 * std::sqrt(4 / 45.0 / 4096)));
  fk::exact_trace{product}(traces, x, {});
  CHECK(traces == std::vector<double>(3, 5));
  CHECK_THROWS_WITH((fk::hutchinson{product, seeded, 0}(traces, x, {})), Catch::Contains("directions is 0"));
}

namespace {
/// The flow of a network and of a tensor that is given.
struct drawn_along {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const { return {.network = g[0].network + 0.1 * g.given("known")}; }
};
/// A solver that draws before its first call alone.
struct shaken {
  static constexpr int order = 0, evaluations = 1, history = 0;
  static constexpr bool stochastic = true;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    bool first = true;
    for (auto [s, t] : p.steps()) {
      if (first) x = x + p.path(s, t)(s, t);
      first = false;
      x = p.call(x, s).data;  // with no noise of its own after the call
    }
    return x;
  }
};
}  // namespace

TEST_CASE("plans that are more than the flow of one network are refused") {
  const auto mixture = two(flow);
  auto memory = points;
  view x = samples(memory);
  const auto refused = [&](const auto& network, const auto& solver, const auto& guidance, const char* why) {
    const auto plan = fk::make_plan(straight, network, fk::grid::uniform{.steps = 3}, solver, guidance);
    CHECK_THROWS_WITH(fk::log_determinant(plan, mixture, fk::exact_trace{mixture.products()}, x), Catch::Contains(why));
  };
  refused(flow, fk::solver::ddim{.eta = 1}, fk::guidance::none{}, "the plan is with noise");
  refused(fk::parameterization::clipped{flow}, fk::solver::ddim{}, fk::guidance::none{}, "the plan is with noise");
  refused(flow, fk::solver::ddim{}, drawn_along{}, "the plan is with noise");
  refused(fk::parameterization::data{}, shaken{}, fk::guidance::none{}, "the plan is with noise");
  refused(flow, fk::solver::ddim{}, fk::guidance::renormalised{fk::guidance::none{}, {0, 1}}, "measures");
  refused(flow, fk::solver::ddim{}, fk::guidance::classifier_free{.scale = 2}, "the number of branches is 2");
  const auto trace = fk::exact_trace{mixture.products()};
  // A step x + (t - s) u stretches by 1 + (t - s) du/dx, of which a trace alone does not tell the logarithm.
  const auto leap = fk::make_plan(straight, fk::parameterization::average_velocity{}, fk::grid::uniform{.steps = 3},
                                  fk::solver::flow_map{});
  const auto average = [](view& out, const view& in, const fk::level&, const fk::level&) {
    std::copy_n(in.data, in.shape.size(), out.data);
  };
  CHECK_THROWS_WITH(fk::log_determinant(leap, average, trace, x), Catch::Contains("calls of two levels"));
  CHECK(memory == points);
  CHECK_THROWS_WITH(fk::log_determinant(fk::program{}, mixture, trace, x),
                    Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::log_likelihood(fk::program{}, mixture, trace, x), Catch::Contains("the number of levels is 0"));
}

TEST_CASE("a level at which the network does not tell the flow is refused") {
  const auto mixture = two(flow);
  auto memory = points;
  view x = samples(memory);
  const auto refused = [&](const fk::program& plan) {
    CHECK_THROWS_WITH(fk::log_determinant(plan, mixture, fk::exact_trace{mixture.products()}, x),
                      Catch::Contains("the flow at a level is not determined"));
  };
  // Plans of make_plan are refused there as a rule; one that was read or changed may have such calls.
  const auto plan = [](const auto& network) {
    return fk::make_plan(straight, network, fk::grid::uniform{.steps = 3}, fk::solver::ddim{});
  };
  // On data a prediction of data is x itself.
  auto on_data = plan(fk::parameterization::data{});
  on_data.calls.back().at.alpha = 1;
  on_data.calls.back().at.sigma = 0;
  refused(on_data);
  // Where a path stands still its flow is 0, whatever the network says.
  auto still = plan(fk::parameterization::data{});
  still.calls[0].at.alpha_rate = still.calls[0].at.sigma_rate = 0;
  refused(still);
}
