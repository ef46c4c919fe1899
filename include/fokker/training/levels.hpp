// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/normal_quantile.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/training/numbers.hpp>

/// Levels to train at. A law takes a number u between 0 and 1 to a level of a schedule, the noisier the larger u is,
/// which is the level below which a share u of the law lies: evenly spread numbers make evenly spread levels.
namespace fokker::inline v0::training {

/// Uniform in time, from the schedule's last_time, or its data where it has none, to its noise.
struct uniform_time {
  template <noise_schedule S>
  [[nodiscard]] level operator()(const S& schedule, double u) const {
    const double noise = schedule.noise_time();
    double clean = schedule.data_time();
    if constexpr (has_last_time<S>) clean = schedule.last_time();
    return level_at(schedule, (std::min)(std::fma(u, noise - clean, clean), noise));
  }
};

/// Uniform on the timesteps of a table. Throws std::invalid_argument for a schedule that is none.
struct uniform_timestep {
  template <noise_schedule S>
  [[nodiscard]] level operator()(const S& schedule, double u) const {
    static_assert(detail::holds<discrete_schedule<S>>,
                  "fokker: timesteps are those of a table, such as schedule::linear; docs/training/levels.md");
    if constexpr (discrete_schedule<S>)
      return level_at(schedule, std::floor(u * detail::timesteps_of_table(schedule)));
    else
      return {};
  }
};

namespace normals {

/// mean + deviation z, below which a share u lies.
[[nodiscard]] inline double normal_at(double u, double mean, double deviation) {
  return std::fma(deviation, detail::normal_quantile(u), mean);
}
inline void require_normal(double mean, double deviation) {
  detail::require_finite("mean", mean);
  detail::require_positive("deviation", deviation);
}

}  // namespace normals

/// log(t / (1 - t)) is normal, t being time, counted from data, 0, to noise, 1. Esser et al. 2024 (Stable Diffusion 3),
/// eq. 19. A shift s of time, t -> s t / (1 + (s - 1) t), adds log(s) to the mean.
struct logit_normal {
  double mean = 0;
  double deviation = 1;

  template <noise_schedule S>
  [[nodiscard]] level operator()(const S& schedule, double u) const {
    normals::require_normal(mean, deviation);
    const double noise = schedule.noise_time(), data = schedule.data_time();
    const double t = 1 / (1 + std::exp(-normals::normal_at(u, mean, deviation)));
    return level_at(schedule, (std::min)(std::fma(t, noise - data, data), noise));
  }
};

/// log(sigma/alpha) is normal; of a schedule whose noise has an alpha above 0 the law ends there. Karras et al. 2022
/// (EDM), table 1. Throws std::invalid_argument where the schedule reaches none of the law.
struct log_normal {
  double mean = -1.2;
  double deviation = 1.2;

  template <noise_schedule S>
  [[nodiscard]] level operator()(const S& schedule, double u) const {
    normals::require_normal(mean, deviation);
    const level noise = level_at(schedule, schedule.noise_time());
    if (noise.is_noise()) return level_at_ratio(schedule, std::exp(normals::normal_at(u, mean, deviation)));
    const double most = noise.ratio(), share = detail::normal_share((std::log(most) - mean) / deviation);
    if (!(share > 0x1p-900))
      detail::refuse(
          "mean", mean,
          detail::joined({"about ", detail::text(std::log(most)), ", that of the schedule's noise, or less"}));
    return level_at_ratio(
        schedule, (std::min)(std::exp(normals::normal_at(detail::rounded_product(u, share), mean, deviation)), most));
  }
};

/// A level for each of so many samples, which `perturb` takes: by a law, and by numbers that are `independent`,
/// `stratified` or of `low_discrepancy`. Give the source that draws the noise, too: no word is used twice.
template <noise_schedule S, class Law, class Numbers = independent>
[[nodiscard]] std::vector<level> draw_levels(const S& schedule, const Law& law, const noise::philox& source,
                                             std::size_t samples, const Numbers& numbers = {}) {
  std::vector<level> levels;
  levels.reserve(samples);
  for (std::size_t s = 0; s < samples; ++s)
    levels.push_back(law(schedule, numbers(source, static_cast<std::uint32_t>(s))));
  return levels;
}

}  // namespace fokker::inline v0::training
