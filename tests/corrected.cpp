// SPDX-License-Identifier: MIT
#include <fokker/corrected.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fokker/backend/xtensor.hpp>
#include <fokker/fokker.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::backend::host_view;

namespace {

const fk::grid::log_snr levels{.steps = 6, .sigma_min = 0.02, .sigma_max = 20};

/// A general operator of two rows on three elements, its y, and its pseudoinverse A^T (A A^T)^-1.
struct seen {
  static constexpr double A[2][3] = {{1, 0.5, -0.25}, {0.25, -1, 2}};
  static constexpr double y[2] = {0.75, -0.4};

  template <class E>
  static void residual(const E* x, double (&r)[2]) {
    for (int i = 0; i < 2; ++i) {
      r[i] = y[i];
      for (int j = 0; j < 3; ++j) r[i] -= A[i][j] * static_cast<double>(x[j]);
    }
  }
  /// x + A^+ (y - A x), of each sample.
  template <class T>
  void operator()(T& data, const fk::level&) const {
    using tensor = fk::backend::tensor<T>;
    double G[2][2] = {};
    for (int i = 0; i < 2; ++i)
      for (int k = 0; k < 2; ++k)
        for (int j = 0; j < 3; ++j) G[i][k] += A[i][j] * A[k][j];
    const double det = G[0][0] * G[1][1] - G[0][1] * G[1][0];
    for (std::size_t s = 0; s < tensor::shape(data).samples(); ++s) {
      auto* const x = tensor::data(data) + 3 * s;
      double r[2];
      residual(x, r);
      const double u[2] = {(G[1][1] * r[0] - G[0][1] * r[1]) / det, (G[0][0] * r[1] - G[1][0] * r[0]) / det};
      for (int j = 0; j < 3; ++j)
        x[j] = static_cast<typename tensor::element>(static_cast<double>(x[j]) + A[0][j] * u[0] + A[1][j] * u[1]);
    }
  }
};
/// Along the null space of A, which is the cross product of its rows.
double along_null_space(const std::vector<double>& x) {
  const auto& a = seen::A[0];
  const auto& b = seen::A[1];
  return (a[1] * b[2] - a[2] * b[1]) * x[0] + (a[2] * b[0] - a[0] * b[2]) * x[1] + (a[0] * b[1] - a[1] * b[0]) * x[2];
}

template <class Schedule, class Network, class Solver>
void is_consistent(const Schedule& schedule, const Network& network, const Solver& solver) {
  INFO(network.name);
  const auto plan = fk::make_plan(schedule, network, levels, solver);
  const fk::model::predicting says{network, fk::model::gaussian{.mean = 0, .deviation = 0.7}};
  const fk::noise::philox noise{.seed = 5};
  std::vector<double> x(3), free(3);
  const fk::corrected agreeing(network, says, seen{});
  fk::sample(plan, agreeing, noise, host_view<double>{x.data(), {1, 3}});
  fk::sample(plan, says, noise, host_view<double>{free.data(), {1, 3}});
  double r[2];
  seen::residual(x.data(), r);
  // Numbers below 10 are rounded some twenty times in the last step, whose sigma / alpha is below 1.
  for (const double off : r) CHECK(std::abs(off) < 20 * 10 * std::numeric_limits<double>::epsilon());
  // A network that is the same multiple of x in all directions: the null space is as if nothing were seen. What is
  // rounded at sigma / alpha = 20 is 20 times as large.
  CHECK(along_null_space(x) == Approx(along_null_space(free)).epsilon(0).margin(1e-12));
}

}  // namespace

TEST_CASE("data corrected by a pseudoinverse agree with what was seen, and its null space is as without") {
  const auto check = [](const auto& schedule, const auto& network) {
    is_consistent(schedule, network, fk::solver::ddim{});
    is_consistent(schedule, network, fk::solver::dpmpp_2m{});
  };
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::vp_linear{}, fk::parameterization::data{});
  check(fk::schedule::vp_linear{}, fk::parameterization::velocity{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
  is_consistent(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, fk::solver::ddpm{});
}

TEST_CASE("of a mask it is guidance::ddnm, for each branch of a guidance as well") {
  const fk::parameterization::velocity network;
  const fk::model::predicting one{network, fk::model::gaussian{.mean = 0.5, .deviation = 0.7}},
      other{network, fk::model::gaussian{.mean = -0.5, .deviation = 1}};
  const auto plan = [&](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, network, levels, fk::solver::dpmpp_2m{}, rule);
  };
  const fk::noise::philox noise{.seed = 5};
  const auto second = [](std::vector<double>& data, const fk::level&) { data[1] = 0.3; };
  const fk::guidance::classifier_free twice{.scale = 2};
  std::vector<double> x(3), y(3), known{0, 0.3, 0}, mask{0, 1, 0};
  fk::sample(plan(twice), fk::denoisers{fk::corrected(network, one, second), fk::corrected(network, other, second)},
             noise, x);
  fk::sample(plan(fk::guidance::ddnm{twice}), fk::denoisers{one, other}, noise, y,
             {.given = {{{"known", known}}, {{"mask", mask}}}});
  for (std::size_t i = 0; i < 3; ++i) CHECK(x[i] == Approx(y[i]).epsilon(1e-12));
}

