// SPDX-License-Identifier: MIT
#include <fokker/plan/planner.hpp>

#include <utility>

#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/by_name.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/heun.hpp>

#include "support/allocations.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::plan::builder;
using fk::plan::expression;

// Solvers that a user might write, each hard on the planner in its own way.
namespace {

template <class Steps>
struct written {
  static constexpr int order = 1, evaluations = 1, history = 0;
  static constexpr bool stochastic = true;
  Steps steps;
  expression operator()(builder& p, expression x) const { return steps(p, x); }
};
template <class Steps>
written(Steps) -> written<Steps>;

/// The classical Runge-Kutta method in time.
const written rk4{[](builder& p, expression x) {
  for (auto [s, t] : p.steps()) {
    const double h = t.time - s.time;
    const auto middle = p.at(0.5 * (s.time + t.time));
    const auto start_is = p.call(x, s);
    const auto start = x;
    const expression k1 = start_is.flow;
    const expression k2 = p.call(start + h / 2 * k1, middle).flow;
    const expression k3 = p.call(start + h / 2 * k2, middle).flow;
    const expression k4 = p.call(start + h * k3, t).flow;
    x = start + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return x;
}};

/// Adams-Bashforth of order 4 on eps in sigma/alpha, uniform weights; with and without asking for memory.
template <bool Kept>
struct adams {
  static constexpr int order = 2, evaluations = 1, history = 3;
  static constexpr bool stochastic = false;
  expression operator()(builder& p, expression x) const {
    std::vector<expression> before;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      before.insert(before.begin(), Kept ? p.keep(m.epsilon) : expression(m.epsilon));
      if (before.size() > 4) before.pop_back();
      static const std::vector<std::vector<double>> weights{
          {1}, {1.5, -0.5}, {23 / 12., -16 / 12., 5 / 12.}, {55 / 24., -59 / 24., 37 / 24., -9 / 24.}};
      const auto& w = weights[before.size() - 1];
      expression slope;
      for (std::size_t i = 0; i < w.size(); ++i) slope = slope + w[i] * before[i];
      x = t.alpha / s.alpha * x + t.alpha * (t.ratio() - s.ratio()) * slope;
    }
    return x;
  }
};

const auto vp = fk::schedule::vp_linear{};
const auto flow = fk::schedule::flow_linear{};

}  // namespace

TEST_CASE("the classical Runge-Kutta method reaches order 4 with three tensors and at most two results an update") {
  CHECK(test::measured_order(flow, rk4, 16) == Approx(4).epsilon(0).margin(0.15));
  test::costs(rk4, {.inputs = 4, .rows = 2, .normals = 0, .buffers = 3});
}

TEST_CASE("history that nobody asked to keep is carried all the same, in the fewest tensors") {
  const test::two_normals problem;
  const auto kept = fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(20), adams<true>{});
  const auto found = fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(20), adams<false>{});
  CHECK(test::run(kept, problem, 1.5) == Approx(test::run(found, problem, 1.5)).epsilon(1e-12));
  CHECK(kept.buffers == test::fewest_buffers(kept));
  CHECK(found.buffers == test::fewest_buffers(found));
}

TEST_CASE("a kept value that no later step reads takes no memory") {
  const auto wasteful = written{[](builder& p, expression x) {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const auto D = p.keep(m.data), E = p.keep(D - x);
      x = t.alpha * D + t.sigma * m.epsilon + 0.0 * E;
    }
    return x;
  }};
  test::costs(wasteful, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
}

TEST_CASE("a normal can be used again: the predictor's noise in the corrector") {
  const auto plan =
      fk::make_plan(vp, fk::parameterization::data{}, test::inner(3), written{[](builder& p, expression x) {
                      for (auto [s, t] : p.steps()) {
                        const auto m = p.call(x, s);
                        const auto z = p.path(s, t)(s, t);
                        const auto start = x;
                        expression predicted = 0.5 * start + 0.25 * m.data + 0.125 * z;
                        const auto n = p.call(predicted, t);
                        x = 0.5 * start + 0.125 * m.data + 0.0625 * n.data + 0.125 * z;
                      }
                      return x;
                    }});
  for (std::size_t i = 0; i < plan.calls.size(); i += 2) {
    const auto &predictor = plan.calls[i].then, &corrector = plan.calls[i + 1].then;
    REQUIRE(predictor.normal_count == 1);
    REQUIRE(corrector.normal_count == 1);
    CHECK(predictor.normals[0] == corrector.normals[0]);
  }
  CHECK(plan.buffers == test::fewest_buffers(plan));
}

