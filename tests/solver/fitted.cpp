// SPDX-License-Identifier: MIT
#include <fokker/solver/fitted.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <fokker/grid/part.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::fitted;

namespace {

/// Weights of DDIM, and beside them those of `history` earlier predictions, which sum to 0.
fitted steps_of(const std::vector<fk::level>& levels, int history, double size = 0.1) {
  fitted f{.levels = levels, .history = history};
  for (std::size_t k = 0; k + 1 < levels.size(); ++k) {
    const double s = std::atan2(levels[k].sigma, levels[k].alpha);
    const double t = std::atan2(levels[k + 1].sigma, levels[k + 1].alpha);
    std::vector<double> row{std::sin(t) / std::sin(s), std::sin(s - t) / std::sin(s)};
    for (int j = 1; j <= history && j <= static_cast<int>(k); ++j) {
      row[1] += size / (j + static_cast<int>(k));
      row.push_back(-size / (j + static_cast<int>(k)));
    }
    f.rows.push_back(row);
  }
  return f;
}

template <class Guidance = fk::guidance::none>
fk::plan::program planned(const fitted& f, const std::vector<fk::level>& levels, const Guidance& guidance = {}) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::explicit_levels{levels}, f,
                       guidance);
}

}  // namespace

TEST_CASE("fitted with the weights of DDIM is DDIM, on every path and from noise to data") {
  test::on_every_path([](const auto& schedule) {
    const auto levels = test::inner(6).levels(schedule);
    const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(6), steps_of(levels, 0));
    const auto ddim = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(6), fk::solver::ddim{});
    const double x = 1.3 * levels[0].sigma;
    CHECK(test::run(plan, test::two_normals{}, x) == Approx(test::run(ddim, test::two_normals{}, x)).epsilon(1e-13));
  });
  const fk::schedule::flow_linear straight;
  const fk::grid::uniform grid{.steps = 5};
  const auto plan = fk::make_plan(straight, fk::parameterization::flow{}, grid, steps_of(grid.levels(straight), 3));
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  CHECK(test::run(plan, test::normal_data{}, 0.7) == Approx(0.7 * 0.5 + 0.4).margin(0.1));
}

TEST_CASE(
    "fitted is one update a call within the kernels' limits, with six earlier predictions, and five of two branches") {
  const fk::schedule::vp_linear schedule;
  for (const int steps : {5, 10, 20}) {
    const auto levels = test::inner(steps).levels(schedule);
    const auto most = [&](const auto& plan) {
      int inputs = 0;
      for (const auto& c : plan.calls) {
        inputs = std::max(inputs, c.then.input_count);
        CHECK(c.then.row_count <= fk::plan::max_rows);
      }
      CHECK(plan.calls.size() == static_cast<std::size_t>(steps));
      return inputs;
    };
    CHECK(most(planned(steps_of(levels, 6), levels)) <= fk::plan::max_inputs);
    CHECK(most(planned(steps_of(levels, 5), levels, fk::guidance::classifier_free{})) <= fk::plan::max_inputs);
  }
  // Of all predictions up to ten calls: from the middle on fewer sums are left than there were predictions.
  for (const int steps : {1, 3, 10}) {
    const auto levels = test::inner(steps).levels(schedule);
    CHECK(planned(steps_of(levels, steps), levels).buffers <= steps / 2 + 1);
    CHECK(planned(steps_of(levels, steps), levels, fk::guidance::classifier_free{}).buffers <= steps / 2 + 1);
  }
}

TEST_CASE("fitted refuses what it was not tuned for, and says why") {
  const fk::schedule::vp_linear schedule;
  const auto levels = test::inner(4).levels(schedule);
  fitted f = steps_of(levels, 2);
  f.network = "moons";
  const auto refused = [&](const fitted& solver, const std::vector<fk::level>& used, const std::string& words,
                           const auto& guidance) {
    CHECK_THROWS_WITH(planned(solver, used, guidance), Catch::Contains(words));
  };
  const fk::guidance::none none;
  refused(f, test::inner(5).levels(schedule),
          "the number of calls is 5; allowed: 4, for which the weights were fitted, for the network moons", none);
  auto later = levels;
  later[0] = fk::level_at_ratio(schedule, 9);
  refused(f, later, "the start, sigma/alpha of level 0 is 9", none);
  later = levels;
  later[2] = fk::level_at_ratio(schedule, levels[2].ratio() * 1.001);
  refused(f, later, "sigma/alpha of level 2 is ", none);

  const auto used_with = [&](const auto& guidance) {
    const fk::parameterization::epsilon network;
    fk::plan::builder p(schedule, network, levels, fk::plan::rule_of(guidance));
    static_cast<void>(f(p, fk::plan::expression(0)));
    return fk::solver::use_of(p);
  };
  f.use = used_with(fk::guidance::classifier_free{.scale = 3});
  const auto plan = planned(f, levels, fk::guidance::classifier_free{.scale = 3});
  CHECK(plan.calls.size() == 4);
  CHECK(fk::plan::to_text(fk::plan::from_text(fk::plan::to_text(plan))) == fk::plan::to_text(plan));
  refused(f, levels, "the guidance or what the network predicts is another; allowed: what it was when",
          fk::guidance::classifier_free{.scale = 5});
  refused(f, levels, "the guidance or what the network predicts is another", none);
  CHECK_THROWS_AS(plan.with(fk::guidance::classifier_free{.scale = 1}), std::invalid_argument);
  f.use = 0;
  f.use = used_with(fk::guidance::apg{.scale = 3});
  CHECK(planned(f, levels, fk::guidance::apg{.scale = 3}).calls.size() == 4);
  refused(f, levels, "the guidance", fk::guidance::apg{.scale = 3, .momentum = -0.2});
}

TEST_CASE("fitted refuses rows that are none") {
  const auto levels = test::inner(2).levels(fk::schedule::vp_linear{});
  const auto refused = [&](fitted f, const std::string& words) {
    CHECK_THROWS_WITH(planned(f, levels), Catch::Contains(words));
  };
  refused({}, "the number of rows is 0");
  refused({.levels = levels, .rows = {{1, 0}}}, "the number of levels is 3; allowed: 2");
  refused({.levels = levels, .rows = {{1, 0, 0}, {1, 0}}}, "the size of rows[0] is 3; allowed: 1 to 2");
  refused({.levels = levels, .rows = {{1, 0}, {}}}, "the size of rows[1] is 0");
  refused({.levels = levels, .rows = {{1, 0}, {1, 1 / std::nan("")}}}, "a weight of rows[1] is nan");
}
