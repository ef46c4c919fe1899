// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/fields.hpp>
#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/opaque.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/grid/beta.hpp>
#include <fokker/grid/beta_sigmas.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/leading.hpp>
#include <fokker/grid/linear_quadratic.hpp>
#include <fokker/grid/linspace.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/smoothstep.hpp>
#include <fokker/grid/tangent.hpp>
#include <fokker/interop/diffusers/solvers.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/by_name.hpp>

/// The menus of programs that make pictures: their samplers and schedulers by the names that they have there. Each
/// program is two tables.
namespace fokker::inline v0::interop {

/// What was chosen in the menus of a program.
struct menu_choice {
  std::string sampler = "euler";
  std::string scheduler = {};  ///< the first of the menu where it is not named
  int steps = 20;
  double denoise = 1;  ///< below 1 the last part of a run, as for images to change
};

/// What these programs know of a network: the table that it was trained on, or the shift of its flow's times.
struct menu_network {
  any_network predicts = parameterization::epsilon{};
  schedule::tabulated table = schedule::scaled_linear();  ///< of a flow its number of timesteps counts alone
  double shift = 0;                                       ///< of a flow's times towards noise; 0 where it is none

  /// Stable Diffusion 1, 2 and XL, and others with a table.
  [[nodiscard]] static menu_network stable_diffusion(const any_network& predicts = parameterization::epsilon{},
                                                     const schedule::tabulated& table = schedule::scaled_linear()) {
    return {predicts, table.interpolated(schedule::interpolation::log_ratio), 0};
  }
  /// A flow, which is told so many times its time; Stable Diffusion 3 has the defaults.
  [[nodiscard]] static menu_network flow(double shift = 3, int timesteps = 1000, double label_scale = 1000) {
    if (!(fokker::detail::is_finite(shift) && shift >= 0.5))
      fokker::detail::refuse("shift", shift, "a number of 0.5 or more");
    return {parameterization::flow{.label_scale = label_scale, .at_data = false},
            schedule::linear(1e-4, 0.02, timesteps), shift};
  }
  /// Flux, with the shift of 4096 tokens; that of another size is `grid::shift_for_tokens`.
  [[nodiscard]] static menu_network flux(double shift = std::exp(1.15)) { return flow(shift, 10000, 1); }

