// SPDX-License-Identifier: MIT
//
// The same distribution with noise on the way and without it: the equation of Fokker and Planck, DDIM, how many steps
// samplers need, the way back to the noise, and the likelihood of a point.
//
//   fokker_planck [FOLDER]    asserts what docs/story/fokker_planck.md says, and writes the picture's numbers to the
//                             folder

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <fokker/fokker.hpp>

#include "../demo/spiral.hpp"
#include "chapter.hpp"

namespace {

namespace fk = fokker;
using demo::points;
using std::filesystem::path;

const fk::schedule::vp_linear schedule;

fk::noise::philox dice(int seed) { return {.seed = static_cast<std::uint64_t>(seed)}; }

/// The spiral as a soft line: normal distributions around 150 of its points, whose density is known everywhere.
struct soft_spiral {
  static constexpr double width = 0.1;
  static constexpr std::size_t centres = 150;
  points at = xt::view(demo::spiral::make_data().x, xt::range(0, centres), xt::all());
  fk::model::predicting<fk::parameterization::epsilon, fk::model::mixture> noise_in{{}, mixture()};

  [[nodiscard]] fk::model::mixture mixture() const {
    std::vector<std::vector<double>> means;
    for (std::size_t k = 0; k < centres; ++k) means.push_back({at(k, 0), at(k, 1)});
    return {std::vector<double>(centres, 1.0), means, std::vector<double>(centres, width)};
  }
  /// So many points of it.
  [[nodiscard]] points drawn(std::size_t count) const {
    points x = points::from_shape({count, 2});
    for (std::size_t i = 0; i < count; ++i)
      for (const std::size_t k : {0, 1}) x(i, k) = at(i % centres, k);
    fk::perturb({.alpha = 1, .sigma = width}, x, dice(9), x);
    return x;
  }
  /// The logarithm of the density at a level.
  [[nodiscard]] double log_density(double x, double y, const fk::level& l) const {
    const double variance = l.alpha * l.alpha * width * width + l.sigma * l.sigma;
    double sum = 0;
    for (std::size_t k = 0; k < centres; ++k) {
      const double dx = x - l.alpha * static_cast<double>(at(k, 0)), dy = y - l.alpha * static_cast<double>(at(k, 1));
      sum += std::exp(-(dx * dx + dy * dy) / (2 * variance));
    }
    return std::log(sum / centres / (2 * std::numbers::pi * variance));
  }
};

constexpr std::size_t count = 512;

points start() {
  points x = points::from_shape({count, 2});
  fk::fill_normal(dice(3), x);
  return x;
}

double mean_distance(const points& a, const points& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.shape(0); ++i) sum += demo::distance(a, i, b, i);
  return sum / static_cast<double>(a.shape(0));
}

/// Samples from one and the same noise.
template <class Solver>
points sampled(const soft_spiral& spiral, int steps, const Solver& solver, int seed, story::csv* ways = nullptr,
               const char* name = "") {
  points x = start();
  const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = steps}, solver);
  int call = 0;
  const auto write = [&](const points& now, double scale) {
    for (std::size_t i = 0; ways != nullptr && i < 6; ++i) (*ways)(name, call, i, now(i, 0) / scale, now(i, 1) / scale);
    ++call;
  };
  write(x, 1);
  fk::sample_from(plan, spiral.noise_in, dice(seed), x,
                  [&](const fk::progress<points>& seen) { write(seen.x, seen.scale); });
  return x;
}

/// What two sets of points have by chance, where they are of one distribution.
double chance(const points& data) { return 2 * fk::metric::mean_distance(data, data) / count; }

void one_distribution(const soft_spiral& spiral, const points& data, const path& folder) {
  story::csv ways(folder, "ways", "way,step,point,x,y"), ends(folder, "ends", "way,x,y"), all(folder, "data", "x,y");
  const points by_sde = sampled(spiral, 200, fk::solver::ddpm{}, 1, &ways, "SDE"),
               again = sampled(spiral, 200, fk::solver::ddpm{}, 2),
               by_ode = sampled(spiral, 200, fk::solver::ddim{}, 1, &ways, "ODE");
  for (std::size_t i = 0; i < count; ++i) {
    ends("SDE", by_sde(i, 0), by_sde(i, 1));
    ends("ODE", by_ode(i, 0), by_ode(i, 1));
    all(data(i, 0), data(i, 1));
  }
  const double floor = chance(data);
  const double strangers = fk::metric::mean_distance(data, data);
  std::printf("energy distance to the data: with noise %.4f, without %.4f; by chance %.4f\n",
              fk::metric::energy_distance(by_sde, data), fk::metric::energy_distance(by_ode, data), floor);
  std::printf(
      "mean distance of two ends from one start: SDE and ODE %.2f, SDE twice %.2f; of two points of the data %.2f\n",
      mean_distance(by_sde, by_ode), mean_distance(by_sde, again), strangers);
  assert(fk::metric::energy_distance(by_sde, data) < 3 * floor);
  assert(fk::metric::energy_distance(by_ode, data) < 3 * floor);
  assert(mean_distance(by_sde, by_ode) > 0.5 * strangers);
  assert(mean_distance(by_sde, again) > 0.5 * strangers);
}

