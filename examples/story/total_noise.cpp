// SPDX-License-Identifier: MIT
//
// Two things that a network could learn: the noise of the last step, or all noise. What is learned is the same, but for
// a factor; from the same samples the second is learned with far less error, by a factor that is derived.
//
//   total_noise [FOLDER]    asserts what docs/story/total_noise.md says, and writes the picture's numbers to the folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <utility>
#include <vector>

#include <fokker/fokker.hpp>

#include "../demo/spiral.hpp"
#include "chapter.hpp"

namespace {

namespace fk = fokker;
using demo::points;
using std::filesystem::path;

constexpr double time = 0.12;  // of a walk from 0 to 1

/// The last step of a walk to that time, of which the whole has so many steps.
struct last_step {
  fk::level before, at;
  double share;
  explicit last_step(int steps)
      : before(fk::level_at(fk::schedule::vp_linear{}, time - 1.0 / steps)),
        at(fk::level_at(fk::schedule::vp_linear{}, time)),
        share(fk::training::step_share(before, at)) {}
};

fk::noise::philox dice(int seed) { return {.seed = static_cast<std::uint64_t>(seed)}; }

/// The mean and its standard error.
std::pair<double, double> mean_of(const std::vector<double>& numbers) {
  double sum = 0, squares = 0;
  for (const double v : numbers) sum += v, squares += v * v;
  const auto n = static_cast<double>(numbers.size());
  return {sum / n, std::sqrt((squares / n - sum / n * (sum / n)) / (n - 1))};
}

// [line]
/// The slope of the line that fits best, and how far that line is from the true one: its mean squared error where x is.
struct line {
  double slope, error;
  line(const double* x, const double* y, std::size_t samples, double true_slope, double true_at_0) {
    const auto count = static_cast<double>(samples);
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (std::size_t i = 0; i < samples; ++i) sx += x[i], sy += y[i];
    for (std::size_t i = 0; i < samples; ++i) sxx += std::pow(x[i] - sx / count, 2), sxy += (x[i] - sx / count) * y[i];
    slope = sxy / sxx;
    const double off = sy / count - true_at_0 - true_slope * sx / count;
    error = off * off + std::pow(slope - true_slope, 2) * sxx / count;
  }
};
// [line]

/// Of normal data everything is known: x and both targets are normal together, so that the best answer is a line.
void on_normal_data() {
  constexpr std::size_t trials = 10000, samples = 40;
  constexpr double mean = 1, deviation = 0.5;
  std::puts(
      "normal data, a line from 40 samples: mean squared error of 10000 such lines\n"
      "  steps   share f   total noise   derived   one step   derived   ratio");
  for (const int steps : {10, 100, 1000}) {
    const last_step last(steps);
    const fk::model::gaussian data{mean, deviation};
    std::vector<double> x0(trials * samples, mean), x = x0, step = x0, total = x0;
    fk::perturb({.alpha = 1, .sigma = deviation}, x0, dice(1), x0);
    // [targets]
    fk::training::one_step(last.before, last.at, x0, dice(2), x, step, total);
    for (double& e : step) e /= std::sqrt(last.share);  // in the unit of the total noise
    // [targets]
    // E[total | x] = (x - alpha D(x)) / sigma, a line; V is what it leaves open.
    const auto answer = [&](double at) { return (at - last.at.alpha * data.data(at, last.at)) / last.at.sigma; };
    const double slope = answer(1) - answer(0), open = 1 - slope * last.at.sigma;
    std::vector<double> slopes[2], errors[2];
    for (std::size_t trial = 0; trial < trials; ++trial)
      for (const int which : {0, 1}) {
        const line found(&x[trial * samples], &(which == 0 ? total : step)[trial * samples], samples, slope, answer(0));
        slopes[which].push_back(found.slope);
        errors[which].push_back(found.error);
      }
    double measured[2], derived[2] = {2 * open / samples, 2 * (open + (1 - last.share) / last.share) / samples};
    for (const int which : {0, 1}) {
      measured[which] = mean_of(errors[which]).first;
      const auto [found, error] = mean_of(slopes[which]);
      assert(std::abs(found - slope) < 5 * error);  // one minimiser
      // Times samples / derived each error is half a chi-square with two degrees of freedom, whose variance is 1.
      assert(std::abs(measured[which] / derived[which] - 1) < 5 / std::sqrt(trials));
    }
    std::printf("%7d %9.4f %13.4f %9.4f %10.3f %9.3f %7.1f\n", steps, last.share, measured[0], derived[0], measured[1],
                derived[1], derived[1] / derived[0]);
  }
}

// [cells]
/// The simplest regression in the plane: the mean of a target in each cell of a raster.
struct raster {
  static constexpr std::size_t side = 32;
  static constexpr double width = 0.2;
  std::vector<std::size_t> cell;  // of each sample
  std::vector<double> count;      // of samples in each cell