  [[nodiscard]] bool is_flow() const { return shift > 0; }
  [[nodiscard]] double shifted(double time) const {
    return time == 1 ? 1 : fokker::detail::rounded_product(shift, time) / std::fma(shift - 1, time, 1);
  }
};

namespace menus {

/// How a program runs a sampler on a flow: on its path, on the path from a level that is not noise alone, as if it had
/// variance exploding, or not at all here.
enum class on_flows { path, inner_path, exploding, refused };

/// A name of a menu. Without a solver the note says why, or what it is in other words.
struct sampler {
  std::string_view name;
  std::string_view solver = {};   ///< by its name here
  std::string_view on_flow = {};  ///< another one for flows
  std::vector<field> fields = {};
  on_flows flows = on_flows::path;
  std::string_view note = {};
  bool discards = false;                                  ///< the level before the last, of a grid with one more
  void (*adapt)(recipe&, const menu_network&) = nullptr;  ///< what else there is to do
  std::string_view scheduler = {};                        ///< where the menu's first is automatic
  any_solver (*made)() = nullptr;                         ///< a solver that has no name here
};

/// The same of a schedule. Without levels its grid is such a note.
struct scheduler {
  std::string_view name;
  std::string_view grid;
  std::vector<level> (*levels)(const menu_network&, int steps) = nullptr;
};

/// The grid of a menu's first scheduler where each sampler has one of its own, or else the next one.
inline constexpr std::string_view automatic = "the sampler's own";

/// Which part of a grid is run where `denoise` is below 1. Some grids have more steps than were asked for.
enum class counts {
  last_of_more,   ///< N steps, the last ones of a grid of N / denoise
  without_first,  ///< all but the first N - 1 - floor(N denoise)
};

/// A program.
struct menu {
  std::vector<sampler> samplers;
  std::vector<scheduler> schedulers;
  counts counting = counts::without_first;
  bool has_flows = true;
  bool whole_labels = false;   ///< whether networks with a table are told whole timesteps only
  bool unit_variance = false;  ///< whether a run from the table's noise starts with sqrt(1 + s^2) normals, not s
};

namespace detail {

// Levels. Those of a flow are of its straight path.

/// Those of timesteps of a table: of a flow timestep k is the time (k + 1) / T, shifted.
template <class Grid>
[[nodiscard]] std::vector<level> of_timesteps(const menu_network& n, const Grid& grid) {
  std::vector<level> levels = grid.levels(n.table);
  if (n.is_flow())
    for (level& l : levels)
      l = level_at(schedule::flow_linear{}, l.is_data() ? 0 : n.shifted((l.time + 1) / n.table.size()));
  return levels;
}

/// Those of a rule of sigma/alpha, which of a flow is one of its sigma.
template <class Grid>
[[nodiscard]] std::vector<level> of_ratios(const menu_network& n, Grid grid) {
  if (!n.is_flow()) return grid.levels(n.table);
  grid.sigma_min = n.shifted(1.0 / n.table.size());
  grid.sigma_max = 1;
  std::vector<level> levels;
  for (const level& l : grid.levels(schedule::edm{})) levels.push_back(level_at(schedule::flow_linear{}, l.time));
  return levels;
}

/// Times that are evenly spaced from the last to the first. A flow's shift is in the first one, too, and so twice.
[[nodiscard]] inline std::vector<level> evenly(const menu_network& n, int steps, bool to_first) {
  if (!n.is_flow()) return grid::linspace{.steps = steps, .endpoint = to_first, .rounded = false}.levels(n.table);
  fokker::detail::require_steps(steps);
  const double least = n.shifted(1.0 / n.table.size());
  const int gaps = to_first ? steps - 1 : steps;
  std::vector<double> times;
  for (int i = 0; i < steps; ++i)
    times.push_back(i == 0 ? 1 : n.shifted(std::fma(least - 1, static_cast<double>(i) / gaps, 1)));
  times.push_back(0);
  return levels_at(schedule::flow_linear{}, times);
}
[[nodiscard]] inline std::vector<level> normal(const menu_network& n, int steps) { return evenly(n, steps, true); }
[[nodiscard]] inline std::vector<level> sgm_uniform(const menu_network& n, int steps) {
  return evenly(n, steps, false);
}

/// Timesteps T - 1 - floor(i (T / N)), the quotient rounded as there: where i T / N is whole it may fall short of it,
/// and the timestep is one above that of grid::trailing.
struct simple_timesteps {
  int steps;