TEST_CASE("nested noise is several normals in one update, and a fourth is refused") {
  const auto nested = [](int pieces) {
    return written{[pieces](builder& p, expression x) {
      for (auto [s, t] : p.steps()) {
        const auto m = p.call(x, s);
        auto w = p.path(s, t);
        x = t.alpha * m.data;
        auto from = s;
        for (int i = 1; i <= pieces; ++i) {
          const auto to = i == pieces ? t : p.at(s.time + (t.time - s.time) * i / pieces);
          x = x + 0.1 * w(from, to);
          from = to;
        }
      }
      return x;
    }};
  };
  for (const int normals : {2, 3}) {
    const auto plan = fk::make_plan(flow, fk::parameterization::flow{}, test::inner(4), nested(normals));
    for (const auto& c : plan.calls) CHECK(c.then.normal_count == normals);
  }
  CHECK_THROWS_WITH(fk::make_plan(flow, fk::parameterization::flow{}, test::inner(4), nested(4)),
                    Catch::Contains("more than 3 normals"));
}

TEST_CASE("a sampler that needs more operands than the kernels have is refused") {
  const auto greedy = written{[](builder& p, expression x) {
    std::vector<expression> all;
    expression sum = x;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      all.push_back(p.keep(m.data));
      x = t.sigma * m.epsilon;
      for (std::size_t i = 0; i < all.size(); ++i) x = x + (1.0 + static_cast<double>(i * all.size())) * all[i];
    }
    return x;
  }};
  CHECK_THROWS_WITH(fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(20), greedy),
                    Catch::Contains("more than 8 operands"));
}

TEST_CASE("guidance is folded in: no weight, no evaluation") {
  using fk::guidance::classifier_free;
  const auto plan = fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(5), fk::solver::dpmpp_2m{},
                                  classifier_free{.scale = 3});
  CHECK(fk::plan::evaluations(plan) == 10);
  const auto conditional = plan.with(classifier_free{.scale = 1}), other = plan.with(classifier_free{.scale = 0});
  for (const auto& c : conditional.calls)
    CHECK((fk::plan::reads_branch(c.then, 0) && !fk::plan::reads_branch(c.then, 1)));
  for (const auto& c : other.calls) CHECK((!fk::plan::reads_branch(c.then, 0) && fk::plan::reads_branch(c.then, 1)));
  // Planned again is planned the same.
  const auto fresh = fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(5), fk::solver::dpmpp_2m{},
                                   classifier_free{.scale = 5});
  const auto slid = plan.with(classifier_free{.scale = 5});
  REQUIRE(slid.calls.size() == fresh.calls.size());
  for (std::size_t i = 0; i < fresh.calls.size(); ++i) CHECK(slid.calls[i].then == fresh.calls[i].then);
  // The solver is run again: the number of branches is the rule's.
  const auto alone = fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(5), fk::solver::dpmpp_2m{});
  CHECK(fk::plan::to_text(plan.with(fk::guidance::none{})) == fk::plan::to_text(alone));
}

TEST_CASE("one branch alone can be named beside the guided prediction, as CFG++ needs") {
  const auto plan =
      fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(4), written{[](builder& p, expression x) {
                      for (auto [s, t] : p.steps()) {
                        const auto m = p.call(x, s);
                        x = t.alpha * m.data + t.sigma * m.branch[1].epsilon;
                      }
                      return x;
                    }},
                    fk::guidance::classifier_free{.scale = 0.6});
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    const auto& c = plan.calls[i];
    const auto& t = plan.levels[i + 1];
    REQUIRE(c.then.input_count == 3);
    const double of_data = -c.at.sigma / c.at.alpha * t.alpha;  // of the guided eps in x_t
    CHECK(c.then.rows[0].inputs[1] == Approx(0.6 * of_data).epsilon(1e-13));
    CHECK(c.then.rows[0].inputs[2] == Approx(0.4 * of_data + t.sigma).epsilon(1e-13));
  }
}

