// SPDX-License-Identifier: MIT
#include <fokker/model/gaussian.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/mixture.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::level;

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

const std::vector<level> levels{{.alpha = 0, .sigma = 1},     {.alpha = 0.001, .sigma = 0.9},
                                {.alpha = 0.6, .sigma = 0.8}, {.alpha = 1, .sigma = 80},
                                {.alpha = 1, .sigma = 0.002}, {.alpha = 0.999, .sigma = 1e-9},
                                {.alpha = 0.75, .sigma = 0.0}};

struct silence {
  struct four {
    float z[4];
  };
  four normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) const { return {}; }
};

}  // namespace

TEST_CASE("gaussian is its formula, and a mixture of one", "[bits]") {
  const fk::model::gaussian model{.mean = -0.4, .deviation = 0.3};
  const fk::model::mixture one({2.0}, {{-0.4}}, {0.3});
  for (const level& at : levels)
    for (const double x : {-3.0, -0.1, 0.0, 0.7, 200.0}) {
      const long double c2 = 0.3L * 0.3L, a = at.alpha, s = at.sigma, v = a * a * c2 + s * s;
      const long double of_x = c2 * a / v * x, of_mean = s * s / v * -0.4L;
      // Ten roundings touch a term (hypot has two of them), and 0.3 and 0.4 in double are off by half of one each,
      // twice.
      const long double bound = 8 * eps * (std::abs(of_x) + std::abs(of_mean));
      CHECK(std::abs(model.data(x, at) - (of_x + of_mean)) <= bound);
      std::vector<double> in{x}, out{0};
      model(out, in, at);
      CHECK(out[0] == model.data(x, at));
      one(out, in, at);
      CHECK(std::abs(out[0] - (of_x + of_mean)) <= bound);
    }
}

TEST_CASE("gaussian is the mean at noise and x over alpha at data") {
  const fk::model::gaussian model{.mean = 3, .deviation = 0.3};
  CHECK(model.data(17, {.alpha = 0, .sigma = 0.5}) == 3);
  CHECK(model.data(0.6, {.alpha = 0.75, .sigma = 0}) == Approx(0.8).epsilon(4 * eps));
  const fk::model::gaussian point{.mean = 3, .deviation = 0};
  for (const level& at : levels) CHECK(point.data(17, at) == 3);
}

TEST_CASE("the flow keeps standard scores") {
  const fk::model::gaussian model{.mean = -0.4, .deviation = 0.3};
  for (const level& s : levels)
    for (const level& t : levels)
      for (const double x : {-3.0, 0.0, 0.7}) {
        const long double m = -0.4L, c2 = 0.3L * 0.3L;
        const auto variance = [&](const level& l) {
          return static_cast<long double>(l.alpha) * l.alpha * c2 + static_cast<long double>(l.sigma) * l.sigma;
        };
        const long double ratio = std::sqrt(variance(t) / variance(s));
        const long double exact = t.alpha * m + ratio * (x - s.alpha * m);
        // Six roundings in the ratio and three around it, of each term.
        CHECK(std::abs(model.flow(x, s, t) - exact) <=
              8 * eps * (std::abs(t.alpha * m) + ratio * (std::abs(x) + std::abs(s.alpha * m))));
      }
}

TEST_CASE("ddim shortens a gaussian by the product of cosines that theory tells") {
  const fk::model::gaussian model{.mean = 0.25, .deviation = 0.5};
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                                  fk::grid::karras{.steps = 17, .end = fk::ending::to_last_level}, fk::solver::ddim{});
  std::vector<double> x{40, -100};
  const std::vector<double> start = x;
  fk::sample_from(plan, model, silence{}, x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = model.flow(start[i], plan.levels.front(), plan.levels.back());
    // y_N - mean = exact prod cos(theta_i - theta_{i+1}), tan theta = sigma/c; the number has 12 digits.
    CHECK((x[i] - 0.25) / (exact - 0.25) == Approx(0.846086165928).epsilon(0).margin(1e-12));
  }
}

TEMPLATE_TEST_CASE("gaussian takes every tensor of the host", "[bits]", float, double) {
  using E = TestType;
  const fk::model::gaussian model{.mean = -0.4, .deviation = 0.3};
  const level at{.alpha = 0.6, .sigma = 0.8};
  const std::vector<E> numbers{-2, -1, 0, 1, 2, 3};
  const auto check = [&](const E* out) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      CHECK(out[i] == static_cast<E>(model.data(static_cast<double>(numbers[i]), at)));
  };
  std::vector<E> in = numbers, out(6);
  model(out, in, at);
  check(out.data());
  std::vector<E> memory(6);
  std::span<E> in_span(in), out_span(memory);
  model(out_span, in_span, at);
  check(memory.data());
  memory.assign(6, 0);
  fk::backend::host_view in_view{in.data(), {2, 3}}, out_view{memory.data(), {2, 3}};
  model(out_view, in_view, at);
  check(memory.data());
  xt::xtensor<E, 3> tensor = xt::empty<E>({2, 1, 3}), tensor_out = tensor;
  std::copy(numbers.begin(), numbers.end(), tensor.data());
  model(tensor_out, tensor, at);
  check(tensor_out.data());
  xt::xarray<E> array = tensor, array_out = tensor;
  model(array_out, array, at);
  check(array_out.data());
}

TEST_CASE("gaussian refuses what it cannot compute") {
  const level at{.alpha = 0.6, .sigma = 0.8};
  std::vector<double> x(3), other(2), none;
  for (const double deviation : {-1.0, std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS((fk::model::gaussian{.mean = 0, .deviation = deviation}(x, x, at)), std::invalid_argument);
  CHECK_THROWS_AS(fk::model::gaussian{}(other, x, at), std::invalid_argument);
  CHECK_THROWS_AS(fk::model::gaussian{}(none, none, at), std::invalid_argument);
}
