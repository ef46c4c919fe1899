// SPDX-License-Identifier: MIT
//
// A walk of 100 steps from a point to noise, what is known of its end, its limit of small steps, and the walk back.
//
//   random_walk [FOLDER]    asserts what docs/story/random_walk.md says, and writes the picture's numbers to the folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <vector>

#include <fokker/fokker.hpp>

#include "../demo/spiral.hpp"
#include "chapter.hpp"

namespace {

namespace fk = fokker;
using demo::points;
using std::filesystem::path;

// [step]
constexpr int steps = 100;
const fk::schedule::tabulated walk = fk::schedule::linear(0.001, 0.2, steps);  // beta grows evenly

/// Step k of the walk: x = sqrt(1 - beta) x + sqrt(beta) z.
fk::level step(int k) {
  const double kept = walk.alpha(k) / walk.alpha(k - 1);
  return {.alpha = kept, .sigma = std::sqrt(1 - kept * kept)};
}
// [step]

fk::noise::philox dice(int seed) { return {.seed = static_cast<std::uint64_t>(seed)}; }

points at_place(std::size_t count, float x, float y) {
  points p = points::from_shape({count, 2});
  for (std::size_t i = 0; i < count; ++i) p(i, 0) = x, p(i, 1) = y;
  return p;
}

void write(story::csv& file, int k, const points& x, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) file(k, i, x(i, 0), x(i, 1));
}

/// Many walks from one point are where one jump leads: their mean is alpha x0, their variance sigma^2.
void closed_form(const path& folder) {
  constexpr std::size_t count = 20000;
  constexpr float x0 = -1.6F, y0 = 1.8F;
  story::csv moments(folder, "moments", "step,alpha,sigma,mean,deviation"), few(folder, "walkers", "step,walker,x,y");
  points x = at_place(count, x0, y0), noise = at_place(count, 0, 0);
  write(few, 0, x, 4);
  double signal = 1, variance = 0, off = 0;
  std::printf("%d walks from (%g, %g)\n  step   alpha  measured   sigma  measured\n", static_cast<int>(count), x0, y0);
  for (int k = 0; k < steps; ++k) {
    const fk::level whole = fk::level_at(walk, k);
    // [walk]
    fk::perturb(step(k), x, dice(k), x);          // the walkers take a step
    fk::perturb(step(k), noise, dice(k), noise);  // and so do others with the same dice, who set out from 0
    // [walk]
    // The mean and the variance, carried from step to step, are the closed form's, but for a few roundings of each.
    signal *= step(k).alpha;
    variance = std::fma(step(k).alpha * step(k).alpha, variance, step(k).sigma * step(k).sigma);
    assert(std::abs(signal - whole.alpha) < 8 * steps * 0x1p-53);
    assert(std::abs(variance - whole.sigma * whole.sigma) < 8 * steps * 0x1p-53);
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double dx = x(i, 0) - whole.alpha * x0, dy = x(i, 1) - whole.alpha * y0;
      sum += x(i, 0) * x0 + x(i, 1) * y0;
      squares += dx * dx + dy * dy;
      off = std::max({off, std::abs(dx - noise(i, 0)), std::abs(dy - noise(i, 1))});
    }
    const double length = std::hypot(x0, y0), mean = sum / count / (length * length);  // E[x] as a part of x0
    const double deviation = std::sqrt(squares / (2 * count));
    // Five standard errors: of a mean, and of a deviation from 2 count numbers.
    assert(std::abs(mean - whole.alpha) < 5 * whole.sigma / length / std::sqrt(count));
    assert(std::abs(deviation / whole.sigma - 1) < 5 / std::sqrt(4.0 * count));
    if (k == 0 || k == 9 || k == 29 || k == steps - 1)
      std::printf("%6d %7.4f %9.4f %7.4f %9.4f\n", k + 1, whole.alpha, mean, whole.sigma, deviation);
    moments(k + 1, whole.alpha, whole.sigma, mean, deviation);
    write(few, k + 1, x, 4);
  }
  assert(off <
         steps * 4 * 0x1p-24);  // of each walker x = alpha x0 + noise: a step rounds numbers below 8 to a half unit
}