  [[nodiscard]] std::vector<level> levels(const schedule::tabulated& table) const {
    fokker::detail::require_steps(steps, table.size());
    const double apart = fokker::detail::opaque(static_cast<double>(table.size()) / steps);
    std::vector<double> times;
    for (int i = 0; i < steps; ++i)
      times.push_back(table.size() - 1 - std::floor(fokker::detail::rounded_product(i, apart)));
    times.push_back(table.data_time());
    return levels_at(table, times);
  }
};
[[nodiscard]] inline std::vector<level> simple(const menu_network& n, int steps) {
  return of_timesteps(n, simple_timesteps{steps});
}

/// Every floor(T / N)-th timestep from 1 on, however many there are.
[[nodiscard]] inline std::vector<level> ddim_uniform(const menu_network& n, int steps) {
  fokker::detail::require_steps(steps);
  const int last = n.table.size() - 1, apart = (std::max)(n.table.size() / steps, 1);
  return of_timesteps(n, grid::leading{.steps = (last + apart - 1) / apart, .offset = 1, .stride = apart});
}

[[nodiscard]] inline std::vector<level> karras(const menu_network& n, int steps) {
  return of_ratios(n, grid::karras{.steps = steps});
}
[[nodiscard]] inline std::vector<level> exponential(const menu_network& n, int steps) {
  return of_ratios(n, grid::log_snr{.steps = steps});
}
[[nodiscard]] inline std::vector<level> kl_optimal(const menu_network& n, int steps) {
  return of_ratios(n, grid::tangent{.steps = steps});
}
[[nodiscard]] inline std::vector<level> kl_optimal_to_least(const menu_network& n, int steps) {
  return of_ratios(n, grid::tangent{.steps = steps, .end = ending::to_last_level});
}
[[nodiscard]] inline std::vector<level> beta(const menu_network& n, int steps) {
  return of_timesteps(n, grid::beta{.steps = steps});
}
[[nodiscard]] inline std::vector<level> beta_sigmas(const menu_network& n, int steps) {
  return of_ratios(n, grid::beta_sigmas{.steps = steps});
}
[[nodiscard]] inline std::vector<level> smoothstep(const menu_network& n, int steps) {
  return of_timesteps(n, grid::smoothstep{.steps = steps});
}

/// Shares of the largest sigma/alpha; of a flow, of its time.
[[nodiscard]] inline std::vector<level> linear_quadratic(const menu_network& n, int steps) {
  const grid::linear_quadratic grid{.steps = steps};
  if (n.is_flow()) return grid.levels(schedule::flow_linear{});
  const level first = level_at(n.table, n.table.noise_time());
  std::vector<level> levels{first};
  for (const level& share : grid.levels(schedule::flow_linear{}))
    if (share.time < 1)
      levels.push_back(level_at_ratio(n.table, fokker::detail::rounded_product(share.time, first.ratio())));
  return levels;
}

// What samplers have beside their solver.

/// A solver whose step onto data is D.
struct data_at_end {
  any_solver solver;
  int order = solver.order, evaluations = solver.evaluations, history = solver.history;
  bool stochastic = solver.stochastic;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const std::vector<level> levels = p.levels();
    if (!levels.back().is_data()) return solver(p, std::move(x));
    if (levels.size() > 2) x = p.over({levels.begin(), levels.end() - 1}, solver, x);
    return p.over({levels.end() - 2, levels.end()}, solver::ddim{}, x);
  }
};
inline void end_on_data(recipe& r, const menu_network&) { r.solver = data_at_end{r.solver}; }

/// UniPC of order 3 to a sigma/alpha of 0.001.
template <solver::form Form>
void unipc(recipe& r, const menu_network&) {
  if (r.levels.back().is_data()) r.levels.back() = level_at_ratio(r.schedule, 0.001);
  r.solver = solver::unipc<3>{.form = Form};
}

/// DPM-Solver-fast on levels of its own between the first and the last above the data, of as many calls as there are
/// steps. It ends on that last one.
inline void dpm_fast(recipe& r, const menu_network&) {
  if (r.levels.size() < 3) fokker::detail::refuse("steps", r.levels.size() - 1, "2 or more with this sampler");
  const level first = r.levels.front(), last = r.levels.back().is_data() ? *(r.levels.end() - 2) : r.levels.back();
  const std::size_t calls = r.levels.size() - 1, intervals = calls / 3 + 1;
  const double fall = log_snr_step(first, last);
  r.levels = {first};
  for (std::size_t i = 0; i < intervals; ++i) {
    const std::size_t left = calls + 1 - r.levels.size(), stages = left > 3 ? 3 : left == 3 ? 2 : left;
    for (std::size_t j = 1; j <= stages; ++j) {
      const double share = (static_cast<double>(i) + static_cast<double>(j) / static_cast<double>(stages)) /
                           static_cast<double>(intervals);
      r.levels.push_back(share == 1 ? last : level_at_ratio(r.schedule, first.ratio() * std::exp(-share * fall)));
    }
  }
}

/// The same to the level before the last, even where that is not the data.
inline void dpm_fast_short_of_last(recipe& r, const menu_network& n) {
  r.levels.back() = level_at(r.schedule, r.schedule.data_time());
  dpm_fast(r, n);
}

/// SA-Solver with noise in the middle of the times alone, the last orders falling to 1 before a step onto data.
template <bool Again>
void sa_solver(recipe& r, const menu_network& n) {
  std::vector<double> noise;  // of the steps, the last one first
  for (auto l = r.levels.rbegin(); l + 1 != r.levels.rend(); ++l) {
    const bool middle =
        n.is_flow() ? l->time <= n.shifted(0.8) && l->time >= n.shifted(0.2) : l->time <= 799.2 && l->time >= 199.8;
    noise.push_back(middle ? 1 : 0);
  }
  const bool to_data = r.levels.back().is_data();
  r.solver = multistep_by_rule{solver::target::data, 4, 3, [noise, to_data](const level&, int left) {
                                 const int most = to_data ? (std::max)(left - 1, 1) : 4;
                                 const bool corrects = !to_data || left > 2 || (Again && left == 2);
                                 return solver::multistep{
                                     .predictor = static_cast<std::size_t>((std::min)(3, most)),
                                     .corrector = static_cast<std::size_t>(corrects ? (std::min)(4, most) : 0),
                                     .evaluates_again = Again,
                                     .eta = noise[static_cast<std::size_t>(left) - 1]};
                               }};
}

/// ER-SDE-Solver-3 with its integrals as sums of 200 terms, and the second derivative from slopes that are taken for
/// those at the ends of steps; solver::er_sde has neither.
struct er_sde_by_sums {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 2;
  static constexpr bool stochastic = true;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    struct value {
      double ratio;
      plan::expression data;
    };
    std::vector<value> values;  // the last one first
    const auto slope = [&](std::size_t j) {
      return (values[j].data - values[j + 1].data) / (values[j].ratio - values[j + 1].ratio);
    };
    constexpr auto scaler = solver::er_sde<3>::authors_scaler;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (t.is_data()) {
        x = t.alpha * m.data;
        continue;
      }
      if (s.is_noise()) {
        x = t.alpha * m.data + t.sigma * p.path(s, t)(s, t);
        continue;
      }
      const double from = s.ratio(), to = t.ratio(), fall = to - from, end = scaler(to), left = end / scaler(from);
      values.insert(values.begin(), {from, p.keep(m.data)});
      if (values.size() > 3) values.pop_back();
      x = (t.alpha / s.alpha) * left * x + t.alpha * (1 - left) * values.front().data;
      double sum = 0, moment = 0;
      for (int k = 0; k < 200; ++k) {
        const double place = std::fma(k, -fall / 200, to), scale = scaler(place);
        sum += 1 / scale;
        moment += (place - from) / scale;
      }
      const double each = end * -fall / 200;
      if (values.size() > 1) x = x + t.alpha * std::fma(sum, each, fall) * slope(0);
      if (values.size() > 2)
        x = x + t.alpha * std::fma(moment, each, fokker::detail::rounded_product(fall, fall / 2)) *
                    (2 / (from - values[2].ratio)) * (slope(0) - slope(1));
      const double kept = fokker::detail::rounded_product(from, left);
      if (to > kept) x = x + t.alpha * std::sqrt((to - kept) * (to + kept)) * p.path(s, t)(s, t);
    }
    return x;
  }
};
inline void er_sde(recipe& r, const menu_network&) { r.solver = er_sde_by_sums{}; }

}  // namespace detail