TEST_CASE("a scaled network input is scaled by the update before it") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, test::inner(6), fk::solver::heun{});
  REQUIRE(plan.enter.row_count == 1);
  CHECK(plan.enter.rows[0].inputs[0] == plan.calls[0].input_scale);
  CHECK(plan.draw.rows[0].normals[0] == Approx(plan.calls[0].input_scale * plan.levels[0].sigma).epsilon(1e-15));
  CHECK(plan.buffers == 2);
  CHECK(test::fewest_buffers(plan) == 2);
}

TEST_CASE("previews are the data prediction, and cost nothing where the solver keeps it") {
  const auto with = [](const auto& solver) {
    return fk::make_plan(vp, fk::parameterization::epsilon{}, test::inner(5), solver, fk::guidance::none{},
                         {.preview = true});
  };
  const auto kept = with(fk::solver::dpmpp_2m{});
  CHECK(kept.buffers == 2);
  for (const auto& c : kept.calls) CHECK((c.preview > 0 && c.then.row_count <= 2));
  for (const auto& c : with(fk::solver::heun{}).calls) CHECK((c.preview > 0 && c.then.row_count <= 3));
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::epsilon{},
                                  fk::grid::uniform{.steps = 2}, written{[](builder& p, expression x) {
                                    for (auto [s, t] : p.steps()) x = t.sigma * p.call(x, s).epsilon;
                                    return x;
                                  }},
                                  {.preview = true}),
                    Catch::Contains("preview") && Catch::Contains("epsilon does not determine data"));
}

namespace {
/// Measures the data that it says.
struct measuring {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    g.report("norm", g.norm(g[0].data));
    return {.data = g[0].data};
  }
};
}  // namespace

TEST_CASE("a preview is the data themselves, where a multiple is written and where they are measured") {
  const written onto_data{[](builder& p, expression x) {
    for (auto [s, t] : p.steps()) x = 0.5 * p.call(x, s).data;
    return x;
  }};
  const auto preview_is = [](const fk::program& plan, double weight) {
    for (const auto& c : plan.calls) {
      int rows = 0;
      for (int j = 0; j < c.then.row_count; ++j) {
        const auto& r = fk::plan::nth(c.then.rows, j);
        if (r.buffer != c.preview) continue;
        ++rows;
        double said = 0;  // what it has of the output, also by an earlier row
        for (int k = 0; k < c.then.input_count; ++k)
          if (fk::plan::nth(c.then.inputs, k).where == fk::plan::operand::output) said += fk::plan::nth(r.inputs, k);
        CHECK(said == weight);
      }
      CHECK(rows == 1);
    }
  };
  const fk::plan_options previews{.preview = true};
  preview_is(fk::make_plan(vp, fk::parameterization::data{}, test::inner(3), onto_data, fk::guidance::none{}, previews),
             1);
  const auto measured =
      fk::make_plan(vp, fk::parameterization::data{}, test::inner(3), fk::solver::heun{}, measuring{}, previews);
  CHECK(measured.has_measures());
  preview_is(measured, 1);

  // Of an input that holds x / sqrt(sigma^2 + 1/4), c_skip x is 1/4 of it by that root.
  const auto scaled = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, test::inner(3),
                                    fk::solver::heun{}, fk::guidance::none{}, previews);
  for (const auto& c : scaled.calls)
    for (int j = 0; j < c.then.row_count; ++j)
      if (const auto& r = fk::plan::nth(c.then.rows, j); r.buffer == c.preview)
        for (int k = 0; k < c.then.input_count; ++k)
          if (fk::plan::nth(c.then.inputs, k) == fk::plan::operand{fk::plan::operand::buffer, c.input})
            CHECK(fk::plan::nth(r.inputs, k) ==
                  Approx(0.25 / std::sqrt(c.at.sigma * c.at.sigma + 0.25)).epsilon(1e-14));
}

TEST_CASE("noise of a variance that a call told is refused after another one") {
  const fk::parameterization::learned_variance network{fk::parameterization::epsilon{}};
  const auto planned = [&](bool late) {
    return fk::make_plan(vp, network, test::inner(2), written{[=](builder& p, expression x) {
                           for (auto [s, t] : p.steps()) {
                             (void)p.call(x, s);
                             const expression z = p.learned(p.path(s, t)(s, t), 1, 0);
                             if (late) (void)p.call(x = 0.5 * x, t);
                             x = x + z;
                           }
                           return x;
                         }});
  };
  CHECK_NOTHROW(planned(false));
  CHECK_THROWS_WITH(planned(true), Catch::Contains("noise of a learned variance is asked for after another call"));
}

