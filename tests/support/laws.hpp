// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/concept/level_grid.hpp>
#include <fokker/concept/noise_schedule.hpp>
#include <fokker/concept/prediction_type.hpp>

#include "support/catch.hpp"

/// What every member of a concept keeps, of the library and of its users.
namespace law {

using fokker::level;
using fokker::level_at;
using fokker::moment;

inline constexpr double u = 0x1p-53;   // the error of one rounding
using failures = std::vector<double>;  // where a law is broken: empty, or the first few of it

inline void note(failures& list, double where) {
  if (list.size() < 8) list.push_back(where);
}

/// The text of the std::invalid_argument that `f` throws; empty where it throws none.
template <class F>
std::string refusal(F f) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

/// It throws std::invalid_argument, and the message holds each of `texts`.
template <class F>
void refused(F f, std::initializer_list<const char*> texts) {
  const std::string message = refusal(f);
  CHECK(message.starts_with("fokker: "));
  for (const char* text : texts) CHECK_THAT(message, Catch::Contains(text));
}

/// Shares of the way from data to noise, dense in the middle and towards both ends.
inline std::vector<double> shares() {
  std::vector<double> list;
  for (int i = 0; i <= 4000; ++i) list.push_back(i / 4000.0);
  for (int k = 13; k <= 40; ++k) list.insert(list.end(), {std::ldexp(1, -k), 1 - std::ldexp(1, -k)});
  std::sort(list.begin(), list.end());
  return list;
}

template <class S>
double time_at(const S& s, double share) {
  const double data = s.data_time(), noise = s.noise_time();
  return share == 1 ? noise : std::fma(share, noise - data, data);
}

/// The steepest change of log(sigma/alpha) beside a time; at the noise end on the side of data alone.
template <class S>
double slope(const S& s, double share) {
  const level here = level_at(s, time_at(s, share));
  double steepest = 0;
  for (const double side : {-1.0, 1.0}) {
    const double other = share + side * 0x1p-10 * (share < 0.5 ? share : (share == 1 ? 0x1p-20 : 1 - share));
    if (other > 1) continue;
    const level there = level_at(s, time_at(s, other));
    steepest = std::max(steepest, std::abs((here.log_snr() - there.log_snr()) / (here.time - there.time)));
  }
  return steepest;
}

template <class S>
void data_end(const S& s) {
  const double sigma = s.sigma(s.data_time());
  CHECK(sigma == 0);
  CHECK_FALSE(std::signbit(sigma));
  // 1, but for two sines of an angle and its complement
  CHECK(std::abs(s.alpha(s.data_time()) - 1) <= 4 * u);
}

template <class S>
void strictly_towards_noise(const S& s, const std::vector<double>& times) {
  failures negative, not_noisier;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const level l = level_at(s, times[i]);
    if (!(l.alpha >= 0 && l.sigma >= 0)) note(negative, l.time);
    if (i > 0 && !fokker::towards_data(l, level_at(s, times[i - 1]))) note(not_noisier, l.time);
  }
  CHECK(negative == failures{});
  CHECK(not_noisier == failures{});
}

template <class S>
void strictly_towards_noise(const S& s) {
  std::vector<double> times;
  for (const double share : shares()) times.push_back(time_at(s, share));
  strictly_towards_noise(s, times);
}

/// A time that is none of the schedule's own is refused, by its value; `open` is one whose noise has no end.
template <class S>
void own_times(const S& s, bool open = false) {
  const double data = s.data_time(), noise = s.noise_time(), infinity = std::numeric_limits<double>::infinity();
  std::vector<double> others{data - 1e-9, data - 1, -infinity, infinity, std::numeric_limits<double>::quiet_NaN()};
  if (!open) others.insert(others.end(), {std::nextafter(noise, infinity), noise + 1, 1e300});
  for (const double time : others) {
    refused([&] { (void)s.sigma(time); }, {"time is ", "allowed: "});
    refused([&] { (void)level_at(s, time); }, {"time is ", "allowed: "});
  }
}

/// A ratio that the schedule does not reach is refused, with the largest one.
template <class S>
void own_ratios(const S& s) {
  const double most = level_at(s, s.noise_time()).ratio();
  for (const double ratio : {most * 1.0001, 1e100, std::numeric_limits<double>::infinity()})
    refused([&] { (void)fokker::level_at_ratio(s, ratio); }, {"sigma/alpha is ", "allowed: ", "noise"});
}

