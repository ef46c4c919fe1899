// SPDX-License-Identifier: MIT
#include <fokker/concept/noise_schedule.hpp>

#include <cmath>
#include <limits>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(noise_schedule<archetype::schedule>);
static_assert(!noise_schedule<archetype::schedule_without_alpha>);
static_assert(!noise_schedule<archetype::schedule_without_sigma>);
static_assert(!noise_schedule<archetype::schedule_without_noise_time>);
static_assert(!noise_schedule<archetype::schedule_without_data_time>);
static_assert(!noise_schedule<int>);

static_assert(!has_last_time<archetype::schedule> && !has_time_of<archetype::schedule> &&
              !has_rates<archetype::schedule> && !has_size<archetype::schedule> &&
              !discrete_schedule<archetype::schedule>);

static_assert(noise_schedule<schedule::cosine> && has_last_time<schedule::cosine> && has_time_of<schedule::cosine> &&
              has_rates<schedule::cosine> && !discrete_schedule<schedule::cosine>);
static_assert(noise_schedule<schedule::edm> && has_last_time<schedule::edm> && has_time_of<schedule::edm> &&
              has_rates<schedule::edm> && !discrete_schedule<schedule::edm>);
static_assert(noise_schedule<schedule::flow_linear> && has_time_of<schedule::flow_linear> &&
              has_rates<schedule::flow_linear> && !discrete_schedule<schedule::flow_linear>);
static_assert(noise_schedule<schedule::vp_linear> && has_last_time<schedule::vp_linear> &&
              has_time_of<schedule::vp_linear> && has_rates<schedule::vp_linear> &&
              !discrete_schedule<schedule::vp_linear>);
static_assert(discrete_schedule<schedule::tabulated> && has_last_time<schedule::tabulated> &&
              has_time_of<schedule::tabulated> && !has_rates<schedule::tabulated>);

namespace {

/// Variance exploding whose alpha is an integer.
struct integral_schedule {
  int alpha(double) const { return 1; }
  float sigma(double time) const { return static_cast<float>(time); }
  int noise_time() const { return 4; }
  int data_time() const { return 0; }
};
static_assert(noise_schedule<integral_schedule>);

/// One rate without the other is none.
struct half_rated : schedule::edm {
  double sigma_rate(double) const = delete;
};
static_assert(!has_rates<half_rated>);

/// Its ends are fields, as a user's may be, and here no numbers.
struct endless {
  double noise = std::numeric_limits<double>::quiet_NaN(), data = 0;
  double alpha(double) const { return 1; }
  double sigma(double time) const { return time; }
  double noise_time() const { return noise; }
  double data_time() const { return data; }
};

}  // namespace

TEST_CASE("The least that a schedule is, is lawful") { law::schedule(archetype::schedule{}); }

TEST_CASE("A schedule without rates gives levels that do not know theirs, nor a label") {
  const level l = level_at(archetype::schedule{}, 0.25);
  CHECK(l.time == 0.25);
  CHECK(l.alpha == 0.25);
  CHECK(l.sigma == 0.75);
  CHECK(fokker::detail::is_nan(l.alpha_rate));
  CHECK(fokker::detail::is_nan(l.sigma_rate));
  CHECK(fokker::detail::is_nan(l.label));
}

TEST_CASE("A schedule may count in integers and floats") {
  const level l = level_at(integral_schedule{}, 2);
  CHECK(l.alpha == 1);
  CHECK(l.sigma == 2);
  CHECK(level_at_ratio(integral_schedule{}, 3).sigma == 3);
}

TEST_CASE("Bisection finds both ends of a schedule without an inverse, whichever way its time runs") {
  const archetype::schedule backwards;
  CHECK(time_of(backwards, 0) == 1);
  CHECK(std::abs(time_of(backwards, std::numeric_limits<double>::infinity())) <=
        std::numeric_limits<double>::denorm_min());
  CHECK(std::abs(time_of(backwards, 3) - 0.25) <= law::u);
  CHECK(time_of(integral_schedule{}, 0) == 0);
}

TEST_CASE("A ratio that is none is refused by value") {
  law::refused([] { (void)time_of(archetype::schedule{}, -2); }, {"sigma/alpha is -2;"});
  law::refused([] { (void)time_of(schedule::edm{}, std::numeric_limits<double>::quiet_NaN()); },
               {"sigma/alpha is nan;"});
}

TEST_CASE("A schedule without ends is refused where they are searched between") {
  law::refused([] { (void)time_of(endless{}, 3); }, {"noise_time is nan; allowed: a finite number"});
  law::refused([] { (void)time_of(endless{.noise = 1, .data = std::numeric_limits<double>::infinity()}, 3); },
               {"data_time is inf; allowed: a finite number"});
}

TEST_CASE("A ratio beyond a schedule without an inverse is refused, and not taken for its end") {
  // variance exploding up to 4
  law::refused([] { (void)time_of(integral_schedule{}, 5); }, {"sigma/alpha is 5;", "at most "});
}
