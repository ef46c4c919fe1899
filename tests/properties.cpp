// SPDX-License-Identifier: MIT
// What every plan keeps, for schedules, grids, parameterizations, solvers and guidance drawn at random.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <random>

#include <fokker/fokker.hpp>

#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/scalar.hpp"

namespace fk = fokker;

namespace {

using test::dice;

/// A schedule, the levels of a grid on it, and whether the solver keeps constants: in the time of a curved path
/// Runge-Kutta methods are wrong on them, too, by their order.
struct path {
  fk::schedule::any schedule;
  int steps;
  std::vector<fk::level> levels;
  bool keeps_constants = true;
};

template <class Schedule>
path on(dice& d, const Schedule& s) {
  const int steps = 1 + d.below(12);
  const auto end = d.often() ? fk::ending::to_data : fk::ending::to_last_level;
  // The range is the schedule's own, or inside of it.
  const double low = d.often() ? d.between_decades(0.01, 0.1) : fk::grid::schedules_own;
  const double high = d.often() ? d.between_decades(0.2, 5) : fk::grid::schedules_own;
  const auto with = [&](const auto& grid) { return path{.schedule = s, .steps = steps, .levels = grid.levels(s)}; };
  if constexpr (fk::discrete_schedule<Schedule>) switch (d.below(6)) {
      case 0:
        return with(fk::grid::leading{.steps = steps, .offset = d.below(3), .end = end});
      case 1:
        return with(fk::grid::trailing{.steps = steps, .end = end});
      case 2:
        return with(fk::grid::linspace{.steps = steps, .end = end});
    }
  switch (d.below(4)) {
    case 0:
      return with(fk::grid::uniform{.steps = steps});
    case 1:
      return with(fk::grid::karras{
          .steps = steps, .rho = d.between_decades(0.5, 12), .sigma_min = low, .sigma_max = high, .end = end});
    case 2:
      return with(fk::grid::log_snr{.steps = steps, .sigma_min = low, .sigma_max = high, .end = end});
  }
  std::vector<double> times;
  for (int i = 0; i <= steps; ++i) times.push_back(d.between(s.data_time(), s.noise_time()));
  std::sort(times.begin(), times.end());
  if (s.noise_time() > s.data_time()) std::reverse(times.begin(), times.end());
  return with(fk::grid::explicit_levels{fk::levels_at(s, times)});
}

path random_path(dice& d) {
  switch (d.below(5)) {
    case 0:
      return on(d, fk::schedule::vp_linear{.beta_min = d.between_decades(0.01, 1), .beta_max = d.between(1, 25)});
    case 1:
      return on(d, fk::schedule::cosine{.offset = d.between_decades(1e-3, 0.1)});
    case 2:
      return on(d, fk::schedule::edm{.sigma_min = d.between_decades(1e-3, 0.1), .sigma_max = d.between(1, 200)});
    case 3:
      return on(d, fk::schedule::flow_linear{});
  }
  std::vector<double> betas;
  for (int i = 1 + d.below(100); i > 0; --i) betas.push_back(d.between_decades(1e-4, 0.2));
  if (!d.often()) betas.back() = 1;  // zero terminal SNR
  return on(d, fk::schedule::tabulated::from_betas(betas));
}

fk::solver::any random_solver(dice& d, path& p) {
  const auto variable = std::array{fk::solver::variable::natural, fk::solver::variable::time,
                                   fk::solver::variable::ratio}[static_cast<std::size_t>(d.below(3))];
  p.keeps_constants = variable != fk::solver::variable::time;
  switch (d.below(6)) {
    case 0:
      return fk::solver::ddpm{std::array{fk::solver::ddpm_variance::fixed_small, fk::solver::ddpm_variance::fixed_large,
                                         fk::solver::ddpm_variance::noiseless}[static_cast<std::size_t>(d.below(3))]};
    case 1:
      return fk::solver::ddim{.eta = d.often() ? d.between(0, 1) : 0};
    case 2:
      return fk::solver::euler{.variable = variable};
    case 3:
      return fk::solver::euler_ancestral{.eta = d.between(0, 1.5)};
    case 4:
      return fk::solver::heun{.variable = variable};
  }
  return fk::solver::dpmpp_2m{};
}

template <class Network>
fk::plan::program planned(dice& d, path& p, const Network& network) {
  const fk::grid::explicit_levels grid{p.levels};
  const auto solver = random_solver(d, p);
  const fk::plan_options options{.preview = !d.often()};
  if (!d.often()) return fk::make_plan(p.schedule, network, grid, solver, fk::guidance::none{}, options);
  const auto whole = fk::guidance::classifier_free{.scale = static_cast<double>(d.below(3) - 1)};
  const auto any = fk::guidance::classifier_free{.scale = d.between(-2, 10)};
  return fk::make_plan(p.schedule, network, grid, solver, d.often() ? any : whole, options);
}

fk::plan::program random_plan(dice& d, path& p) {
  switch (d.below(8)) {
    case 0:
      return planned(d, p, fk::parameterization::epsilon{});
    case 1:
      return planned(d, p, fk::parameterization::data{});
    case 2:
      return planned(d, p, fk::parameterization::velocity{});
    case 3:
      return planned(d, p, fk::parameterization::score{});
    case 4:
      return planned(d, p, fk::parameterization::flow{.label_scale = d.between(1, 1000)});
    case 5:
      return planned(d, p, fk::parameterization::trigflow{.sigma_data = d.between_decades(0.1, 2)});
    case 6:
      return planned(d, p,
                     fk::parameterization::clipped{fk::parameterization::velocity{}, d.between(0.5, 3), d.often()});
  }
  return planned(d, p, fk::parameterization::edm{.sigma_data = d.between_decades(0.1, 2)});
}

constexpr int trials = 4000;

/// Calls `check(path, plan)` for each of many plans, with the seed in what Catch2 says; what is refused must say so.
template <class Check>
void on_random_plans(Check check) {
  int made = 0;
  for (unsigned seed = 0; seed < trials; ++seed) {
    INFO("seed " << seed);
    dice d(seed);
    std::optional<path> p;
    std::optional<fk::plan::program> plan;
    try {
      p = random_path(d);
      plan = random_plan(d, *p);
    } catch (const std::invalid_argument& error) {
      CHECK(std::string_view(error.what()).starts_with("fokker: "));
      continue;
    }
    ++made;
    check(*p, *plan);
  }
  // Few of the draws ask for what does not exist, such as data from epsilon at alpha = 0.
  CHECK(made > trials / 2);
}

}  // namespace

