// SPDX-License-Identifier: MIT
//
// DDPM with the noise that its steps add and without it. Without it every step goes to a mean, and a mean of means is
// one mean in the end: the samples collapse.
//
//   ddpm [FOLDER]    asserts what docs/story/ddpm.md says, and writes the picture's numbers to the folder

#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <utility>
#include <vector>

#include <fokker/fokker.hpp>

#include "../demo/spiral.hpp"
#include "../networks.hpp"
#include "chapter.hpp"
#include "weights.hpp"

namespace {

namespace fk = fokker;
using demo::points;
using fk::solver::ddpm;
using fk::solver::ddpm_variance;
using std::filesystem::path;

using network = example::spiral_network<story::on_host>;

const fk::schedule::vp_linear schedule;

// [plan]
fk::plan::program plan(int steps, ddpm_variance variance) {
  return fk::make_plan(schedule, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = steps}, ddpm{variance});
}
// [plan]

double deviation_of(const std::vector<double>& x) {
  double sum = 0, squares = 0;
  for (const double v : x) sum += v, squares += v * v;
  const auto n = static_cast<double>(x.size());
  return std::sqrt(squares / n - sum / n * (sum / n));
}

/// Of normal data N(0, c^2) every step is known: without noise the steps multiply to alpha c^2 / (alpha^2 c^2 +
/// sigma^2) at the first level, however many they are.
void on_normal_data() {
  constexpr double c = 0.5;
  constexpr std::size_t count = 20000;
  const fk::level first = fk::level_at(schedule, 1);
  const fk::model::predicting exact{fk::parameterization::epsilon{}, fk::model::gaussian{0, c}};
  const double collapsed = first.alpha * c * c / (first.alpha * first.alpha * c * c + first.sigma * first.sigma);
  std::printf("normal data of deviation %.2f\n  steps   with noise   without   derived\n", c);
  for (const int steps : {8, 64, 512}) {
    std::vector<double> with(count), without(count);
    fk::sample(plan(steps, ddpm_variance::fixed_small), exact, fk::noise::philox{.seed = 1}, with);
    fk::sample(plan(steps, ddpm_variance::noiseless), exact, fk::noise::philox{.seed = 1}, without);
    std::printf("%7d %12.4f %9.6f %9.6f\n", steps, deviation_of(with), deviation_of(without), collapsed);
    // The deviation of the first noise has an error of 1/sqrt(2 n), and x at the first level nearly the deviation 1.
    assert(std::abs(deviation_of(without) / collapsed - 1) < 5 / std::sqrt(2.0 * count));
    if (steps == 512) assert(std::abs(deviation_of(with) / c - 1) < 5 / std::sqrt(2.0 * count) + 3.0 / steps);
  }
}

struct cloud {
  double distance;  // to the nearest point of the data, on average
  double spread;    // root mean square distance from their mean
  double off;       // of their mean from that of the data
  double energy, chance;
  points ends;

  cloud(points x, const points& data)
      : distance(demo::nearest(x, data).mean()),
        spread(demo::spread(x)),
        energy(fk::metric::energy_distance(x, data)),
        // What a set of n points has to its own distribution on average: their mean distance over n.
        chance(fk::metric::mean_distance(data, data) *
               (1.0 / static_cast<double>(x.shape(0)) + 1.0 / static_cast<double>(data.shape(0)))),
        ends(std::move(x)) {
    const points mine = xt::mean(ends, 0, xt::keep_dims), all = xt::mean(data, 0, xt::keep_dims);
    off = demo::distance(mine, 0, all, 0);
  }
};

void on_the_spiral(const path& folder) {
  constexpr std::size_t count = 256;
  const points data = demo::spiral::make_data().x;
  const fk::model::predicting exact{fk::parameterization::epsilon{}, fk::model::empirical{data}};
  network trained{story::weights("spiral")};
  const example::of_class any{trained, {network::nothing}};
  const auto learned = [&](points& out, const points& x, fk::level at) {
    at.label = at.time;  // as this network was trained
    any(out, x, at);
  };
  points noise = points::from_shape({count, 2}), one_point = noise;
  fk::fill_normal(fk::noise::philox{.seed = 3}, noise);
  for (std::size_t i = 0; i < count; ++i) one_point(i, 0) = -1.6F, one_point(i, 1) = 1.8F;

  const points some = xt::view(data, xt::range(0, count), xt::all()),
               others = xt::view(data, xt::range(count, data.shape(0)), xt::all());
  std::printf(
      "\nthe spiral, 256 points, 64 steps; the data themselves are spread by %.3f, and a point is %.4f from the next\n"
      "  from           network   noise     distance   spread   off the mean   energy   by chance\n",
      demo::spread(data), demo::nearest(some, others).mean());
  story::csv ways(folder, "ways", "from,network,noise,step,point,x,y"), ends(folder, "ends", "from,network,noise,x,y"),
      all(folder, "data", "x,y");
  for (std::size_t i = 0; i < data.shape(0); ++i) all(data(i, 0), data(i, 1));
  const auto walk = [&](const char* from, points x, const char* name, const auto& network_of, ddpm_variance variance) {
    const char* const kind = variance == ddpm_variance::noiseless ? "without" : "with";
    const auto write = [&](int step, const points& at, double scale) {
      for (std::size_t i = 0; i < 8; ++i) ways(from, name, kind, step, i, at(i, 0) / scale, at(i, 1) / scale);
    };
    int call = 0;
    write(0, x, 1);
    // [walk]
    const fk::plan::program steps = plan(64, variance);
    fk::sample_from(steps, network_of, fk::noise::philox{.seed = 4}, x,
                    [&](const fk::progress<points>& seen) { write(++call, seen.x, seen.scale); });
    // [walk]
    for (std::size_t i = 0; i < count; ++i) ends(from, name, kind, x(i, 0), x(i, 1));
    cloud result(std::move(x), data);
    std::printf("  %-14s %-9s %-9s %8.4f %8.3f %14.3f %8.4f %11.4f\n", from, name, kind, result.distance, result.spread,
                result.off, result.energy, result.chance);
    return result;
  };
  const auto both = [&](const char* from, const points& x, const char* name, const auto& network_of) {
    const cloud with = walk(from, x, name, network_of, ddpm_variance::fixed_small);
    const cloud without = walk(from, x, name, network_of, ddpm_variance::noiseless);
    assert(with.energy < 5 * with.chance);
    assert(std::abs(with.spread / demo::spread(data) - 1) < 5 / std::sqrt(4.0 * count));
    assert(without.spread < 0.1 * demo::spread(data));
    return without.spread;
  };
  both("noise", noise, "exact", exact);
  both("noise", noise, "trained", learned);
  for (const double left :
       {both("one point", one_point, "exact", exact), both("one point", one_point, "trained", learned)})
    assert(left < 64 * 8 * 0x1p-24);  // nothing tells one from another but the roundings of each step
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  on_normal_data();
  on_the_spiral(folder);
}
