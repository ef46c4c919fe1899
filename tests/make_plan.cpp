// SPDX-License-Identifier: MIT
#include <fokker/make_plan.hpp>

#include <algorithm>
#include <cmath>

#include <fokker/grid/karras.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/heun.hpp>

#include "support/dice.hpp"
#include "support/members.hpp"

namespace fk = fokker;

static_assert(std::is_same_v<decltype(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                                    fk::grid::uniform{}, fk::solver::ddim{}, {.preview = true})),
                             fk::program>);

TEST_CASE("a network that cannot tell data at noise is refused with both names", "[bits]") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::epsilon{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::ddim{}),
                    "fokker: at time 1 (alpha 0, sigma 1) a network that predicts epsilon does not determine data");
}

TEST_CASE("levels that are not finite, or not strictly towards data, are refused with their number") {
  const auto plan = [](std::vector<fk::level> levels) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                         fk::grid::explicit_levels{std::move(levels)}, fk::solver::ddim{});
  };
  const fk::schedule::edm edm;
  CHECK_THROWS_WITH(plan({}), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {1})), Catch::Contains("the number of levels is 1"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {1, 1})), Catch::Contains("level 1"));
  CHECK_THROWS_WITH(plan(fk::levels_at(edm, {1, 2})),
                    Catch::Contains("level 1: sigma/alpha is 2; allowed: less than 1"));
  auto levels = fk::levels_at(edm, {3, 2, 1});
  levels[1].time = std::nan("");
  CHECK_THROWS_WITH(plan(levels), Catch::Contains("level 1: time is nan"));
  levels[1] = {.time = 2, .alpha = 1, .sigma = -1};
  CHECK_THROWS_WITH(plan(levels), Catch::Contains("level 1: sigma is -1"));
  CHECK_THROWS_WITH(plan({fk::level{.time = 1, .alpha = 0, .sigma = 0}, fk::level{}}), Catch::Contains("not both 0"));
}

TEST_CASE("the user's labels are told to the network verbatim, and else those of the parameterization, or the time") {
  const fk::schedule::flow_linear schedule;
  auto levels = fk::levels_at(schedule, {1, 0.5, 0});
  levels[1].label = 7;
  const auto plan = fk::make_plan(schedule, fk::parameterization::flow{.label_scale = 1000},
                                  fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  CHECK(plan.calls[0].at.label == 1000);
  CHECK(plan.calls[1].at.label == 7);
  const auto timed = fk::make_plan(schedule, fk::parameterization::data{},
                                   fk::grid::explicit_levels{fk::levels_at(schedule, {1, 0.5})}, fk::solver::ddim{});
  CHECK(timed.calls[0].at.label == 1);
}

TEST_CASE("a label that does not exist is refused") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::edm{},
                                  fk::grid::uniform{.steps = 2}, fk::solver::ddim{}),
                    Catch::Contains("call 0") && Catch::Contains("label is inf; allowed: a finite number"));
}

namespace {
struct lazy {
  static constexpr int order = 1, evaluations = 0, history = 0;
  static constexpr bool stochastic = false;
  fk::plan::expression operator()(fk::plan::builder&, fk::plan::expression x) const { return 0.5 * x; }
};
}  // namespace

TEST_CASE("a solver that calls no network makes no plan") {
  for (const bool preview : {false, true})
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 4},
                                    lazy{}, fk::guidance::none{}, {.preview = preview}),
                      "fokker: the number of calls is 0; allowed: 1 or more");
}

namespace {
template <std::size_t N>
struct weighted {
  static constexpr int branches = static_cast<int>(N);
  std::array<double, N> at_noise, at_data;
  std::array<double, N> weights(const fk::level& l) const { return l.time > 50 ? at_noise : at_data; }
};
}  // namespace

