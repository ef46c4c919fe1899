// SPDX-License-Identifier: MIT
// A guidance rule against its formula on random numbers, sample by sample, through a whole run.
#pragma once

#include <functional>
#include <random>

#include <fokker/backend/host.hpp>
#include <fokker/fokker.hpp>

#include "support/catch.hpp"

namespace test {

using column = std::vector<double>;

inline double dot(const column& a, const column& b) {
  long double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<long double>(a[i]) * b[i];
  return static_cast<double>(sum);
}
inline double norm(const column& a) { return std::sqrt(dot(a, a)); }
inline double deviation(const column& a) {
  double sum = 0, squares = 0;
  const auto n = static_cast<double>(a.size());
  for (const double v : a) sum += v;
  for (const double v : a) squares += (v - sum / n) * (v - sum / n);
  return std::sqrt(squares / (n - 1));
}
/// u a + w b + ...
inline column sum(std::initializer_list<std::pair<double, column>> terms) {
  column all(terms.begin()->second.size());
  for (const auto& [w, a] : terms)
    for (std::size_t i = 0; i < a.size(); ++i) all[i] += w * a[i];
  return all;
}

/// What a prediction `p` of x is as another one.
inline column as(const fokker::level& l, fokker::prediction_row from, fokker::prediction_row to, const column& x,
                 const column& p) {
  const fokker::conversion q = fokker::convert(l, from, to);
  return sum({{q.of_x, x}, {q.of_p, p}});
}

/// log N(x; mean of the step from `before` by data of a) - the same by data of b, as the paper writes it.
inline double gain(const column& x, const fokker::level& at, const column& x_before, const fokker::level& before,
                   const column& a, const column& b) {
  const double t = at.ratio(), s = before.ratio(), r = t * t / (s * s), variance = (s * s - t * t) * r;
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto off = [&](const column& data) {
      return x[i] / at.alpha - r * x_before[i] / before.alpha - (1 - r) * data[i];
    };
    sum += off(b) * off(b) - off(a) * off(a);
  }
  return sum / (2 * variance);
}

/// What guidance is to make of what the branches say of a sample: said(branches, sample, call, x, level).
using formula_of_sample =
    std::function<column(const std::vector<column>&, std::size_t, int, const column&, const fokker::level&)>;

/// Runs a plan whose branches say random data, and compares the guided data of each call with what `expect` makes of
/// what the branches say in a space, a sample at a time.
inline void follows(const fokker::plan::program& plan, const fokker::parameterization::any& network,
                    const fokker::parameterization::any& space, const formula_of_sample& expect,
                    fokker::backend::extents shape) {
  namespace fk = fokker;
  CHECK_NOTHROW(fk::plan::require_valid(plan));
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  const fk::noise::philox noise{.seed = 5};
  column memory(shape.size());
  fk::backend::host_view<double> x{memory.data(), shape};
  fk::stepper run(plan, noise, x);
  const std::size_t size = shape.sample_size();
  for (int call = 0; !run.done(); ++call) {
    const fk::level at = run.at();
    const fk::prediction_row says = network.row(at), in = space.row(at);
    std::vector<column> expected;
    std::vector<column> outputs(static_cast<std::size_t>(run.branches()));
    for (std::size_t s = 0; s < shape.samples(); ++s) {
      const column here(run.input().data + s * size, run.input().data + (s + 1) * size);
      std::vector<column> branches;
      for (int b = 0; b < run.branches(); ++b) {
        column data(size);
        for (double& v : data) v = normal(random);
        const column said = as(at, {1, 0}, says, here, data);
        auto& all = outputs[static_cast<std::size_t>(b)];
        all.insert(all.end(), said.begin(), said.end());
        branches.push_back(as(at, {1, 0}, in, here, data));
      }
      expected.push_back(as(at, in, {1, 0}, here, expect(branches, s, call, here, at)));
    }
    for (int b = 0; b < run.branches(); ++b)
      if (run.wants(b))
        std::copy(outputs[static_cast<std::size_t>(b)].begin(), outputs[static_cast<std::size_t>(b)].end(),
                  run.output(b).data);
    run.advance();
    for (std::size_t s = 0; s < shape.samples(); ++s)
      for (std::size_t i = 0; i < size; ++i) {
        INFO("call " << call << ", sample " << s << ", element " << i);
        // Some hundred roundings of numbers up to the scale times ten, and the conversions at sigma / alpha up to 3.
        REQUIRE(run.preview()->data[s * size + i] == Approx(expected[s][i]).epsilon(1e-11).margin(1e-11));
      }
  }
}

/// The same of a rule in the space `Space`: expect(branches, sample, call), or expect(branches, sample, x, level).
template <class Space, class Formula>
void follows(const fokker::schedule::any& schedule, const fokker::parameterization::any& network,
             const fokker::guidance::any& rule, Formula expect, fokker::backend::extents shape = {3, 4, 6}) {
  namespace fk = fokker;
  const auto plan = fk::make_plan(schedule, network, fk::grid::log_snr{.steps = 4, .sigma_min = 0.2, .sigma_max = 3},
                                  fk::solver::dpmpp_2m{}, rule, {.preview = true});
  follows(
      plan, network, Space{},
      [&](const std::vector<column>& branches, std::size_t s, int call, const column& x, const fk::level& at) {
        if constexpr (std::is_invocable_v<Formula&, const std::vector<column>&, std::size_t, int>)
          return expect(branches, s, call);
        else
          return expect(branches, s, x, at);
      },
      shape);
}

/// The same for networks of every prediction.
template <class Space, class Rule, class Formula>
void follows(const Rule& rule, Formula make, fokker::backend::extents shape = {3, 4, 6}) {
  namespace fk = fokker;
  namespace is = fk::parameterization;
  follows<Space>(fk::schedule::vp_linear{}, is::epsilon{}, rule, make(), shape);
  follows<Space>(fk::schedule::vp_linear{}, is::data{}, rule, make(), shape);
  follows<Space>(fk::schedule::vp_linear{}, is::velocity{}, rule, make(), shape);
  follows<Space>(fk::schedule::flow_linear{}, is::flow{}, rule, make(), shape);
}

/// A rule in the space of what the network predicts.
template <class Rule, class Formula>
void follows_in_network(const Rule& rule, Formula make, fokker::backend::extents shape = {3, 4, 6}) {
  namespace fk = fokker;
  namespace is = fk::parameterization;
  follows<is::epsilon>(fk::schedule::vp_linear{}, is::epsilon{}, rule, make(), shape);
  follows<is::data>(fk::schedule::vp_linear{}, is::data{}, rule, make(), shape);
  follows<is::velocity>(fk::schedule::vp_linear{}, is::velocity{}, rule, make(), shape);
  follows<is::flow>(fk::schedule::flow_linear{}, is::flow{}, rule, make(), shape);
}

}  // namespace test