/// The recipe of a choice. Throws std::invalid_argument for a name that the menu does not have, listing its names, and
/// for one that has no counterpart, saying what there is instead.
[[nodiscard]] inline recipe recipe_of(const menu& m, const menu_choice& choice, const menu_network& n) {
  const sampler& s = fokker::detail::found(m.samplers, "sampler", choice.sampler);
  const auto instead = [&](const char* what, std::string_view name, std::string_view said) {
    if (!said.empty()) fokker::detail::refuse(what, name, fokker::detail::joined({"another one; ", said}));
  };
  if (s.solver.empty()) instead("sampler", s.name, s.note);
  if (n.is_flow() && s.flows == on_flows::refused)
    fokker::detail::refuse("sampler", s.name, "another one for a flow, on which this program runs it in its own way");
  const auto scheduler_of = [&](std::string_view name) {
    return &fokker::detail::found(m.schedulers, "scheduler", name);
  };
  const scheduler* rule = choice.scheduler.empty() ? &m.schedulers.front() : scheduler_of(choice.scheduler);
  if (rule->grid == automatic) rule = s.scheduler.empty() ? rule + 1 : scheduler_of(s.scheduler);
  if (rule->levels == nullptr) instead("scheduler", rule->name, rule->grid);
  if (n.is_flow() && !m.has_flows)
    fokker::detail::refuse("network", "a flow", "one with a table: for flows this menu is not known");
  if (!(fokker::detail::is_finite(choice.denoise) && choice.denoise > 0 && choice.denoise <= 1))
    fokker::detail::refuse("denoise", choice.denoise, "above 0 and up to 1");
  fokker::detail::require_steps(choice.steps);

  const bool part = choice.denoise < (m.counting == counts::last_of_more ? 0.9999 : 1);
  const int steps = m.counting == counts::last_of_more && part
                        ? static_cast<int>((std::min)(choice.steps / choice.denoise, 1e6))
                        : choice.steps;
  std::vector<level> levels = rule->levels(n, steps + s.discards);
  if (s.discards) levels.erase(levels.end() - 2);
  if (part) {
    const int there = static_cast<int>(levels.size()) - 1;
    const int wanted = static_cast<int>(choice.steps * choice.denoise) + 1;
    const int left_out =
        m.counting == counts::last_of_more ? there - choice.steps : (std::min)(choice.steps - wanted, there - 1);
    if (left_out > 0) levels.erase(levels.begin(), levels.begin() + left_out);
  }

  const level first = levels.front();
  const any_solver own = s.made != nullptr
                             ? s.made()
                             : solver::by_name(n.is_flow() && !s.on_flow.empty() ? s.on_flow : s.solver, s.fields);
  if (!n.is_flow()) {
    const bool whole = first.time == n.table.noise_time();
    recipe r{.schedule = n.table, .levels = levels, .solver = own, .network = n.predicts};
    r.whole_labels = m.whole_labels;
    r.initial_scale = m.unit_variance && whole ? fokker::detail::hypotenuse(1, first.ratio()) : first.ratio();
    r.over_alpha = true;
    if (s.adapt != nullptr) s.adapt(r, n);
    return r;
  }
  recipe r{.schedule = schedule::flow_linear{}, .levels = levels, .solver = own, .network = n.predicts};
  r.initial_scale = first.sigma;
  if (s.flows == on_flows::inner_path && first.is_noise())
    r.levels.front() = level_at(schedule::flow_linear{}, n.shifted(1 - 1e-4));
  if (s.flows == on_flows::exploding) {
    r.schedule = schedule::edm{.sigma_max = 1};
    for (level& l : r.levels) l = level_at(schedule::edm{}, l.time);
  }
  if (s.adapt != nullptr) s.adapt(r, n);
  return r;
}

