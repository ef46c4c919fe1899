// SPDX-License-Identifier: MIT
// Whatever numbers schedules, parameterizations, grids, solvers and guidance are given: they are refused, or make a
// plan that is valid and runs to numbers, or one of which check says that float will not hold it.
#include <optional>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/catch.hpp"
#include "support/dice.hpp"
#include "support/fields.hpp"
#include "support/guided.hpp"

namespace fk = fokker;
using fk::level;
using test::dice;

namespace {

// Their types are forgotten, so that one planner is compiled.
using any_schedule = fk::schedule::any;
using any_grid = fk::grid::any;
using any_solver = fk::solver::any;
using any_network = fk::parameterization::any;

/// What `make` makes of one of the types with wild fields.
template <class... Types, class Make>
auto one_of(dice& d, Make make) {
  std::optional<std::common_type_t<decltype(make(Types{}))...>> chosen;
  int left = d.below(sizeof...(Types));
  const auto consider = [&](auto t) {
    if (left-- != 0) return;
    test::make_wild(d, t);
    chosen.emplace(make(t));
  };
  (consider(Types{}), ...);
  return *chosen;
}

any_schedule random_schedule(dice& d) {
  using namespace fk::schedule;
  return one_of<vp_linear, sub_vp, ve, edm, cosine, trigflow, flow_linear, snr_shift<vp_linear>, snr_shift<cosine>>(
      d, [](const auto& s) { return any_schedule(s); });
}
fk::schedule::tabulated random_table(dice& d) {
  using namespace fk::schedule;
  const auto wild = [&d](auto value) {
    test::make_wild(d, value);
    return value;
  };
  const int size = d.often() ? 1 + d.below(100) : wild(1);
  switch (d.below(6)) {
    case 0:
      return linear(wild(1e-4), wild(0.02), size);
    case 1:
      return scaled_linear(wild(0.00085), wild(0.012), size);
    case 2:
      return sigmoid(wild(1e-7), wild(0.002), size);
    case 3:
      return squared_cosine(size, wild(0.999));
    case 4:
      return d.below(2) == 0 ? exponential(size) : laplace(size);
  }
  return zero_terminal_snr(linear(wild(1e-4), wild(0.02), size));
}
std::vector<level> random_steps(dice& d, const fk::schedule::tabulated& table) {
  using namespace fk::grid;
  return one_of<leading, trailing, linspace, distilled, align_your_steps, smoothstep, beta, uniform, karras,
                strength<linspace>, part<trailing>, terminal_stretch<leading>>(
      d, [&table](const auto& g) { return g.levels(table); });
}
any_network random_network(dice& d) {
  using namespace fk::parameterization;
  return one_of<epsilon, data, velocity, score, flow, edm, trigflow, consistency, clipped<epsilon>, clipped<velocity>,
                thresholded<epsilon>, trained_on<fk::schedule::vp_linear, epsilon>>(
      d, [](const auto& p) { return any_network(p); });
}
any_grid random_grid(dice& d) {
  using namespace fk::grid;
  return one_of<uniform, karras, polyexponential, log_snr, tangent, laplace, vp, beta, beta_sigmas, bong_tangent,
                smoothstep, linear_quadratic, epss, sway<uniform>, time_shift<uniform>, from_ratio<log_snr>,
                to_ratio<karras>, strength<uniform>, part<karras>, terminal_stretch<uniform>>(
      d, [](const auto& g) { return any_grid(g); });
}
any_solver random_solver(dice& d) {
  using namespace fk::solver;
  if (d.below(3) == 0) return all[d.below(static_cast<int>(std::size(all)))];
  return one_of<ddim, ddpm, euler, heun, euler_ancestral, euler_ancestral_rf, euler_maruyama, dpm_2_ancestral,
                dpm_solver_2m, dpm_solver_2s, dpm_solver_3s, dpmpp_2s, dpmpp_3s, dpmpp_2s_ancestral, dpmpp_sde,
                sde_dpmpp_2m, seeds_2, seeds_3, res_2s, res_3s, tcd, lcm, gradient_estimation, midpoint, rk4,
                exp_adams<3>, unipc<2>, predictor_corrector, restart>(d, [](const auto& s) { return any_solver(s); });
}
fk::guidance::any random_guidance(dice& d) {
  using namespace fk::guidance;
  const auto by = [&d] { return static_cast<along>(d.below(3)); };
  switch (d.below(4)) {
    case 0:
      return scheduled{classifier_free{}, per_step{std::vector<double>(static_cast<std::size_t>(d.below(9)), 2)}};
    case 1: {
      interval<perturbed> some;
      test::make_wild(d, some);
      some.by = by();
      return some;
    }
    case 2: {
      experts<classifier_free, classifier_free> two;
      test::make_wild(d, two);
      two.by = by();
      return two;
    }
  }
  return one_of<instruct_pix2pix, perturbed, ltx2, composable<3>, scheduled<classifier_free, linear>,
                scheduled<classifier_free, cosine>, scheduled<classifier_free, triangle>>(
      d, [](const auto& g) { return any(g); });
}

fk::guidance::any random_symbols(dice& d) {
  using namespace fk::guidance;
  return one_of<apg, rescaled<classifier_free>, renormalised<classifier_free>, cfg_zero_star, tangential, perp_neg,
                mambo_g, momentum<classifier_free>, sliding_mode, every<classifier_free>, gradient, adg, mimic,
                beta_cfg, feedback, superposed, until_alike>(d, [](const auto& rule) { return any(rule); });
}

/// Finite numbers, from noise or, where a plan begins at data, from these; the network says a number of each branch.
bool runs_to_numbers(const fk::plan::program& plan) {
  std::vector<float> x{0.5f, -1, 2};
  const auto from = plan.levels.front().is_data() ? fk::beginning::given : fk::beginning::noise;
  fk::stepper run(plan, fk::noise::philox{.seed = 1}, x, from);
  while (!run.done()) {
    const auto& said = run.call().predicts;
    for (int b = 0; b < plan.branches; ++b)
      if (run.wants(b)) run.output(b).assign(3, static_cast<float>(0.25 * said.data + (0.5 + 0.25 * b) * said.noise));
    run.advance();
  }
  return std::all_of(x.begin(), x.end(), [](float v) { return fk::detail::is_finite(v); });
}

}  // namespace

