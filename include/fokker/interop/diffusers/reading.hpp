// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/interop/config.hpp>
#include <fokker/interop/diffusers/levels.hpp>
#include <fokker/interop/diffusers/options.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/tabulated.hpp>

namespace fokker::inline v0::interop::diffusers_classes {

/// One config while it is read, and what was said beside it.
class reading {
 public:
  config fields;
  int steps;
  std::string prediction_type;
  bool karras_without_config = false;  ///< whether the class's rule of Karras reads no ends of noises

  reading(const nlohmann::json& json, int count, const diffusers_options& said)
      : fields(json), steps(count), said_(said) {
    if (!said.timesteps.empty()) steps = static_cast<int>(said.timesteps.size());
    if (!said.sigmas.empty()) steps = static_cast<int>(said.sigmas.size());
  }

  [[nodiscard]] const std::vector<double>& timesteps() { return timesteps_read_ = true, said_.timesteps; }
  [[nodiscard]] const std::vector<double>& sigmas() { return sigmas_read_ = true, said_.sigmas; }
  [[nodiscard]] double mu() { return mu_read_ = true, said_.mu; }
  [[nodiscard]] double eta(double standard) {
    eta_read_ = true;
    return fokker::detail::is_nan(said_.eta) ? standard : said_.eta;
  }
  [[nodiscard]] int begin() const { return said_.begin; }
  [[nodiscard]] bool float32() const { return said_.float32; }

  /// Throws where something was said that the class does not take.
  void require_all_read(std::string_view scheduler) const {
    const auto require = [&](bool read, const char* name) {
      if (!read)
        fokker::detail::refuse(
            name, "given", fokker::detail::joined({"not given: ", scheduler, " does not take it with this config"}));
    };
    require(timesteps_read_ || said_.timesteps.empty(), "timesteps");
    require(sigmas_read_ || said_.sigmas.empty(), "sigmas");
    require(mu_read_ || fokker::detail::is_nan(said_.mu), "mu");
    require(eta_read_ || fokker::detail::is_nan(said_.eta), "eta");
  }

 private:
  const diffusers_options& said_;
  bool timesteps_read_ = false, sigmas_read_ = false, mu_read_ = false, eta_read_ = false;
};

/// What the network predicts, of the words that a class knows; the first is its default.
[[nodiscard]] inline any_network read_network(reading& r, const std::vector<std::string_view>& words) {
  r.prediction_type = r.fields.word("prediction_type", words);
  if (r.prediction_type == "sample" || r.prediction_type == "original_sample") return parameterization::data{};
  if (r.prediction_type == "v_prediction") return parameterization::velocity{};
  if (r.prediction_type == "flow_prediction") return parameterization::flow{.at_data = false};
  return parameterization::epsilon{};
}

[[nodiscard]] inline data_limit read_clip(config& c, bool standard, bool network_epsilon) {
  const bool clips = c.flag("clip_sample", standard);
  const double range = c.positive("clip_sample_range", 1);
  return clips ? data_limit{.bound = range, .network_epsilon = network_epsilon} : data_limit{};
}

/// Dynamic thresholding, which comes before clipping where a class has both.
[[nodiscard]] inline data_limit read_threshold(config& c, data_limit otherwise = {}, bool network_epsilon = false) {
  const bool thresholds = c.flag("thresholding", false);
  const double quantile = c.positive("dynamic_thresholding_ratio", 0.995);
  const double largest = c.positive("sample_max_value", 1);
  if (quantile > 1) c.refuse("dynamic_thresholding_ratio", "above 0 and up to 1");
  if (!thresholds) return otherwise;
  return {.bound = 1, .quantile = quantile, .largest = largest, .network_epsilon = network_epsilon};
}

inline void require_shares(const std::vector<double>& sigmas) {
  for (const double s : sigmas)
    if (!(s > 0 && s <= 1)) fokker::detail::refuse("sigmas", s, "above 0 and up to 1");
}

/// Numbers by a rule, from `most` to `least` or between the ends that the config has: diffusers reads them of every
/// class, of those, too, that carry them on from another one.
[[nodiscard]] inline std::vector<double> spread_of_config(config& c, spread rule, double most, double least,
                                                          int steps) {
  if (rule != spread::lu) {
    most = c.positive("sigma_max", most);
    least = c.positive("sigma_min", least);
  }
  return spread_between(rule, most, least, steps);
}

/// The timesteps that were said, else those of the config.
[[nodiscard]] inline std::vector<double> read_timesteps(reading& r, family f, const schedule::tabulated& table,
                                                        std::string_view spacing, int last = 0) {
  const int size = table.size();
  std::vector<double> own = r.timesteps();
  if (own.empty()) return spaced_timesteps(r.fields, f, size, last == 0 ? size : last, r.steps, spacing);
  r.fields.skip("timestep_spacing");
  r.fields.skip("steps_offset");
  return own;
}

/// Ends on the data, or with `set_alpha_to_one` false on timestep 0.
inline void end_by_alpha(config& c, std::vector<level>& levels, const schedule::tabulated& table, bool standard) {
  if (c.flag("set_alpha_to_one", standard))
    end_on_data(levels, table);
  else
    end_on(levels, level_at(table, 0));
}

/// The shift of a flow: that of the config, or of the program's mu.
[[nodiscard]] inline double read_shift(reading& r, const char* key) {
  const double shift = r.fields.positive(key, 1);
  const std::string kind = r.fields.word("time_shift_type", {"exponential", "linear"});
  if (!r.fields.flag("use_dynamic_shifting", false)) return shift;
  if (fokker::detail::is_nan(r.mu()))
    fokker::detail::refuse("mu", "not given",
                           "a number, for use_dynamic_shifting; of Flux the logarithm of grid::shift_for_tokens");
  return kind == "linear" ? r.mu() : std::exp(r.mu());
}

[[nodiscard]] inline double read_terminal(config& c) {
  const double terminal = c.number("shift_terminal", 0);
  if (!(terminal >= 0 && terminal < 1)) c.refuse("shift_terminal", "0 (none) or more, and below 1");
  return terminal;
}

/// A class by its name in configs, and what reads it. Each file of classes has a list of its own, called of_FILE.
struct known_class {
  std::string_view name;
  recipe (*read)(reading&);
};

/// The lists of all files as one, in the order of their names.
template <std::size_t... Sizes>
[[nodiscard]] consteval auto in_order(const known_class (&... lists)[Sizes]) {
  std::array<known_class, (Sizes + ...)> all;
  auto end = all.begin();
  ((end = std::copy(std::begin(lists), std::end(lists), end)), ...);
  std::sort(all.begin(), all.end(), [](const known_class& a, const known_class& b) { return a.name < b.name; });
  return all;
}

}  // namespace fokker::inline v0::interop::diffusers_classes
