// SPDX-License-Identifier: MIT
#include <fokker/solver/ddim_inversion.hpp>

#include <fokker/noise/philox.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddim;
using fk::solver::ddim_inversion;

static_assert(fk::goes_towards_noise<ddim_inversion>() && !fk::goes_towards_noise<ddim>());

TEST_CASE("ddim_inversion takes the levels of its grid from data to noise") {
  const auto there = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{},
                                   fk::grid::uniform{.steps = 3}, ddim_inversion{});
  const auto back =
      fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 3}, ddim{});
  REQUIRE(there.levels.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(there.levels[i].time == back.levels[3 - i].time);
  CHECK(there.levels.front().is_data());
  CHECK(there.levels.back().is_noise());
  CHECK(there.calls[0].at.is_data());
  CHECK(there.calls[2].step == 2);
}

TEST_CASE("ddim_inversion and ddim come back to where they began, with an error of order 1") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    std::vector<double> round_trip, way_there;
    for (int steps = 64; steps <= 1024; steps *= 2) {
      const auto there = fk::make_plan(schedule, fk::parameterization::epsilon{}, test::inner(steps), ddim_inversion{});
      const auto back = fk::make_plan(schedule, fk::parameterization::epsilon{}, test::inner(steps), ddim{});
      const fk::level &clean = there.levels.front(), &noisy = there.levels.back();
      const double x = 0.4 * clean.alpha, latent = test::run(there, problem, x);
      way_there.push_back(std::abs(latent - problem.flow(x, clean, noisy)) / noisy.sigma);
      round_trip.push_back(std::abs(test::run(back, problem, latent) - x) / clean.alpha);
    }
    CHECK(test::slope(way_there) == Approx(ddim_inversion::order).epsilon(0).margin(0.15));
    CHECK(test::slope(round_trip) == Approx(ddim_inversion::order).epsilon(0).margin(0.15));
  });
}

TEST_CASE("ddim_inversion on normal data is the exact flow times the product of cosines, as ddim is") {
  const test::normal_data problem{.mean = 0, .deviation = 0.5};
  test::on_every_path([&](const auto& schedule) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(17), ddim_inversion{});
    double product = 1;
    for (std::size_t i = 1; i < plan.levels.size(); ++i)
      product *= std::cos(std::atan2(plan.levels[i].ratio(), 0.5) - std::atan2(plan.levels[i - 1].ratio(), 0.5));
    const fk::level &clean = plan.levels.front(), &noisy = plan.levels.back();
    CHECK(test::run(plan, problem, 1.0) / problem.flow(1.0, clean, noisy) == Approx(product).epsilon(1e-13));
  });
}

TEST_CASE("ddim_inversion is exact from data and onto noise, where the network tells epsilon on the data") {
  for (const int steps : {1, 2, 3}) {
    const auto finite = [&](const auto& schedule, const auto& network) {
      const auto plan = fk::make_plan(schedule, network, fk::grid::uniform{.steps = steps}, ddim_inversion{});
      CHECK(fk::plan::check(plan) == std::vector<std::string>{});
    };
    finite(fk::schedule::flow_linear{}, fk::parameterization::velocity{});
    finite(fk::schedule::flow_linear{}, fk::parameterization::flow{});
    finite(fk::schedule::cosine{}, fk::parameterization::velocity{});
    finite(fk::schedule::cosine{}, fk::parameterization::epsilon{});
  }
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 2},
                                  ddim_inversion{}),
                    Catch::Contains("does not determine epsilon"));
}

TEST_CASE("ddim_inversion of a point that the network knows is alpha x0 + sigma epsilon") {
  struct point {
    double data(double, const fk::level&) const { return 0.375; }
  };
  test::on_every_path([](const auto& schedule) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(10), ddim_inversion{});
    const fk::level &clean = plan.levels.front(), &noisy = plan.levels.back();
    const double x = clean.alpha * 0.375 + clean.sigma * 0.8;
    // ten updates, each rounding once per operand
    CHECK(test::run(plan, point{}, x) ==
          Approx(noisy.alpha * 0.375 + noisy.sigma * 0.8).epsilon(0).margin(0x1p-53 * 64 * noisy.sigma));
  });
}

TEST_CASE("ddim_inversion costs one update of two operands") {
  test::costs(ddim_inversion{}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
}

TEST_CASE("an inversion is run from data: sample, which draws noise, refuses it") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                  fk::grid::uniform{.steps = 3}, ddim_inversion{});
  std::vector<float> x(4);
  const auto network = [](auto& out, const auto& in, const fk::level&) { out = in; };
  law::refused([&] { fk::sample(plan, network, fk::noise::philox{}, x); }, {"the first level is data", "sample_from"});
  law::refused([&] { fk::stepper(plan, fk::noise::philox{}, x); }, {"the first level is data", "beginning::given"});
  CHECK(fk::sample_from(plan, network, fk::noise::philox{}, x));
}
