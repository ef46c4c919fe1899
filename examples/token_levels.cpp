// SPDX-License-Identifier: MIT
// Frames of which each is at a noise level of its own: all together, one after the other, after one that is known, and
// in two kinds with two plans.
// The network is exact, so that the law of what comes out is known.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <span>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

constexpr std::size_t count = 6;  // of frames, and of channels of a frame
using matrix = std::vector<double>;
using view = fk::backend::host_view<double>;

/// What stands for noise: frame k draws the k-th unit vector. The sampler is linear in what is drawn, and x ends as the
/// matrix that takes any normals to the frames: their covariance is known without drawing many samples.
struct unit_vectors {
  std::uint32_t first_sample = 0;
  [[nodiscard]] fk::noise::quad normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece&) const {
    fk::noise::quad z{};
    for (std::uint32_t i = 0; i < 4; ++i) z.z[i] = 4 * block + i == first_sample + sample ? 1.0f : 0.0f;
    return z;
  }
};
using run = fk::stepper<view, unit_vectors>;

/// The data: each channel is an autoregression of order 1 over the frames, of variance 1.
double covariance(std::size_t i, std::size_t j) {
  return std::pow(0.8, std::abs(static_cast<double>(i) - static_cast<double>(j)));
}

/// The mean of the data given x, where frame k is at each[k]: C A (A C A + S^2)^-1 x, with the alphas and sigmas as
/// diagonal matrices A and S. The elimination needs no pivots, as the matrix is positive definite.
void network(view& out, const view& x, std::span<const fk::level> each) {
  matrix seen(count * count), of_x(x.data, x.data + count * count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) seen[i * count + j] = each[i].alpha * covariance(i, j) * each[j].alpha;
    seen[i * count + i] = std::fma(each[i].sigma, each[i].sigma, seen[i * count + i]);
  }
  for (std::size_t p = 0; p < count; ++p)
    for (std::size_t i = 0; i < count; ++i) {
      if (i == p) continue;
      const double factor = seen[i * count + p] / seen[p * count + p];
      for (matrix* m : {&seen, &of_x})
        for (std::size_t c = 0; c < count; ++c)
          (*m)[i * count + c] = std::fma(-factor, (*m)[p * count + c], (*m)[i * count + c]);
    }
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < count; ++c) {
      double sum = 0;
      for (std::size_t j = 0; j < count; ++j)
        sum = std::fma(covariance(i, j) * each[j].alpha / seen[j * count + j], of_x[j * count + c], sum);
      out.data[i * count + c] = sum;
    }
}

constexpr fk::parameterization::data predicts;

std::vector<view> frames_of(matrix& x) {
  std::vector<view> frames;
  for (std::size_t k = 0; k < count; ++k) frames.push_back({x.data() + k * count, {1, count}});
  return frames;
}

/// Each frame begins `lag` calls after the one before it; 0: all are at one level.
matrix pyramid(const fk::program& plan, int lag) {
  matrix x(count * count);
  std::vector<view> frame = frames_of(x);
  // [pyramid]
  fk::tokens<run> video(predicts);
  for (std::uint32_t k = 0; k < count; ++k) video.join(run(plan, {.first_sample = k}, frame[k]));
  for (int round = 0; !video.done(); ++round)
    video.advance(network, [&](std::size_t k) { return round >= lag * static_cast<int>(k); });
  // [pyramid]
  return x;
}

/// The first frame is known, and the others follow it. As it needs no noise, its channel tells what the known value
/// does: it is 1 there.
matrix after_the_first(const fk::program& plan) {
  matrix x(count * count);
  x[0] = 1;
  std::vector<view> frame = frames_of(x);
  // [context]
  fk::tokens<run> video(predicts);
  video.join(frame[0]);  // is seen by the network, and stays as it is
  for (std::uint32_t k = 1; k < count; ++k) video.join(run(plan, {.first_sample = k}, frame[k]));
  while (!video.done()) video.advance(network);
  // [context]
  return x;
}