TEST_CASE("wild fields are refused by name, or make plans that are valid and run to numbers") {
  int made = 0, refused = 0;
  for (unsigned seed = 0; seed < 20000; ++seed) {
    INFO("seed " << seed);
    dice d(seed);
    try {
      std::optional<any_schedule> schedule;
      fk::grid::explicit_levels levels{{}};
      if (d.often()) {
        schedule.emplace(random_schedule(d));
        levels.list = random_grid(d).levels(*schedule);
      } else {
        const auto table = random_table(d);
        schedule.emplace(table);
        levels.list = random_steps(d, table);
      }
      const any_network network = random_network(d);
      const any_solver solver = random_solver(d);
      fk::guidance::classifier_free guidance;
      test::make_wild(d, guidance);
      const int choice = d.below(5);
      const auto plan = choice == 0   ? fk::make_plan(*schedule, network, levels, solver, guidance)
                        : choice == 1 ? fk::make_plan(*schedule, network, levels, solver, random_guidance(d))
                        : choice == 2 ? fk::make_plan(*schedule, network, levels, solver, random_symbols(d))
                                      : fk::make_plan(*schedule, network, levels, solver);
      ++made;
      CHECK_NOTHROW(fk::plan::require_valid(plan));
      // What numbers that are found while sampling make of wild fields no check knows before.
      if (!runs_to_numbers(plan) && !plan.has_measures()) CHECK(!fk::plan::check(plan).empty());
    } catch (const std::invalid_argument& error) {
      ++refused;
      CHECK(std::string_view(error.what()).starts_with("fokker: "));
    }
  }
  CHECK(made > 2000);
  CHECK(refused > 2000);
}
