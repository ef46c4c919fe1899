// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>

#include <fokker/level.hpp>

namespace fokker::inline v0::plan {

/// Where the ends of a piece of noise lie on its Brownian path: the variance of the path runs as (alpha/sigma)^power.
/// 2 eta is that of the reverse SDE of eta, whose noise x/sigma (alpha/sigma)^eta gathers; -1 is sigma/alpha and -2 its
/// square, as noise that is added on the way up. 0 stands still: each normal is alone, of no path.
struct clock {
  double power = 2;

  /// The position of a level; 0 and infinity at the ends. Compiled once, so that ends that touch are equal also where
  /// -ffast-math makes other numbers of it in every place.
  [[nodiscard, gnu::noinline]] double operator()(const level& l) const {
    if (power == 0) return 0;
    if (l.is_noise()) return power > 0 ? 0 : infinity;
    if (l.is_data()) return power > 0 ? infinity : 0;
    return power > 0 ? std::pow(l.alpha / l.sigma, power) : std::pow(l.ratio(), -power);
  }

  /// The part of the variance of a span s -> t that a piece from -> to of it has; exact where positions are infinite.
  [[nodiscard]] double share(const level& from, const level& to, const level& s, const level& t) const {
    return (power > 0 ? left(to, t) : left(s, from)) * gone(from, to) / gone(s, t);
  }

  friend bool operator==(const clock&, const clock&) = default;

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  /// e^{-|power| h} of a step s -> t: the smaller of its positions by the larger one; and 1 less that.
  [[nodiscard]] double left(const level& s, const level& t) const {
    if (!towards_data(s, t)) return 1;
    return s.is_noise() || t.is_data() ? 0 : std::exp(-std::abs(power) * log_snr_step(s, t));
  }
  [[nodiscard]] double gone(const level& s, const level& t) const {
    if (!towards_data(s, t)) return 0;
    return s.is_noise() || t.is_data() ? 1 : -std::expm1(-std::abs(power) * log_snr_step(s, t));
  }
};

/// How often positions of clocks were visited: a path that has a part of its span in common with earlier ones is of one
/// visit more than any of them, so that paths of one visit are apart.
class visits {
 public:
  /// The visit of a new path between two positions, in either order.
  [[nodiscard]] std::uint32_t operator()(double from, double to) {
    if (from == to) return 0;
    const auto last = split((std::max)(from, to)), first = split((std::min)(from, to));
    const auto most = std::max_element(first, last, [](const auto& a, const auto& b) { return a.second < b.second; });
    const std::uint32_t visit = most->second;
    paths_.erase(std::next(first), last);
    first->second = visit + 1;
    return visit;
  }

 private:
  using counts = std::map<double, std::uint32_t>;

  /// The entry that begins at a position.
  counts::iterator split(double position) {
    const auto after = paths_.upper_bound(position);
    return paths_.emplace_hint(after, position, std::prev(after)->second);
  }

  counts paths_{{0.0, 0}};  // from this position to the next: as many visits, one more than the largest
};

}  // namespace fokker::inline v0::plan
