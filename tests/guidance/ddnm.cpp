// SPDX-License-Identifier: MIT
#include <fokker/guidance/ddnm.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>

#include "support/laws.hpp"
#include "support/linear_gaussian.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

/// Each element by itself: the part of the null space is not touched by what is known.
const auto toward = [](auto& out, const auto& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.shape.size(); ++i)
    out.data[i] = static_cast<std::remove_reference_t<decltype(*out.data)>>(0.3 * std::sin(x.data[i]) + 0.1 * at.alpha);
};
const auto away = [](auto& out, const auto& x, const fk::level&) {
  for (std::size_t i = 0; i < x.shape.size(); ++i)
    out.data[i] = static_cast<std::remove_reference_t<decltype(*out.data)>>(-0.2 * x.data[i]);
};
const fk::grid::log_snr levels{.steps = 5, .sigma_min = 0.02, .sigma_max = 20};

/// One sample of four elements, the first and the third of which are known.
template <class E>
struct measured {
  std::vector<E> x = std::vector<E>(4), known{E(0.3), E(-0.25), E(0.1), 3}, mask{1, 0, 1, 0};

  template <class Denoisers>
  std::vector<E> run(const fk::plan::program& plan, Denoisers&& networks) {
    fk::backend::host_view<E> whole{x.data(), {1, 4}};
    fk::sample(plan, networks, fk::noise::philox{.seed = 3}, whole,
               {.given = plan.givens.empty() ? fk::given_inputs{} : given()});
    return x;
  }
  [[nodiscard]] fk::given_inputs given() {
    const fk::backend::host_view<E> image{known.data(), {1, 4}}, where{mask.data(), {4}};
    return {{{"known", image}}, {{"mask", where, {0, 1}}}};
  }
};

}  // namespace

TEST_CASE("what is measured is in the result to the bit, and its null space is as without, for every prediction") {
  const auto check = [](const auto& schedule, const auto& network, const auto& solver) {
    INFO(network.name);
    const auto plan = fk::make_plan(schedule, network, levels, solver, ddnm{});
    const auto alone = fk::make_plan(schedule, network, levels, solver);
    const auto narrow = measured<float>{}.run(plan, toward);
    CHECK(narrow[0] == 0.3f);
    CHECK(narrow[2] == 0.1f);
    const auto x = measured<double>{}.run(plan, toward), free = measured<double>{}.run(alone, toward);
    CHECK(x[0] == 0.3);
    CHECK(x[2] == 0.1);
    CHECK(x[1] == Approx(free[1]).epsilon(1e-12));  // the same numbers, some of them added up elsewhere
    CHECK(x[3] == Approx(free[3]).epsilon(1e-12));
  };
  const auto check_solvers = [&](const auto& schedule, const auto& network) {
    check(schedule, network, fk::solver::ddim{});
    check(schedule, network, fk::solver::ddpm{});
    check(schedule, network, fk::solver::dpmpp_2m{});
  };
  check_solvers(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check_solvers(fk::schedule::vp_linear{}, fk::parameterization::data{});
  check_solvers(fk::schedule::vp_linear{}, fk::parameterization::velocity{});
  check_solvers(fk::schedule::flow_linear{}, fk::parameterization::flow{});
  check_solvers(fk::schedule::edm{}, fk::parameterization::edm{});
}

TEST_CASE("the data of each call are those of the rule within, and where they are known what is known") {
  const auto check = [](const auto& rule) {
    measured<double> m;
    const fk::parameterization::velocity network;
    const auto plan =
        fk::make_plan(fk::schedule::vp_linear{}, network, levels, fk::solver::dpmpp_2m{}, rule, {.preview = true});
    CHECK_NOTHROW(fk::plan::require_valid(plan));
    fk::backend::host_view<double> x{m.x.data(), {1, 4}};
    fk::stepper run(plan, fk::noise::philox{.seed = 3}, x, fk::beginning::noise, m.given());
    while (!run.done()) {
      const fk::level at = run.at();
      const test::column here(run.input().data, run.input().data + 4);
      std::vector<double> data;
      for (int b = 0; b < run.branches(); ++b) {
        (b == 0 ? toward(run.output(b), run.input(), at) : away(run.output(b), run.input(), at));
        const test::column said(run.output(b).data, run.output(b).data + 4);
        const auto D = test::as(at, network.row(at), {1, 0}, here, said);
        if (b == 0) data = D;
        if (b == 1) data = test::sum({{2, data}, {-1, D}});  // classifier_free{2}
      }
      run.advance();
      for (const std::size_t i : {0u, 2u}) CHECK(run.preview()->data[i] == m.known[i]);
      for (const std::size_t i : {1u, 3u}) CHECK(run.preview()->data[i] == Approx(data[i]).epsilon(1e-12));
    }
  };
  check(ddnm{});
  check(ddnm{classifier_free{.scale = 2}});
}

TEST_CASE("it goes around rules that find numbers") {
  const auto x = measured<double>{}.run(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                                      levels, fk::solver::dpmpp_2m{}, ddnm{apg{}}),
                                        fk::denoisers{toward, away});
  CHECK(x[0] == 0.3);
  CHECK(x[2] == 0.1);
  CHECK(std::abs(x[1]) < 100);
}