TEST_CASE("guidance weights that do not sum to 1 are refused with the call, whatever the network predicts") {
  const auto plan = [](const auto& guidance) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 2},
                         fk::solver::ddim{}, guidance);
  };
  using two = weighted<2>;
  CHECK_THROWS_WITH(plan(two{{7.5, -6}, {7.5, -6.5}}),
                    "fokker: call 0, at time 80: the sum of the guidance's weights is 1.5; allowed: 1");
  CHECK_THROWS_WITH(plan(two{{7.5, -6.5}, {0.5, 0.25}}), Catch::Contains("call 1") && Catch::Contains("is 0.75;"));
  CHECK_THROWS_WITH(plan(two{{7.5, -6.5}, {1, 1e-9}}), Catch::Contains("is 1.000000001;"));
  CHECK_THROWS_WITH(plan(two{{1, 0x1p-50}, {1, 0}}), Catch::Contains("weights is 1.00000"));
  CHECK_THROWS_WITH(plan(two{{std::nan(""), 1}, {1, 0}}), Catch::Contains("the sum of the guidance's weights is nan;"));
  CHECK_THROWS_WITH(plan(weighted<1>{{2}, {2}}), Catch::Contains("is 2;"));
  const auto good = plan(two{{7.5, -6.5}, {7.5, -6.5}});
  CHECK_THROWS_WITH(good.with(two{{7.5, -6}, {7.5, -6}}), Catch::Contains("is 1.5;"));
}

TEST_CASE("guidance weights sum to 1 up to the roundings of their own") {
  const auto plan = [](const auto& guidance) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 2},
                         fk::solver::ddim{}, guidance);
  };
  test::dice d(5);
  for (int i = 0; i < 1000; ++i) {
    const double a = d.between(-20, 20), b = d.between(-20, 20), c = d.between(0.1, 1), sum = a * a + b * b + c;
    CHECK_NOTHROW(plan(fk::guidance::classifier_free{.scale = a}));
    CHECK_NOTHROW(plan(fk::guidance::classifier_free{.scale = 1e17 * a}));
    CHECK_NOTHROW(plan(weighted<3>{{a, b, 1 - a - b}, {a, b, 1 - (a + b)}}));
    CHECK_NOTHROW(plan(weighted<3>{{a * a / sum, b * b / sum, c / sum}, {c / sum, a * a / sum, b * b / sum}}));
  }
}

namespace {
/// A solver that lies where it is.
struct immovable : fk::solver::ddim {
  immovable() = default;
  immovable(const immovable&) = delete;
};
bool all_previewed(const fk::program& plan) {
  return std::all_of(plan.calls.begin(), plan.calls.end(), [](const fk::plan::call& c) { return c.preview >= 0; });
}
}  // namespace

TEST_CASE("a plan is made again with what it was made with, where that can be copied") {
  const fk::schedule::edm schedule;
  const fk::parameterization::data network;
  const fk::grid::uniform grid{.steps = 3};
  for (const bool preview : {false, true}) {
    const auto plan = fk::make_plan(schedule, network, grid, fk::solver::ddim{}, {.preview = preview});
    const auto once = fk::make_plan(schedule, network, grid, immovable{}, {.preview = preview});
    const auto again = plan.with(fk::guidance::none{});
    for (const fk::program* p : {&plan, &once, &again}) {
      CHECK(p->preview == preview);
      CHECK(all_previewed(*p) == preview);
    }
    CHECK_THROWS_WITH(
        once.with(fk::guidance::none{}),
        Catch::Contains("plan.with is called on a plan read from text, or of parts that cannot be copied"));
  }
}

TEST_CASE("the parts of a plan make one of steps that are even in log-SNR") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 3},
                                  fk::solver::ddim{});
  const auto even = plan.source.plan(plan.source, fk::plan::rule_of(fk::guidance::none{}), false,
                                     {.count = 4, .first = 8, .last = 0.5});
  REQUIRE(even.levels.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(even.levels[i].ratio() == Approx(8 / std::pow(2, static_cast<double>(i))).epsilon(1e-14));
}
