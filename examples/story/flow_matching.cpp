// SPDX-License-Identifier: MIT
//
// Flow matching: a straight path from data to noise and the velocity along it. DDIM follows the same paths, and a video
// model such as Wan 2.1 walks them with a shift, UniPC and a negative prompt.
//
//   flow_matching [FOLDER]    asserts what docs/story/flow_matching.md and docs/solver/flow_map.md say, and writes the
//   picture's numbers to a folder

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
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
using space = story::on_host;
using story::weights;

/// Root mean square of a - b.
template <class X>
double between(const X& a, const X& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::pow(static_cast<double>(a.data()[k] - b.data()[k]), 2);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

/// The target of training, and that its mean, where x is, is the velocity of the exact field.
void on_the_straight_path() {
  const points x0 = demo::spiral::make_data().x;
  const fk::model::predicting exact{fk::parameterization::flow{}, fk::model::empirical{x0}};
  std::puts("the target less the exact velocity u: mean, and mean product with u, each in standard errors");
  for (const double t : {0.2, 0.5, 0.8}) {
    points x = x0, target = x0, u = x0, noise = x0;
    const fk::noise::philox dice{.seed = 1};
    // [target]
    const fk::level at = fk::level_at(fk::schedule::flow_linear{}, t);
    fk::perturb(at, fk::parameterization::flow{}, x0, dice, x, target);
    // [target]
    exact(u, x, at);
    fk::perturb({.alpha = 0, .sigma = 1}, x0, dice, noise);
    double far = 0, sums[2] = {}, squares[2] = {};
    for (std::size_t k = 0; k < x.size(); ++k) {
      const float v = target.data()[k];
      far = std::max(far, std::abs(static_cast<double>(v - (noise.data()[k] - x0.data()[k]))));
      const double open = static_cast<double>(v) - u.data()[k];
      for (const int which : {0, 1}) {
        const double term = which == 0 ? open : open * u.data()[k];
        sums[which] += term, squares[which] += term * term;
      }
    }
    assert(far < 8 * 0x1p-23);  // two roundings of numbers below 8
    const double off[2] = {sums[0] / std::sqrt(squares[0]), sums[1] / std::sqrt(squares[1])};
    std::printf("  t = %.1f %8.2f %8.2f\n", t, off[0], off[1]);
    for (const double o : off) assert(std::abs(o) < 5);
  }
}

/// DDIM on a path of constant variance, and Euler's method in flow time at the same sigma/alpha.
void ddim_is_euler() {
  using precise = xt::xtensor<double, 2>;
  const precise data = demo::spiral::make_data().x;
  const fk::model::empirical exact{data};
  // [same]
  const fk::schedule::vp_linear curved;
  const fk::schedule::flow_linear straight;
  const auto levels = fk::grid::uniform{.steps = 32}.levels(curved);
  std::vector<double> times;  // of the same sigma/alpha
  for (const fk::level& l : levels) times.push_back(l.sigma / (l.alpha + l.sigma));
  const auto ddim =
      fk::make_plan(curved, fk::parameterization::epsilon{}, fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  const auto euler = fk::make_plan(straight, fk::parameterization::flow{},
                                   fk::grid::explicit_levels{fk::levels_at(straight, times)}, fk::solver::euler{});
  // [same]
  precise x = precise::from_shape({256, 2}), y = x;
  fk::fill_normal(fk::noise::philox{.seed = 2}, x);
  y = x / (levels[0].alpha + levels[0].sigma);
  std::vector<precise> seen;
  const auto after = [&](const fk::progress<precise>& p) { seen.emplace_back(p.x / p.scale); };
  fk::sample_from(ddim, fk::model::predicting{fk::parameterization::epsilon{}, exact}, fk::noise::philox{}, x, after);
  const std::vector<precise> by_ddim = std::move(seen);
  seen.clear();
  fk::sample_from(euler, fk::model::predicting{fk::parameterization::flow{}, exact}, fk::noise::philox{}, y, after);
  double most = xt::amax(xt::abs(x - y))();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const fk::level& l = levels[i + 1];
    most = std::max(most, xt::amax(xt::abs(by_ddim[i] / (l.alpha + l.sigma) - seen[i]))());
  }
  std::printf("\nDDIM and Euler in flow time, 32 steps, 256 points: they differ by %.1e at most\n", most);
  // A few roundings a step of numbers below 4, and a thousand for what the field makes of them on the way.
  assert(most < 32 * 8 * 4 * 0x1p-53 * 1000);
}

/// The energy distance of so many samples that are as the data.
double by_chance(const points& data, std::size_t count) {
  return fk::metric::mean_distance(data, data) *
         (1.0 / static_cast<double>(count) + 1.0 / static_cast<double>(data.shape(0)));
}

/// Solvers and shifts on a flow network of the spiral.
void shifts(const path& folder) {
  constexpr std::size_t count = 1000;
  const points data = demo::spiral::make_data().x;
  example::spiral_network<space> network{weights("spiral_flow")};
  const example::of_class any{network, {example::spiral_network<space>::nothing}};
  points noise = points::from_shape({count, 2});
  fk::fill_normal(fk::noise::philox{.seed = 3}, noise);
  const double chance = by_chance(data, count);
  story::csv file(folder, "shifts", "solver,shift,steps,energy,chance");
  std::printf("\nenergy distance to the spiral; %.4f by chance\n  solver  steps   shift 1        3        5        8\n",
              chance);
  std::map<std::string, double> found;
  const auto row = [&](const char* name, int steps, const auto& solver) {
    std::printf("  %-7s %5d ", name, steps);
    for (const int shift : {1, 3, 5, 8}) {
      // [shift]
      const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                      fk::grid::time_shift{fk::grid::uniform{.steps = steps}, 1.0 * shift}, solver);
      // [shift]
      points x = noise;
      fk::sample_from(plan, any, fk::noise::philox{}, x);
      const double energy = fk::metric::energy_distance(x, data);
      found[name + std::to_string(steps) + "/" + std::to_string(shift)] = energy;
      file(name, shift, steps, energy, chance);
      std::printf(" %8.4f", energy);
    }
    std::puts("");
  };
  for (const int steps : {5, 10, 20, 40, 50}) row("euler", steps, fk::solver::euler{});
  for (const int steps : {5, 10, 20, 40, 50}) row("unipc", steps, fk::solver::unipc{});
  for (const char* shift : {"/1", "/3", "/5", "/8"}) {
    const auto energy = [&](const char* run) { return found.at(std::string(run) + shift); };
    assert(energy("euler50") < 2 * chance && energy("unipc50") < 2 * chance);
    assert(energy("unipc5") < energy("euler5") && energy("unipc10") < energy("euler10"));
  }
  for (const char* run : {"euler5", "euler10", "unipc5", "unipc10"})
    assert(found.at(std::string(run) + "/8") > 2 * found.at(std::string(run) + "/3"));
}

