// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/tuning/teach.hpp>

namespace fokker::inline v0::tuning {

/// The c of least c^T A c - 2 b^T c, of a symmetric matrix A above 0, row-major: by Cholesky's factors, in double, for
/// a few dozen unknowns. Throws std::invalid_argument for a matrix that is not above 0.
[[nodiscard]] inline std::vector<double> least_squares(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum = std::fma(-a[i * n + k], a[j * n + k], sum);
      if (i == j && !(sum > 0)) detail::refuse("the matrix of least squares", sum, "one above 0: give a ridge");
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
    for (std::size_t k = 0; k < i; ++k) b[i] = std::fma(-a[i * n + k], b[k], b[i]);
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] = std::fma(-a[k * n + i], b[k], b[i]);
    b[i] /= a[i * n + i];
  }
  return b;
}

/// What a recording tells of some angles: the mean products of its states there, its end, and its predictions, in this
/// order, and by how much predictions follow a change of the state.
struct recorded_at {
  std::size_t calls;
  std::vector<double> gram;
  std::vector<double> feedback;

  recorded_at(const recording& r, const std::vector<double>& angles) : calls(angles.size()) {
    std::vector<four_rows> rows;
    for (const double theta : angles) rows.push_back(interpolation(r.angles, r.count() + 1, theta));
    rows.push_back({{r.count(), 0, 0, 0}, {1, 0, 0, 0}});
    for (const double theta : angles) {
      rows.push_back(interpolation(r.angles, r.count(), theta));
      double g = 0;
      for (std::size_t i = 0; i < 4; ++i) g = std::fma(rows.back().weight[i], r.feedback[rows.back().row[i]], g);
      feedback.push_back(g);
      for (std::size_t& row : rows.back().row) row += r.count() + 1;
    }
    const std::size_t n = rows.size(), all = 2 * r.count() + 1;
    gram.resize(n * n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::size_t a = 0; a < 4; ++a)
          for (std::size_t b = 0; b < 4; ++b)
            sum = std::fma(rows[i].weight[a] * rows[j].weight[b], r.gram[rows[i].row[a] * all + rows[j].row[b]], sum);
        gram[i * n + j] = sum;
      }
  }

  [[nodiscard]] std::size_t size() const { return 2 * calls + 1; }
  [[nodiscard]] double product(std::size_t i, std::size_t j) const { return gram[i * size() + j]; }
  [[nodiscard]] std::size_t prediction(std::size_t k) const { return calls + 1 + k; }

  /// The root mean square of a sum of them.
  [[nodiscard]] double norm(const std::vector<double>& weights) const {
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i)
      for (std::size_t j = 0; j < size(); ++j) sum = std::fma(weights[i] * weights[j], product(i, j), sum);
    return std::sqrt((std::max)(sum, 0.0));
  }
};

/// The error of a plan that a recording predicts, without a call: the root mean square of what the plan's end differs
/// by from the recording's, where predictions follow deviations of the state by `feedback`. It is good for choosing a
/// few plans of many, and not for choosing one. Throws std::invalid_argument for a plan of less than one call, and for
/// one that begins elsewhere than the recording or draws noise.
[[nodiscard]] inline double judge(const recording& r, const plan::program& p) {
  plan::require_calls(p);
  const double start = angle(p.levels.front());
  if (!(std::abs(start - r.angles.front()) <= 0x1p-30))
    detail::refuse("the start of the plan, sigma/alpha", p.levels.front().ratio(),
                   detail::joined({detail::text(r.levels.front().ratio()), ", that of the recording"}));
  std::vector<double> angles;
  for (const plan::call& c : p.calls) {
    if (c.then.normal_count > 0) detail::refuse("the plan", "one with noise", "one without");
    angles.push_back((std::clamp)(angle(c.at), r.angles[r.count() - 1], r.angles.front()));
  }
  const recorded_at at(r, angles);
  std::vector<double> deviation(at.size());
  for (std::size_t e = 0; e < at.size(); ++e) {  // one member of the sum after another
    std::vector<double> memory(static_cast<std::size_t>(p.buffers), 0.0);
    memory[0] = e == 0 ? radius(p.levels.front()) : 0;
    plan::on_numbers::known numbers(p);
    plan::on_numbers::apply(p.enter, numbers, memory, {});
    for (std::size_t k = 0; k < p.calls.size(); ++k) {
      const plan::call& c = p.calls[k];
      const double x = detail::nth(memory, c.input) / c.input_scale;
      const double off = x / radius(c.at) - (e == k ? 1 : 0);
      const double data = std::fma(at.feedback[k], off, e == at.prediction(k) ? 1.0 : 0.0);
      const double noise = c.at.is_data() ? 0 : std::fma(-c.at.alpha, data, x) / c.at.sigma;
      const double said = std::fma(c.predicts.data, data, detail::rounded_product(c.predicts.noise, noise));
      plan::on_numbers::apply(c, numbers, memory, plan::on_numbers::outputs(p, c, said));
    }
    deviation[e] = memory[0] / radius(p.levels.back()) - (e == at.calls ? 1 : 0);
  }
  return at.norm(deviation);
}