/// Frames of two kinds, of which one is ahead of the other.
matrix of_two_kinds(const fk::program& ahead, const fk::program& behind) {
  matrix x(count * count);
  std::vector<view> frame = frames_of(x);
  // [kinds]
  fk::tokens<run> video(predicts);
  for (std::uint32_t k = 0; k < count; ++k) video.join(run(k % 2 == 0 ? ahead : behind, {.first_sample = k}, frame[k]));
  while (!video.done()) video.advance(network);
  // [kinds]
  return x;
}

/// Agents over time: of two agents the present, which is known, and two later times. `by_row`: each row is a run.
matrix agents(const fk::program& plan, bool by_row) {
  matrix x(count * count);
  x[0] = x[3 * count] = 1;
  std::vector<view> row = frames_of(x);
  std::vector<view> present{row[0], row[3]}, future{{row[1].data, {2, count}}, {row[4].data, {2, count}}};
  fk::tokens<run> scene(predicts);
  if (by_row) {
    for (std::uint32_t k = 0; k < count; ++k)
      k % 3 == 0 ? scene.join(row[k]) : scene.join(run(plan, {.first_sample = k}, row[k]));
  } else {
    // [agents]
    for (std::uint32_t agent = 0; agent < 2; ++agent) {
      scene.join(present[agent]);                                             // where it is now
      scene.join(run(plan, {.first_sample = 3 * agent + 1}, future[agent]));  // rows that step together
    }
    while (!scene.done()) scene.advance(network);
    // [agents]
  }
  while (!scene.done()) scene.advance(network);
  return x;
}

/// Covariances of the frames, and in the first column, where the first frame is known, how their means follow it.
matrix law_of(const matrix& x, bool given) {
  matrix law(count * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = given ? 1 : 0; j < count; ++j)
      for (std::size_t c = given ? 1 : 0; c < count; ++c)
        law[i * count + j] = std::fma(x[i * count + c], x[j * count + c], law[i * count + j]);
  for (std::size_t i = 0; given && i < count; ++i) law[i * count] = x[i * count];
  return law;
}
matrix exact(bool given) {
  matrix law(count * count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j)
      law[i * count + j] =
          given && j > 0 ? std::fma(-covariance(i, 0), covariance(0, j), covariance(i, j)) : covariance(i, j);
  return law;
}
double distance(const matrix& a, const matrix& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// Samples with some steps, and with twice as many. The solver is of order 2: its error falls by 4, but for a part of
/// the size of one step, and what the two runs point at is nearer to the law by as much. A wrong law would stay wrong.
template <class Sampler>
void reaches_the_law(const char* name, bool given, Sampler sampler) {
  constexpr int steps = 64;
  const auto with = [&](int n) { return law_of(sampler(n), given); };
  const matrix few = with(steps), twice = with(2 * steps), law = exact(given);
  matrix limit(few.size());
  for (std::size_t i = 0; i < limit.size(); ++i) limit[i] = twice[i] + (twice[i] - few[i]) / 3;
  const double error = distance(few, law);
  std::cout << name << ": error " << error << " with " << steps << " steps, " << distance(twice, law)
            << " with twice as many, " << distance(limit, law) << " in their limit\n";
  assert(std::abs(distance(twice, law) - error / 4) < error / steps);
  assert(distance(limit, law) < error / steps);
}

}  // namespace

int main() {
  const auto plan_over = [](const auto& grid) {
    return fk::make_plan(fk::schedule::flow_linear{}, predicts, grid, fk::solver::heun{});
  };
  const auto plan = [&](int steps) { return plan_over(fk::grid::uniform{.steps = steps}); };
  reaches_the_law("all at one level", false, [&](int steps) { return pyramid(plan(steps), 0); });
  // A lag is a whole number of steps, of two calls each.
  reaches_the_law("a pyramid", false, [&](int steps) { return pyramid(plan(steps), steps / 4); });
  reaches_the_law("one after the other", false, [&](int steps) { return pyramid(plan(steps), 2 * steps); });
  reaches_the_law("after the first", true, [&](int steps) { return after_the_first(plan(steps)); });
  reaches_the_law("of two kinds", false, [&](int steps) {
    return of_two_kinds(plan(steps), plan_over(fk::grid::time_shift{fk::grid::uniform{.steps = steps}, 3}));
  });
  assert(agents(plan(8), false) == agents(plan(8), true));
}