/// Steps four times finer make the largest jump smaller: four times for a slope, twice for a square root at an end, and
/// not at all for a gap.
template <class S>
void continuous(const S& s) {
  const auto largest_jump = [&](auto value, int steps) {
    double jump = 0;
    for (int i = 0; i < steps; ++i)
      jump = std::max(
          jump, std::abs(value(time_at(s, (i + 1.0) / steps)) - value(time_at(s, i / static_cast<double>(steps)))));
    return jump;
  };
  const auto alpha = [&](double time) -> double { return s.alpha(time); };
  const auto sigma = [&](double time) -> double { return s.sigma(time); };
  CHECK(largest_jump(alpha, 4096) <= 0.6 * largest_jump(alpha, 1024));
  CHECK(largest_jump(sigma, 4096) <= 0.6 * largest_jump(sigma, 1024));
}

/// time_of(sigma/alpha(t)) is t, in log-SNR: few roundings each of sigma, alpha (amplified by log alpha) and time
/// (amplified by the slope).
template <class S>
void inverse(const S& s) {
  failures off;
  for (const double share : shares()) {
    const level l = level_at(s, time_at(s, share));
    if (l.is_data() || l.is_noise()) continue;
    const double scale = std::max(std::abs(l.time), std::abs(static_cast<double>(s.data_time())));
    const double bound = 8 * u * (1 + std::abs(l.log_snr()) + scale * slope(s, share));
    double found = std::numeric_limits<double>::quiet_NaN();
    try {
      found = fokker::level_at_ratio(s, l.ratio()).ratio() / l.ratio() - 1;
    } catch (const std::invalid_argument&) {
    }
    if (!(std::abs(found) <= bound)) note(off, l.time);
  }
  CHECK(off == failures{});
}

/// time_of(sigma/alpha(t)) is t, in time: what is off in log-SNR, few roundings of itself, over the slope. Of a path on
/// which log-SNR changes by a hundredth at least of its size when time doubles that is below 1e-12 of the time.
template <class S>
void time_inverse(const S& s) {
  failures off;
  for (const double share : shares()) {
    const level l = level_at(s, time_at(s, share));
    if (l.is_data() || l.is_noise()) continue;
    const double scale = std::max(std::abs(l.time), std::abs(static_cast<double>(s.data_time())));
    if (!(std::abs(fokker::time_of(s, l.ratio()) - l.time) <= 1e-12 * scale)) note(off, l.time);
  }
  CHECK(off == failures{});
}

/// Central differences at h and h/2, the h^2 term removed. What is left of it is below a thousandth of their
/// distance, and each value has rounded 32 times at most.
template <class F, class Rate>
failures not_the_derivative(const std::vector<double>& times, double reach, F f, Rate rate) {
  failures off;
  for (const double time : times) {
    const double h = 0x1p-10 * reach * std::min(time - times.front(), times.back() - time);
    if (h == 0) continue;
    const auto difference = [&](double step) {
      return (f(time + step) - f(time - step)) / ((time + step) - (time - step));
    };
    const double coarse = difference(h), fine = difference(h / 2);
    const double tolerance = 1e-3 * std::abs(coarse - fine) + 32 * u * std::abs(f(time)) / h;
    if (!(std::abs((4 * fine - coarse) / 3 - rate(time)) <= tolerance)) note(off, time);
  }
  return off;
}

template <class S>
void rates(const S& s) {
  std::vector<double> times;
  for (int i = 0; i <= 128; ++i) times.push_back(time_at(s, i / 128.0));
  CHECK(not_the_derivative(
            times, 1, [&](double t) { return s.alpha(t); }, [&](double t) { return s.alpha_rate(t); }) == failures{});
  CHECK(not_the_derivative(
            times, 1, [&](double t) { return s.sigma(t); }, [&](double t) { return s.sigma_rate(t); }) == failures{});
}

/// alpha^2 + sigma^2 = 1 to the roundings of the angle or the exponent, eight on each side, none amplified.
template <class S>
void variance_preserving(const S& s, const std::vector<double>& times) {
  failures off;
  for (const double time : times) {
    const double alpha = s.alpha(time), sigma = s.sigma(time);
    if (!(std::abs(std::fma(alpha, alpha, std::fma(sigma, sigma, -1))) <= 16 * u)) note(off, time);
  }
  CHECK(off == failures{});
}
template <class S>
void variance_preserving(const S& s) {
  std::vector<double> times;
  for (const double share : shares()) times.push_back(time_at(s, share));
  variance_preserving(s, times);
}

/// Every law of a schedule.
template <class S>
void schedule(const S& s) {
  data_end(s);
  strictly_towards_noise(s);
  continuous(s);
  inverse(s);
  if constexpr (fokker::has_rates<S>) rates(s);
}