/// A network that is told where it goes as well, in a few calls, and the flow network in as many.
void maps() {
  constexpr std::size_t count = 1000;
  const points data = demo::spiral::make_data().x;
  const double chance = by_chance(data, count);
  points noise = points::from_shape({count, 2});
  fk::fill_normal(fk::noise::philox{.seed = 3}, noise);
  const auto energy = [&](const fk::plan::program& plan, auto& denoiser) {
    points x = noise;
    fk::sample_from(plan, denoiser, fk::noise::philox{.seed = 4}, x);
    return fk::metric::energy_distance(x, data);
  };
  example::spiral_network<space> flow{weights("spiral_flow")};
  example::of_class any{flow, {flow.nothing}};
  // [map]
  example::spiral_network<space, 2> network{weights("spiral_map")};
  const example::labels<space> no_class({}, {network.nothing}, network.nothing);
  const auto goes = [&](points& out, const points& x, const fk::level& from, const fk::level& to) {
    network(x, std::array{from.label, to.label}, no_class, out);
  };
  const auto plan_map = [](int calls, double gamma) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::average_velocity{},
                         fk::grid::uniform{.steps = calls}, fk::solver::flow_map{.gamma = gamma});
  };
  // [map]
  std::puts("\nenergy distance to the spiral\n  calls      map  gamma 1   best of other solvers");
  for (const int calls : {1, 2, 4}) {
    double best = 1e300;
    const auto usual = [&](int steps, const auto& solver) {
      for (const double shift : {0.5, 1.0, 2.0, 3.0}) {
        const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                        fk::grid::time_shift{fk::grid::uniform{.steps = steps}, shift}, solver);
        assert(plan.calls.size() == static_cast<std::size_t>(calls));
        best = std::min(best, energy(plan, any));
      }
    };
    usual(calls, fk::solver::euler{});
    usual(calls, fk::solver::unipc{});
    usual(calls, fk::solver::ipndm<2>{});
    if (calls > 1) usual(calls / 2, fk::solver::heun{});
    const double map = energy(plan_map(calls, 0), goes), drawn = energy(plan_map(calls, 1), goes);
    std::printf("%7d %8.4f %8.4f %8.4f\n", calls, map, drawn, best);
    assert(map < chance && map < best / 3 && drawn < 2 * chance);
  }
}

