// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/concept/prediction_type.hpp>

namespace fokker::inline v0::parameterization {

/// A network on another path than the one it was trained on. Levels of equal sigma/alpha are the same but for a factor:
/// the network gets x times alpha'/alpha, the primed ones of its own schedule, and is told that schedule's time. So a
/// table's epsilon network runs on the levels of `schedule::edm`, as k-diffusion's wrappers run it (input times
/// 1/sqrt(1 + sigma^2)). Throws std::invalid_argument for a sigma/alpha that its schedule does not reach.
template <class Schedule, class Network>
struct trained_on {
  static constexpr const char* name = Network::name;
  static constexpr bool learns_variance = fokker::learns_variance<Network>();
  Schedule schedule;
  Network network;

  [[nodiscard]] prediction_row row(const level& l) const { return network.row(own(l)); }
  [[nodiscard]] prediction_row row(const level& from, const level& to) const {
    const level there = own(to);
    return row_of(network, own(from), &there);
  }
  [[nodiscard]] double input_scale(const level& l) const {
    const level here = own(l);
    return fokker::input_scale(network, here) * (l.is_noise() ? here.sigma / l.sigma : here.alpha / l.alpha);
  }
  [[nodiscard]] double label(const level& l) const { return fokker::label(network, own(l)); }
  [[nodiscard]] data_limit limit() const requires has_limit<Network> { return network.limit(); }

 private:
  [[nodiscard]] level own(const level& l) const {
    if (!l.is_noise()) return level_at_ratio(schedule, l.ratio());
    const level noise = level_at(schedule, schedule.noise_time());
    if (!noise.is_noise()) detail::refuse("alpha", 0, "above 0: the network was not trained on noise alone");
    return noise;
  }
};
template <class Schedule, class Network>
trained_on(Schedule, Network) -> trained_on<Schedule, Network>;

}  // namespace fokker::inline v0::parameterization