/// The row of DPM-Solver++(2M) for the step from one angle to the next, as in solver::fitted: `before` is the angle of
/// the call before, or not below `from` where there is none.
[[nodiscard]] inline std::vector<double> stock_row(double before, double from, double to) {
  const double of_data = std::sin(from - to) / std::sin(from);
  std::vector<double> row{std::sin(to) / std::sin(from), of_data};
  constexpr double noise = std::numbers::pi / 2 - 1e-9;
  if (before > from && before < noise && to > 0) {
    const auto log_snr = [](double theta) { return -std::log(std::tan(theta)); };
    const double share = (log_snr(to) - log_snr(from)) / (log_snr(from) - log_snr(before)) / 2;
    row[1] = of_data * (1 + share);
    row.push_back(-of_data * share);
  }
  return row;
}

/// The error that is predicted of levels with rows fitted to the recording alone. For levels of the recording, by their
/// numbers.
[[nodiscard]] inline double judge_levels(const recording& r, const std::vector<std::size_t>& numbers) {
  std::vector<double> angles;
  for (const std::size_t i : numbers) angles.push_back(r.angles[i]);
  const recorded_at at(r, angles);
  const std::size_t n = at.calls;
  angles.push_back(0);
  double mean_square = 0;
  for (std::size_t k = 0; k < n; ++k) mean_square += at.product(at.prediction(k), at.prediction(k));
  const double ridge = 1e-6 * mean_square / static_cast<double>(n);

  // What the run is made of, as weights of what was recorded: the start, and predictions that follow the state.
  std::vector<std::vector<double>> data;
  std::vector<double> state(at.size()), stock(n + 1);  // `stock` is 2M's row in the start and the predictions
  state[0] = stock[0] = 1;
  for (std::size_t k = 0; k < n; ++k) {
    data.emplace_back(at.size());
    for (std::size_t e = 0; e < at.size(); ++e) data[k][e] = at.feedback[k] * (state[e] - (e == k ? 1 : 0));
    data[k][at.prediction(k)] += 1;
    const std::vector<double> row = stock_row(k > 0 ? angles[k - 1] : 0, angles[k], angles[k + 1]);
    for (double& c : stock) c *= row[0];
    for (std::size_t j = 1; j < row.size(); ++j) stock[k + 2 - j] += row[j];

    // Least squares over the predictions of the recording: what multiplies the start, and the sum, are those that keep
    // constant data. So the unknowns are the weights of all predictions but the last.
    const double of_start = std::sin(angles[k + 1]) / std::sin(angles[0]);
    const double total = std::cos(angles[k + 1]) - of_start * std::cos(angles[0]);
    const std::size_t last = at.prediction(k), target = k + 1;
    const auto left = [&](std::size_t i) {  // <D_i, what is left to the predictions>
      return std::fma(-total, at.product(i, last), std::fma(-of_start, at.product(i, 0), at.product(i, target)));
    };
    std::vector<double> a(k * k), b(k);
    for (std::size_t i = 0; i < k; ++i) {
      const std::size_t p = at.prediction(i);
      b[i] = std::fma(ridge, stock[i + 1] - stock[k + 1] + total, left(p) - left(last));
      for (std::size_t j = 0; j < k; ++j) {
        const std::size_t q = at.prediction(j);
        a[i * k + j] = std::fma(ridge, i == j ? 2 : 1,
                                at.product(p, q) - at.product(p, last) - at.product(last, q) + at.product(last, last));
      }
    }
    std::vector<double> c = least_squares(a, b);
    double rest = total;
    for (const double w : c) rest -= w;
    c.push_back(rest);
    std::fill(state.begin(), state.end(), 0.0);
    state[0] = of_start;
    for (std::size_t i = 0; i <= k; ++i)
      for (std::size_t e = 0; e < at.size(); ++e) state[e] = std::fma(c[i], data[i][e], state[e]);
  }
  state[n] -= 1;
  return at.norm(state);
}

