// SPDX-License-Identifier: MIT
#include <fokker/model/mixture.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/heun.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::level;

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

const std::vector<double> weights{0.2, 0.5, 0.3}, deviations{0.4, 0.0, 0.25};
const std::vector<std::vector<double>> means{{-1, 0.5}, {0.6, 0.2}, {0.1, -0.9}};

struct silence {
  struct four {
    float z[4];
  };
  four normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) const { return {}; }
};

}  // namespace

TEST_CASE("mixture agrees with Bayes' rule written down in long double") {
  const fk::model::mixture model(weights, means, deviations);
  for (const level& at : {level{.alpha = 0, .sigma = 1},
                          {.alpha = 0.1, .sigma = 0.99},
                          {.alpha = 0.6, .sigma = 0.8},
                          {.alpha = 1, .sigma = 10},
                          {.alpha = 0.95, .sigma = 0.2}})
    for (const double first : {-2.0, 0.3, 1.5})
      for (const double second : {-1.0, 0.0, 2.0}) {
        const double x[2]{first, second};
        long double total = 0, exact[2]{}, exponent = 0, size = 0;
        for (std::size_t k = 0; k < 3; ++k) {
          const long double s2 = static_cast<long double>(deviations[k]) * deviations[k];
          const long double v =
              static_cast<long double>(at.alpha) * at.alpha * s2 + static_cast<long double>(at.sigma) * at.sigma;
          long double distance = 0;
          for (std::size_t i = 0; i < 2; ++i) {
            const long double off = x[i] - static_cast<long double>(at.alpha) * means[k][i];
            distance += off * off;
          }
          const long double share = weights[k] / v * std::exp(-distance / (2 * v));
          total += share;
          exponent = std::max(exponent, distance / (2 * v));
          for (std::size_t i = 0; i < 2; ++i) {
            const long double data =
                (s2 * at.alpha * x[i] + static_cast<long double>(at.sigma) * at.sigma * means[k][i]) / v;
            exact[i] += share * data;
            size = std::max(size, std::abs(data));
          }
        }
        fk::backend::host_view in{const_cast<double*>(x), {1, 2}};
        double memory[2];
        fk::backend::host_view out{memory, {1, 2}};
        model(out, in, at);
        // The logarithms of the shares are off by 8 roundings of the exponent and as many of numbers below 8; shares
        // of sum 1 so perturbed move D by twice that of its size, and D's own sums by 8 roundings.
        const long double bound = eps * (2 * 8 * (exponent + 8) + 8) * size;
        for (std::size_t i = 0; i < 2; ++i) CHECK(std::abs(memory[i] - exact[i] / total) <= bound);
      }
}

TEMPLATE_TEST_CASE("mixture stays finite far away, and there is of one part", "", float, double) {
  using E = TestType;
  xt::xtensor<E, 2> x = xt::empty<E>({4, 2}), out = x;
  const E far[]{E(1e4), 0, E(-1e4), E(1e4), 0, E(1e-30), E(-1e4), E(-1e4)};
  std::copy(std::begin(far), std::end(far), x.data());
  const level at{.alpha = 1, .sigma = 1e-3};
  const fk::model::mixture wide({0.2, 0.8}, {{-1, 0.5}, {0.6, 0.2}}, {0.4, 0.25});
  wide(out, x, at);
  const double v = 0.4 * 0.4 + 1e-6;
  for (const std::size_t i : {0u, 2u, 3u, 6u, 7u}) {  // the widest part alone is left there
    const double mean = i % 2 == 0 ? -1 : 0.5;
    const double data = (0.16 * static_cast<double>(x.data()[i]) + 1e-6 * mean) / v;
    CHECK(std::abs(static_cast<double>(out.data()[i]) - data) <=
          std::numeric_limits<E>::epsilon() * 8 * std::abs(data));
  }
  for (const E& o : out) CHECK(fk::detail::is_finite(o));
  const fk::model::mixture points({0.2, 0.8}, {{-1, 0.5}, {0.75, 0.25}}, {0, 0});
  points(out, x, at);
  CHECK(out(0, 0) == E(0.75));  // the nearest point, exactly
  CHECK(out(0, 1) == E(0.25));
  CHECK(out(2, 0) == E(0.75));
  CHECK(out(3, 1) == E(0.5));
}

