// SPDX-License-Identifier: MIT
#include <fokker/solver/flow_map.hpp>

#include <cmath>
#include <vector>

#include <fokker/model/gaussian.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/average_velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/lcm.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::parameterization::average_velocity;
using fk::solver::flow_map;

namespace {

const fk::model::gaussian data{.mean = 0.4, .deviation = 0.5};

/// The flow of normal data from one level to another, as a network of that parameterization says it.
template <class Network>
auto exact(const Network& network) {
  return [network](std::vector<double>& out, const std::vector<double>& x, const fk::level& from, const fk::level& to) {
    const double scale = fk::input_scale(network, from);
    const fk::prediction_row row = fk::row_of(network, from, &to);
    for (std::size_t i = 0; i < x.size(); ++i) {
      // D and eps whose path leads through x and where the flow goes.
      const double here = x[i] / scale, there = data.flow(here, from, to);
      const double det = fk::difference_of_products(from.alpha, to.sigma, to.alpha, from.sigma);
      const double D = (here * to.sigma - there * from.sigma) / det;
      const double eps = (from.alpha * there - to.alpha * here) / det;
      out[i] = row.data * D + row.noise * eps;
    }
  };
}

}  // namespace

TEST_CASE("flow_map ends where the flow does, in any number of calls, whatever the network predicts") {
  const auto check = [](const auto& schedule, const auto& network) {
    for (const int steps : {1, 2, 7}) {
      const auto plan = fk::make_plan(schedule, network, fk::grid::uniform{.steps = steps}, flow_map{});
      std::vector<double> x{-1.5, 0.2, 3};
      std::vector<double> expected;
      for (const double at : x) expected.push_back(data.flow(at, plan.levels.front(), plan.levels.back()));
      fk::sample_from(plan, exact(network), x);
      // Each call: some ten operations on numbers up to 4, by the condition 1/det of a short step, at most 2^5 here.
      for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(x[i] == Approx(expected[i]).epsilon(0).margin(0x1p-53 * 10 * 4 * 32 * steps));
    }
  };
  check(fk::schedule::flow_linear{}, average_velocity{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
  check(fk::schedule::flow_linear{}, fk::parameterization::data{});
  check(fk::schedule::cosine{}, average_velocity{});
  check(fk::schedule::cosine{}, fk::parameterization::velocity{});
  check(fk::schedule::vp_linear{}, average_velocity{});
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::edm{}, fk::parameterization::data{});
}

TEST_CASE("flow_map with the average velocity is MeanFlow's step, and says where it goes") {
  // Geng et al. 2025, algorithm 2: z_r = z_t - (t - r) u(z_t, r, t).
  const fk::grid::explicit_levels grid{fk::levels_at(fk::schedule::flow_linear{}, {1, 0.7, 0.2, 0})};
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, average_velocity{.label_scale = 1000}, grid, flow_map{});
  REQUIRE(plan.calls.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& c = plan.calls[i];
    const double s = plan.levels[i].time, t = plan.levels[i + 1].time;
    REQUIRE(c.to);
    CHECK(c.to->time == t);
    CHECK(c.at.label == 1000 * s);
    CHECK(c.to->label == 1000 * t);
    CHECK(c.predicts == fk::prediction_row{-1, 1});
    CHECK(c.then.rows[0].inputs[0] == Approx(1).epsilon(0x1p-52));
    CHECK(c.then.rows[0].inputs[1] == Approx(t - s).epsilon(0).margin(0x1p-52));
    CHECK(c.then.normal_count == 0);
  }
  CHECK_THAT(fk::plan::to_string(plan), Catch::Contains("to 700; x = ") && Catch::Contains("to 0; x = "));
}

