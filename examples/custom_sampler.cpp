// SPDX-License-Identifier: MIT
// A sampler of your own parts: a schedule, a grid, a solver, a guidance rule, a noise source and a tensor type. Plain
// structs, no base classes; the solver's order is measured on data of which the probability flow is known.
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <numbers>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

// [schedule]
/// alpha = cos t, sigma = sin t: four members are enough. An inverse is found by bisection.
struct circle {
  double alpha(double time) const { return time == noise_time() ? 0 : std::cos(time); }
  double sigma(double time) const { return std::sin(time); }
  double noise_time() const { return std::numbers::pi / 2; }
  double data_time() const { return 0; }
};
// [schedule]

// [grid]
/// Small steps near the data: times are the squares of evenly spaced numbers.
struct squares {
  int steps = 20;

  template <fk::noise_schedule S>
  std::vector<fk::level> levels(const S& schedule) const {
    std::vector<double> times;
    for (int i = steps; i >= 0; --i) {
      const double share = static_cast<double>(i) / steps;
      times.push_back(std::lerp(schedule.data_time(), schedule.noise_time(), share * share));
    }
    return fk::levels_at(schedule, times);
  }
};
// [grid]

// [solver]
/// The explicit midpoint rule on the probability-flow ODE, in the schedule's time.
struct midpoint {
  static constexpr int order = 2;
  static constexpr int evaluations = 2;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  [[nodiscard]] fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const double h = t.time - s.time;
      const auto m = p.call(x, s);
      const auto n = p.call(x + h / 2 * m.flow, p.at(s.time + h / 2));
      x = x + h * n.flow;
    }
    return x;
  }
};
// [solver]

// [guidance]
/// Guidance between two levels of noise only; outside of them the second denoiser is not called.
struct interval {
  static constexpr int branches = 2;
  double scale = 3, sigma_min = 0.3, sigma_max = 3;

  std::array<double, 2> weights(const fk::level& at) const {
    const bool inside = at.ratio() > sigma_min && at.ratio() <= sigma_max;
    const double w = inside ? scale : 1;
    return {w, 1 - w};
  }
};
// [guidance]

// [noise]
/// Every second sample starts and walks with the opposite noise of the one before.
struct antithetic {
  fk::noise::philox source;

  fk::noise::quad normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece& piece) const {
    fk::noise::quad four = source.normals(sample / 2, block, piece);
    if (sample % 2 == 1)
      for (float& z : four.z) z = -z;
    return four;
  }
};
// [noise]

// [tensor]
/// Somebody's tensor, and what the library must know of it.
struct image_batch {
  std::size_t samples = 0, size = 0;
  std::unique_ptr<float[]> memory;
  image_batch(std::size_t n, std::size_t d) : samples(n), size(d), memory(new float[n * d]{}) {}
};

template <>
struct fokker::backend::tensor<image_batch> {
  using element = float;
  static float* data(image_batch& b) { return b.memory.get(); }
  static const float* data(const image_batch& b) { return b.memory.get(); }
  static extents shape(const image_batch& b) { return {b.samples, b.size}; }
  static kernel::host space(const image_batch&) { return {}; }
  static image_batch like(const image_batch& b) { return {b.samples, b.size}; }
};
// [tensor]

namespace {

/// How far N steps end from where the flow does.
double error(int steps) {
  const fk::schedule::cosine schedule;
  const fk::model::gaussian data{.mean = 0.5, .deviation = 0.3};
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::velocity{}, fk::grid::uniform{.steps = steps}, midpoint{});
  const std::vector<double> start{-1.5, 0.1, 2};
  std::vector<double> x = start;
  fk::sample_from(plan, fk::model::predicting{fk::parameterization::velocity{}, data}, fk::noise::philox{}, x);
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    most = std::max(most, std::abs(x[i] - data.flow(start[i], plan.levels.front(), plan.levels.back())));
  return most;
}

// [tableau]
/// The method of Nystrom 1925, of order 3, as a table.
constexpr fk::solver::tableau<3> nystrom{.nodes = {0, 2.0 / 3, 2.0 / 3},
                                         .weights = {{{2.0 / 3}, {0, 2.0 / 3}, {1.0 / 4, 3.0 / 8, 3.0 / 8}}}};
using nystrom_3 = fk::solver::by_tableau<nystrom>;
static_assert(nystrom_3::order == 3);
// [tableau]

}  // namespace

int main() {
  const fk::parameterization::velocity network;
  const fk::model::predicting cond{network, fk::model::gaussian{.mean = 1, .deviation = 0.1}};
  const fk::model::predicting uncond{network, fk::model::gaussian{.mean = 0, .deviation = 0.5}};

  // [together]
  const auto plan = fk::make_plan(circle{}, network, squares{.steps = 20}, fk::solver::ddim{}, interval{});
  image_batch x(4, 6);
  fk::sample(plan, fk::denoisers{cond, uncond}, antithetic{{.seed = 7}}, x);
  // [together]

  for (std::size_t i = 0; i < x.samples * x.size; ++i) assert(std::isfinite(x.memory[i]));
  assert(fk::plan::check(plan).empty());
  const int evaluations = fk::plan::evaluations(plan);
  assert(evaluations > 20 && evaluations < 40);
  // The prediction is affine in x, so that opposite noises end on either side of one point.
  for (std::size_t i = 0; i < x.size; ++i)
    assert(std::abs(x.memory[i] + x.memory[x.size + i] - x.memory[2 * x.size + i] - x.memory[3 * x.size + i]) < 1e-4f);

  std::cout << fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 2},
                             midpoint{});
  assert(fk::plan::evaluations(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                             fk::grid::uniform{.steps = 2}, nystrom_3{})) == 6);
  const double measured = std::log2(error(64) / error(128));
  std::cout << "order " << measured << '\n';
  assert(std::abs(measured - midpoint::order) < 0.1);
}