TEST_CASE("mixture is finite at both ends") {
  const fk::model::mixture model({1, 3}, {{-1}, {1}}, {0.5, 0.25});
  std::vector<double> x{0.3, -4}, out(2);
  model(out, x, {.alpha = 0, .sigma = 2});
  for (const double o : out) CHECK(o == Approx(0.5).epsilon(8 * eps));  // the mean of the data
  model(out, x, {.alpha = 0.5, .sigma = 0});
  for (std::size_t i = 0; i < 2; ++i) CHECK(out[i] == Approx(2 * x[i]).epsilon(8 * eps));  // x over alpha
  const fk::model::mixture points({1, 3}, {{-1}, {1}}, {0.5, 0});
  CHECK_THROWS_AS(points(out, x, {.alpha = 0.5, .sigma = 0}), std::invalid_argument);
}

// In one dimension the probability flow keeps quantiles: F_t(x_t) = F_s(x_s).
TEST_CASE("heun over a mixture keeps its quantiles, with an error that falls as 1/N^2") {
  const std::vector<double> w{0.3, 0.7}, m{-1.0, 0.6}, c{0.4, 0.25};
  const fk::model::mixture model(w, {{m[0]}, {m[1]}}, c);
  const auto cdf = [&](double x, const level& l) {
    double sum = 0;
    for (std::size_t k = 0; k < 2; ++k)
      sum += w[k] * 0.5 * std::erfc(-(x - l.alpha * m[k]) / (std::sqrt(2.0) * std::hypot(l.alpha * c[k], l.sigma)));
    return sum;
  };
  const auto check = [&](const auto& schedule) {
    const auto error = [&](int steps) {
      const fk::grid::log_snr grid{
          .steps = steps, .sigma_min = 0.05, .sigma_max = 20, .end = fk::ending::to_last_level};
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, fk::solver::heun{});
      std::vector<double> x;
      for (const double score : {-2.0, -1.0, -0.5, -0.1, 0.4, 1.0, 2.0}) x.push_back(score * plan.levels.front().sigma);
      const std::vector<double> start = x;
      fk::sample_from(plan, model, silence{}, x);
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        worst = std::max(worst, std::abs(cdf(x[i], plan.levels.back()) - cdf(start[i], plan.levels.front())));
      return worst;
    };
    const double at_250 = error(250), at_1000 = error(1000), at_2000 = error(2000);
    CHECK(at_1000 / at_2000 == Approx(4).epsilon(0.1));
    CHECK(at_2000 <= 1.1 * at_250 / 64);  // three halvings of the step
    CHECK(at_2000 < 1e-5);
  };
  check(fk::schedule::vp_linear{});
  check(fk::schedule::flow_linear{});
}

TEST_CASE("mixture refuses parts that do not fit together, by name") {
  using Catch::Contains;
  using fk::model::mixture;
  CHECK_THROWS_WITH(mixture({}, {}, {}), Contains("the number of weights is 0"));
  CHECK_THROWS_WITH(mixture({1, 1}, {{0}}, {1, 1}), Contains("the number of means is 1") && Contains("2"));
  CHECK_THROWS_WITH(mixture({1, 1}, {{0}, {1}}, {1}), Contains("the number of deviations is 1"));
  CHECK_THROWS_WITH(mixture({1, 0}, {{0}, {1}}, {1, 1}), Contains("weights[1] is 0"));
  CHECK_THROWS_WITH(mixture({1, INFINITY}, {{0}, {1}}, {1, 1}), Contains("weights[1] is inf"));
  CHECK_THROWS_WITH(mixture({1, 1}, {{0}, {1}}, {INFINITY, 1}), Contains("deviations[0] is inf"));
  CHECK_THROWS_WITH(mixture({1, 1}, {{0}, {1, 2}}, {1, 1}), Contains("the size of means[1] is 2"));
  CHECK_THROWS_WITH(mixture({1, 1}, {{0}, {NAN}}, {1, 1}), Contains("means[1] is nan"));
  CHECK_THROWS_WITH(mixture({1, 1}, {{0}, {1}}, {1, -2}), Contains("deviations[1] is -2"));
  CHECK_THROWS_AS(mixture({1}, {{}}, {1}), std::invalid_argument);
  const mixture model({1}, {{0, 1, 2}}, {1});
  std::vector<double> x(4);
  CHECK_THROWS_WITH(model(x, x, level{.alpha = 1, .sigma = 1}), Contains("is 1") && Contains("allowed: 3"));
}
