// SPDX-License-Identifier: MIT
#include <fokker/grid/beta.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/schedule/zero_terminal_snr.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using fokker::ending;
using fokker::detail::beta_quantile;
using fokker::grid::beta;

namespace {

const auto make = [](int steps) { return beta{.steps = steps}; };

std::vector<double> times(const std::vector<fokker::level>& levels) {
  std::vector<double> list;
  for (const auto& l : levels) list.push_back(l.time);
  return list;
}

}  // namespace

TEST_CASE("beta_quantile inverts the incomplete beta function") {
  struct known {
    double p, a, b, x;
  };
  // Independent 40-digit evaluation, with scipy's as its start. The last step in log x is off by the roundings of the
  // logarithms that it compares, over the slope of log p.
  for (const known& k : {known{0.001, 0.6, 0.6, 0.0000185587385174519971},
                         {0.1, 0.6, 0.6, 0.0395844055887808517},
                         {0.3, 0.6, 0.6, 0.23401700387523588},
                         {0.7, 0.6, 0.6, 0.765982996124764052},
                         {0.999, 0.6, 0.6, 0.999981441261482548},
                         {0.01, 0.25, 50, 1.36011906768430909e-10},
                         {0.4, 50, 0.25, 0.998103477919242114},
                         {0.9, 2, 5, 0.510316306551491669},
                         {0.0001, 8, 3, 0.206707852763330928},
                         {0.25, 50, 50, 0.466229737663500963},
                         {0.5, 3, 0.25, 0.983593515091860126},
                         {1e-6, 0.25, 0.25, 1.18170450080771136e-23},
                         {0.5, 1.5, 0.7, 0.742492210936537699}}) {
    INFO(k.p << " of (" << k.a << ", " << k.b << ")");
    const double a_beta = k.a * std::tgamma(k.a) / std::tgamma(k.a + k.b) * std::tgamma(k.b);
    const double of_x = k.a * std::log(k.x), of_rest = k.b * std::log1p(-k.x);
    const double slope = k.a * std::exp(of_x + of_rest) / (a_beta * k.p * (1 - k.x));
    const double logs = std::abs(std::log(k.p)) + std::abs(std::log(a_beta)) - of_x - of_rest;
    const double bound = 2 * law::u * (1 - std::log(k.x) + logs / slope);
    INFO("off by " << std::abs(beta_quantile(k.p, k.a, k.b) / k.x - 1) / law::u << " roundings, bound "
                   << bound / law::u);
    CHECK(std::abs(beta_quantile(k.p, k.a, k.b) / k.x - 1) <= bound);
  }
}

TEST_CASE("beta_quantile is even, a root or a squared sine where the distribution is one") {
  for (int i = 1; i < 64; ++i) {
    const double p = i / 64.0, sine = std::sin(0.5 * std::numbers::pi * p);
    INFO(p);
    // roundings as above, where log p is below 5 and its factor 1/a up to 4
    CHECK(std::abs(beta_quantile(p, 1, 1) - p) <= 4 * 6 * law::u * p);
    CHECK(std::abs(beta_quantile(p, 0.5, 0.5) - sine * sine) <= 4 * 11 * law::u * sine * sine);
    for (const double a : {0.25, 2.0}) {
      const double root = std::pow(p, 1 / a);
      CHECK(std::abs(beta_quantile(p, a, 1) - root) <= 4 * (1 + 5 / a * 2) * law::u * root);
    }
  }
}

TEST_CASE("beta_quantile rises strictly, and has its ends and the middle exactly") {
  for (const double a : {0.25, 0.6, 1.0, 2.0, 50.0}) {
    for (const double b : {0.25, 0.6, 1.0, 2.0, 50.0}) {
      law::failures not_larger;
      double before = beta_quantile(0, a, b);
      CHECK(before == 0);
      for (int i = 1; i <= 1000; ++i) {
        const double x = beta_quantile(i / 1000.0, a, b);
        if (!(x > before)) law::note(not_larger, i);
        before = x;
      }
      CHECK(before == 1);
      CHECK(not_larger == law::failures{});
    }
    CHECK(beta_quantile(0.5, a, a) == 0.5);
  }
}

TEST_CASE("beta is a lawful grid on every schedule") {
  law::grid(make, fokker::schedule::vp_linear{});
  law::grid(make, fokker::schedule::cosine{});
  law::grid(make, fokker::schedule::edm{});
  law::grid(make, fokker::schedule::flow_linear{});
  law::grid(make, fokker::schedule::flow_linear{}, ending::to_data, 1'000'000, 1'000'000);
  law::grid(make, archetype::schedule{});
  for (const double c : {0.25, 50.0})
    law::grid([=](int steps) { return beta{.steps = steps, .a = c, .b = 0.25}; }, fokker::schedule::flow_linear{},
              ending::to_data, 1, 200);
  law::steps_refused(make, fokker::schedule::flow_linear{}, 1'000'000);
}

TEST_CASE("beta is a lawful grid on every table, up to all of its timesteps") {
  law::grid(make, fokker::schedule::scaled_linear());
  law::grid(make, fokker::schedule::zero_terminal_snr(fokker::schedule::scaled_linear()));
  for (const double c : {0.25, 50.0})
    law::grid([=](int steps) { return beta{.steps = steps, .a = c, .b = c}; }, fokker::schedule::linear(1e-4, 0.02, 11),
              ending::to_data, 1, 11);
  law::steps_refused(make, fokker::schedule::scaled_linear(), 1000);
}

TEST_CASE("beta has the timesteps that ComfyUI takes for Stable Diffusion") {
  const auto table = fokker::schedule::scaled_linear();
  // 499.5 is a tie, of which 500 is even; a quantile that is off in its last digit may round it to 499
  CHECK(times(make(10).levels(table)) == std::vector<double>{999, 959, 876, 765, 637, 500, 362, 234, 123, 40, -1});
  CHECK(times(make(1).levels(table)) == std::vector<double>{999, -1});
}

TEST_CASE("beta drops no timestep that comes twice: it takes the next one") {
  // 139 steps are the first of which ComfyUI's list has fewer: its first two are both 999
  const auto list = times(make(139).levels(fokker::schedule::scaled_linear()));
  REQUIRE(list.size() == 140);
  CHECK(list[0] == 999);
  CHECK(list[1] == 998);
  CHECK(list[2] == std::nearbyint(999 * beta_quantile(137.0 / 139, 0.6, 0.6)));
}

TEST_CASE("beta with a and b 1 is uniform in time, and with larger ones dense in the middle") {
  const auto even = times(beta{.steps = 8, .a = 1, .b = 1}.levels(fokker::schedule::flow_linear{}));
  for (std::size_t i = 0; i <= 8; ++i) CHECK(std::abs(even[i] - (8.0 - static_cast<double>(i)) / 8) <= 16 * law::u);
  const auto dense = times(beta{.steps = 8, .a = 3, .b = 3}.levels(fokker::schedule::flow_linear{}));
  CHECK(dense[3] - dense[4] < 0.125);
  CHECK(dense[0] - dense[1] > 0.125);
}

TEST_CASE("beta refuses an a and a b that it is not good for, by name and value") {
  const auto levels = [](beta g) { return [g] { (void)g.levels(fokker::schedule::flow_linear{}); }; };
  law::refused(levels({.a = 0.2}), {"a is 0.2;", "0.25 to 50"});
  law::refused(levels({.a = 51}), {"a is 51;"});
  law::refused(levels({.b = 0}), {"b is 0;"});
  law::refused(levels({.b = std::numeric_limits<double>::quiet_NaN()}), {"b is nan;"});
}