// Programs.

[[nodiscard]] inline const menu& of_comfyui() {
  using enum on_flows;
  static const menu m{
      .samplers =
          {{.name = "euler", .solver = "euler"},
           {.name = "euler_cfg_pp", .note = "it is solver::ddim, planned with guidance::cfg_pp"},
           {.name = "euler_ancestral", .solver = "euler_ancestral", .on_flow = "euler_ancestral_rf"},
           {.name = "euler_ancestral_cfg_pp", .note = "it is euler_ancestral, planned with guidance::cfg_pp"},
           {.name = "heun", .solver = "heun"},
           {.name = "heunpp2", .note = "heun has order 2 with two calls a step, this one order 1 with three"},
           {.name = "exp_heun_2_x0",
            .solver = "seeds_2",
            .fields = {{"eta", 0}, {"r", 1}, {"weights", "phi_2"}},
            .flows = inner_path},
           {.name = "exp_heun_2_x0_sde",
            .solver = "seeds_2",
            .fields = {{"r", 1}, {"weights", "phi_2"}},
            .flows = inner_path},
           {.name = "dpm_2", .solver = "dpm_2", .flows = exploding, .discards = true},
           {.name = "dpm_2_ancestral", .solver = "dpm_2_ancestral", .flows = refused, .discards = true},
           {.name = "lms", .solver = "lms", .flows = exploding, .adapt = detail::end_on_data},
           {.name = "dpm_fast", .solver = "dpm_fast", .flows = exploding, .adapt = detail::dpm_fast},
           {.name = "dpm_adaptive", .note = "its steps follow from the run, as those of sample_adaptively do"},
           {.name = "dpmpp_2s_ancestral", .solver = "dpmpp_2s_ancestral", .flows = refused},
           {.name = "dpmpp_2s_ancestral_cfg_pp", .note = "it is dpmpp_2s_ancestral, planned with guidance::cfg_pp"},
           {.name = "dpmpp_sde", .solver = "dpmpp_sde", .flows = refused},
           {.name = "dpmpp_sde_gpu", .solver = "dpmpp_sde", .flows = refused},
           {.name = "dpmpp_2m", .solver = "dpmpp_2m", .flows = exploding},
           {.name = "dpmpp_2m_cfg_pp", .solver = "dpmpp_2m_cfg_pp", .flows = exploding},
           {.name = "dpmpp_2m_sde", .solver = "sde_dpmpp_2m", .flows = inner_path},
           {.name = "dpmpp_2m_sde_gpu", .solver = "sde_dpmpp_2m", .flows = inner_path},
           {.name = "dpmpp_2m_sde_heun", .solver = "sde_dpmpp_2m", .fields = {{"form", "heun"}}, .flows = inner_path},
           {.name = "dpmpp_2m_sde_heun_gpu",
            .solver = "sde_dpmpp_2m",
            .fields = {{"form", "heun"}},
            .flows = inner_path},
           {.name = "dpmpp_3m_sde",
            .solver = "compat::dpmpp_3m",
            .fields = {{"form", "heun"}, {"eta", 1}},
            .flows = inner_path},
           {.name = "dpmpp_3m_sde_gpu",
            .solver = "compat::dpmpp_3m",
            .fields = {{"form", "heun"}, {"eta", 1}},
            .flows = inner_path},
           {.name = "ddpm", .solver = "ddpm", .flows = refused},
           {.name = "lcm", .solver = "lcm"},
           {.name = "ipndm", .solver = "ipndm", .flows = exploding, .adapt = detail::end_on_data},
           {.name = "ipndm_v", .solver = "compat::ipndm_v", .flows = exploding},
           {.name = "deis",
            .note =
                "its variable is the time of a path that is not the network's; solver::deis has that of the network's"},
           {.name = "cfgpp_ud10_ab", .note = "near it is solver::ddim, planned with guidance::cfg_pp"},
           {.name = "res_multistep", .solver = "dpmpp_2m", .fields = {{"form", "heun"}}, .flows = exploding},
           {.name = "res_multistep_cfg_pp", .note = "near it is dpmpp_2m_cfg_pp"},
           {.name = "res_multistep_ancestral", .note = "near it is dpmpp_2m_sde_heun, whose noise is that of an SDE"},
           {.name = "res_multistep_ancestral_cfg_pp",
            .note = "near it is dpmpp_2m_sde_heun, planned with guidance::cfg_pp"},
           {.name = "gradient_estimation",
            .solver = "gradient_estimation",
            .flows = exploding,
            .adapt = detail::end_on_data},
           {.name = "gradient_estimation_cfg_pp", .note = "it is gradient_estimation, planned with guidance::cfg_pp"},
           {.name = "er_sde", .solver = "er_sde<3>", .flows = inner_path, .adapt = detail::er_sde},
           {.name = "seeds_2", .solver = "seeds_2", .flows = inner_path},
           {.name = "seeds_3", .solver = "seeds_3", .flows = inner_path},
           {.name = "sa_solver", .solver = "sa_solver", .flows = inner_path, .adapt = detail::sa_solver<false>},
           {.name = "sa_solver_pece", .solver = "sa_solver", .flows = inner_path, .adapt = detail::sa_solver<true>},
           {.name = "ddim", .solver = "euler"},
           {.name = "uni_pc",
            .solver = "unipc",
            .flows = refused,
            .discards = true,
            .adapt = detail::unipc<solver::form::bh1>},
           {.name = "uni_pc_bh2",
            .solver = "unipc",
            .flows = refused,
            .discards = true,
            .adapt = detail::unipc<solver::form::bh2>}},
      .schedulers = {{"simple", "trailing{.round_up = true}", detail::simple},
                     {"sgm_uniform", "linspace{.endpoint = false, .rounded = false}", detail::sgm_uniform},
                     {"karras", "karras", detail::karras},
                     {"exponential", "log_snr", detail::exponential},
                     {"ddim_uniform", "leading{.offset = 1, .stride = T / N}", detail::ddim_uniform},
                     {"beta", "beta", detail::beta},
                     {"normal", "linspace{.rounded = false}", detail::normal},
                     {"linear_quadratic", "linear_quadratic", detail::linear_quadratic},
                     {"kl_optimal", "tangent", detail::kl_optimal}},
      .counting = counts::last_of_more,
      .whole_labels = true,
      .unit_variance = true};
  return m;
}