/// N steps are N + 1 levels for every N in [first, last], from `start(N)` strictly towards data, and end as `end` says.
template <class Make, class S, class Start>
void grid(Make make, const S& s, Start start, fokker::ending end, int first, int last) {
  failures wrong_size, wrong_start, wrong_end, not_cleaner, threw;
  for (int steps = first; steps <= last; ++steps) {
    std::vector<level> levels;
    try {
      levels = make(steps).levels(s);
    } catch (const std::invalid_argument&) {
      note(threw, steps);
      continue;
    }
    if (levels.size() != static_cast<std::size_t>(steps) + 1) note(wrong_size, steps);
    const level begin = start(steps);
    if (!(levels.front().alpha == begin.alpha && levels.front().sigma == begin.sigma)) note(wrong_start, steps);
    if (levels.back().is_data() != (end == fokker::ending::to_data)) note(wrong_end, steps);
    for (std::size_t i = 1; i < levels.size(); ++i)
      if (!fokker::towards_data(levels[i - 1], levels[i])) {
        note(not_cleaner, steps);
        break;
      }
  }
  CHECK(threw == failures{});
  CHECK(wrong_size == failures{});
  CHECK(wrong_start == failures{});
  CHECK(wrong_end == failures{});
  CHECK(not_cleaner == failures{});
}

/// The same for grids that start at the schedule's noise end.
template <class Make, class S>
void grid(Make make, const S& s, fokker::ending end = fokker::ending::to_data, int first = 1, int last = 1000) {
  const level noise = level_at(s, s.noise_time());
  grid(
      make, s, [&](int) { return noise; }, end, first, last);
}

/// Steps below 1 and above `most` are refused by name and value.
template <class Make, class S>
void steps_refused(Make make, const S& s, int most) {
  refused([&] { (void)make(0).levels(s); }, {"steps is 0;", ("1 to " + std::to_string(most)).c_str()});
  using limits = std::numeric_limits<int>;
  for (const int steps : {-3, most + 1, limits::min(), limits::max()})
    refused([&] { (void)make(steps).levels(s); }, {("steps is " + std::to_string(steps) + ";").c_str()});
}

/// From a level's x and p, the q that x0 and eps make. Each of x, p and q rounds three times at most, a coefficient
/// seven times (two differences of products, a quotient), their sum once.
template <class P, class Q>
void conversion(const level& l, const P& p, const Q& q) {
  const fokker::prediction_row from = p.row(l), to = q.row(l);
  const fokker::conversion c = fokker::convert(l, from, to);
  INFO(P::name << " to " << Q::name << " at alpha " << l.alpha << ", sigma " << l.sigma);
  CHECK(c.determined);
  for (const auto& [x0, eps] : {std::array{0.7, -1.3}, std::array{-0.1, 2.1}, std::array{1.9, 0.01}}) {
    const double x = l.alpha * x0 + l.sigma * eps, given = from.data * x0 + from.noise * eps;
    const double expected = to.data * x0 + to.noise * eps;
    const double size = std::abs(c.of_x) * (std::abs(l.alpha * x0) + std::abs(l.sigma * eps)) +
                        std::abs(c.of_p) * (std::abs(from.data * x0) + std::abs(from.noise * eps)) +
                        std::abs(to.data * x0) + std::abs(to.noise * eps);
    CHECK(std::abs(c.of_x * x + c.of_p * given - expected) <= 12 * u * size);
    // and back: the error of the first way, amplified by the second
    const fokker::conversion back = fokker::convert(l, to, from);
    const double there = c.of_x * x + c.of_p * given;
    const double again = back.of_x * x + back.of_p * there;
    CHECK(std::abs(again - given) <=
          12 * u *
              (std::abs(back.of_p) * size + std::abs(back.of_x) * (std::abs(l.alpha * x0) + std::abs(l.sigma * eps)) +
               std::abs(from.data * x0) + std::abs(from.noise * eps)));
  }
}

/// Weights sum to 1, to one rounding of each but one. Their own sum is without an error (Knuth's two-sum).
template <class G>
void guidance(const G& g, const moment& at) {
  const auto weights = g.weights(at);
  CHECK(weights.size() == static_cast<std::size_t>(G::branches));
  double sum = 0, lost = 0, size = 0;
  for (const double w : weights) {
    const double before = sum, next = before + w, part = next - before;
    lost += (before - (next - part)) + (w - part);
    sum = next;
    size += std::abs(w);
  }
  CHECK(std::abs((sum - 1) + lost) <= u * size * std::max(1, G::branches - 1));
}

}  // namespace law