  explicit raster(const points& x) : count(side * side) {
    const auto place = [](float v) {
      return static_cast<std::size_t>(std::clamp(v / width + side / 2.0, 0.0, side - 1.0));
    };
    for (std::size_t i = 0; i < x.shape(0); ++i) {
      cell.push_back(side * place(x(i, 1)) + place(x(i, 0)));
      ++count[cell.back()];
    }
  }
  [[nodiscard]] xt::xtensor<double, 2> means(const points& target) const {
    xt::xtensor<double, 2> mean = xt::zeros<double>({count.size(), std::size_t{2}});
    for (std::size_t i = 0; i < cell.size(); ++i)
      for (std::size_t k = 0; k < 2; ++k) mean(cell[i], k) += target(i, k) / count[cell[i]];
    return mean;
  }
};
// [cells]

/// So many points, drawn from the data.
points drawn(const points& data, std::size_t count, std::mt19937_64& engine) {
  points x = points::from_shape({count, 2});
  for (std::size_t i = 0; i < count; ++i) {
    const auto from = static_cast<std::size_t>(demo::spiral::uniform(engine) * static_cast<double>(data.shape(0)));
    for (std::size_t k = 0; k < 2; ++k) x(i, k) = data(from, k);
  }
  return x;
}

/// What x leaves open of each coordinate of the total noise: 1 - sigma times the slope of E[total | x].
template <class Denoiser>
points left_open(const Denoiser& noise, const points& x, const fk::level& at) {
  constexpr float h = 0.01F;
  points open = x, up = x, down = x;
  for (std::size_t k = 0; k < 2; ++k) {
    points more = x, less = x;
    xt::view(more, xt::all(), k) += h;
    xt::view(less, xt::all(), k) -= h;
    noise(up, more, at), noise(down, less, at);
    for (std::size_t i = 0; i < x.shape(0); ++i)
      open(i, k) = 1 - static_cast<float>(at.sigma) * (up(i, k) - down(i, k)) / (more(i, k) - less(i, k));
  }
  return open;
}

/// The same from points of the spiral, where the best answer is no line.
void on_the_spiral(const path& folder) {
  constexpr int trials = 8;
  const points data = xt::view(demo::spiral::make_data().x, xt::range(0, 1000), xt::all());
  const last_step last(1000);
  const fk::model::predicting noise{fk::parameterization::epsilon{}, fk::model::empirical{data}};
  std::mt19937_64 engine(3);
  story::csv errors(folder, "errors", "samples,total,total_derived,step,step_derived"),
      fields(folder, "fields", "column,row,count,exact_x,exact_y,total_x,total_y,step_x,step_y");
  std::puts(
      "\nthe spiral, the last of 1000 steps: mean squared error of means in cells\n"
      "  samples   total noise   derived   one step   derived   ratio");
  for (const std::size_t samples : {1000U, 4000U, 16000U}) {
    std::vector<double> measured[2];
    double derived[2] = {};
    for (int trial = 0; trial < trials; ++trial) {
      const points x0 = drawn(data, samples, engine);
      points x = x0, step = x0, total = x0, exact = x0;
      fk::training::one_step(last.before, last.at, x0, dice(100 + trial), x, step, total);
      step /= static_cast<float>(std::sqrt(last.share));
      noise(exact, x, last.at);
      const raster cells(x);
      const auto truth = cells.means(exact), open = cells.means(left_open(noise, x, last.at));
      const auto by_total = cells.means(total), by_step = cells.means(step);
      const double whole = 2 * static_cast<double>(samples);  // of coordinates
      double total_error = 0, step_error = 0;
      for (std::size_t c = 0; c < cells.count.size(); ++c)
        for (std::size_t k = 0; k < 2; ++k) {
          if (cells.count[c] == 0) continue;
          total_error += cells.count[c] * std::pow(by_total(c, k) - truth(c, k), 2) / whole;
          step_error += cells.count[c] * std::pow(by_step(c, k) - truth(c, k), 2) / whole;
          derived[0] += open(c, k) / whole / trials;
          derived[1] += (open(c, k) + (1 - last.share) / last.share) / whole / trials;
        }
      measured[0].push_back(total_error), measured[1].push_back(step_error);
      if (samples == 16000 && trial == 0)
        for (std::size_t c = 0; c < cells.count.size(); ++c)
          fields(c % raster::side, c / raster::side, cells.count[c], truth(c, 0), truth(c, 1), by_total(c, 0),
                 by_total(c, 1), by_step(c, 0), by_step(c, 1));
    }
    double mean[2];
    for (const int which : {0, 1}) {
      const auto [found, error] = mean_of(measured[which]);
      assert(std::abs(found - derived[which]) < 5 * error);
      mean[which] = found;
    }
    std::printf("%9zu %13.5f %9.5f %10.4f %9.4f %7.1f\n", samples, mean[0], derived[0], mean[1], derived[1],
                mean[1] / mean[0]);
    errors(samples, mean[0], derived[0], mean[1], derived[1]);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  on_normal_data();
  on_the_spiral(folder);
}
