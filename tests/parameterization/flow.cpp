// SPDX-License-Identifier: MIT
#include <fokker/parameterization/flow.hpp>

#include <limits>

#include <fokker/grid/trailing.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::level_at;
using fokker::prediction_row;
using fokker::parameterization::flow;

TEST_CASE("flow is the path's velocity, unscaled, told the time times its scale") {
  const level l{.time = 0.25, .alpha = 0.75, .sigma = 0.25, .alpha_rate = -1, .sigma_rate = 1};
  CHECK(flow{}.row(l) == prediction_row{-1, 1});
  CHECK(flow::name == std::string("flow"));
  CHECK(fokker::input_scale(flow{}, l) == 1);
  CHECK(fokker::label(flow{}, l) == 0.25);
  CHECK(fokker::label(flow{.label_scale = 1000}, l) == 250);
  CHECK(fokker::at_data(flow{}));
  CHECK(!fokker::at_data(flow{.at_data = false}));
}

TEST_CASE("flow on the straight path gives x0 = x - t u and eps = x + (1 - t) u, without a division, at every time") {
  for (const double t : {0.0, 0.25, 0.5, 1.0}) {
    const level l = level_at(fokker::schedule::flow_linear{}, t);
    const auto x0 = fokker::convert(l, flow{}.row(l), {1, 0}), eps = fokker::convert(l, flow{}.row(l), {0, 1});
    CHECK(x0.determined);
    CHECK(x0.of_x == 1);
    CHECK(x0.of_p == -t);
    CHECK(eps.determined);
    CHECK(eps.of_x == 1);
    CHECK(eps.of_p == 1 - t);
  }
}

TEST_CASE("flow on the cosine path determines data and noise at alpha = 0") {
  const level l = level_at(fokker::schedule::cosine{}, 1);
  const auto x0 = fokker::convert(l, flow{}.row(l), {1, 0}), eps = fokker::convert(l, flow{}.row(l), {0, 1});
  CHECK(x0.determined);
  CHECK(x0.of_x == 0);
  CHECK(x0.of_p == 1 / l.alpha_rate);
  CHECK(eps.determined);
  CHECK(std::abs(eps.of_x * l.sigma - 1) <= 8 * law::u);
  CHECK(eps.of_p == 0);
}

TEST_CASE("flow on a schedule without rates is refused by name") {
  const auto table = fokker::schedule::scaled_linear();
  law::refused([&] { (void)fokker::make_plan(table, flow{}, fokker::grid::trailing{10}, fokker::solver::ddim{}); },
               {"flow", "rates"});
}

TEST_CASE("flow refuses a label scale that is not a number, by name") {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  law::refused(
      [&] {
        (void)fokker::make_plan(fokker::schedule::flow_linear{}, flow{.label_scale = not_a_number},
                                fokker::grid::uniform{3}, fokker::solver::ddim{});
      },
      {"label"});
}
