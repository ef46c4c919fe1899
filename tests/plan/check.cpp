// SPDX-License-Identifier: MIT
#include <fokker/plan/check.hpp>

#include <algorithm>
#include <type_traits>

#include <fokker/grid/karras.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/schedule/sub_vp.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/dpm_solver_3s.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/pndm.hpp>

#include "support/members.hpp"

namespace fk = fokker;

namespace {
fk::plan::program sound() {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(8),
                       fk::solver::dpmpp_2m{});
}
}  // namespace

TEST_CASE("a sound plan has no findings") { CHECK(fk::plan::check(sound()).empty()); }

TEST_CASE("a coefficient that takes constants away is found") {
  auto plan = sound();
  plan.calls[3].then.rows[0].inputs[0] *= 1 + 1e-9;
  REQUIRE(fk::plan::check(plan).size() == 1);
  CHECK_THAT(fk::plan::check(plan)[0], Catch::Contains("constant data are not preserved"));
}

TEST_CASE("steps so steep that roundings of their weights grow are sound, and mistakes in them are found") {
  const auto found = [](const auto& schedule, const auto& network, const auto& grid, const auto& solver) {
    const auto of_constants = [](const fk::plan::program& plan) {
      const auto findings = fk::plan::check(plan);
      return std::any_of(findings.begin(), findings.end(),
                         [](const std::string& f) { return f.find("constant data") != std::string::npos; });
    };
    const auto plan = fk::make_plan(schedule, network, grid, solver);
    INFO(fk::plan::constant_error(plan));
    CHECK(!of_constants(plan));
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      auto wrong = plan;
      const auto weights = std::span(wrong.calls[i].then.rows[0].inputs);
      *std::max_element(weights.begin(), weights.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }) *=
          1 + 1e-4;
      INFO(i);
      CHECK(of_constants(wrong));
    }
  };
  const fk::parameterization::data data;
  const fk::grid::karras karras{.steps = 2, .sigma_min = 0.002, .sigma_max = 80};
  const fk::grid::karras narrow{.steps = 2, .sigma_min = 0.03, .sigma_max = 14};
  const fk::grid::log_snr steeper{.steps = 2, .sigma_min = 1e-4, .sigma_max = 1e4};
  found(fk::schedule::vp_linear{}, data, fk::grid::uniform{.steps = 2}, fk::solver::pndm{});
  found(fk::schedule::sub_vp{}, data, fk::grid::uniform{.steps = 2}, fk::solver::dopri5{});
  found(fk::schedule::cosine{}, data, karras, fk::solver::dopri5{});
  found(fk::schedule::flow_linear{}, data, narrow, fk::solver::pndm{});
  found(fk::schedule::flow_linear{}, data, steeper, fk::solver::dpm_solver_3s{});
}

TEST_CASE("two levels with one label are found, the two calls of a level are not") {
  const fk::schedule::flow_linear schedule;
  std::vector<double> times;
  for (int i = 0; i <= 300; ++i) {
    const double t = 0.999 * (300 - i) / 300;
    times.push_back(5 * t / (1 + 4 * t));
  }
  auto levels = fk::levels_at(schedule, times);
  for (auto& l : levels) l.label = std::floor(1000 * l.time);  // truncated timesteps, as video models are told them
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::flow{}, fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  REQUIRE(!fk::plan::check(plan).empty());
  CHECK_THAT(fk::plan::check(plan)[0], Catch::Contains("calls 0 and 1 tell the network the same label, 999"));
}

TEST_CASE("what float rounds and a plan amplifies is found, from the place on where it shows") {
  for (const double left : {1e-3, 1e-4, 1e-6, 1e-8, 1e-12}) {
    // alpha is pi/2 left here, and epsilon determines data by a division by it.
    const fk::schedule::cosine schedule;
    const auto grid = fk::grid::explicit_levels{fk::levels_at(schedule, {1 - left, 0.5, 0.1, 0})};
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::ddim{});
    const auto [factor, call] = fk::plan::amplification(plan);
    CHECK(call == 0);
    CHECK(factor == Approx(2 / plan.levels[0].alpha).epsilon(0.1));  // of x and of epsilon, both of size 1
    const auto findings = fk::plan::check(plan);
    REQUIRE(findings.size() == (left < 1e-5 ? 1 : 0));  // 2 / alpha is above 2^17
    if (left < 1e-5) CHECK_THAT(findings[0], Catch::Contains("call 0, at time 0.99999") && Catch::Contains("float"));

    // The worst of many first steps in float is off by as much as one rounding, amplified, but for the few bits of it
    // that numbers below 1 do not lose; and by no more than the few roundings of numbers below 4.
    double worst = 0;
    for (int i = -30; i < 30; ++i) {
      std::vector<float> x{0.1f * static_cast<float>(i)};
      std::vector<double> exact{x[0]};
      const auto step = [&](auto& of) {
        fk::stepper run(plan, fk::noise::philox{}, of, fk::beginning::given);
        using number = std::decay_t<decltype(of[0])>;
        run.output(0)[0] = static_cast<number>(test::predict(test::normal_data{}, run.call(), of[0]));
        run.advance();
      };
      step(x);
      step(exact);
      worst = std::max(worst, std::abs(x[0] - exact[0]));
    }
    CHECK(worst > factor * 0x1p-24 / 16);
    CHECK(worst < factor * 0x1p-24 * 16);
  }
}