TEST_CASE("flow_map with a prediction of data is the jump of consistency trajectory models") {
  // Kim et al. 2024, eq. 5, sigma being the time: G(x, t, s) = (s / t) x + (1 - s / t) g(x, t, s).
  const fk::grid::explicit_levels grid{fk::levels_at(fk::schedule::edm{}, {80, 5, 0})};
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, grid, flow_map{});
  CHECK(plan.calls[0].then.rows[0].inputs[0] == Approx(5.0 / 80).epsilon(1e-15));
  CHECK(plan.calls[0].then.rows[0].inputs[1] == Approx(1 - 5.0 / 80).epsilon(1e-15));
}

TEST_CASE(
    "flow_map keeps the law of exact networks for every gamma, and gamma = 1 is lcm on networks that go to data") {
  const test::normal_data problem;
  test::on_every_path([&](const auto& schedule) {
    const fk::parameterization::data network;
    for (const double gamma : {0.0, 0.3, 1.0}) {
      const auto plan = fk::make_plan(schedule, network, test::inner(5), flow_map{.gamma = gamma});
      const fk::level& last = plan.levels.back();
      const auto found = test::law(plan, problem);
      CHECK(found.mean == Approx(last.alpha * problem.mean).epsilon(1e-13));  // each call rounds what shrinks later
      CHECK(found.variance == Approx(problem.variance(last)).epsilon(1e-13));
      if (gamma == 0.3)
        CHECK(plan.calls[0].to->ratio() == Approx(std::sqrt(0.91) * plan.levels[1].ratio()).epsilon(1e-13));
    }
    const auto drawn = fk::make_plan(schedule, network, test::inner(5), flow_map{.gamma = 1});
    auto lcm = fk::make_plan(schedule, network, test::inner(5), fk::solver::lcm{});
    for (std::size_t i = 0; i < lcm.calls.size(); ++i) {
      REQUIRE(drawn.calls[i].to);
      CHECK(drawn.calls[i].to->is_data());
      CHECK(drawn.calls[i].then == lcm.calls[i].then);
    }
  });
}

TEST_CASE("flow_map is guided as other solvers are") {
  // u + 3 (c - u), each an average velocity.
  const auto says = [](double value) {
    return [value](std::vector<double>& out, const std::vector<double>&, const fk::level&, const fk::level&) {
      out.assign(out.size(), value);
    };
  };
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, average_velocity{}, fk::grid::uniform{.steps = 4},
                                  flow_map{}, fk::guidance::classifier_free{.scale = 3});
  std::vector<double> x{0.5};
  fk::sample_from(plan, fk::denoisers{says(2), says(1)}, x);
  CHECK(x[0] == Approx(0.5 - (1 + 3 * (2 - 1))).epsilon(0).margin(0x1p-50));
}

TEST_CASE("flow_map and a network of one level, and other solvers and one of two, are refused") {
  std::vector<double> x(3);
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::flow_linear{}, average_velocity{}, fk::grid::uniform{.steps = 2}, solver);
  };
  law::refused([&] { fk::sample_from(plan(flow_map{}), data, x); },
               {"the number of levels that a denoiser takes is 1; allowed: 2, as the plan tells where x goes"});
  law::refused([&] { fk::sample_from(plan(fk::solver::ddim{}), exact(average_velocity{}), x); },
               {"the number of levels that a denoiser takes is 2; allowed: 1: the plan does not tell where x goes"});
}

TEST_CASE("flow_map reaches single points, is finite at both ends, and costs one update of two operands") {
  for (const double gamma : {0.0, 0.3}) test::is_finite_from_noise_to_data(flow_map{.gamma = gamma});
  test::reaches_a_single_point(flow_map{});
  test::costs(flow_map{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
  test::costs(flow_map{.gamma = 0.5}, {.inputs = 2, .rows = 1, .normals = 1, .buffers = 1});
}

TEST_CASE("flow_map refuses a gamma outside of 0 to 1") {
  for (const double gamma : {-0.1, 1.1, std::nan("")})
    CHECK_THROWS_WITH(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), flow_map{.gamma = gamma}),
        Catch::Contains("gamma is") && Catch::Contains("0 to 1"));
}
