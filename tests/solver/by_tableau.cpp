// SPDX-License-Identifier: MIT
#include <fokker/solver/by_tableau.hpp>

#include <fokker/solver/bosh3.hpp>
#include <fokker/solver/rk4.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::by_tableau;
using fk::solver::variable;
namespace tableaus = fk::solver::tableaus;

namespace {

constexpr fk::solver::tableau<4> classical{
    .nodes = {0, 0.5, 0.5, 1}, .weights = {{{0.5}, {0, 0.5}, {0, 0, 1}, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}}}};

/// What every one of them does, beside its order.
template <const auto& Method>
void is_a_method(int measured_from) {
  using solver = by_tableau<Method>;
  for (const auto v : {variable::time, variable::ratio})
    CHECK(test::measured_order(fk::schedule::vp_linear{}, solver{.variable = v}, measured_from) ==
          Approx(solver::order).epsilon(0).margin(0.15));
  test::is_finite_from_noise_to_data(solver{});
  test::is_finite_from_noise_to_data(solver{.variable = variable::ratio});
  test::reaches_a_single_point(solver{});
}

}  // namespace

TEST_CASE("tableaus have the order that they measure", "[order]") {
  is_a_method<tableaus::ralston>(32);
  is_a_method<tableaus::kutta_3>(32);
  is_a_method<tableaus::heun_3>(32);
  is_a_method<tableaus::ssprk_3>(32);
  is_a_method<tableaus::three_eighths>(16);
  is_a_method<tableaus::tsit5>(16);
}

TEST_CASE("by_tableau of the classical tableau is rk4") {
  const test::two_normals problem;
  const auto end = [&](const auto& solver) {
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(9), solver);
    return test::run(plan, problem, 3 * plan.levels.front().alpha);
  };
  CHECK(end(by_tableau<classical>{}) == end(fk::solver::rk4{}));
}

TEST_CASE("by_tableau keeps its order onto data where the network tells the slope there", "[order]") {
  CHECK(test::measured_order_onto_data(by_tableau<tableaus::ssprk_3>{}, 16) > 2.85);
  const auto calls = [](const auto& network) {
    return fk::make_plan(fk::schedule::flow_linear{}, network, fk::grid::uniform{.steps = 5},
                         by_tableau<tableaus::ssprk_3>{})
        .calls.size();
  };
  CHECK(calls(fk::parameterization::flow{}) == 15);
  CHECK(calls(fk::parameterization::data{}) == 13);  // its second stage would lie on the data
}