namespace {

/// Two of three elements are seen, with noise, of data whose elements are alike; a run is given both as they are.
struct seen {
  test::linear_gaussian world{.variances = {0.49, 0.49, 0.49}};
  std::vector<double> known = std::vector<double>(3 * 2000), mask{1, 1, 0};

  explicit seen(double noise) {
    world.noise = noise;
    for (std::size_t i = 0; i < known.size(); ++i) known[i] = i % 3 < 2 ? world.y[i % 3] : 77;
  }
  [[nodiscard]] fk::given_inputs given(std::size_t samples) {
    const fk::backend::host_view<double> data{known.data(), {samples, 3}}, where{mask.data(), {3}};
    return {{{"known", data}}, {{"mask", where, {0, 1}}}};
  }
  template <class Network, class Solver>
  [[nodiscard]] fk::plan::program planned(const Network& network, const fk::grid::log_snr& grid,
                                          const Solver& solver) const {
    return fk::make_plan(fk::schedule::edm{}, network, grid, solver, ddnm<>{.noise = world.noise, .deviation = 0.7});
  }
};

}  // namespace

TEST_CASE("of noise in what is measured it makes the posterior of independent normal data, without a gradient") {
  const auto check = [](const auto& network, double noise) {
    seen s(noise);
    const auto plan = s.planned(network, {.steps = 400, .sigma_min = 1e-4, .sigma_max = 1000}, fk::solver::heun{});
    CHECK_NOTHROW(fk::plan::require_valid(plan));
    // Starting from a mean of 0 moves the result by its deviation times mean / sigma_max, below 1e-3; Heun's second
    // order at steps of 16 / 400 in log-SNR is (16 / 400)^2 / 6 with constants below 5.
    test::are(test::mapped(plan, s.world.network(network), s.given(4)), s.world.posterior(), 1e-3 + 1.4e-3);
  };
  for (const double noise : {0.3, 1.0, 2.0}) {
    check(fk::parameterization::epsilon{}, noise);
    check(fk::parameterization::edm{.sigma_data = 1}, noise);
  }
}

TEST_CASE("its samples with noise in each step have the posterior's mean and covariance", "[statistics]") {
  const fk::parameterization::data network;
  constexpr std::size_t n = 2000;
  seen s(0.5);
  const auto plan = s.planned(network, {.steps = 80, .sigma_min = 1e-3, .sigma_max = 1000}, fk::solver::sde_dpmpp_2m{});
  // Steps of 14 / 80 in log-SNR, (14 / 80)^2 / 3 of numbers below 1.
  test::are(test::drawn(plan, s.world.network(network), n, s.given(n)), s.world.posterior(), 0.0103, n);
}

TEST_CASE("without noise it is what is known as it is, to the bit, and much noise leaves the data to the network") {
  const auto text = [](const auto& rule) {
    return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels,
                                           fk::solver::dpmpp_2m{}, rule));
  };
  CHECK(text(ddnm<>{.noise = 0, .deviation = 2}) == text(ddnm{}));
  CHECK(text(ddnm<>{.noise = 0.3}) == text(ddnm<>{.noise = 0.3, .deviation = 1}));
  CHECK(text(ddnm{classifier_free{.scale = 2}, 0.3}) != text(ddnm{classifier_free{.scale = 2}}));
  const auto plan = [&](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels, fk::solver::ddim{}, rule);
  };
  const auto x = measured<double>{}.run(plan(ddnm<>{.noise = 1e9}), toward);
  const auto alone = measured<double>{}.run(plan(none{}), toward);
  for (std::size_t i = 0; i < 4; ++i) CHECK(x[i] == Approx(alone[i]).epsilon(1e-12));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {nan, -1.0, 1e39}) law::refused([&] { (void)plan(ddnm<>{.noise = wrong}); }, {"noise is "});
  for (const double wrong : {nan, -1.0, 0.0, 1e39})
    law::refused([&] { (void)plan(ddnm<>{.noise = 1, .deviation = wrong}); }, {"deviation is "});
}