/// 50 calls of UniPC on images, shifted and guided away from a negative prompt.
void images(const path& folder) {
  example::decoder_network<space> network{weights("decoder")};
  const std::vector<std::string> prompts{"bright dress", "dark boot", "pullover long-sleeved", "bag handle", "sneaker"};
  points noise = points::from_shape({prompts.size(), std::size_t{784}});
  fk::fill_normal(fk::noise::philox{.seed = 5}, noise);
  const example::of_words wanted{network, prompts}, unwanted{network, {"patterned"}};
  std::vector<points> believed, states;
  const auto made = [&](int steps, double shift, const points& start) {
    believed.clear(), states.clear();
    points x = start;
    // [wan]
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::time_shift{fk::grid::uniform{.steps = steps}, shift}, fk::solver::unipc{},
                                    fk::guidance::classifier_free{.scale = 5}, {.preview = true});
    fk::sample_from(plan, fk::denoisers{wanted, unwanted}, fk::noise::philox{}, x,
                    [&](const fk::progress<points>& seen) {
                      states.emplace_back(seen.x / seen.scale);
                      believed.push_back(*seen.preview);
                    });
    // [wan]
    return x;
  };
  const points in_40 = made(40, 5, noise), in_50 = made(50, 5, noise);
  const auto levels = fk::grid::time_shift{fk::grid::uniform{.steps = 50}, 5}.levels(fk::schedule::flow_linear{});
  story::csv file(folder, "frames", "call,image,row,column,x,believed"), far(folder, "far", "call,time,x,believed");
  std::puts(
      "\nimages, a run of 50 calls: root mean square distance to its result\n  calls   time left        x   believed   "
      "its pixels");
  std::vector<double> off;
  for (std::size_t call = 1; call <= 50; ++call) {
    const points &x = states[call - 1], &guess = believed[call - 1];
    const double of_x = between(x, in_50), of_guess = between(guess, in_50);
    far(call, levels[call].time, of_x, of_guess);
    if (call != 5 && call % 10 != 0) continue;
    off.push_back(of_guess);
    std::printf("%7zu %11.3f %8.4f %10.4f   %.1f to %.1f\n", call, levels[call].time, of_x, of_guess, xt::amin(guess)(),
                xt::amax(guess)());
    if (call == 5) assert(xt::amax(guess)() > 2 && of_guess > of_x);  // guided too far
    for (std::size_t i = 0; i < prompts.size(); ++i)
      for (std::size_t k = 0; k < 784; ++k) file(call, i, k / 28, k % 28, x(i, k), guess(i, k));
  }
  for (std::size_t k = 1; k < off.size(); ++k) assert(off[k] < off[k - 1]);
  assert(off[2] < between(states[39], in_50));  // believed after 20 calls, and x after 40
  const double fewer = between(in_40, in_50);
  std::printf("40 calls end %.4f from 50; 10 calls end", fewer);
  std::map<int, double> ends;
  for (const int shift : {1, 3, 5, 8}) {
    const double away = ends[shift] = between(made(10, shift, noise), in_50);
    std::printf(" %.4f", away);
    assert(away > 2 * fewer);  // so that 50 calls are a fair end to compare with
  }
  assert(ends[3] < ends[1] && ends[3] < ends[8]);
  fk::fill_normal(fk::noise::philox{.seed = 6}, noise);
  const double other = between(made(10, 5, noise), in_50);
  std::printf(" at shift 1, 3, 5, 8; another noise ends %.4f away\n", other);
  assert(fewer < 0.1 * other);
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  on_the_straight_path();
  ddim_is_euler();
  shifts(folder);
  maps();
  images(folder);
}