[[nodiscard]] inline const menu& of_a1111() {
  static const menu m{
      .samplers = {{.name = "DPM++ 2M", .solver = "dpmpp_2m", .scheduler = "Karras"},
                   {.name = "DPM++ SDE", .solver = "dpmpp_sde", .scheduler = "Karras"},
                   {.name = "DPM++ 2M SDE", .solver = "sde_dpmpp_2m", .scheduler = "Exponential"},
                   {.name = "DPM++ 2M SDE Heun",
                    .solver = "sde_dpmpp_2m",
                    .fields = {{"form", "heun"}},
                    .scheduler = "Exponential"},
                   {.name = "DPM++ 2S a", .solver = "dpmpp_2s_ancestral", .scheduler = "Karras"},
                   {.name = "DPM++ 3M SDE",
                    .solver = "compat::dpmpp_3m",
                    .fields = {{"form", "heun"}, {"eta", 1}},
                    .discards = true,
                    .scheduler = "Exponential"},
                   {.name = "Euler a", .solver = "euler_ancestral"},
                   {.name = "Euler", .solver = "euler"},
                   {.name = "LMS", .solver = "lms"},
                   {.name = "Heun", .solver = "heun"},
                   {.name = "DPM2", .solver = "dpm_2", .discards = true, .scheduler = "Karras"},
                   {.name = "DPM2 a", .solver = "dpm_2_ancestral", .discards = true, .scheduler = "Karras"},
                   {.name = "DPM fast", .solver = "dpm_fast", .adapt = detail::dpm_fast_short_of_last},
                   {.name = "DPM adaptive", .note = "its steps follow from the run, as those of sample_adaptively do"},
                   {.name = "Restart", .note = "the method is solver::restart, with intervals of your own"},
                   {.name = "DDIM", .note = "it is solver::ddim on grid::leading{.offset = 1, .end = to_last_level}"},
                   {.name = "DDIM CFG++", .note = "it is that of DDIM, planned with guidance::cfg_pp"},
                   {.name = "PLMS", .note = "the method is solver::plms, with another first step"},
                   {.name = "UniPC", .note = "the method is solver::unipc<3>, on other levels"},
                   {.name = "LCM",
                    .note =
                        "the method is solver::lcm, on grid::distilled and with parameterization::latent_consistency"}},
      .schedulers = {{"Automatic", automatic},
                     {"Uniform", "linspace{.rounded = false}", detail::normal},
                     {"Karras", "karras", detail::karras},
                     {"Exponential", "log_snr", detail::exponential},
                     {"Polyexponential", "polyexponential", detail::exponential},
                     {"SGM Uniform", "linspace{.endpoint = false, .rounded = false}", detail::sgm_uniform},
                     {"KL Optimal", "tangent{.end = to_last_level}", detail::kl_optimal_to_least},
                     {"Align Your Steps",
                      "near it is grid::align_your_steps, whose numbers have more than three decimals"},
                     {"Simple", "trailing{.round_up = true}", detail::simple},
                     {"Normal", "linspace{.rounded = false}", detail::normal},
                     {"DDIM", "leading{.offset = 1, .stride = T / N}", detail::ddim_uniform},
                     {"Beta", "beta_sigmas", detail::beta_sigmas}},
      .has_flows = false};
  return m;
}

