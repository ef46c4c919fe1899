// SPDX-License-Identifier: MIT
#include <fokker/solver/dopri5.hpp>

#include <fokker/parameterization/clipped.hpp>

#include "support/members.hpp"
#include "support/runge_kutta.hpp"

namespace fk = fokker;
using fk::solver::dopri5;
using fk::solver::variable;

TEST_CASE("dopri5 converges at its order on every path and in either variable", "[order]") {
  // From 64 steps to 256 the error falls from 1e-11 to 1e-14: before that the slope is steeper, after it rounding is
  // met. That the order is not higher says the z^6/600 below.
  test::on_every_path([](const auto& schedule) {
    for (const auto v : {variable::time, variable::ratio})
      CHECK(test::measured_order(schedule, dopri5{.variable = v}, 64, 2) > dopri5::order - 0.15);
  });
}

TEST_CASE("dopri5 has the weights of its tableau") {
  test::has_stability_polynomial(dopri5{}, {1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 600});
  test::integrates_powers(dopri5{}, 4);
}

TEST_CASE("dopri5 steps onto data by Euler's method, one call") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::uniform{.steps = 5},
                        dopri5{.variable = v})
              .calls.size() == 25);
}

TEST_CASE("dopri5 keeps its order onto data where the network tells the slope there", "[order]") {
  for (const auto v : {variable::time, variable::ratio})
    CHECK(test::measured_order_onto_data(dopri5{.variable = v}, 8, 2) > dopri5::order - 0.15);
  const auto calls = [](const auto& schedule, const auto& network) {
    return fk::make_plan(schedule, network, fk::grid::uniform{.steps = 5}, dopri5{}).calls.size();
  };
  const fk::schedule::flow_linear straight;
  CHECK(calls(straight, fk::parameterization::flow{}) == 30);
  CHECK(calls(straight, fk::parameterization::flow{.at_data = false}) == 25);
  CHECK(calls(straight, fk::parameterization::clipped{fk::parameterization::flow{}}) == 25);
  CHECK(calls(fk::schedule::vp_linear{}, fk::parameterization::flow{}) == 25);  // sigma' has no bound there
}

TEST_CASE("dopri5 reaches single points, is finite at both ends, and carries partial sums") {
  test::is_finite_from_noise_to_data(dopri5{});
  test::is_finite_from_noise_to_data(dopri5{.variable = variable::ratio});
  test::reaches_a_single_point(dopri5{});
  test::costs(dopri5{}, {.inputs = 5, .rows = 4, .normals = 0, .buffers = 4});
}

TEST_CASE("dopri5 has room for previews, limited data and guidance of two branches") {
  const test::two_normals problem;
  const auto on = [&](const auto& schedule, const auto& network, const auto& limited, const dopri5& solver) {
    const fk::guidance::classifier_free guided{.scale = 3};  // of branches that say the same
    const auto plain = fk::make_plan(schedule, network, test::inner(3), solver, guided);
    for (const auto& plan : {fk::make_plan(schedule, limited, test::inner(3), solver, guided),
                             fk::make_plan(schedule, network, test::inner(3), solver, guided, {.preview = true}),
                             fk::make_plan(schedule, limited, test::inner(3), solver, guided, {.preview = true})}) {
      CHECK(test::run(plan, problem, 0.7) == Approx(test::run(plain, problem, 0.7)).epsilon(1e-12));
      std::vector<double> x{0.7};
      fk::stepper run(plan, fk::noise::philox{}, x, fk::beginning::given);
      while (!run.done()) {
        const double expected = problem.data(run.input()[0], run.at());
        for (int b = 0; b < 2; ++b) run.output(b)[0] = test::predict(problem, run.call(), run.input()[0]);
        run.advance();
        if (plan.preview) CHECK((*run.preview())[0] == Approx(expected).epsilon(1e-12));
      }
    }
  };
  // A bound that no data reach: what it limits is what there is without it.
  const auto both = [&](const auto& schedule, const auto& network) {
    for (const auto v : {variable::time, variable::ratio})
      for (const bool network_epsilon : {false, true})
        on(schedule, network, fk::parameterization::clipped{network, 1e6, network_epsilon}, dopri5{v});
  };
  both(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  both(fk::schedule::flow_linear{}, fk::parameterization::velocity{});
}
