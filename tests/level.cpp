// SPDX-License-Identifier: MIT
#include <fokker/level.hpp>

#include <fokker/detail/is_finite.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/laws.hpp"

using fokker::level;

namespace {

using wide = long double;
constexpr double u = law::u;
constexpr double wide_u = static_cast<double>(std::numeric_limits<wide>::epsilon());

/// a b - c d from the exact products and their exact errors: only the last sum rounds.
wide exact_difference(double a, double b, double c, double d) {
  const double p = a * b, q = c * d;
  return (static_cast<wide>(p) - q) + (static_cast<wide>(std::fma(a, b, -p)) - std::fma(c, d, -q));
}
wide exact_gain(const level& s, const level& t) {
  return exact_difference(t.alpha, s.sigma, s.alpha, t.sigma) / (static_cast<wide>(t.alpha) * s.sigma);
}
wide exact_decay(const level& s, const level& t) {
  return static_cast<wide>(s.alpha) * t.sigma / (static_cast<wide>(t.alpha) * s.sigma);
}
wide exact_step(const level& s, const level& t) {
  return std::log1p(exact_difference(t.alpha, s.sigma, s.alpha, t.sigma) / (static_cast<wide>(s.alpha) * t.sigma));
}
double off(double value, wide exact) { return static_cast<double>(std::abs(value / exact - 1)); }

level preserving(double log_snr) {
  return {
      .time = 0, .alpha = 1 / std::sqrt(1 + std::exp(-2 * log_snr)), .sigma = 1 / std::sqrt(1 + std::exp(2 * log_snr))};
}

const level noise{.time = 1, .alpha = 0, .sigma = 1};
const level middle{.time = 0.3, .alpha = 0.7, .sigma = 0.3};
const level data{.time = 0, .alpha = 1, .sigma = 0};

}  // namespace

TEST_CASE("A level knows its ends, its ratio and its log-SNR") {
  CHECK(noise.is_noise());
  CHECK_FALSE(noise.is_data());
  CHECK(data.is_data());
  CHECK_FALSE(data.is_noise());
  CHECK_FALSE(middle.is_data());
  CHECK_FALSE(middle.is_noise());
  CHECK(data.ratio() == 0);
  CHECK_FALSE(fokker::detail::is_finite(noise.ratio()));
  CHECK(middle.ratio() == 0.3 / 0.7);
  CHECK(middle.log_snr() == std::log(0.7 / 0.3));
}

TEST_CASE("A level without more said is the data, and knows neither rates nor label") {
  const level l;
  CHECK(l.is_data());
  CHECK(l.alpha == 1);
  CHECK(fokker::detail::is_nan(l.alpha_rate));
  CHECK(fokker::detail::is_nan(l.sigma_rate));
  CHECK(fokker::detail::is_nan(l.label));
}

TEST_CASE("A difference of products is right to 1.5 units in the last place", "[bits]") {
  // 1.5 ulp is at most 3 roundings relative to the result, beside the oracle's own.
  const double ulp = 0x1p-52;
  for (const double x : {1.0, 1.3, 0.1, 7e5, 3e-9})
    for (const double e : {0.0, ulp, 3 * ulp, 1e-12, 1e-5, 0.5}) {
      const double a = x * (1 + e), b = x * (1 - e / 3), c = x, d = x * (1 + e / 7);
      const wide exact = exact_difference(a, b, c, d);
      INFO("x " << x << ", e " << e);
      CHECK(static_cast<double>(std::abs(fokker::difference_of_products(a, b, c, d) - exact)) <=
            (3 * u + wide_u) * static_cast<double>(std::abs(exact)));
    }
}

TEST_CASE("A difference of products keeps the digits that the plain one loses") {
  // (1 + e)(1 - e) - 1 = -e^2, and the products alone round to 1
  const double e = 0x1p-30;
  CHECK((1 + e) * (1 - e) - 1.0 * 1.0 == 0);
  CHECK(fokker::difference_of_products(1 + e, 1 - e, 1, 1) == -e * e);
  CHECK(fokker::difference_of_products(1, 1, 1 + e, 1 - e) == e * e);
}

TEST_CASE("Steps between generic levels agree with extended precision") {
  // At most 3 + 2 roundings in gain, 3 in decay, 7 in their product, 7 in the logarithm: below 8.
  for (const double from : {-5.0, -2.7, -0.4, 0.0, 1.3, 4.0})
    for (const double h : {0.003, 0.4, 2.0, 9.0}) {
      const level s = preserving(from), t = preserving(from + h);
      INFO("from " << from << " by " << h);
      CHECK(off(fokker::decay(s, t), exact_decay(s, t)) <= 8 * u);
      CHECK(off(fokker::gain(s, t), exact_gain(s, t)) <= 8 * u);
      CHECK(off(fokker::fresh_share(s, t), exact_gain(s, t) * (1 + exact_decay(s, t))) <= 8 * u);
      CHECK(off(fokker::log_snr_step(s, t), exact_step(s, t)) <= 8 * u);
      CHECK(fokker::towards_data(s, t));
      CHECK_FALSE(fokker::towards_data(t, s));
      CHECK_FALSE(fokker::towards_data(s, s));
    }
}

TEST_CASE("Tiny steps keep 14 digits where the difference of logarithms loses them", "[bits]") {
  double worst_of_logarithms = 0;
  for (const double ratio : {152.0, 3.1, 0.9, 0.011})
    for (const double h : {1e-6, 1e-9, 1e-12}) {
      const level s{.time = 1, .alpha = 0.8, .sigma = 0.8 * ratio},
          t{.time = 0, .alpha = 0.8, .sigma = 0.8 * ratio * (1 - h)};
      const wide exact = exact_step(s, t), share = exact_gain(s, t);
      INFO("sigma/alpha " << ratio << ", step " << h);
      CHECK(off(fokker::log_snr_step(s, t), exact) <= 1e-14);
      CHECK(off(fokker::gain(s, t), share) <= 1e-14);
      CHECK(off(fokker::fresh_share(s, t), share * (1 + exact_decay(s, t))) <= 1e-14);
      worst_of_logarithms = std::max(worst_of_logarithms, off(t.log_snr() - s.log_snr(), exact));
    }
  CHECK(worst_of_logarithms > 1e-6);
}

TEST_CASE("A step of one unit in the last place is a step") {
  const level s{.time = 1, .alpha = 0.6, .sigma = 0.8}, t{.time = 0, .alpha = 0.6, .sigma = std::nextafter(0.8, 0)};
  CHECK(fokker::towards_data(s, t));
  CHECK_FALSE(fokker::towards_data(t, s));
  CHECK(off(fokker::gain(s, t), exact_gain(s, t)) <= 8 * u);
}

TEST_CASE("At the ends decay is 0 and gain 1, exactly, and nothing is infinite") {
  for (const auto& [s, t] : std::vector<std::pair<level, level>>{{noise, middle}, {middle, data}, {noise, data}}) {
    CHECK(fokker::decay(s, t) == 0);
    CHECK(fokker::gain(s, t) == 1);
    CHECK(fokker::fresh_share(s, t) == 1);
    CHECK(fokker::towards_data(s, t));
    CHECK_FALSE(fokker::towards_data(t, s));
    CHECK_FALSE(fokker::detail::is_finite(fokker::log_snr_step(s, t)));
    CHECK(fokker::log_snr_step(s, t) > 0);
  }
}