/// The same path, stopped at 1/n, 2/n ... 1: its length grows without end, the sum of its squared steps stays 1.
void small_steps(const path& folder) {
  constexpr int walkers = 256;
  story::csv paths(folder, "brownian", "steps,time,x");
  std::puts("\none Brownian path\n  steps   length   sqrt(2 n / pi)   squared steps   of n coins: E[x^4]");
  for (const int n : {10, 100, 1000}) {
    double length = 0, squares = 0, place = 0;
    paths(n, 0, 0);
    for (int w = 0; w < walkers; ++w)
      for (int k = 0; k < n; ++k) {
        // [brownian]
        const fk::noise_piece piece{.from = 1 + k / static_cast<double>(n), .to = 1 + (k + 1) / static_cast<double>(n)};
        const double moved =
            fk::noise::brownian{dice(5)}.normals(static_cast<std::uint32_t>(w), 0, piece).z[0] / std::sqrt(n);
        // [brownian]
        length += std::abs(moved) / walkers;
        squares += moved * moved / walkers;
        if (w == 0) paths(n, (k + 1.0) / n, place += moved);
      }
    const double expected = std::sqrt(2 * n / std::numbers::pi);
    assert(std::abs(length - expected) < 5 * std::sqrt((1 - 2 / std::numbers::pi) / walkers));  // |z| has 1 - 2/pi
    assert(std::abs(squares - 1) < 5 * std::sqrt(2.0 / n / walkers));                           // z^2 has 2
    // Steps need not be normal: those by coins, 1 or -1, have nearly the fourth moment of normals, which is 3.
    double fourth = 0;
    for (int k = 0; k < n; ++k) fourth += 6.0 * k + 1;  // E[(x + coin)^4] = E[x^4] + 6 E[x^2] + 1, E[x^2] = k
    assert(std::abs(fourth / n / n - (3 - 2.0 / n)) < 0x1p-50);
    std::printf("%7d %8.3f %16.3f %15.4f %21.4f\n", n, length, expected, squares, fourth / n / n);
  }
}

/// Noise, walked backwards with the exact score of the spiral, is at each step where the data are on their way there.
void way_back(const path& folder) {
  constexpr std::size_t count = 768;
  const auto [data, label] = demo::spiral::make_data();
  std::vector<points> there{xt::view(data, xt::range(0, count), xt::all())};
  for (int k = 0; k < steps; ++k) {
    there.push_back(there.back());
    fk::perturb(step(k), there.back(), dice(k), there.back());
  }
  // [back]
  const fk::model::predicting score{fk::parameterization::score{}, fk::model::empirical{data}};
  points x = at_place(count, 0, 0), s = x;
  fk::perturb(fk::level{.alpha = 0, .sigma = 1}, x, dice(1000), x);  // pure noise
  std::vector<points> here{x};
  for (int k = steps - 1; k >= 0; --k) {
    const fk::level at = fk::level_at(walk, k), before = fk::level_at(walk, k - 1);
    const double beta = step(k).sigma * step(k).sigma;
    score(s, x, at);
    points from = (x + beta * s) / step(k).alpha;  // the mean of the places that it may have come from
    fk::perturb({.alpha = 1, .sigma = std::sqrt(beta) * before.sigma / at.sigma}, from, dice(2000 + k), x);
    here.insert(here.begin(), x);
  }
  // [back]
  std::puts("\nenergy distance of those on their way back\n  step   to those on their way forth   by chance");
  for (const int k : {steps, 60, 30, 10, 0}) {
    const points &mine = here[static_cast<std::size_t>(k)], &theirs = there[static_cast<std::size_t>(k)];
    // What two sets of n samples of one distribution have on average is twice their mean distance over n.
    const double energy = fk::metric::energy_distance(mine, theirs),
                 chance = 2 * fk::metric::mean_distance(mine, theirs) / count;
    assert(energy < 5 * chance);
    std::printf("%6d %28.4f %11.4f\n", k, energy, chance);
  }
  const demo::nearest home(x, data);
  assert(home.mean() < walk.sigma(0));  // the last step leads to a mean of the data that a first step reaches
  std::printf("mean distance to the nearest point of the data %.4f; a first step has sigma %.4f\n", home.mean(),
              walk.sigma(0));
  story::csv forth(folder, "forth", "step,x,y,class"), back(folder, "back", "step,x,y,class");
  for (int k = 0; k <= steps; k += 10)
    for (std::size_t i = 0; i < count; ++i) {
      const points &mine = here[static_cast<std::size_t>(k)], &theirs = there[static_cast<std::size_t>(k)];
      forth(k, theirs(i, 0), theirs(i, 1), label[i]);
      back(k, mine(i, 0), mine(i, 1), label[home.index[i]]);
    }
  story::csv ways(folder, "ways", "step,walker,x,y");
  for (std::size_t k = 0; k < here.size(); ++k) write(ways, static_cast<int>(k), here[k], 3);
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  closed_form(folder);
  small_steps(folder);
  way_back(folder);
}