/// Numbers of the levels of the cheapest path of so many steps from the first one to the last: costs[i levels + j] is
/// that of a step from level i to a later j, and at each step what comes after it counts `coefficient` times. Chen et
/// al. 2024 (GITS, arXiv:2405.11326) spread levels so, by what Euler's step from one state of a fine run misses another
/// by, with coefficients of 0.8 to 1.2. Throws std::invalid_argument for another number of costs, one that is not
/// finite, steps that are not 1 to levels - 1, and a coefficient that is not above 0.
[[nodiscard]] inline std::vector<std::size_t> cheapest_path(const std::vector<double>& costs, std::size_t levels,
                                                            int steps, double coefficient = 1) {
  if (levels < 2 || costs.size() != levels * levels)
    detail::refuse("the number of costs", costs.size(), "the square of that of levels, 2 or more");
  if (steps < 1 || static_cast<std::size_t>(steps) >= levels)
    detail::refuse("steps", steps, detail::joined({"1 to ", detail::text(levels - 1)}));
  detail::require_positive("coefficient", coefficient);
  const std::size_t last = levels - 1, all = static_cast<std::size_t>(steps);
  for (std::size_t i = 0; i < last; ++i)
    for (std::size_t j = i + 1; j < levels; ++j)
      if (!detail::is_finite(costs[i * levels + j]))
        detail::refuse(detail::joined({"the cost of ", detail::text(i), " to ", detail::text(j)}),
                       costs[i * levels + j], "a finite number");
  // Of each level the least cost of paths from it to the last, by one more step in each round.
  std::vector<double> cost(levels);
  std::vector<std::vector<std::size_t>> next(all, std::vector<std::size_t>(levels));
  for (std::size_t after = 0; after < all; ++after)
    for (std::size_t i = 0; i + after < last; ++i) {
      double least = 0;
      for (std::size_t j = after == 0 ? last : i + 1; j + after <= last; ++j) {
        const double sum = std::fma(coefficient, cost[j], costs[i * levels + j]);
        if (next[after][i] == 0 || sum < least) least = sum, next[after][i] = j;
      }
      cost[i] = least;  // of fewer steps it is not asked again
    }
  std::vector<std::size_t> path{0};
  for (std::size_t after = all; after-- > 0;) path.push_back(next[after][path.back()]);
  return path;
}

/// The angles of so many calls of DDIM by which the error is least, if errors of steps had one sign: a step from one
/// level of the recording to another is off by what it makes of the recorded state there, times the growth of such a
/// deviation up to the end, and the shortest path of these is taken. On normal data it is the best grid, that of
/// grid::tangent. On others fitted weights are worth more than such levels (`fit`).
[[nodiscard]] inline std::vector<double> shortest_path(const recording& r, int calls) {
  const std::size_t n = r.count(), all = 2 * n + 1, steps = static_cast<std::size_t>(calls);
  if (calls < 1 || steps > n)
    detail::refuse("calls", calls, detail::joined({"1 to ", detail::text(n), ", those of the recording"}));
  std::vector<double> angles(r.angles.begin(), r.angles.end()), growth(n + 1, 1.0);
  angles[n] = 0;
  const auto of_state = [&](std::size_t i, std::size_t j) { return std::sin(angles[j]) / std::sin(angles[i]); };
  const auto of_data = [&](std::size_t i, std::size_t j) {
    return std::sin(angles[i] - angles[j]) / std::sin(angles[i]);
  };
  for (std::size_t i = n; i-- > 0;)
    growth[i] = growth[i + 1] * std::abs(std::fma(of_data(i, i + 1), r.feedback[i], of_state(i, i + 1)));
  const auto error = [&](std::size_t i, std::size_t j) {
    const std::array<std::size_t, 3> row{j, i, n + 1 + i};
    const std::array<double, 3> weight{1, -of_state(i, j), -of_data(i, j)};
    double square = 0;
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t b = 0; b < 3; ++b)
        square = std::fma(weight[a] * weight[b], r.gram[row[a] * all + row[b]], square);
    return growth[j] * std::sqrt((std::max)(square, 0.0));
  };
  std::vector<double> errors((n + 1) * (n + 1));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j <= n; ++j) errors[i * (n + 1) + j] = error(i, j);
  std::vector<double> path;
  for (const std::size_t i : cheapest_path(errors, n + 1, calls))
    if (i < n) path.push_back(angles[i]);
  return path;
}

/// Numbers of levels of a recording near some angles, each beyond the one before.
[[nodiscard]] inline std::vector<std::size_t> nearest_levels(const recording& r, const std::vector<double>& angles) {
  std::vector<std::size_t> numbers;
  const even u(r.angles.front(), r.angles[r.count() - 1]);
  for (std::size_t k = 0; k < angles.size(); ++k) {
    const double place = std::nearbyint(u(angles[k]) * static_cast<double>(r.count() - 1));
    const std::size_t least = k == 0 ? 0 : numbers.back() + 1, most = r.count() - (angles.size() - k);
    numbers.push_back((std::clamp)(static_cast<std::size_t>((std::max)(place, 0.0)), least, most));
  }
  numbers.front() = 0;
  return numbers;
}

