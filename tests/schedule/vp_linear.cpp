// SPDX-License-Identifier: MIT
#include <fokker/schedule/vp_linear.hpp>

#include <cmath>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::vp_linear;

TEST_CASE("vp_linear is a lawful schedule that preserves variance") {
  for (const vp_linear s : {vp_linear{}, vp_linear{.beta_min = 0, .beta_max = 5},
                            vp_linear{.beta_min = 3, .beta_max = 3}, vp_linear{.beta_min = 1, .beta_max = 0.5}}) {
    INFO("beta from " << s.beta_min << " to " << s.beta_max);
    law::schedule(s);
    law::variance_preserving(s);
  }
}

TEST_CASE("vp_linear has the levels of Song et al. 2021") {
  // Independent 40-digit evaluation. log alpha rounds 3 times, alpha once more: (3 |log alpha| + 1) u, below 17 u;
  // sigma/alpha adds sigma's 4, its quotient's 1.
  struct known {
    double time, alpha, sigma, log_snr, ratio;
  };
  for (const known k :
       {known{1, 0.0065715864949296150141, 0.99997840689233868011, -5.0249784066592041748, 152.16697028394647192},
        known{0.5, 0.28118288079675237585, 0.95965420206803624666, -1.2275677344107872734, 3.4129183090691206923},
        known{1e-3, 0.99994502651109762151, 0.01048541633509489606, 4.5577149327298977382, 0.010485992786702986297}}) {
    const auto l = level_at(vp_linear{}, k.time);
    INFO("time " << k.time);
    CHECK(std::abs(l.alpha / k.alpha - 1) <= 17 * law::u);
    CHECK(std::abs(l.sigma / k.sigma - 1) <= 5 * law::u);
    CHECK(std::abs(l.ratio() / k.ratio - 1) <= 23 * law::u);
    CHECK(std::abs(l.log_snr() - k.log_snr) <= (23 + std::abs(k.log_snr)) * law::u);
  }
}

TEST_CASE("vp_linear starts at time 1, trains down to 1e-3 and has its data at 0") {
  CHECK(vp_linear{}.noise_time() == 1);
  CHECK(vp_linear{}.last_time() == 1e-3);
  CHECK(vp_linear{}.data_time() == 0);
  CHECK(vp_linear{}.alpha(0) == 1);
  CHECK(vp_linear{}.time_of(0) == 0);
}

TEST_CASE("vp_linear without a beta at its data end still has its inverse there") {
  CHECK(vp_linear{.beta_min = 0, .beta_max = 5}.time_of(0) == 0);
}

TEST_CASE("vp_linear finds the time of ratios whose squares leave the range of double") {
  // log alpha = -log(r) for a large r; alpha is below the range, the time is not. For a small one, t = r^2 / beta_min.
  const double time = vp_linear{.beta_min = 0.1, .beta_max = 2000}.time_of(1e160);
  CHECK(std::abs(vp_linear{.beta_min = 0.1, .beta_max = 2000}.log_alpha(time) + 160 * std::log(10.0)) <=
        8 * law::u * 369);
}

TEST_CASE("vp_linear refuses times and ratios that are not its own") {
  for (const vp_linear& s : {vp_linear{}, vp_linear{.beta_min = 0}, vp_linear{.beta_min = 1e-3, .beta_max = 1e-3}}) {
    law::own_times(s);
    law::own_ratios(s);
    CHECK(fokker::level_at_ratio(s, level_at(s, 1).ratio()).time <= 1);
  }
}
