// SPDX-License-Identifier: MIT
// What every schedule keeps, for parameters drawn at random, and what it refuses.
#include <cmath>
#include <limits>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/exponential.hpp>
#include <fokker/schedule/float32.hpp>
#include <fokker/schedule/laplace.hpp>
#include <fokker/schedule/sigmoid.hpp>
#include <fokker/schedule/snr_shift.hpp>
#include <fokker/schedule/squared_cosine.hpp>
#include <fokker/schedule/sub_vp.hpp>
#include <fokker/schedule/ve.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/dice.hpp"
#include "support/laws.hpp"

using test::dice;
namespace schedule = fokker::schedule;

namespace {

constexpr unsigned draws = 12;

template <class S>
void lawful(const S& s) {
  law::schedule(s);
  law::time_inverse(s);
}
template <class S>
void lawful_and_shifted(dice& d, const S& s) {
  lawful(s);
  lawful(schedule::snr_shift{s, d.between_decades(0.01, 100)});
}

schedule::tabulated any_rule(dice& d, const schedule::tabulated& table) {
  using schedule::interpolation;
  const interpolation rules[] = {interpolation::log_alpha, interpolation::log_ratio, interpolation::ratio};
  return table.interpolated(rules[d.below(3)]);
}

}  // namespace

TEST_CASE("continuous schedules are lawful for any parameters") {
  for (unsigned seed = 0; seed < draws; ++seed) {
    INFO("seed " << seed);
    dice d(seed);
    const double beta_min = d.between_decades(0.01, 1), beta_max = d.between(1, 25);
    lawful_and_shifted(d, schedule::vp_linear{.beta_min = beta_min, .beta_max = beta_max});
    lawful_and_shifted(d, schedule::sub_vp{.beta_min = beta_min, .beta_max = beta_max});
    lawful_and_shifted(d, schedule::cosine{.offset = d.between_decades(1e-4, 1)});
    lawful(schedule::edm{.sigma_min = d.between_decades(1e-3, 0.1), .sigma_max = d.between_decades(1, 1e4)});
  }
}

TEST_CASE("ve is lawful for any parameters") {
  for (unsigned seed = 0; seed < draws; ++seed) {
    INFO("seed " << seed);
    dice d(seed);
    const schedule::ve s{.sigma_min = d.between_decades(1e-4, 1), .sigma_max = d.between_decades(2, 1e4)};
    law::data_end(s);
    law::strictly_towards_noise(s);
    law::continuous(s);
    law::inverse(s);
    law::time_inverse(s);
    // Its rates with fixed parameters, in ve.cpp: the law's differences must not reach over the end of the tangent.
  }
}

TEST_CASE("tables are lawful for any parameters and any rule between their entries") {
  for (unsigned seed = 0; seed < draws; ++seed) {
    INFO("seed " << seed);
    dice d(seed);
    const int size = 1 + d.below(1000);
    const double first = d.between_decades(1e-5, 1e-3), last = d.between_decades(2e-3, 0.1);
    INFO("size " << size << ", betas from " << first << " to " << last);
    lawful_and_shifted(d, any_rule(d, schedule::linear(first, last, size)));
    lawful(any_rule(d, schedule::scaled_linear(first, last, size)));
    lawful(any_rule(d, schedule::sigmoid(first, last, size)));
    lawful(schedule::squared_cosine(size, d.between(0.5, 0.999)));  // its last step is too steep for another rule
    lawful(any_rule(d, schedule::laplace(size)));
    lawful(any_rule(d, schedule::exponential(size)));
    lawful(any_rule(d, schedule::float32(schedule::linear(first, last, size))));
  }
}

TEST_CASE("schedules refuse parameters out of range by name, whichever member is asked") {
  const double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::nan("");
  const auto refused = [](const auto& s, const char* name) {
    law::refused([&] { (void)s.sigma(0.5); }, {name});
    law::refused([&] { (void)s.time_of(0.5); }, {name});
    law::refused([&] { (void)s.sigma_rate(0.5); }, {name});
  };
  for (const double wrong : {-0.1, infinity, -infinity, not_a_number}) {
    INFO("wrong " << wrong);
    refused(schedule::vp_linear{.beta_min = wrong}, "beta_min is ");
    refused(schedule::vp_linear{.beta_max = wrong}, "beta_max is ");
    refused(schedule::sub_vp{.beta_min = wrong}, "beta_min is ");
    refused(schedule::sub_vp{.beta_max = wrong}, "beta_max is ");
    refused(schedule::cosine{.offset = wrong}, "offset is ");
    refused(schedule::ve{.sigma_min = wrong}, "sigma_min is ");
    refused(schedule::ve{.sigma_max = wrong}, "sigma_max is ");
    refused(schedule::snr_shift{schedule::vp_linear{}, wrong}, "scale is ");
    law::refused([=] { (void)schedule::edm{.sigma_max = wrong}.noise_time(); }, {"sigma_max is "});
    law::refused([=] { (void)schedule::edm{.sigma_min = wrong}.last_time(); },
                 {"sigma_min is ", "below sigma_max, 80"});
    law::refused([=] { (void)schedule::squared_cosine(10, wrong); }, {"largest_beta is "});
    law::refused([=] { (void)schedule::linear(wrong, 0.02, 10); }, {"betas[0] is "});
    law::refused([=] { (void)schedule::sigmoid(1e-4, wrong, 1000); }, {"betas["});
  }
  law::refused([] { (void)schedule::edm{.sigma_min = 80}.last_time(); }, {"sigma_min is 80;"});
}
