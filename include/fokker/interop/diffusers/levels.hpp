// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/hypotenuse.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/grid/beta_sigmas.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/exponential.hpp>
#include <fokker/schedule/float32.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/laplace.hpp>
#include <fokker/schedule/squared_cosine.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/zero_terminal_snr.hpp>

/// Diffusers' tables, timesteps and noises, by its own rules and with its own roundings. The numbers of tables are
/// float32's, as there; all that follows from them is in double.
namespace fokker::inline v0::interop {

/// What the table of a class is where its config does not say.
struct table_defaults {
  double beta_start = 1e-4, beta_end = 0.02;
  std::vector<std::string_view> schedules = {"linear", "scaled_linear", "squaredcos_cap_v2"};  // the default first
};

/// The table of a config, log(sigma/alpha) being linear between its timesteps.
[[nodiscard]] inline schedule::tabulated read_table(config& c, const table_defaults& defaults = {}) {
  const int size = c.whole("num_train_timesteps", 1000, 1, 1'000'000);
  const double first = c.positive("beta_start", defaults.beta_start);
  const double last = c.positive("beta_end", defaults.beta_end);
  const std::string name = c.word("beta_schedule", defaults.schedules);
  const std::vector<double> trained = c.numbers("trained_betas");
  const auto table = [&] {
    if (!trained.empty()) {
      if (trained.size() != static_cast<std::size_t>(size)) c.refuse("trained_betas", "num_train_timesteps numbers");
      return schedule::float32(std::vector<float>(trained.begin(), trained.end()));
    }
    if (name == "squaredcos_cap_v2") return schedule::float32(schedule::squared_cosine(size));
    if (name == "laplace") return schedule::float32(schedule::laplace(size));
    if (name == "exp") return schedule::float32(schedule::exponential(size));
    std::vector<float> betas = name == "linear" ? schedule::evenly_spaced_float32(first, last, size)
                               : name == "sigmoid"
                                   ? schedule::evenly_spaced_float32(-6, 6, size)
                                   : schedule::evenly_spaced_float32(std::sqrt(first), std::sqrt(last), size);
    for (float& beta : betas) {
      if (name == "scaled_linear") beta *= beta;
      if (name == "sigmoid")
        beta = static_cast<float>((last - first) / (1 + std::exp(-static_cast<double>(beta))) + first);
    }
    return schedule::float32(betas);
  };
  return table().interpolated(schedule::interpolation::log_ratio);
}

/// The same with a last alpha of 0 where the config wants it, or of 2^-12 where the class cannot use 0: in the table if
/// noises still rise to that, else by `with_finite_noise`.
[[nodiscard]] inline schedule::tabulated with_zero_snr(config& c, schedule::tabulated table, bool exact) {
  if (!c.flag("rescale_betas_zero_snr", false)) return table;
  table = schedule::zero_terminal_snr(table);
  if (!exact && table.size() > 1 && std::exp(2 * table.log_alpha(table.size() - 2)) > 0x1p-24) {
    std::vector<double> alphas_cumprod;
    for (int t = 0; t < table.size(); ++t) alphas_cumprod.push_back(std::exp(2 * table.log_alpha(t)));
    alphas_cumprod.back() = 0x1p-24;
    table = schedule::tabulated::from_alphas_cumprod(alphas_cumprod);
  }
  return table.interpolated(schedule::interpolation::log_ratio);
}

/// The level with an alpha of 2^-12 where it is 0.
[[nodiscard]] inline level with_finite_noise(level l) {
  if (l.alpha == 0) {
    l.alpha = 0x1p-12;
    l.sigma = std::sqrt(1 - 0x1p-24);
  }
  return l;
}

/// The spacings of timesteps, the class's default first.
[[nodiscard]] inline std::vector<std::string_view> spacings(std::string_view standard) {
  return {standard, "linspace", "leading", "trailing"};
}

/// The three families of schedulers, by how they space timesteps. All of one family round alike.
enum class family {
  ddim,   ///< whole timesteps, all of which are steps
  sigma,  ///< timesteps between those of the table, and noises between theirs
  dpm,    ///< whole timesteps, one more than there are steps, of which the last is left out
};

/// numpy.linspace, to the bit.
[[nodiscard]] inline std::vector<double> evenly(double first, double last, int count) {
  std::vector<double> numbers;
  const double step = count > 1 ? (last - first) / (count - 1) : 0;
  for (int i = 0; i < count; ++i) numbers.push_back(first + fokker::detail::rounded_product(i, step));
  if (count > 1) numbers.back() = last;
  return numbers;
}

/// Timesteps by a rule, falling; `last` is the number of timesteps of the table that are used.
[[nodiscard]] inline std::vector<double> spaced_timesteps(std::string_view spacing, int offset, family f, int size,
                                                          int last, int steps) {
  fokker::detail::require_steps(steps, f == family::dpm ? size - 1 : f == family::ddim ? size : 1'000'000);
  const int skipped = f == family::dpm ? 1 : 0;
  const std::vector<double> even = evenly(0, last - 1, steps + skipped);
  const double apart = last - (last - static_cast<double>(size) / steps);  // of trailing ones
  std::vector<double> times;
  for (int i = 0; i < steps; ++i) {
    const int left = steps - 1 - i;
    double time = 0;
    if (spacing == "linspace") {
      time = even[static_cast<std::size_t>(left) + static_cast<std::size_t>(skipped)];
      if (f != family::sigma) time = std::nearbyint(time);
    } else if (spacing == "leading") {
      time = f == family::dpm ? (left + 1) * (last / (steps + 1)) : left * (last / steps);
      time += offset;
    } else {
      time = std::nearbyint(last - fokker::detail::rounded_product(i, apart)) - 1;
    }
    if (time < 0 || time > size - 1 || (i > 0 && time >= times.back()))
      fokker::detail::refuse("steps", steps, "so few that every timestep of the config is another one");
    times.push_back(time);
  }
  return times;
}

/// Those of a config.
[[nodiscard]] inline std::vector<double> spaced_timesteps(config& c, family f, int size, int last, int steps,
                                                          std::string_view standard) {
  const std::string spacing = c.word("timestep_spacing", spacings(standard));
  return spaced_timesteps(spacing, c.whole("steps_offset", 0, 0, size - 1), f, size, last, steps);
}

/// What noises of the config are spread by.
enum class spread { timesteps, karras, exponential, beta, lu, flow };

[[nodiscard]] inline spread read_spread(config& c, bool lu = false, bool flow = false) {
  const std::vector<std::pair<const char*, spread>> rules{{"use_karras_sigmas", spread::karras},
                                                          {"use_exponential_sigmas", spread::exponential},
                                                          {"use_beta_sigmas", spread::beta},
                                                          {"use_lu_lambdas", spread::lu},
                                                          {"use_flow_sigmas", spread::flow}};
  spread chosen = spread::timesteps;
  for (const auto& [key, rule] : rules) {
    if ((rule == spread::lu && !lu) || (rule == spread::flow && !flow)) continue;
    if (!c.flag(key, false)) continue;
    if (chosen != spread::timesteps) c.refuse(key, "false beside another rule of noises");
    chosen = rule;
  }
  return chosen;
}

/// The times of levels that a grid has on a path, without the data.
template <class Schedule, class Grid>
[[nodiscard]] std::vector<double> times_of(const Schedule& path, const Grid& grid) {
  std::vector<double> times;
  for (const level& l : grid.levels(path))
    if (!l.is_data()) times.push_back(l.time);
  return times;
}

/// `steps` numbers from `most` to `least` by a rule, whatever they mean; of one number, `most`.
[[nodiscard]] inline std::vector<double> spread_between(spread rule, double most, double least, int steps,
                                                        double rho = 7) {
  const schedule::edm line;
  if (steps == 1) return {most};
  if (rule == spread::karras)
    return times_of(line, grid::karras{.steps = steps, .rho = rho, .sigma_min = least, .sigma_max = most});
  if (rule == spread::beta)
    return times_of(line, grid::beta_sigmas{.steps = steps, .sigma_min = least, .sigma_max = most});
  return times_of(line, grid::log_snr{.steps = steps, .sigma_min = least, .sigma_max = most});
}

/// How a class rounds the timestep that it finds for a noise.
enum class rounding { none, nearest, down };

[[nodiscard]] inline double rounded(double label, rounding how) {
  return how == rounding::nearest ? std::nearbyint(label) : how == rounding::down ? std::floor(label) : label;
}

/// The timesteps that diffusers finds for noises, between the logarithms of its table's: these are rounded to float32,
/// and that of a noise itself is not, so that the first noise may lie below its own, and its timestep below the last.
class float32_noises {
 public:
  explicit float32_noises(const schedule::tabulated& table) {
    for (int t = 0; t < table.size(); ++t) {
      const double alpha = table.alpha(t);
      const float kept = static_cast<float>(alpha * alpha), left = 1 - kept, share = left / kept;
      most_ = double{std::sqrt(share)};
      logs_.push_back(double{static_cast<float>(std::log(most_))});
    }
  }

