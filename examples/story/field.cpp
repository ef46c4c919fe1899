// SPDX-License-Identifier: MIT
//
// The field of arrows that a network knows, as noise grows less, from the exact denoiser and from a trained network,
// and the level at which it turns from the centre of the data to the spiral.
//
//   field [FOLDER]    asserts what docs/story/field.md says, and writes the pictures' numbers to the folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <numbers>
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
using std::filesystem::path;

// The spiral of demo/spiral.hpp: r = 2.6 angle / last, from 0.45 pi on, two turns.
constexpr double first = 0.45 * std::numbers::pi, last = first + 4 * std::numbers::pi;
constexpr double spacing = 2.6 * 2 * std::numbers::pi / last;  // of its arms

fk::level at_ratio(double ratio) {
  fk::level at = fk::level_at_ratio(fk::schedule::vp_linear{}, ratio);
  at.label = at.time;  // what the network is told
  return at;
}

/// The largest difference of two tensors.
double apart(const points& a, const points& b) { return xt::amax(xt::abs(a - b))(); }

/// Four fields that are one: each is a sum of x and what the denoiser says.
template <class Exact>
void one_field(const Exact& exact, const path& folder) {
  const points x = demo::spiral::raster();
  points d = x, noise = x, score = x, velocity = x;
  story::csv fields(folder, "fields", "x,y,data_x,data_y,noise_x,noise_y,score_x,score_y,velocity_x,velocity_y");
  for (const double ratio : {0.2, 0.5, 2.0}) {
    const fk::level at = at_ratio(ratio);
    const auto a = static_cast<float>(at.alpha), s = static_cast<float>(at.sigma);
    // [fields]
    exact(d, x, at);                                                                  // the mean of the data
    fk::model::predicting{fk::parameterization::epsilon{}, exact}(noise, x, at);      // of the noise
    fk::model::predicting{fk::parameterization::score{}, exact}(score, x, at);        // the slope of log p
    fk::model::predicting{fk::parameterization::velocity{}, exact}(velocity, x, at);  // alpha noise - sigma data
    const points same[] = {(x - a * d) / s, noise * (-1 / s), a * noise - s * d};
    // [fields]
    // Numbers below 8 / sigma, in which a few roundings are made, and half a unit of 8 is 2^-21.
    const double rounding = 8 * 0x1p-21 / at.sigma / at.sigma;
    assert(apart(same[0], noise) < rounding && apart(same[1], score) < rounding && apart(same[2], velocity) < rounding);
    if (ratio == 0.5)
      for (std::size_t i = 0; i < x.shape(0); ++i)
        fields(x(i, 0), x(i, 1), d(i, 0), d(i, 1), noise(i, 0), noise(i, 1), score(i, 0), score(i, 1), velocity(i, 0),
               velocity(i, 1));
  }
}

// [attractors]
/// Where points end that follow the arrows of one level, from x / alpha to what the denoiser takes them for.
template <class Denoiser>
points attractors(const Denoiser& denoiser, points x, const fk::level& at) {
  points d = x;
  for (int i = 0; i < 50; ++i) {
    denoiser(d, x, at);
    x = static_cast<float>(at.alpha) * d;
  }
  return d;
}
// [attractors]

// [entropy]
/// What x leaves open of the data, in nats: of the winding of the spiral that it came from, and of the point itself.
struct entropy {
  double winding = 0, point = 0;
  entropy(const points& data, const points& x, const fk::level& at) {
    for (std::size_t n = 0; n < x.shape(0); ++n) {
      double sum = 0, log_mean = 0, of_winding[2] = {};
      for (std::size_t i = 0; i < data.shape(0); ++i) {
        const double dx = x(n, 0) / at.alpha - data(i, 0), dy = x(n, 1) / at.alpha - data(i, 1);
        const double log_share = -(dx * dx + dy * dy) / (2 * at.ratio() * at.ratio()), share = std::exp(log_share);
        sum += share, log_mean += share * log_share;
        of_winding[std::hypot(data(i, 0), data(i, 1)) / spacing > (first / (2 * std::numbers::pi) + 1)] += share;
      }
      point += (std::log(sum) - log_mean / sum) / static_cast<double>(x.shape(0));
      for (const double t : of_winding)
        if (t > 0) winding -= t / sum * std::log(t / sum) / static_cast<double>(x.shape(0));
    }
  }
};
// [entropy]

/// Where the arrows turn from the middle of two arms to the arms, as a part of their spacing: a point beside the middle
/// follows them to an arm below that level, and to the middle above it.
double turn_of_two_arms() {
  double low = 0.1, high = 1;
  while (high - low > 1e-3) {
    const double middle = (low + high) / 2;
    const fk::level at{.alpha = 1, .sigma = middle};
    const fk::model::mixture arms({1, 1}, {{-0.5}, {0.5}}, {0, 0});
    std::vector<double> start{1e-4}, end = start;
    arms(end, start, at);
    (end[0] > start[0] ? low : high) = middle;
  }
  return high;
}