TEST_CASE("random plans have N steps and N + 1 levels, strictly towards data") {
  on_random_plans([](const path& p, const fk::plan::program& plan) {
    REQUIRE(plan.steps() == p.steps);
    REQUIRE(plan.levels.size() == p.levels.size());
    for (std::size_t i = 1; i < plan.levels.size(); ++i) CHECK(fk::towards_data(plan.levels[i - 1], plan.levels[i]));
  });
}

TEST_CASE("random plans are finite and keep constant data") {
  on_random_plans([](const path& p, const fk::plan::program& plan) {
    if (p.keeps_constants) CHECK(fk::plan::check(plan) == std::vector<std::string>{});
    CHECK_NOTHROW(fk::plan::require_valid(plan));
    CHECK(std::isfinite(test::run(plan, test::normal_data{}, 0.7)));
  });
}

TEST_CASE("random plans are read back from text to the bit") {
  on_random_plans([](const path&, const fk::plan::program& plan) {
    const auto text = fk::plan::to_text(plan);
    CHECK(fk::plan::to_text(fk::plan::from_text(text)) == text);
  });
}

TEST_CASE("random plans without previews keep the fewest tensors") {
  on_random_plans([](const path&, const fk::plan::program& plan) {
    if (!plan.preview) CHECK(plan.buffers == test::fewest_buffers(plan));
  });
}
