// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
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
        at_([](const void* s, double time) { return level_at(*static_cast<const S*>(s), time); }),
        time_of_([](const void* s, double ratio) { return fokker::time_of(*static_cast<const S*>(s), ratio); }) {
    const S& s = *static_cast<const S*>(schedule_.get());
    noise_time_ = s.noise_time();
    last_time_ = data_time_ = s.data_time();
    if constexpr (has_last_time<S>) last_time_ = s.last_time();
    if constexpr (has_size<S>) size_ = s.size();
  }

  [[nodiscard]] double alpha(double time) const { return at_(schedule_.get(), time).alpha; }
  [[nodiscard]] double sigma(double time) const { return at_(schedule_.get(), time).sigma; }
  [[nodiscard]] double alpha_rate(double time) const { return at_(schedule_.get(), time).alpha_rate; }
  [[nodiscard]] double sigma_rate(double time) const { return at_(schedule_.get(), time).sigma_rate; }
  [[nodiscard]] double noise_time() const { return noise_time_; }
  [[nodiscard]] double last_time() const { return last_time_; }
  [[nodiscard]] double data_time() const { return data_time_; }
  [[nodiscard]] double time_of(double ratio) const { return time_of_(schedule_.get(), ratio); }
  [[nodiscard]] int size() const { return size_; }

 private:
  std::shared_ptr<const void> schedule_;
  level (*at_)(const void*, double);
  double (*time_of_)(const void*, double);
  double noise_time_ = 0, last_time_ = 0, data_time_ = 0;
  int size_ = 0;
};

}  // namespace fokker::inline v0::schedule