  [[nodiscard]] double most() const { return most_; }
  [[nodiscard]] double timestep(double noise) const {
    if (logs_.size() == 1) return 0;
    const double log = std::log((std::max)(noise, 1e-10));
    const auto above = std::upper_bound(logs_.begin() + 1, logs_.end() - 1, log);
    const double to = *above, from = *(above - 1), apart = double{static_cast<float>(to - from)};
    return static_cast<double>(above - logs_.begin() - 1) + std::clamp((log - from) / apart, 0.0, 1.0);
  }

 private:
  double most_ = 0;
  std::vector<double> logs_;
};

/// Levels of a table at sigma/alpha, each labelled with its timestep as diffusers finds it: of more noise
/// than the table has, the last one.
[[nodiscard]] inline std::vector<level> levels_at_noises(const schedule::tabulated& table,
                                                         const std::vector<double>& ratios, rounding how) {
  const float32_noises noises(table);
  const level last = level_at(table, table.noise_time());
  const double most = last.ratio();
  std::vector<level> levels;
  for (const double ratio : ratios) {
    level l = ratio > most ? last : level_at_ratio(table, ratio);
    if (ratio > most) {
      l.alpha = 1 / fokker::detail::hypotenuse(1, ratio);
      l.sigma = ratio * l.alpha;
    }
    l.label = rounded(noises.timestep(ratio == most ? noises.most() : ratio), how);
    levels.push_back(l);
  }
  return levels;
}

/// Levels of a table at timesteps, those between two of the table by linear interpolation of sigma/alpha.
[[nodiscard]] inline std::vector<level> levels_at_timesteps(const schedule::tabulated& table,
                                                            const std::vector<double>& times) {
  std::vector<level> levels = levels_at(table.interpolated(schedule::interpolation::ratio), times);
  for (level& l : levels) l.label = l.time;
  return levels;
}

/// Ends levels on the data.
inline void end_on_data(std::vector<level>& levels, const auto& schedule) {
  levels.push_back(level_at(schedule, schedule.data_time()));
}

/// Ends levels on `last`. Where they are there already, diffusers takes a step of no length, for which it calls the
/// network all the same: here it is one of 2^-40 of sigma/alpha.
inline void end_on(std::vector<level>& levels, level last) {
  if (!towards_data(levels.back(), last)) {
    last = levels.back();
    last.sigma *= 1 - 0x1p-40;
  }
  levels.push_back(last);
}

/// What a config does to the noises of a flow: a shift, and a stretch up to `terminal` unless that is 0. They are those
/// of grid::time_shift and grid::terminal_stretch, each operation rounded as there: labels may be cut off.
[[nodiscard]] inline std::vector<double> shifted(std::vector<double> sigmas, double shift, double terminal = 0) {
  for (double& s : sigmas) {
    if (s != 1) s = fokker::detail::rounded_product(shift, s) / (1 + fokker::detail::rounded_product(shift - 1, s));
    if (!(fokker::detail::is_finite(s) && s > 0 && s <= 1))
      fokker::detail::refuse("shift", shift, "a number that leaves sigmas above 0 and up to 1");
  }
  const double last = 1 - sigmas.back();
  if (terminal > 0 && last > 0)
    for (double& s : sigmas) s = 1 - (1 - s) / (last / (1 - terminal));
  return sigmas;
}

/// Levels of the straight path, labelled with their share of `timesteps`.
[[nodiscard]] inline std::vector<level> levels_of_flow(const std::vector<double>& sigmas, int timesteps, rounding how) {
  std::vector<level> levels = levels_at(schedule::flow_linear{}, sigmas);
  for (level& l : levels) l.label = rounded(l.time * timesteps, how);
  return levels;
}

}  // namespace fokker::inline v0::interop
