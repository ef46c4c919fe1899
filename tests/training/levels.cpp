// SPDX-License-Identifier: MIT
#include <fokker/training/levels.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
namespace training = fk::training;
using fk::detail::normal_quantile;

namespace {

const fk::noise::philox seeded{.seed = 21};

/// The largest distance of the levels' empirical distribution from `share`, times the root of their count.
template <class Share>
double kolmogorov(const std::vector<fk::level>& levels, Share share) {
  std::vector<double> u;
  for (const fk::level& l : levels) u.push_back(share(l));
  std::sort(u.begin(), u.end());
  const double n = static_cast<double>(u.size());
  double most = 0;
  for (std::size_t i = 0; i < u.size(); ++i)
    most =
        std::max({most, std::abs(static_cast<double>(i) / n - u[i]), std::abs(static_cast<double>(i + 1) / n - u[i])});
  return most * std::sqrt(n);
}

fk::schedule::tabulated table() {
  const std::vector<double> betas{0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
  return fk::schedule::tabulated::from_betas(betas);
}

}  // namespace

TEST_CASE("normal quantiles are those of the tables, to the last digits") {
  // Values to 17 digits; the logarithm of p rounds by |log p| u, over the slope, at most a few u of 1 + |x|.
  const std::vector<std::pair<double, double>> known{{0.5, 0},
                                                     {0.25, -0.67448975019608174},
                                                     {0.025, -1.9599639845400543},
                                                     {1e-6, -4.7534243088228987},
                                                     {1e-10, -6.3613409024040562},
                                                     {1e-20, -9.2623400897984076}};
  for (const auto& [p, x] : known) {
    CAPTURE(p);
    CHECK(std::abs(normal_quantile(p) - x) < 16 * law::u * (1 + std::abs(x)));
    if (p > 1e-3) CHECK(std::abs(normal_quantile(1 - p) + x) < 32 * law::u * (1 + std::abs(x)));
  }
  CHECK(std::abs(normal_quantile(0x1p-53) + 8.2095361516013854) < 1e-13);
}

TEST_CASE("uniform times go from the last time of training to noise") {
  const auto law = training::uniform_time{};
  CHECK(law(fk::schedule::flow_linear{}, 0.25).time == 0.25);
  CHECK(law(fk::schedule::vp_linear{}, 0.5).time == Approx(0.5005).epsilon(4 * law::u));
  CHECK(law(fk::schedule::vp_linear{}, 1 - 0x1p-53).time <= 1);
  CHECK(law(fk::schedule::edm{}, 0x1p-53).time >= 0.002);
}

TEST_CASE("timesteps of a table are whole, each has its share, and the last is reached") {
  const auto law = training::uniform_timestep{};
  std::vector<int> counts(6);
  for (int i = 0; i < 600; ++i) {
    const fk::level l = law(table(), (i + 0.5) / 600);
    CHECK(l.time == std::floor(l.time));
    ++counts[static_cast<std::size_t>(l.time)];
  }
  CHECK((counts == std::vector<int>(6, 100)));
  CHECK(law(table(), 1 - 0x1p-53).time == 5);
  CHECK(law(table(), 0x1p-53).time == 0);
}

TEST_CASE("a logit-normal law has its median and its quartiles where the paper has them") {
  const fk::schedule::flow_linear path;
  const double quartile = 0.67448975019608174;
  const training::logit_normal drawn{.mean = 0.5, .deviation = 0.8};
  const auto sigmoid = [](double y) { return 1 / (1 + std::exp(-y)); };
  CHECK(drawn(path, 0.5).time == Approx(sigmoid(0.5)).epsilon(16 * law::u));
  CHECK(drawn(path, 0.75).time == Approx(sigmoid(0.5 + 0.8 * quartile)).epsilon(16 * law::u));
  CHECK(drawn(path, 0.25).time == Approx(sigmoid(0.5 - 0.8 * quartile)).epsilon(16 * law::u));
  // A shift of time by 3 is a mean of log(3).
  const double t = training::logit_normal{}(path, 0.3).time,
               shifted = training::logit_normal{.mean = std::log(3.0)}(path, 0.3).time;
  CHECK(shifted == Approx(3 * t / (1 + 2 * t)).epsilon(16 * law::u));
}

TEST_CASE("sigma is log-normal as in EDM, and below the noise of a schedule that has an end") {
  const training::log_normal law;
  CHECK(law(fk::schedule::edm{.sigma_max = 1e30}, 0.5).sigma == Approx(std::exp(-1.2)).epsilon(16 * law::u));
  CHECK(law(fk::schedule::edm{.sigma_max = 1e30}, 0.75).sigma ==
        Approx(std::exp(-1.2 + 1.2 * 0.67448975019608174)).epsilon(16 * law::u));
  // Pure noise ends no law; a schedule's own time is another.
  CHECK(law(fk::schedule::flow_linear{}, 0.5).ratio() == Approx(std::exp(-1.2)).epsilon(16 * law::u));
  // An end at the median leaves the lower half: its median is the lower quartile.
  const fk::schedule::edm low{.sigma_max = std::exp(-1.2)};
  CHECK(law(low, 0.5).sigma == Approx(std::exp(-1.2 - 1.2 * 0.67448975019608174)).epsilon(32 * law::u));
  CHECK(law(low, 1 - 0x1p-53).sigma <= low.sigma_max);
}

TEST_CASE("laws go towards noise as their numbers grow") {
  const fk::schedule::vp_linear schedule;
  const auto grows = [&](const auto& law) {
    double before = 0;
    for (int i = 0; i < 200; ++i) {
      const double here = law(schedule, (i + 0.5) / 200).ratio();
      if (!(here > before)) return false;
      before = here;
    }
    return true;
  };
  CHECK(grows(training::uniform_time{}));
  CHECK(grows(training::logit_normal{}));
  CHECK(grows(training::log_normal{}));
}

TEST_CASE("levels of shards are those of the batch") {
  const fk::schedule::flow_linear path;
  const training::low_discrepancy numbers{.batch = 8};
  const auto all = training::draw_levels(path, training::logit_normal{}, {.seed = 3, .first_sample = 16}, 8, numbers);
  const auto part = training::draw_levels(path, training::logit_normal{}, {.seed = 3, .first_sample = 21}, 3, numbers);
  REQUIRE(all.size() == 8);
  for (std::size_t s = 0; s < 3; ++s) CHECK(part[s].time == all[5 + s].time);
}

TEST_CASE("parameters of no law are refused, as is a law that a schedule does not reach") {
  const fk::schedule::flow_linear path;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  law::refused([&] { (void)training::logit_normal{.mean = nan}(path, 0.5); },
               {"mean is nan; allowed: a finite number"});
  law::refused([&] { (void)training::logit_normal{.deviation = 0}(path, 0.5); },
               {"deviation is 0; allowed: a number > 0"});
  law::refused([&] { (void)training::log_normal{.deviation = nan}(path, 0.5); }, {"deviation is nan;"});
  law::refused([&] { (void)training::log_normal{.mean = 500, .deviation = 1}(fk::schedule::edm{}, 0.5); },
               {"mean is 500; allowed: about 4.38"});
}

TEST_CASE("drawn levels have their law", "[statistics]") {
  // The law of Kolmogorov: exceeded with a probability of 2 e^(-2 y^2), of 2.2 one in 8,000.
  const std::size_t n = 50'000;
  const fk::schedule::flow_linear path;
  CHECK(kolmogorov(training::draw_levels(path, training::uniform_time{}, seeded, n),
                   [](const fk::level& l) { return l.time; }) < 2.2);
  CHECK(kolmogorov(training::draw_levels(path, training::logit_normal{.mean = -1, .deviation = 2}, seeded, n),
                   [](const fk::level& l) {
                     return fk::detail::normal_share((std::log(l.time / (1 - l.time)) + 1) / 2);
                   }) < 2.2);
  CHECK(kolmogorov(training::draw_levels(fk::schedule::vp_linear{}, training::log_normal{}, seeded, n),
                   [](const fk::level& l) {
                     return fk::detail::normal_share((std::log(l.ratio()) + 1.2) / 1.2);  // of its end is 10^-7 missing
                   }) < 2.2);
}
