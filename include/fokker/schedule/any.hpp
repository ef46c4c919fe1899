// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <limits>
#include <memory>
#include <utility>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/detail/kept.hpp>

namespace fokker::inline v0::schedule {

/// A schedule whose type is forgotten, the same to the bit. Rates that it does not tell are NaN, its last_time is where
/// the data are if it has none, and its size is 0 unless it is a table.
class any {
 public:
  template <noise_schedule S>
  requires(!std::same_as<S, any>) any(S schedule)  // NOLINT(google-explicit-constructor)
      : schedule_(detail::kept(std::move(schedule))),
        alpha_([](const void* s, double time) -> double { return static_cast<const S*>(s)->alpha(time); }),
        sigma_([](const void* s, double time) -> double { return static_cast<const S*>(s)->sigma(time); }),
        time_of_([](const void* s, double ratio) { return fokker::time_of(*static_cast<const S*>(s), ratio); }) {
    if constexpr (has_rates<S>) {
      alpha_rate_ = [](const void* s, double time) -> double { return static_cast<const S*>(s)->alpha_rate(time); };
      sigma_rate_ = [](const void* s, double time) -> double { return static_cast<const S*>(s)->sigma_rate(time); };
    }
    const S& s = *static_cast<const S*>(schedule_.get());
    noise_time_ = s.noise_time();
    last_time_ = data_time_ = s.data_time();
    if constexpr (has_last_time<S>) last_time_ = s.last_time();
    if constexpr (has_size<S>) size_ = s.size();
  }

  [[nodiscard]] double alpha(double time) const { return alpha_(schedule_.get(), time); }
  [[nodiscard]] double sigma(double time) const { return sigma_(schedule_.get(), time); }
  [[nodiscard]] double alpha_rate(double time) const { return alpha_rate_(schedule_.get(), time); }
  [[nodiscard]] double sigma_rate(double time) const { return sigma_rate_(schedule_.get(), time); }
  [[nodiscard]] double noise_time() const { return noise_time_; }
  [[nodiscard]] double last_time() const { return last_time_; }
  [[nodiscard]] double data_time() const { return data_time_; }
  [[nodiscard]] double time_of(double ratio) const { return time_of_(schedule_.get(), ratio); }
  [[nodiscard]] int size() const { return size_; }

 private:
  static double unknown(const void*, double) { return std::numeric_limits<double>::quiet_NaN(); }

  std::shared_ptr<const void> schedule_;
  using number = double (*)(const void*, double);
  number alpha_, sigma_, alpha_rate_ = unknown, sigma_rate_ = unknown;
  number time_of_;
  double noise_time_ = 0, last_time_ = 0, data_time_ = 0;
  int size_ = 0;
};

}  // namespace fokker::inline v0::schedule
