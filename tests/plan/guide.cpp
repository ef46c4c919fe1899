// SPDX-License-Identifier: MIT
#include <fokker/plan/guide.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::plan::guide;
using fk::plan::guided;

namespace {

/// u + scale (c - u), in a space of its own.
template <class Say>
struct symbolic {
  static constexpr int branches = 2;
  Say say;
  guided operator()(guide& g) const { return say(g); }
};
template <class Say>
symbolic(Say) -> symbolic<Say>;

/// Writes down what it is asked for.
struct listening {
  static constexpr int branches = 1;
  std::vector<fk::moment>* heard;
  std::array<double, 1> weights(const fk::moment& at) const { return heard->push_back(at), std::array{1.0}; }
};

const auto in_data = [](guide& g) { return guided{.data = 3 * g[0].data - 2 * g[1].data}; };
const auto in_network = [](guide& g) { return guided{.network = 3 * g[0].network - 2 * g[1].network}; };
const auto in_flow = [](guide& g) { return guided{.flow = 3 * g[0].flow - 2 * g[1].flow}; };

const auto first = [](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::sin(x[i]) - at.time;
};
const auto second = [](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = 0.3 * x[i] + std::cos(at.time);
};

std::vector<double> sampled(const fk::plan::program& plan) {
  std::vector<double> x(5);
  fk::sample(plan, fk::denoisers{first, second}, fk::noise::philox{.seed = 3}, x);
  return x;
}

}  // namespace

TEST_CASE("a rule in the network's space is planned to the bit as its weights are") {
  for (const fk::solver::named& solver : fk::solver::all) {
    const auto plan = [&](const auto& rule) {
      return fk::plan::to_text(
          fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4), solver, rule));
    };
    INFO(solver.name);
    CHECK(plan(symbolic{in_network}) == plan(fk::guidance::classifier_free{.scale = 3}));
  }
}

TEST_CASE("a linear rule is the same in each space") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(6),
                         fk::solver::dpmpp_2m{}, rule);
  };
  const auto expected = sampled(plan(fk::guidance::classifier_free{.scale = 3}));
  const auto near = [&](const auto& rule) {
    const auto x = sampled(plan(rule));
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(expected[i]).epsilon(1e-12));
  };
  near(symbolic{in_data});
  near(symbolic{in_flow});
}

TEST_CASE("the weights of a rule know the level of their call, the step of the grid and how many steps there are") {
  std::vector<fk::moment> heard;
  const fk::schedule::vp_linear schedule;
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(3), fk::solver::heun{}, listening{&heard});
  REQUIRE(heard.size() == plan.calls.size());
  CHECK(heard.size() == 6);  // heun calls twice a step
  for (std::size_t c = 0; c < heard.size(); ++c) {
    CHECK(heard[c].time == plan.calls[c].at.time);
    CHECK(heard[c].label == plan.calls[c].at.label);
    CHECK(heard[c].step == static_cast<int>(c) / 2);
    CHECK(heard[c].steps == 3);
  }

  // Steps whose length is chosen while sampling have no number.
  heard.clear();
  const fk::adaptive pair(schedule, fk::parameterization::velocity{}, test::inner(3), fk::solver::bosh3{},
                          listening{&heard});
  (void)pair.step(pair.levels()[0], pair.levels()[1]);
  REQUIRE_FALSE(heard.empty());
  for (const fk::moment& at : heard) CHECK(at.steps == 0);
}