TEST_CASE("noise before the first call joins the start in one update") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(2),
                                  written{[](builder& p, expression x) {
                                    bool first = true;
                                    for (auto [s, t] : p.steps()) {
                                      if (first) x = x + 2.0 * p.path(s, t)(s, t);
                                      first = false;
                                      const auto m = p.call(x, s);
                                      x = t.alpha * m.data + t.sigma * m.epsilon;
                                    }
                                    return x;
                                  }});
  REQUIRE(plan.draw.normal_count == 2);
  REQUIRE(plan.draw.row_count == 1);
  CHECK(plan.draw.rows[0].normals[0] == 2);
  CHECK(plan.draw.rows[0].normals[1] == plan.levels[0].sigma);
  CHECK(plan.enter.normal_count == 1);
}

TEST_CASE("a start that is read again lives on beside the first network input") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(2),
                                  written{[](builder& p, expression x) {
                                    const expression start = x;
                                    for (auto [s, t] : p.steps()) {
                                      x = 0.5 * x;
                                      const auto m = p.call(x, s);
                                      x = t.alpha * m.data + 0.25 * start;
                                    }
                                    return x;
                                  }});
  CHECK(plan.draw.row_count == 2);
  const auto end =
      test::propagate(plan, {{{-2, 0}, 1.0}}, [](int, int, const test::linear&) { return test::linear{}; });
  CHECK(end.at({-2, 0}) == 0.25);
}

TEST_CASE("a start that is read after the first call alone is drawn for it") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(2),
                                  written{[](builder& p, expression x) {
                                    expression start = x;
                                    for (auto [s, t] : p.steps()) {
                                      x = 0.5 * x;
                                      const auto m = p.call(x, s);
                                      x = t.alpha * m.data + 0.25 * std::exchange(start, {}) + 0.125 * x;
                                    }
                                    return x;
                                  }});
  CHECK(plan.draw.row_count == 2);
  const auto end =
      test::propagate(plan, {{{-2, 0}, 1.0}}, [](int, int, const test::linear&) { return test::linear{}; });
  CHECK(end.at({-2, 0}) == (0.25 + 0.0625) * 0.0625);
}

namespace {
/// Quantiles of one tensor or of two.
struct quantiles {
  static constexpr int branches = 2;
  int count = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const expression x = g[0].network, y = g[1].network;
    g.report("first", g.quantile(x, 0.25));
    if (count > 1) g.report("second", g.quantile(x, 0.75));
    if (count > 2) g.report("other", g.quantile(y, 0.5));
    return {.network = x};
  }
};
}  // namespace

TEST_CASE("a quantile needs a tensor for what it is of, and several quantiles of one tensor the same") {
  const auto buffers = [](const auto& rule) {
    return fk::make_plan(vp, fk::parameterization::velocity{}, test::inner(3), fk::solver::dpmpp_2m{}, rule).buffers;
  };
  // Of one or of two tensors at once, besides what is alive where they are found.
  const int one = buffers(quantiles{1});
  CHECK(buffers(quantiles{2}) == one);
  CHECK(buffers(quantiles{3}) == one + 1);
}

#if defined(FOKKER_TEST_ALLOCATIONS)

TEST_CASE("a plan of twice as many steps takes twice the memory to make") {
  // The sum of all that was allocated. It is linear up to the phase in which vectors double, which twice as many steps
  // keep, and to steps that differ at the ends: far less than the tenth that is allowed. A square would be four times.
  const auto growth = [](const auto& schedule, const auto& network, const auto& solver, fk::plan_options options) {
    const auto bytes = [&](int steps) {
      const std::size_t before = test::allocated_bytes;
      (void)fk::make_plan(schedule, network, test::inner(steps), solver, fk::guidance::none{}, options);
      return static_cast<double>(test::allocated_bytes - before);
    };
    return bytes(600) / bytes(300);
  };
  for (const fk::solver::named& solver : fk::solver::all) {
    CAPTURE(solver.name);
    CHECK(growth(vp, fk::parameterization::epsilon{}, solver, {}) < 2.2);
    CHECK(growth(flow, fk::parameterization::flow{}, solver, {.preview = solver.name != "dopri5"}) < 2.2);
  }
}

#endif