TEST_CASE("a change of nothing is the network, in every element and tensor, also where it returns what it says") {
  const fk::parameterization::edm network{};
  const auto plan = fk::make_plan(fk::schedule::edm{}, network, levels, fk::solver::euler{});
  const fk::model::predicting says{network, fk::model::gaussian{.mean = 0.5, .deviation = 0.7}};
  const fk::noise::philox noise{.seed = 5};
  const auto check = [&]<class T>(T x, T y, const auto& network_says, double eps) {
    fk::sample(plan, says, noise, x);
    fk::sample(plan, fk::corrected(network, network_says, [](T&, const fk::level&) {}), noise, y);
    using tensor = fk::backend::tensor<T>;
    // Six steps, each with some roundings of D and p, both below 10.
    for (std::size_t i = 0; i < tensor::shape(x).size(); ++i)
      CHECK(static_cast<double>(tensor::data(y)[i]) ==
            Approx(static_cast<double>(tensor::data(x)[i])).epsilon(0).margin(6 * 4 * 10 * eps));
  };
  const auto returns = [&](const auto& in, const fk::level& at) {
    auto out = in;
    says(out, in, at);
    return out;
  };
  constexpr double narrow = std::numeric_limits<float>::epsilon(), wide = std::numeric_limits<double>::epsilon();
  const xt::xtensor<float, 2> matrix(std::array<std::size_t, 2>{2, 3});
  check(std::vector<float>(5), std::vector<float>(5), returns, narrow);
  check(std::vector<double>(5), std::vector<double>(5), returns, wide);
  check(matrix, matrix, returns, narrow);
  check(archetype::tensor(3), archetype::tensor(3), says, narrow);
}

namespace {
/// A network that says the data twice, and one that says x as well: 2 D + sigma/alpha eps = D + x / alpha.
struct twice {
  static constexpr const char* name = "twice";
  bool and_x = false;
  [[nodiscard]] fk::prediction_row row(const fk::level& at) const { return {2, and_x ? at.ratio() : 0}; }
};
}  // namespace

TEST_CASE("what is changed are the data, also of a network that says a multiple of them, or them beside x") {
  const fk::level at{.alpha = 0.5, .sigma = 0.25};
  std::vector<double> out(2), x{3, -1}, seen(2);
  const auto adds = [&](std::vector<double>& data, const fk::level&) {
    seen = data;
    for (double& d : data) d += 0.5;
  };
  const auto says = [](std::vector<double>& to, const std::vector<double>&, const fk::level&) { to = {1.5, -2}; };
  fk::corrected(twice{}, says, adds)(out, x, at);
  CHECK(seen == std::vector<double>{0.75, -1});
  CHECK(out == std::vector<double>{2.5, -1});
  fk::corrected(twice{true}, says, adds)(out, x, at);
  CHECK(seen == std::vector<double>{1.5 - 3 / 0.5, -2 + 1 / 0.5});
  CHECK(out == std::vector<double>{2, -1.5});
  const auto shortens = [](std::vector<double>& to, const std::vector<double>&, const fk::level&) { to.resize(1); };
  law::refused([&] { fk::corrected(twice{}, shortens, adds)(out, x, at); },
               {"the shape of the network's output is (1); allowed: (2)"});
}

TEST_CASE("a level at which nothing determines data is refused, and data themselves are left") {
  const fk::parameterization::flow flow;
  const auto constant = [](std::vector<double>& out, const std::vector<double>&, const fk::level&) { out[0] = 3; };
  const auto none = [](std::vector<double>& data, const fk::level&) { data[0] = 0; };
  std::vector<double> out(1), x{0.5};
  fk::corrected(flow, constant, none)(out, x, fk::level_at(fk::schedule::flow_linear{}, 0));
  CHECK(out[0] == 3);
  law::refused(
      [&] {
        fk::corrected(fk::parameterization::epsilon{}, constant, none)(out, x, {.time = 1, .alpha = 0, .sigma = 1});
      },
      {"the level of a call is alpha 0, sigma 1; allowed: one at which a prediction of epsilon determines data"});
}