/// Angles of the calls as grids of the literature spread them, from an angle of the start on, to ends of their own.
[[nodiscard]] inline std::vector<std::vector<double>> stock_angles(double first, double last, int calls) {
  std::vector<std::vector<double>> all;
  const even u(first, last);
  // What spreads sigma/alpha does so from 80 on where there is more.
  const double top = (std::min)(std::tan(first), 80.0);
  const auto add = [&](auto rule) {
    std::vector<double> angles{first};
    for (int k = 1; k < calls; ++k) angles.push_back(rule(static_cast<double>(k) / (calls > 1 ? calls - 1 : 1), k));
    all.push_back(std::move(angles));
  };
  for (const double end : {0.0, 0.01, 0.03, 0.1, 0.3}) {
    const double low = (std::max)(std::tan(last), end);
    if (end > 0 && low > end) continue;
    for (const double rho : {7.0, 3.0})
      add([=](double share, int) {
        const double a = std::pow(top, 1 / rho), b = std::pow(low, 1 / rho);
        return std::atan(std::pow(std::fma(share, b - a, a), rho));
      });
    if (end <= 0.1) add([=](double share, int) { return std::atan(top * std::pow(low / top, share)); });
    if (end <= 0.03) add([=](double share, int) { return u.angle(share * u(std::atan(low))); });
  }
  for (const double c : {0.3, 1.0, 3.0})  // even angles to the data, of data of some deviation
    add([=](double, int k) {
      const double a = std::atan(std::tan(first) / c);
      return std::atan(c * std::tan(a * (1 - static_cast<double>(k) / calls)));
    });
  add([=](double, int k) {  // even times of the straight path
    const double t = std::tan(first) / (1 + std::tan(first)) * (1 - static_cast<double>(k) / calls);
    return std::atan2(t, 1 - t);
  });
  const auto falls = [&](const std::vector<double>& angles) {
    for (std::size_t k = 1; k < angles.size(); ++k)
      if (!(angles[k] < angles[k - 1] - 1e-6) || !(angles[k] >= last * (1 - 1e-9))) return false;
    return true;
  };
  std::erase_if(all, [&](const auto& angles) { return !falls(angles); });
  return all;
}

/// Angles of calls that promise the least error, the best first, with rows of their own: of stock grids and 200
/// deformations of them, drawn by the seed of the recording.
[[nodiscard]] inline std::vector<std::vector<double>> shortlist(const recording& r, int calls, int count) {
  if (calls < 1 || calls > static_cast<int>(r.count()) / 2)
    detail::refuse("calls", calls, detail::joined({"1 to ", detail::text(r.count() / 2), ", half of the recording's"}));
  if (count < 1) detail::refuse("count", count, "1 or more");
  const double last = r.angles[r.count() - 1];
  const even u(r.angles.front(), last);
  const auto stock = stock_angles(r.angles.front(), last, calls);
  std::vector<std::vector<std::size_t>> tried;
  const auto consider = [&](const std::vector<double>& angles) {
    auto numbers = nearest_levels(r, angles);
    if (std::find(tried.begin(), tried.end(), numbers) == tried.end()) tried.push_back(std::move(numbers));
  };
  for (const auto& angles : stock) consider(angles);
  for (std::uint32_t i = 0; i < 200; ++i) {
    const noise::words random = noise::philox4x32({{i, 0, 0, 0x74756e65}}, r.how.seed);
    const auto share = [&](int w) { return std::fma(static_cast<double>(random.w[w]), 0x1p-31, -1.0); };  // in [-1, 1)
    std::vector<double> angles = stock[random.w[3] % stock.size()];
    for (std::size_t k = 1; k < angles.size(); ++k) {
      const double at = std::numbers::pi * static_cast<double>(k) / static_cast<double>(angles.size() - 1);
      const double moved = std::fma(
          0.1 * share(1), std::sin(at),
          std::fma(0.05 * share(2), std::sin(2 * at), detail::rounded_product(u(angles[k]), 1 + 0.15 * share(0))));
      angles[k] = u.angle(moved);
    }
    consider(angles);
  }
  std::vector<std::pair<double, std::size_t>> judged;
  for (std::size_t i = 0; i < tried.size(); ++i) judged.emplace_back(judge_levels(r, tried[i]), i);
  std::sort(judged.begin(), judged.end());
  std::vector<std::vector<double>> best;
  for (std::size_t i = 0; i < judged.size() && best.size() < static_cast<std::size_t>(count); ++i) {
    best.emplace_back();
    for (const std::size_t number : tried[judged[i].second]) best.back().push_back(r.angles[number]);
  }
  return best;
}

}  // namespace fokker::inline v0::tuning
