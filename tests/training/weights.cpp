// SPDX-License-Identifier: MIT
#include <fokker/training/weights.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
namespace p = fk::parameterization;
using namespace fk::training;

namespace {

// A weight is few products, quotients and, of a conversion, determinants of 1.5 ulp, which it squares.
constexpr double few = 32 * law::u;

std::vector<fk::level> between_data_and_noise() {
  std::vector<fk::level> levels;
  for (const double t : {0.02, 0.3, 0.5, 0.77, 0.98}) levels.push_back(fk::level_at(fk::schedule::vp_linear{}, t));
  return levels;
}
double snr(const fk::level& l) { return (l.alpha / l.sigma) * (l.alpha / l.sigma); }

/// The errors of the prediction with a row at a level, where data are wrong by `data`: eps is then wrong by
/// -alpha/sigma of it, as x is given.
double error_of(const fk::prediction_row& row, const fk::level& l, double data) {
  return row.data * data - row.noise * (l.alpha / l.sigma) * data;
}

}  // namespace

TEST_CASE("a network's own error has the weight 1, at every level") {
  for (const double t : {0.0, 0.3, 1.0}) {
    const fk::level l = fk::level_at(fk::schedule::cosine{}, t);
    CHECK(weight_on(plain{p::epsilon{}}, p::epsilon{}, l) == 1);
    CHECK(weight_on(plain{p::data{}}, p::data{}, l) == 1);
    CHECK(weight_on(plain{p::velocity{}}, p::velocity{}, l) == 1);
    CHECK(weight_on(plain{p::edm{}}, p::edm{}, l) == 1);
  }
}

TEST_CASE("epsilon, velocity and the flow are data's error times SNR, SNR + 1 and 1/t^2") {
  for (const fk::level& l : between_data_and_noise()) {
    CHECK(weight_on(plain{p::epsilon{}}, p::data{}, l) == Approx(snr(l)).epsilon(few));
    // alpha^2 + sigma^2 is 1 but for the roundings of both, which t = 0.02 enlarges: sigma^2 has those of 1 - alpha^2.
    CHECK(weight_on(plain{p::velocity{}}, p::data{}, l) == Approx(snr(l) + 1).epsilon(few));
    CHECK(weight_on(plain{p::data{}}, p::epsilon{}, l) == Approx(1 / snr(l)).epsilon(few));
  }
  for (const double t : {0.1, 0.5, 0.9}) {
    const fk::level l = fk::level_at(fk::schedule::flow_linear{}, t);
    CHECK(weight_on(plain{p::flow{}}, p::data{}, l) == Approx(1 / (t * t)).epsilon(few));
    CHECK(weight_on(plain{p::flow{}}, p::epsilon{}, l) == Approx(1 / ((1 - t) * (1 - t))).epsilon(few));
  }
}

TEST_CASE("min-SNR is that of its paper for data, epsilon and velocity, and finite at both ends") {
  const min_snr w{.gamma = 5};
  for (const fk::level& l : between_data_and_noise()) {
    const double least = std::min(snr(l), 5.0);
    CHECK(weight_on(w, p::data{}, l) == Approx(least).epsilon(few));
    CHECK(weight_on(w, p::epsilon{}, l) == Approx(least / snr(l)).epsilon(few));
    CHECK(weight_on(w, p::velocity{}, l) == Approx(least / (snr(l) + 1)).epsilon(few));
  }
  const fk::level data = fk::level_at(fk::schedule::cosine{}, 0), noise = fk::level_at(fk::schedule::cosine{}, 1);
  CHECK(weight_on(w, p::data{}, data) == 5);
  CHECK(weight_on(w, p::epsilon{}, data) == 0);
  CHECK(weight_on(w, p::data{}, noise) == 0);
  CHECK(weight_on(w, p::epsilon{}, noise) == 1);
}

TEST_CASE("P2 is (k + SNR)^-gamma of epsilon's error, and finite at both ends") {
  for (const fk::level& l : between_data_and_noise()) {
    CHECK(weight_on(p2{}, p::epsilon{}, l) == Approx(1 / (1 + snr(l))).epsilon(few));
    CHECK(weight_on(p2{.gamma = 0.5, .k = 2}, p::epsilon{}, l) == Approx(1 / std::sqrt(2 + snr(l))).epsilon(few));
    CHECK(weight_on(p2{.gamma = 0}, p::epsilon{}, l) == 1);
  }
  CHECK(weight_on(p2{}, p::epsilon{}, fk::level_at(fk::schedule::cosine{}, 0)) == 0);
  CHECK(weight_on(p2{.gamma = 1, .k = 4}, p::epsilon{}, fk::level_at(fk::schedule::cosine{}, 1)) == 0.25);
}

