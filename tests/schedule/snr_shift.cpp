// SPDX-License-Identifier: MIT
#include <fokker/schedule/snr_shift.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/schedule/zero_terminal_snr.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::snr_shift;
namespace schedule = fokker::schedule;

namespace {

/// Without an inverse, rates, a last time or a size.
struct bare {
  double alpha(double time) const { return 1 - time; }
  double sigma(double time) const { return time; }
  double noise_time() const { return 1; }
  double data_time() const { return 0; }
};

/// The same levels at a few times, to the roundings of both: each quotient, root and product once, the sum twice.
template <class A, class B>
void same(const A& a, const B& b) {
  for (const double share : {0.0, 0.01, 0.3, 0.5, 0.99, 1.0}) {
    const fokker::level x = level_at(a, law::time_at(a, share)), y = level_at(b, law::time_at(b, share));
    CHECK(std::abs(x.alpha - y.alpha) <= 16 * law::u * y.alpha);
    CHECK(std::abs(x.sigma - y.sigma) <= 16 * law::u * y.sigma);
  }
}

}  // namespace

TEST_CASE("snr_shift makes a lawful schedule of a lawful one") {
  for (const double scale : {0.25, 1.0, 3.0, 100.0}) {
    INFO("scale " << scale);
    law::schedule(snr_shift{schedule::vp_linear{}, scale});
    law::schedule(snr_shift{schedule::cosine{}, scale});
    law::schedule(snr_shift{schedule::flow_linear{}, scale});
    law::schedule(snr_shift{schedule::scaled_linear(), scale});
    law::schedule(snr_shift{bare{}, scale});
    law::variance_preserving(snr_shift{schedule::vp_linear{}, scale});
    law::variance_preserving(snr_shift{schedule::scaled_linear(), scale});
  }
}

TEST_CASE("snr_shift divides the SNR and keeps alpha^2 + sigma^2") {
  const schedule::edm own{};
  const snr_shift shifted{own, 5};
  for (const double time : {0.002, 0.3, 1.0, 80.0}) {
    const auto before = level_at(own, time), after = level_at(shifted, time);
    CHECK(after.ratio() == Approx(std::sqrt(5) * before.ratio()).epsilon(1e-15));
    CHECK(std::hypot(after.alpha, after.sigma) == Approx(std::hypot(before.alpha, before.sigma)).epsilon(1e-15));
  }
}

TEST_CASE("snr_shift has the products of CogVideoX, Yang et al. 2024") {
  // Independent 50-digit evaluation: Stable Diffusion's betas, scale 3. What is off in the table's sigma/alpha, and few
  // roundings more.
  const snr_shift s{schedule::scaled_linear()};
  STATIC_REQUIRE(fokker::discrete_schedule<decltype(s)>);
  CHECK(s.size() == 1000);
  CHECK(s.last_time() == 0);
  struct known {
    int time;
    double alphas_cumprod, ratio;
  };
  for (const auto& [time, a, ratio] : {known{0, 0.99745432764300688829, 0.050518999831175903817},
                                       known{499, 0.1135820813743849782, 2.7936008353607202646},
                                       known{999, 0.0015582071034295858725, 25.313301143596733804}}) {
    INFO("time " << time);
    CHECK(s.alpha(time) * s.alpha(time) == Approx(a).epsilon(1e-12));
    CHECK(level_at(s, time).ratio() == Approx(ratio).epsilon(1e-12));
  }
  // its networks have zero terminal SNR, made so after the shift; a difference of alphas there loses three digits
  const auto zero = schedule::zero_terminal_snr(s);
  CHECK(zero.alpha(0) * zero.alpha(0) == Approx(0.99745432764300688829).epsilon(1e-13));
  CHECK(zero.alpha(499) * zero.alpha(499) == Approx(0.095969561690735483146).epsilon(1e-12));
  CHECK(zero.alpha(998) * zero.alpha(998) == Approx(6.2307884673947630452e-8).epsilon(1e-9));
  CHECK(level_at(zero, 999).is_noise());
}

TEST_CASE("snr_shift keeps exact ends") {
  const snr_shift noise{schedule::zero_terminal_snr(schedule::scaled_linear()), 3};
  CHECK(level_at(noise, 999).is_noise());
  CHECK(noise.sigma(999) == 1);
  CHECK(noise.time_of(std::numeric_limits<double>::infinity()) == 999);
  CHECK(level_at(snr_shift{schedule::cosine{}}, 1).is_noise());
  CHECK(level_at(snr_shift{schedule::cosine{}}, 0).is_data());
  CHECK(noise.time_of(0) == -1);
}

TEST_CASE("snr_shift of snr_shift is one with the product, and 1 changes nothing") {
  const schedule::vp_linear own{};
  same(snr_shift{snr_shift{own, 0.3}, 7.0}, snr_shift{own, 0.3 * 7.0});
  same(snr_shift{snr_shift{own, 3.0}, 1 / 3.0}, own);
  same(snr_shift{own, 1.0}, own);
  const auto table = schedule::linear();
  same(snr_shift{snr_shift{table, 2.0}, 2.0}, snr_shift{table, 4.0});
}

TEST_CASE("snr_shift has what is optional where the other schedule has it") {
  using all = snr_shift<schedule::vp_linear>;
  using none = snr_shift<bare>;
  STATIC_REQUIRE((fokker::has_rates<all> && fokker::has_time_of<all> && fokker::has_last_time<all>));
  STATIC_REQUIRE_FALSE(fokker::has_size<all>);
  STATIC_REQUIRE_FALSE((fokker::has_rates<none> || fokker::has_time_of<none> || fokker::has_last_time<none>));
  STATIC_REQUIRE_FALSE(fokker::has_rates<snr_shift<schedule::tabulated>>);
}

TEST_CASE("snr_shift refuses a scale that is not positive, by name and value") {
  law::refused([] { (void)snr_shift{schedule::vp_linear{}, 0.0}.alpha(0.5); }, {"scale is 0;", "a number > 0"});
  law::refused([] { (void)snr_shift{schedule::vp_linear{}, -3.0}.time_of(1); }, {"scale is -3;"});
  law::refused([] { (void)snr_shift{bare{}, std::nan("")}.sigma(0.5); }, {"scale is nan;"});
}

TEST_CASE("snr_shift refuses the times that the other schedule refuses") {
  law::own_times(snr_shift<fokker::schedule::vp_linear>{});
}
