// SPDX-License-Identifier: MIT
#pragma once

// Guidance rules against their formulas, through a whole plan.

#include <functional>

#include <fokker/backend/host.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/guidance/any.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/any.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/stepper.hpp>

#include "support/dice.hpp"
#include "support/laws.hpp"

namespace test {

namespace fk = fokker;

/// What branch b says of the data, given x: no two say the same.
inline double data_said(int branch, double x, const fk::level& at) {
  return std::sin(0.9 * branch + 0.1 * x + at.sigma) - 0.3 * branch;
}

/// x after a run of two calls a step whose calls are answered by `answer(moment, x0-prediction of each branch)`, the
/// x0-prediction that guidance is to make of them. Without `answer` the plan's own rule does it.
using formula = std::function<double(const fk::moment&, const std::vector<double>&)>;
inline std::vector<double> guided_run(const fk::plan::program& plan, const fk::parameterization::any& network,
                                      int branches, const formula& answer) {
  std::vector<double> x(7);
  fk::stepper run(plan, fk::noise::philox{.seed = 4}, x);
  while (!run.done()) {
    const fk::level& at = run.at();
    const fk::prediction_row row = network.row(at);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double here = run.input()[i];
      const auto predicts = [&](double data) {
        return row.data * data + row.noise * (here - at.alpha * data) / at.sigma;
      };
      if (!answer) {
        for (int b = 0; b < branches; ++b)
          if (run.wants(b)) run.output(b)[i] = predicts(data_said(b, here, at));
      } else {
        std::vector<double> said;
        for (int b = 0; b < branches; ++b) said.push_back(data_said(b, here, at));
        run.output(0)[i] = predicts(answer({at, run.call().step, plan.steps()}, said));
      }
    }
    run.advance();
  }
  return x;
}

/// Planned with a rule a run is that of one network which says what the formula says, whatever the network predicts.
/// Scales are below 16 and slopes below 0.1, so that no error grows by more than 2.6 a call: of 8 calls the roundings,
/// some 64 each of numbers below 2^6, stay below 64 2^-53 2^6 2.6^8 < 1e-9.
inline void is_its_formula(const fk::guidance::any& rule, const formula& says) {
  const fk::grid::log_snr levels{.steps = 4, .sigma_min = 0.2, .sigma_max = 5, .end = fk::ending::to_last_level};
  std::vector<std::vector<double>> found;
  const auto check = [&](const fk::parameterization::any& network) {
    const fk::schedule::vp_linear schedule;
    const auto alone = fk::make_plan(schedule, network, levels, fk::solver::heun{});
    const auto expected = guided_run(alone, network, rule.branches, says);
    const auto with = fk::make_plan(schedule, network, levels, fk::solver::heun{}, rule);
    found.push_back(guided_run(with, network, rule.branches, {}));
    INFO(network.name);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(found.back()[i] == Approx(expected[i]).epsilon(0).margin(1e-9));
      CHECK(found.back()[i] == Approx(found.front()[i]).epsilon(0).margin(1e-9));  // the same in each space
    }
  };
  check(fk::parameterization::epsilon{});
  check(fk::parameterization::data{});
  check(fk::parameterization::velocity{});
  check(fk::parameterization::flow{});
}

/// A run is that without guidance, to the bit, and calls no other branch than the first.
inline void is_neutral(const fk::guidance::any& rule) {
  const fk::grid::log_snr levels{.steps = 4, .sigma_min = 0.2, .sigma_max = 5, .end = fk::ending::to_last_level};
  const fk::parameterization::velocity network;
  const auto alone = fk::make_plan(fk::schedule::vp_linear{}, network, levels, fk::solver::heun{});
  const auto with = fk::make_plan(fk::schedule::vp_linear{}, network, levels, fk::solver::heun{}, rule);
  CHECK((guided_run(with, network, rule.branches, {}) == guided_run(alone, network, 1, {})));
  CHECK(fk::plan::evaluations(with) == static_cast<int>(with.calls.size()));
}

/// Weights sum to 1 for random fields: `make(number)` draws each of them.
template <class Make>
void is_lawful(Make make) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    dice d(seed);
    law::guidance(make([&d] { return (d.below(2) == 0 ? -1 : 1) * d.between_decades(1e-3, 1e3); }), {});
  }
}

/// A number that float does not hold is refused by its name, as a plan is made.
template <class Make>
void is_refused(Make make, const char* name) {
  using limits = std::numeric_limits<double>;
  for (const double wrong : {limits::quiet_NaN(), limits::infinity(), -limits::infinity(), 1e39, -1e39})
    law::refused(
        [&] {
          (void)fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                              fk::grid::log_snr{.steps = 2, .sigma_min = 0.2, .sigma_max = 5}, fk::solver::heun{},
                              fk::guidance::any(make(wrong)));
        },
        {(std::string(name) + " is ").c_str(), "-2.1267647932558654e+37 to 2.1267647932558654e+37"});
}

}  // namespace test