[[nodiscard]] inline const menu& of_stable_diffusion_cpp() {
  using enum on_flows;
  static const menu m{
      .samplers = {{.name = "euler", .solver = "euler"},
                   {.name = "euler_a", .solver = "euler_ancestral", .on_flow = "euler_ancestral_rf"},
                   {.name = "heun", .solver = "heun"},
                   {.name = "dpm2", .solver = "dpm_2", .flows = exploding},
                   {.name = "dpm++2s_a", .solver = "dpmpp_2s_ancestral", .flows = refused},
                   {.name = "dpm++2m", .solver = "dpmpp_2m", .flows = exploding},
                   {.name = "dpm++2mv2", .note = "its weights do not fit its steps; near it is dpm++2m"},
                   {.name = "lms",
                    .note = "it reads predictions of other steps than its weights are for; the method is solver::lms"},
                   {.name = "ipndm", .solver = "ipndm", .flows = exploding},
                   {.name = "ipndm_v",
                    .note = "two of its predictions have weights of unequal steps, more have those of equal ones; near "
                            "it is ipndm"},
                   {.name = "lcm", .solver = "lcm"},
                   {.name = "ddim_trailing", .solver = "euler_ancestral", .fields = {{"eta", 0}}},
                   {.name = "tcd", .note = "the method is solver::tcd"},
                   {.name = "res_multistep", .solver = "dpmpp_2m", .fields = {{"form", "heun"}}, .flows = exploding},
                   {.name = "res_2s", .solver = "res_2s", .flows = exploding},
                   {.name = "er_sde", .note = "near it is solver::er_sde<3>, with a slope at another place"}},
      .schedulers = {{"discrete", "linspace{.rounded = false}", detail::normal},
                     {"karras", "karras", detail::karras},
                     {"exponential", "log_snr", detail::exponential},
                     {"ays", "the list is grid::align_your_steps"},
                     {"gits", "a list is taken by grid::explicit_levels"},
                     {"sgm_uniform", "linspace{.endpoint = false, .rounded = false}", detail::sgm_uniform},
                     {"simple", "trailing{.round_up = true}", detail::simple},
                     {"smoothstep", "smoothstep", detail::smoothstep},
                     {"kl_optimal", "tangent", detail::kl_optimal},
                     {"lcm", "near it is grid::distilled"},
                     {"bong_tangent", "near it is grid::bong_tangent, which keeps its last level"}}};
  return m;
}

}  // namespace menus

/// What ComfyUI does with a sampler and a scheduler of its menus. On flows most samplers of variance-exploding paths
/// are run there as they are; such a recipe has alpha = 1, and its x is the same.
[[nodiscard]] inline recipe comfyui(const menu_choice& choice, const menu_network& network) {
  return menus::recipe_of(menus::of_comfyui(), choice, network);
}

/// The same of AUTOMATIC1111's, for networks with a table. Of DPM fast a whole run reads no scheduler: it goes from the
/// most noise of the table to the least.
[[nodiscard]] inline recipe a1111(menu_choice choice, const menu_network& network) {
  recipe r = menus::recipe_of(menus::of_a1111(), choice, network);
  if (choice.sampler == "DPM fast" && choice.denoise == 1) {
    choice.scheduler = "Uniform";
    r.levels = menus::recipe_of(menus::of_a1111(), choice, network).levels;
  }
  return r;
}

/// The same of stable-diffusion.cpp's.
[[nodiscard]] inline recipe stable_diffusion_cpp(const menu_choice& choice, const menu_network& network) {
  return menus::recipe_of(menus::of_stable_diffusion_cpp(), choice, network);
}

}  // namespace fokker::inline v0::interop