TEST_CASE("EDM's weight of data is (sigma^2 + sd^2)/(sigma sd)^2, with its numbers") {
  const auto edm = [](double sigma) {
    return weight_on(plain{p::edm{.sigma_data = 0.5}}, p::data{}, fk::level_at(fk::schedule::edm{}, sigma));
  };
  CHECK(edm(0.5) == Approx(8).epsilon(few));
  CHECK(edm(80) == Approx(4.00015625).epsilon(few));
  CHECK(edm(0.002) == Approx((0.002 * 0.002 + 0.25) / (0.001 * 0.001)).epsilon(few));
}

TEST_CASE("VDM++'s sigmoid is that of its paper, in log SNR and in time") {
  for (const fk::level& l : between_data_and_noise()) {
    CHECK(weight_on(sigmoid{.bias = -1}, p::epsilon{}, l) == Approx(1 / (1 + snr(l) * std::exp(1))).epsilon(few));
    // -d log SNR / dt of vp_linear is beta / sigma^2.
    const double rate = fk::schedule::vp_linear{}.beta(l.time) / (l.sigma * l.sigma);
    CHECK(weight_on(in_time{sigmoid{.bias = -1}}, p::epsilon{}, l) ==
          Approx(rate / 2 / (1 + snr(l) * std::exp(1))).epsilon(few));
    CHECK(weight_on(in_time{plain{p::epsilon{}}}, p::epsilon{}, l) == Approx(rate / 2).epsilon(few));
  }
}

TEST_CASE("the flow's loss is, in log SNR, that of epsilon with e^(-log SNR / 2)") {
  for (const double t : {0.1, 0.5, 0.9}) {
    const fk::level l = fk::level_at(fk::schedule::flow_linear{}, t);
    // Kingma & Gao 2023, table 1, up to the constant of w/2.
    const double in_log_snr = 1 / std::sqrt(snr(l));
    const double rate = 1 / (t * (1 - t));  // half of -d log SNR / dt
    CHECK(weight_on(plain{p::flow{}}, p::epsilon{}, l) == Approx(rate * in_log_snr).epsilon(few));
  }
}

TEST_CASE("the same error costs the same through every parameterization") {
  const auto same = [](const auto& w) {
    for (const fk::level& l : between_data_and_noise()) {
      const auto cost = [&](const auto& network) {
        const double error = error_of(network.row(l), l, 0.37);
        return weight_on(w, network, l) * error * error;
      };
      // The error itself is a difference, of velocity one that cancels nothing.
      const double of_data = cost(p::data{});
      CHECK(cost(p::epsilon{}) == Approx(of_data).epsilon(few));
      CHECK(cost(p::velocity{}) == Approx(of_data).epsilon(few));
      CHECK(cost(p::flow{}) == Approx(of_data).epsilon(few));
      CHECK(cost(p::edm{}) == Approx(of_data).epsilon(few));
    }
  };
  same(plain{p::epsilon{}});
  same(plain{p::velocity{}});
  same(plain{p::data{}});
  same(plain{p::flow{}});
  same(plain{p::edm{}});
  same(min_snr{});
  same(p2{});
  same(sigmoid{});
  same(in_time{sigmoid{}});
}

TEST_CASE("what is no weight is refused: parameters, rates that are unknown, and errors that say nothing") {
  const fk::level noise = fk::level_at(fk::schedule::cosine{}, 1), middle = fk::level_at(fk::schedule::cosine{}, 0.5);
  fk::level no_rates = middle;
  no_rates.alpha_rate = no_rates.sigma_rate = fk::level::unknown;
  law::refused([&] { (void)min_snr{.gamma = 0}(middle); }, {"gamma is 0; allowed: a number > 0"});
  law::refused([&] { (void)p2{.gamma = -1}(middle); }, {"gamma is -1; allowed: a number >= 0"});
  law::refused([&] { (void)p2{.k = 0}(middle); }, {"k is 0; allowed: a number > 0"});
  law::refused([&] { (void)sigmoid{.bias = HUGE_VAL}(middle); }, {"bias is inf;"});
  law::refused([&] { (void)in_time{sigmoid{}}(noise); }, {"the rate of log SNR is infinite;"});
  law::refused([&] { (void)in_time{sigmoid{}}(no_rates); }, {"the rate of log SNR is unknown;"});
  law::refused([&] { (void)weight_on(plain{p::data{}}, p::epsilon{}, noise); },
               {"the weight is not finite;", "epsilon"});
}