void steps_needed(const soft_spiral& spiral, const points& data, const path& folder) {
  story::csv table(folder, "steps", "solver,steps,energy,chance");
  const double floor = chance(data);
  std::printf(
      "\nenergy distance to the data, by chance %.4f\n  steps      DDPM  Euler in time      DDIM  DPM-Solver++(2M)\n",
      floor);
  int enough[3] = {1000, 1000, 1000};
  for (const int steps : {4, 8, 16, 32, 64}) {
    const auto energy = [&](const char* name, const auto& solver) {
      const double e = fk::metric::energy_distance(sampled(spiral, steps, solver, 1), data);
      table(name, steps, e, floor);
      return e;
    };
    const double ddpm = energy("DDPM", fk::solver::ddpm{}),
                 euler = energy("Euler in time", fk::solver::euler{.variable = fk::solver::variable::time}),
                 ddim = energy("DDIM", fk::solver::ddim{}), two = energy("DPM-Solver++(2M)", fk::solver::dpmpp_2m{});
    std::printf("%7d %9.4f %14.4f %9.4f %17.4f\n", steps, ddpm, euler, ddim, two);
    const double found[3] = {ddpm, ddim, two};
    for (const int k : {0, 1, 2})
      if (found[k] < 1.2 * floor) enough[k] = std::min(enough[k], steps);
  }
  std::printf("steps until it is below 1.2 times that: DDPM %d, DDIM %d, DPM-Solver++(2M) %d\n", enough[0], enough[1],
              enough[2]);
  assert(enough[2] < enough[1] && enough[1] < enough[0]);
}

/// DDIM is exact where the data are one point, Euler's step in time where they are normal with deviation 1.
void exact_steps() {
  const auto ends = [](const fk::model::gaussian& data, const auto& solver) {
    std::vector<float> x{-1, 0, 2};
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 3}, solver);
    fk::sample_from(plan, fk::model::predicting{fk::parameterization::epsilon{}, data}, dice(1), x);
    return x;
  };
  const auto point = ends({0.75, 0}, fk::solver::ddim{});
  const auto wide = ends({0, 1}, fk::solver::euler{.variable = fk::solver::variable::time});
  for (const std::size_t i : {0, 1, 2}) {
    assert(std::abs(point[i] - 0.75F) < 1e-5F);
    assert(std::abs(wide[i] - std::array{-1.0F, 0.0F, 2.0F}[i]) < 1e-5F);
  }
  std::puts("\nin 3 steps DDIM reaches data that are one point, and Euler's step in time leaves N(0, 1) as it is");
}

void there_and_back(const soft_spiral& spiral, const points& data) {
  std::puts("\nfrom data to noise and back by DDIM\n  steps   mean error");
  double before = std::numeric_limits<double>::infinity();
  for (const int steps : {25, 50, 100}) {
    points x = data;
    // [inversion]
    const fk::grid::log_snr grid{.steps = steps, .end = fk::ending::to_last_level};
    const fk::parameterization::epsilon predicts;
    fk::sample_from(fk::make_plan(schedule, predicts, grid, fk::solver::ddim_inversion{}), spiral.noise_in, dice(1), x);
    const points noise = x;
    fk::sample_from(fk::make_plan(schedule, predicts, grid, fk::solver::ddim{}), spiral.noise_in, dice(1), x);
    // [inversion]
    const double error = mean_distance(x, data);
    std::printf("%7d %12.4f\n", steps, error);
    assert(error < 0.7 * before);  // of order 1: half of it
    before = error;
  }
}

void likelihood(const soft_spiral& spiral, const points& data) {
  using precise = xt::xtensor<double, 2>;
  std::puts("\nlogarithm of the density by the ODE, rk4\n  steps   mean    mean error");
  double before = std::numeric_limits<double>::infinity();
  for (const int steps : {6, 12, 24}) {
    const auto grid = fk::grid::log_snr{.steps = steps, .end = fk::ending::to_last_level};
    // [likelihood]
    const auto plan =
        fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::inverted{fk::solver::rk4{}});
    const auto slope = [&](precise& out, const precise& v, const precise& x, const fk::level& at) {
      constexpr double h = 1e-5;  // the Jacobian times v, by a difference
      const precise up = x + h * v, down = x - h * v;
      precise low = x;
      spiral.noise_in(out, up, at);
      spiral.noise_in(low, down, at);
      out = (out - low) / (2 * h);
    };
    precise x = data;
    const std::vector<double> found = fk::log_likelihood(plan, spiral.noise_in, fk::exact_trace{slope}, x);
    // [likelihood]
    double mean = 0, error = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double known = spiral.log_density(data(i, 0), data(i, 1), plan.levels.front());
      error += std::abs(found[i] - known) / static_cast<double>(found.size());
      mean += found[i] / static_cast<double>(found.size());
    }
    std::printf("%7d %7.3f %11.4f\n", steps, mean, error);
    assert(error < before / 4);
    before = error;
  }
  assert(before < schedule.alpha(1));  // noise is taken for N(0, 1), and so much of the data is left in it
}

}  // namespace

int main(int arguments, char** values) {
  const path folder = story::folder(arguments, values);
  const soft_spiral spiral;
  const points data = spiral.drawn(count);
  one_distribution(spiral, data, folder);
  steps_needed(spiral, data, folder);
  exact_steps();
  there_and_back(spiral, xt::view(data, xt::range(0, 64), xt::all()));
  likelihood(spiral, xt::view(data, xt::range(0, 16), xt::all()));
}
