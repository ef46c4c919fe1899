// SPDX-License-Identifier: MIT
#include <fokker/guidance/skipped.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

/// What the end of a run is of its start and of what the network says at the calls that are made, in their order.
template <class Schedule, class Network, class Solver, class Rule>
std::vector<double> weights(const Schedule& schedule, const Network& network, const std::vector<double>& ratios,
                            const Solver& solver, const Rule& rule) {
  const auto plan =
      fk::make_plan(schedule, network, fk::grid::explicit_levels{fk::levels_at_ratios(schedule, ratios)}, solver, rule);
  const test::linear end = test::respond(plan).end;
  std::vector<double> all{end.at({-2, 0})};
  for (std::size_t i = 0; i < plan.calls.size(); ++i)
    if (plan.wants(plan.calls[i], 0)) all.push_back(end.at({-3, static_cast<long>(i)}));
  return all;
}

const std::vector<double> fine{8, 5, 4, 2.5, 1, 0.8, 0.3}, coarse{8, 4, 1, 0.3};

void are_one(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-13));
}

}  // namespace

TEST_CASE("a step with what was said before is the longer step of the method, to the same weights") {
  const skipped held{none{}, 2};
  are_one(weights(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fine, fk::solver::euler{}, held),
          weights(fk::schedule::flow_linear{}, fk::parameterization::flow{}, coarse, fk::solver::euler{}, none{}));
  test::on_every_path([&](const auto& schedule) {
    are_one(weights(schedule, fk::parameterization::data{}, fine, fk::solver::ddim{}, held),
            weights(schedule, fk::parameterization::data{}, coarse, fk::solver::ddim{}, none{}));
    are_one(weights(schedule, fk::parameterization::epsilon{}, fine, fk::solver::ddim{}, held),
            weights(schedule, fk::parameterization::epsilon{}, coarse, fk::solver::ddim{}, none{}));
  });
}

TEST_CASE("a line through what was said last is a method of two steps, with less of the difference than Adams'") {
  // sigma is time there, and x moves by h eps: 8 to 5, 5 to 4 | 4 to 2.5, 2.5 to 1 by the line of 8 and 4
  const auto of = weights(fk::schedule::edm{}, fk::parameterization::epsilon{}, {8, 5, 4, 2.5, 1}, fk::solver::euler{},
                          skipped{none{}, 2, true});
  const double difference = 1.5 * 1.5 / 4;  // h h / H of both; Adams and Bashforth have (h + h)^2 / 2H
  are_one(of, {1, -4 + difference, -3 - difference});
}

TEST_CASE("no network is called at a step that is skipped, and rules within remember") {
  for (const int k : {1, 2, 3}) {
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::uniform{.steps = 6}, fk::solver::euler{}, skipped{apg{}, k});
    CHECK(fk::plan::check(plan).empty());
    for (const auto& c : plan.calls)
      for (const int b : {0, 1}) CHECK(plan.wants(c, b) == (c.step % k == 0));
    CHECK(std::isfinite(test::run(plan, test::two_normals{}, 0.7)));
  }
  law::refused(
      [] {
        (void)fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 6},
                            fk::solver::euler{}, skipped{none{}, 0});
      },
      {"k is 0;", "1 or more"});
}
