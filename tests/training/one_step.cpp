// SPDX-License-Identifier: MIT
#include <fokker/training/one_step.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/concept/noise_schedule.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/perturb.hpp>
#include <fokker/schedule/cosine.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
namespace training = fk::training;

namespace {

const fk::noise::philox seeded{.seed = 5};

struct made {
  std::vector<double> x0, x, step, total;
};
made of_gaussian(const fk::level& before, const fk::level& at, std::size_t count, double deviation) {
  made m{std::vector<double>(count), std::vector<double>(count), std::vector<double>(count),
         std::vector<double>(count)};
  fk::fill_normal(fk::noise::philox{.seed = 6}, m.x0);
  for (double& each : m.x0) each *= deviation;
  training::one_step(before, at, m.x0, seeded, m.x, m.step, m.total);
  return m;
}

}  // namespace

TEST_CASE("x is alpha x0 + sigma total, and the last step's from where perturb is before it") {
  const fk::schedule::cosine schedule;
  const fk::level before = fk::level_at(schedule, 0.5), at = fk::level_at(schedule, 0.6);
  const made m = of_gaussian(before, at, 50, 1);
  std::vector<double> x_before(m.x0);
  fk::perturb(before, m.x0, seeded, x_before);
  const double scale = at.alpha / before.alpha,
               spread = std::sqrt(at.sigma * at.sigma - std::pow(scale * before.sigma, 2));
  for (std::size_t i = 0; i < 50; ++i) {
    // Sums of three numbers up to 5; `spread` is a difference of numbers below 1 and is 0.3.
    CHECK(std::abs(m.x[i] - (at.alpha * m.x0[i] + at.sigma * m.total[i])) < 64 * law::u);
    CHECK(std::abs(m.x[i] - (scale * x_before[i] + spread * m.step[i])) < 256 * law::u);
  }
}

TEST_CASE("the first step's noise is all noise, and so is that of a step onto noise alone") {
  const fk::schedule::cosine schedule;
  const fk::level data = fk::level_at(schedule, 0), middle = fk::level_at(schedule, 0.5),
                  noise = fk::level_at(schedule, 1);
  const made first = of_gaussian(data, middle, 20, 1), last = of_gaussian(middle, noise, 20, 1);
  CHECK((first.step == first.total));
  CHECK((last.step == last.total));
  CHECK((last.x == last.total));
  CHECK(training::step_share(data, middle) == 1);
}

TEST_CASE("a step goes towards noise, and results have the shape of data") {
  const fk::level at = fk::level_at(fk::schedule::cosine{}, 0.5), noise = fk::level_at(fk::schedule::cosine{}, 1);
  std::vector<double> x0(3), other(4);
  law::refused([&] { (void)training::step_share(at, at); }, {"sigma/alpha before the step is ", "allowed: less than "});
  law::refused([&] { (void)training::step_share(noise, at); }, {"sigma/alpha before the step is infinite;"});
  law::refused([&] { training::one_step(at, noise, x0, seeded, x0, x0, other); }, {"the shape of the result is (4)"});
}

TEST_CASE("both targets have one minimiser, and the step's has the larger variance", "[statistics]") {
  // Data N(0, c^2): E[total | x] = sigma/(alpha^2 c^2 + sigma^2) x, and V = alpha^2 c^2/(alpha^2 c^2 + sigma^2)
  // remains. E[step | x] is sqrt(share) of it, and of the step's variance, 1, what that explains is missing: 1 - share
  // (1 - V).
  const std::size_t n = 200'000;
  const double c = 0.7;
  const fk::level before = fk::level_at(fk::schedule::cosine{}, 0.5), at = fk::level_at(fk::schedule::cosine{}, 0.55);
  const made m = of_gaussian(before, at, n, c);
  const double share = training::step_share(before, at), of_x = at.alpha * at.alpha * c * c + at.sigma * at.sigma;
  const double v = at.alpha * at.alpha * c * c / of_x;
  double xx = 0, x_step = 0, x_total = 0, rest_of_step = 0, rest_of_total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    xx += m.x[i] * m.x[i];
    x_step += m.x[i] * m.step[i];
    x_total += m.x[i] * m.total[i];
    rest_of_total += std::pow(m.total[i] - at.sigma / of_x * m.x[i], 2);
    rest_of_step += std::pow(m.step[i] - std::sqrt(share) * at.sigma / of_x * m.x[i], 2);
  }
  // A slope's deviation is sqrt(rest / (n E x^2)), a variance's of Gaussians sqrt(2/n) of itself; bounds are 4 of them.
  const double w = 1 - share * (1 - v), count = static_cast<double>(n);
  CHECK(std::abs(x_total / xx - at.sigma / of_x) < 4 * std::sqrt(v / (count * of_x)));
  CHECK(std::abs(x_step / xx - std::sqrt(share) * at.sigma / of_x) < 4 * std::sqrt(w / (count * of_x)));
  CHECK(std::abs(rest_of_total / count - v) < 4 * v * std::sqrt(2 / count));
  CHECK(std::abs(rest_of_step / count - w) < 4 * w * std::sqrt(2 / count));
  CHECK(w / share > 5 * v);  // of the targets in one unit; a step of a twentieth of the time
}