/// Where a list of values, at shares that fall, passes a value.
double crossing(const std::vector<double>& shares, const std::vector<double>& values, double wanted) {
  for (std::size_t i = 1; i < values.size(); ++i)
    if ((values[i - 1] < wanted) != (values[i] < wanted))
      return std::lerp(shares[i - 1], shares[i], (wanted - values[i - 1]) / (values[i] - values[i - 1]));
  return 0;
}

double spread(const points& x) { return std::sqrt(2 * xt::mean(xt::square(x - xt::mean(x, {0})))()); }

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  const points data = demo::spiral::make_data().x, some = xt::view(data, xt::range(0, 160), xt::all());
  const fk::model::empirical exact{data};
  one_field(exact, folder);

  example::spiral_network<story::on_host> network{story::weights("spiral")};
  const example::of_class predicted{network, {network.nothing}};
  const auto trained = [&](points& out, const points& x, const fk::level& at) {
    predicted(out, x, at);  // the noise
    out = (x - static_cast<float>(at.sigma) * out) / static_cast<float>(at.alpha);
  };
  story::csv levels(folder, "levels", "share,time,straight,exact,trained,winding,points"),
      arrows(folder, "arrows", "share,x,y,exact_x,exact_y,trained_x,trained_y"),
      ends(folder, "ends", "share,x,y,exact_x,exact_y,trained_x,trained_y");
  std::puts(
      "sigma/alpha           error of     spread of attractors   entropy   points in\n"
      "of spacing   t      the network     exact    trained   of winding     play");
  std::vector<double> shares, windings, spreads[2];
  for (double share = 2; share > 0.1; share /= 1.15) {
    const fk::level at = at_ratio(share * spacing);
    const auto alpha = static_cast<float>(at.alpha);
    points x = some, a = some, b = some;
    fk::perturb(at, some, fk::noise::philox{.seed = 1}, x);
    exact(a, x, at), trained(b, x, at);
    const double error = std::sqrt(xt::mean(xt::square(a - b))()) / at.ratio();  // of the noise
    assert(error < 0.2);
    const points e = attractors(exact, x, at), t = attractors(trained, x, at);
    const entropy open(data, x, at);
    shares.push_back(share), windings.push_back(open.winding), spreads[0].push_back(spread(e)),
        spreads[1].push_back(spread(t));
    std::printf("%8.3f  %6.3f %11.3f %12.3f %9.3f %12.3f %10.0f\n", share, at.time, error, spread(e), spread(t),
                open.winding, std::exp(open.point));
    levels(share, at.time, at.ratio() / (1 + at.ratio()), spread(e), spread(t), open.winding, std::exp(open.point));
    for (std::size_t i = 0; i < some.shape(0); ++i)
      ends(share, x(i, 0) / alpha, x(i, 1) / alpha, e(i, 0), e(i, 1), t(i, 0), t(i, 1));
    const points raster = demo::spiral::raster(), there = alpha * raster;
    points d = raster, p = raster;
    exact(d, there, at), trained(p, there, at);
    for (std::size_t i = 0; i < raster.shape(0); ++i)
      arrows(share, raster(i, 0), raster(i, 1), d(i, 0), d(i, 1), p(i, 0), p(i, 1));
  }
  // Far from the data there is one attractor, near them they are the spiral.
  const double whole = spread(some);
  assert(spreads[0].front() < 0.01 * whole && std::abs(spreads[0].back() / whole - 1) < 0.05);
  const double two = turn_of_two_arms(), split = crossing(shares, spreads[0], 0.1 * whole);
  const double exact_turn = crossing(shares, spreads[0], 0.5 * whole),
               trained_turn = crossing(shares, spreads[1], 0.5 * whole);
  const double half = crossing(shares, windings, std::numbers::ln2 / 2);
  std::puts("\nthe turn            sigma/alpha of spacing   t of vp_linear   t of the straight path");
  for (const auto& [name, share] : {std::pair{"of two arms", two},
                                    {"attractors part", split},
                                    {"half their spread", exact_turn},
                                    {"of the network's", trained_turn},
                                    {"half of the entropy", half}}) {
    const double ratio = share * spacing;
    std::printf("%-19s %22.3f %16.3f %24.3f\n", name, share, at_ratio(ratio).time, ratio / (1 + ratio));
  }
  assert(std::abs(two - 0.5) < 2e-3);  // derived; found by halves of 1e-3, from a start that is not quite in the middle
  for (const double found : {split, exact_turn, half})
    assert(std::abs(found / two - 1) < 0.2);  // a spiral is not two arms
  assert(std::abs(trained_turn / exact_turn - 1) < 0.05);
}
