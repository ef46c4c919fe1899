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

namespace {

/// u + 3 (c - u), with numbers that are all 1, and with a memory.
struct ones {
  static constexpr int branches = 2;
  bool numbers = false, memory = false;
  guided operator()(guide& g) const {
    const fk::plan::expression c = g[0].network, u = g[1].network;
    const auto one = [&](const fk::plan::expression& e) {
      return numbers ? quotient(g.dot(c, c), g.dot(c, c), 1) * e : e;
    };
    const fk::plan::expression G = 3 * one(c) - 2 * one(u);
    if (!memory) return {.network = G};
    const fk::plan::expression before = g.remembered(c - u);
    static_cast<void>(g.remember(c - u));
    return {.network = G - 0.5 * one(before)};
  }
};

/// Samples of more than one element.
std::vector<double> sampled_by_three(const fk::plan::program& plan) {
  std::vector<double> x(6);
  const auto seen = [](const auto& network) {
    return
        [&network](fk::backend::host_view<double>& out, const fk::backend::host_view<double>& in, const fk::level& at) {
          std::vector<double> said(in.shape.size());
          network(said, std::vector<double>(in.data, in.data + said.size()), at);
          std::copy(said.begin(), said.end(), out.data);
        };
  };
  fk::sample(plan, fk::denoisers{seen(first), seen(second)}, fk::noise::philox{.seed = 3},
             fk::backend::host_view<double>{x.data(), {2, 3}});
  return x;
}

struct needs {
  int operands = 0, rows = 0, buffers = 0;
  friend bool operator==(const needs&, const needs&) = default;
};
needs needs_of(const fk::plan::program& p) {
  needs n{.buffers = p.buffers};
  const auto look = [&n](const fk::plan::update& u) {
    n.operands = std::max(n.operands, u.input_count);
    n.rows = std::max(n.rows, u.row_count);
  };
  look(p.enter);
  for (const fk::plan::call& c : p.calls) look(c.then);
  return n;
}

/// `check(name, plan)` for every solver, with and without limits of data and previews; plan(rule) is a program.
template <class Check>
void everywhere(Check check) {
  const fk::parameterization::velocity network;
  for (const auto& solver : fk::solver::all)
    for (const bool preview : {false, true}) {
      const auto planned = [&](const auto& wrapped) {
        return [&, wrapped](const auto& guidance) {
          return fk::make_plan(fk::schedule::vp_linear{}, wrapped, test::inner(12), solver, guidance,
                               {.preview = preview});
        };
      };
      const std::string name = std::string(solver.name) + (preview ? ", preview" : "");
      check(name, planned(network));
      check(name + ", clipped", planned(fk::parameterization::clipped{network}));
      check(name + ", thresholded", planned(fk::parameterization::thresholded{network}));
    }
}

}  // namespace

TEST_CASE("weights that are found while sampling are those that are known, for every solver") {
  everywhere([](const std::string& name, const auto& plan) {
    for (const bool memory : {false, true}) {
      INFO(name << (memory ? ", memory" : ""));
      if (memory && name.starts_with("dopri5")) {
        // Seven calls a step, all of them read by the last update, and the memory.
        const bool fits = name == "dopri5";
        const auto refused = Catch::Contains(fits ? "the update after call 8 needs more than 8 operands"
                                                  : "the update after call 2 needs more than 5 results");
        CHECK_THROWS_WITH(plan(ones{.memory = true}), refused);
        if (!fits) CHECK_THROWS_WITH(plan(ones{.numbers = true, .memory = true}), refused);
        continue;
      }
      // Each weight has some roundings more, and no step of these is steep.
      const auto found = sampled_by_three(plan(ones{.numbers = true, .memory = memory}));
      const auto known = sampled_by_three(plan(ones{.memory = memory}));
      for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(known[i]).epsilon(1e-12).margin(1e-12));
    }
  });
}

TEST_CASE(
    "weights that are found while sampling need no more memory than those that are known, and a memory one more") {
  everywhere([](const std::string& name, const auto& plan) {
    INFO(name);
    const needs known = needs_of(plan(fk::guidance::classifier_free{.scale = 3}));
    CHECK(needs_of(plan(ones{.numbers = true})) == known);
    if (!name.starts_with("dopri5"))
      CHECK(needs_of(plan(ones{.numbers = true, .memory = true})).buffers == known.buffers + 1);
  });
}
