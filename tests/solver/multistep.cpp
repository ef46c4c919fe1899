// SPDX-License-Identifier: MIT
#include <fokker/solver/multistep.hpp>

#include <vector>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::multistep;
using fk::solver::target;
using fk::solver::variable;

namespace {
/// A method whose steps are written down by a function, as those of a user would be.
template <class Step>
struct method {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = true;
  Step step;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    return fk::solver::take_multisteps(p, x, target::data, variable::natural, step);
  }
};
template <class Step>
method(Step) -> method<Step>;

template <class Step>
fk::plan::program planned(int steps, Step step) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{}, test::inner(steps), method{step});
}
}  // namespace

TEST_CASE("steps are told their number and how many are left") {
  std::vector<int> indices, left;
  (void)planned(3, [&](const fk::level&, int i, int rest) {
    indices.push_back(i);
    left.push_back(rest);
    return multistep{};
  });
  CHECK(indices == std::vector{0, 1, 2});
  CHECK(left == std::vector{3, 2, 1});
}

TEST_CASE("a step takes the predictions that there are, and a correction needs a call where it is evaluated again") {
  const auto calls = [](const multistep& m) {
    return planned(4, [m](const fk::level&, int, int) { return m; }).calls.size();
  };
  CHECK(calls({.predictor = 3}) == 4);
  CHECK(calls({.predictor = 2, .corrector = 3}) == 4);
  CHECK(calls({.predictor = 2, .corrector = 3, .evaluates_again = true}) == 7);  // not after the first call
}

TEST_CASE("what is said of a step is nothing by default: it is DDIM's") {
  const auto mine = test::respond(planned(4, [](const fk::level&, int, int) { return multistep{}; })).end;
  const auto expected = test::respond(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                                    test::inner(4), fk::solver::ddim{}))
                            .end;
  CHECK(mine.size() == expected.size());
  // four steps, in which DDIM's weight of D is a difference of numbers up to ten times as large
  for (const auto& [what, weight] : expected) CHECK(mine.at(what) == Approx(weight).epsilon(4 * 10 * 0x1p-50));
}

TEST_CASE("eta may differ from step to step") {
  const auto plan = planned(4, [](const fk::level&, int i, int) { return multistep{.eta = i % 2 == 0 ? 0.0 : 1.0}; });
  for (std::size_t i = 0; i < 4; ++i) CHECK(plan.calls[i].then.normal_count == static_cast<int>(i % 2));
}