TEST_CASE("levels out of order are found") {
  auto plan = sound();
  std::swap(plan.levels[2], plan.levels[3]);
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("level 3 is not strictly nearer to data"));
}

TEST_CASE("a plan towards noise is checked in its own order, up to noise alone") {
  auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::velocity{},
                            fk::grid::uniform{.steps = 6}, fk::solver::ddim_inversion{});
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  std::swap(plan.levels[2], plan.levels[3]);
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("level 3 is not strictly nearer to noise"));
}

TEST_CASE("a plan of nothing is found") {
  CHECK_THAT(fk::plan::check(fk::plan::program{}).at(0), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::plan::constant_error(fk::plan::program{}), Catch::Contains("the number of levels is 0"));
  auto plan = sound();
  plan.calls.clear();
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("the number of calls is 0"));
  CHECK_THROWS_WITH(fk::plan::constant_error(plan), Catch::Contains("the number of calls is 0"));
}

TEST_CASE("guidance weights that do not sum to 1 are found, whatever the network predicts") {
  const auto found = [](const auto& schedule, const auto& network, const auto& solver) {
    auto grid = test::inner(8);
    grid.end = fk::ending::to_data;
    auto plan = fk::make_plan(schedule, network, grid, solver, fk::guidance::classifier_free{.scale = 7.5});
    CHECK(fk::plan::check(plan) == std::vector<std::string>{});
    for (fk::plan::call& c : plan.calls)  // -6.5 becomes -6
      for (int k = 0; k < c.then.input_count; ++k)
        if (fk::plan::nth(c.then.inputs, k) == fk::plan::operand{fk::plan::operand::output, 1})
          for (fk::plan::row& r : c.then.rows) fk::plan::nth(r.inputs, k) *= 6 / 6.5;
    const auto findings = fk::plan::check(plan);
    INFO(plan.predicts);
    REQUIRE(!findings.empty());
    CHECK_THAT(findings.back(), Catch::Contains("not preserved: off by") || Catch::Contains("sum to 1"));
  };
  const auto by_every_network = [&](const auto& solver) {
    const fk::schedule::vp_linear vp;
    found(vp, fk::parameterization::epsilon{}, solver);
    found(vp, fk::parameterization::data{}, solver);
    found(vp, fk::parameterization::velocity{}, solver);
    found(vp, fk::parameterization::score{}, solver);
    found(fk::schedule::edm{}, fk::parameterization::edm{}, solver);
    found(fk::schedule::flow_linear{}, fk::parameterization::flow{}, solver);
  };
  by_every_network(fk::solver::ddim{});
  by_every_network(fk::solver::dpmpp_2m{});
  by_every_network(fk::solver::heun{});
  by_every_network(fk::solver::ddpm{});
  by_every_network(fk::solver::dpmpp_sde{});
}

TEST_CASE("noise that is left on data is measured, of what there was") {
  using fk::plan::noise_left;
  const auto planned = [](fk::ending end) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                         fk::grid::karras{.steps = 3, .sigma_min = 1, .sigma_max = 4, .end = end}, fk::solver::ddim{});
  };
  auto plan = planned(fk::ending::to_data);
  CHECK(noise_left(plan) < 1e-15);
  plan.calls.back().then.rows[0].inputs[1] *= 0.5;  // x - sigma/2 epsilon in the place of x - sigma epsilon
  CHECK(noise_left(plan) == Approx(0.5 / 4).epsilon(1e-15));
  CHECK(noise_left(planned(fk::ending::to_last_level)) == 0);
  CHECK_THROWS_WITH(noise_left(fk::plan::program{}), Catch::Contains("the number of levels is 0"));
}

TEST_CASE("a sampler that draws less noise than there was is sound all the same") {
  auto grid = test::inner(8);
  grid.end = fk::ending::to_data;
  const fk::schedule::vp_linear vp;
  const fk::parameterization::epsilon network;
  CHECK(fk::plan::check(fk::make_plan(vp, network, grid, fk::solver::ddpm{fk::solver::ddpm_variance::noiseless}))
            .empty());
  CHECK(fk::plan::check(fk::make_plan(vp, network, grid, fk::solver::heun{.churn = {.s_churn = 4, .s_noise = 0}}))
            .empty());
}
