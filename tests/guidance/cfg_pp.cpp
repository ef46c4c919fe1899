// SPDX-License-Identifier: MIT
#include <fokker/guidance/cfg_pp.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using namespace fokker::guidance;
namespace is = fokker::parameterization;

namespace {
const classifier_free rule{.scale = 0.6};

/// What branch b says of the data: no two the same, and none of them linear.
double data_of(int b, double x, const fk::level& at) { return std::sin(0.7 * b + 0.4 * x + at.sigma) - 0.3 * b; }
double unguided(double x, const fk::level& at) { return data_of(1, x, at); }
double guided(double x, const fk::level& at) { return 0.6 * data_of(0, x, at) + 0.4 * unguided(x, at); }

/// Each normal is z.
struct always {
  float z;
  struct four {
    float z[4];
  };
  four normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) const { return {{z, z, z, z}}; }
};

/// A run on one number from x by what `says(branch, x, level)` says of the data; `move(input, call)` may move x.
template <class Says, class Move>
double run(const fk::plan::program& plan, double x, Says says, Move move, float z = 0) {
  std::vector<double> memory{x};
  fk::stepper<std::vector<double>, always> r(plan, always{z}, memory, fk::beginning::given);
  while (!r.done()) {
    const fk::plan::call& c = r.call();
    move(const_cast<double&>(r.input()[0]), c);
    for (int b = 0; b < r.branches(); ++b)
      if (r.wants(b)) {
        const double at = r.input()[0] / c.input_scale, data = says(b, at, c.at);
        r.output(b)[0] = c.predicts.data * data + c.predicts.noise * (at - c.at.alpha * data) / c.at.sigma;
      }
    r.advance();
  }
  return memory[0];
}
double run(const fk::plan::program& plan, double x, float z = 0) {
  return run(
      plan, x, data_of, [](double&, const fk::plan::call&) {}, z);
}

/// Whether a solver puts another x in the place of the one that the network read.
bool corrects(std::string_view name) { return name.starts_with("unipc") || name.starts_with("sa_solver"); }

/// Whether its history is of data: constant ones make no constant epsilon, whose unguided branch sees x moved.
bool remembers_data(std::string_view name) {
  return name.find("dpmpp") != name.npos || name.starts_with("unipc") || name.starts_with("exp_adams");
}

template <class Check>
void on_every_prediction(Check check) {
  check(fk::schedule::vp_linear{}, is::epsilon{});
  check(fk::schedule::vp_linear{}, is::velocity{});
  check(fk::schedule::edm{}, is::edm{});
  check(fk::schedule::flow_linear{}, is::flow{});
}

/// Whether each step that calls at all calls where it starts, or above where it adds noise first, by a plan.
bool calls_at_starts(const fk::plan::program& plan) {
  int step = -1;
  return std::all_of(plan.calls.begin(), plan.calls.end(), [&](const fk::plan::call& c) {
    return std::exchange(step, c.step) == c.step || c.at.time >= plan.levels[static_cast<std::size_t>(c.step)].time;
  });
}

/// A solver that goes from level to level by itself.
struct walking {
  static constexpr int order = 1, evaluations = 1, history = 0;
  static constexpr bool stochastic = false;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    for (std::size_t i = 0; i + 1 < p.levels().size(); ++i) {
      const fk::level t = p.levels()[i + 1];
      const auto m = p.call(x, p.levels()[i]);
      x = t.alpha * m.data + t.sigma * m.epsilon;
    }
    return x;
  }
};
}  // namespace

TEST_CASE("cfg_pp with any solver is its step by the unguided branch, and then alpha (D - D_u)") {
  on_every_prediction([](const auto& schedule, const auto& network) {
    int compared = 0;
    for (const fk::solver::named& solver : fk::solver::all) {
      if (corrects(solver.name) || solver.name == "alphafold3") continue;  // the latter calls above its start
      const auto alone = fk::make_plan(schedule, network, test::inner(6), solver);
      if (!calls_at_starts(alone)) continue;  // refused
      const auto plan = fk::make_plan(schedule, network, test::inner(6), solver, cfg_pp{rule});
      CHECK_NOTHROW(fk::plan::require_valid(plan));
      // The same by the definition: a run of the unguided branch alone whose x is moved between steps.
      int step = -1;
      double gain = 0;
      const auto move = [&](double& input, const fk::plan::call& c) {
        if (c.step != step) input += c.input_scale * c.at.alpha * gain;
        step = c.step;
        if (c.at.time != alone.levels[static_cast<std::size_t>(step)].time) return;
        const double x = input / c.input_scale;
        gain = guided(x, c.at) - unguided(x, c.at);
      };
      double expected = run(
          alone, 0.7, [](int, double x, const fk::level& at) { return unguided(x, at); }, move);
      expected += alone.levels.back().alpha * gain;
      INFO(solver.name);
      // 6 steps of some hundred roundings each, of numbers up to 2^5, which none carries on by more than 10.
      CHECK(run(plan, 0.7) == Approx(expected).epsilon(0).margin(1e-10));
      ++compared;
    }
    CHECK(compared >= 58);
  });
}

TEST_CASE("where a step is corrected, the corrected x has the guidance as well") {
  // The implicit step x_t = sigma_t/sigma_s x + alpha_t (1 - e^{-h}) D_u(x_t), at the x that the explicit one predicts.
  on_every_prediction([](const auto& schedule, const auto& network) {
    const auto still = [](const fk::level&) { return 0.0; };
    const fk::solver::sa_solver<1, 1, fk::solver::correction::pec, decltype(still)> solver{.tau = still};
    const auto plan = fk::make_plan(schedule, network, test::inner(6), solver, cfg_pp{rule});
    const auto& l = plan.levels;
    double x = 0.7, read = x;
    for (std::size_t i = 0; i + 1 < l.size(); ++i) {
      const auto to = [&](double D) {
        return l[i + 1].sigma / l[i].sigma * x + (l[i + 1].alpha - l[i + 1].sigma * l[i].alpha / l[i].sigma) * D +
               l[i + 1].alpha * (guided(read, l[i]) - unguided(read, l[i]));
      };
      const double predicted = to(unguided(read, l[i]));
      x = i + 2 == l.size() ? predicted : to(unguided(predicted, l[i + 1]));
      read = predicted;
    }
    CHECK(run(plan, 0.7) == Approx(x).epsilon(0).margin(1e-10));
  });
}

TEST_CASE("constant predictions make the step of the paper with every solver whose history is none, or of data") {
  // x_t = alpha_t D + sigma_t (x - alpha D_u) / sigma, for D_c = 1 and D_u = -0.25: D = 0.5
  const fk::schedule::vp_linear schedule;
  const auto levels = test::inner(4).levels(schedule);
  double x = 0.7;
  for (std::size_t i = 0; i + 1 < levels.size(); ++i)
    x = levels[i + 1].alpha * 0.5 + levels[i + 1].sigma * (x + 0.25 * levels[i].alpha) / levels[i].sigma;
  int compared = 0;
  for (const fk::solver::named& solver : fk::solver::all) {
    if (solver.stochastic || (solver.history > 0 && !remembers_data(solver.name))) continue;
    const auto plan = fk::make_plan(schedule, is::velocity{}, test::inner(4), solver, cfg_pp{rule});
    INFO(solver.name);
    CHECK(run(
              plan, 0.7, [](int b, double, const fk::level&) { return b == 0 ? 1 : -0.25; },
              [](double&, const fk::plan::call&) {}) == Approx(x).epsilon(0).margin(1e-11));
    ++compared;
  }
  CHECK(compared > 20);
}

TEST_CASE("cfg_pp makes the samplers that are published by their loops") {
  const auto check = [](const auto& schedule, const auto& network, const auto& solver, float z, auto step) {
    const auto plan = fk::make_plan(schedule, network, test::inner(6), solver, cfg_pp{rule});
    double x = 0.7;
    for (std::size_t i = 0; i + 1 < plan.levels.size(); ++i) x = step(x, plan.levels[i], plan.levels[i + 1]);
    CHECK(run(plan, 0.7, z) == Approx(x).epsilon(0).margin(1e-10));
  };
  using level = fk::level;
  // ComfyUI's euler_cfg_pp and euler_ancestral_cfg_pp, on any path; the first is algorithm 2 of the paper.
  for (const double eta : {0.0, 0.5, 1.0})
    on_every_prediction([&](const auto& schedule, const auto& network) {
      check(schedule, network, fk::solver::ddim{.eta = eta}, 1, [eta](double x, const level& s, const level& t) {
        const double from = s.sigma / s.alpha, to = t.sigma / t.alpha;
        const double up = std::min(to, eta * std::sqrt(to * to * (from * from - to * to) / (from * from)));
        const double d = (x - s.alpha * unguided(x, s)) / s.sigma;
        return t.alpha * guided(x, s) + t.alpha * std::sqrt(to * to - up * up) * d + t.alpha * up;
      });
    });
  const fk::schedule::edm ve;
  // The paper's dpmpp_2m, whose difference is of unguided predictions.
  check(ve, is::data{}, fk::solver::dpmpp_2m{}, 0,
        [h1 = 0.0, old = 0.0](double x, const level& s, const level& t) mutable {
          const double h = std::log(s.sigma / t.sigma), D_u = unguided(x, s);
          double next = guided(x, s) + t.sigma / s.sigma * (x - D_u);
          if (h1 > 0) next += (1 - std::exp(-h)) * h / (2 * h1) * (D_u - old);
          h1 = h, old = D_u;
          return next;
        });
  // ComfyUI's dpmpp_2s_ancestral_cfg_pp and gradient_estimation_cfg_pp, in the scale of theirs.
  check(ve, is::data{}, fk::solver::dpmpp_2s_ancestral{}, 1, [](double x, const level& s, const level& t) {
    const double up = t.sigma * std::sqrt(1 - std::pow(t.sigma / s.sigma, 2));
    const double down = std::sqrt(t.sigma * t.sigma - up * up), h = std::log(s.sigma / down), D_u = unguided(x, s);
    const double middle = std::exp(-h / 2) * x + (1 - std::exp(-h / 2)) * D_u;
    const double D2 = unguided(middle, {.time = 0, .alpha = 1, .sigma = s.sigma * std::exp(-h / 2)});
    return std::exp(-h) * x + (1 - std::exp(-h)) * D2 + up + guided(x, s) - D_u;
  });
  check(ve, is::data{}, fk::solver::gradient_estimation{}, 0,
        [first = true, old = 0.0](double x, const level& s, const level& t) mutable {
          const double d = (x - unguided(x, s)) / s.sigma;
          double next = guided(x, s) + t.sigma * d;
          if (!first) next += (d - old) * (t.sigma - s.sigma);
          first = false, old = d;
          return next;
        });
}

TEST_CASE("what is restarted is guided as well") {
  // x_t = alpha_t D + sigma_t (x - alpha D_u) / sigma on constants, also over the steps of the interval.
  const fk::schedule::vp_linear schedule;
  const fk::solver::restart solver{.intervals = {{.sigma_min = 0.5, .sigma_max = 2, .steps = 3, .repeats = 2}}};
  const auto plan = fk::make_plan(schedule, is::velocity{}, test::inner(5), solver, cfg_pp{rule});
  const auto constant = [](int b, double, const fk::level&) { return b == 0 ? 1 : -0.25; };
  std::vector<fk::level> at;  // where each step of heun starts
  for (std::size_t i = 0; i < plan.calls.size(); i += 2) at.push_back(plan.calls[i].at);
  at.push_back(plan.levels.back());
  double x = 0.7;
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    fk::level t = at[i + 1];
    if (fk::towards_data(t, at[i])) t = plan.calls[2 * i + 1].at;
    x = t.alpha * 0.5 + t.sigma * (x + 0.25 * at[i].alpha) / at[i].sigma;
    x *= at[i + 1].alpha / t.alpha;  // up again, without noise
  }
  CHECK(run(plan, 0.7, constant, [](double&, const fk::plan::call&) {}) == Approx(x).epsilon(0).margin(1e-11));
}

TEST_CASE("without guidance cfg_pp is the solver, to the bit") {
  for (const std::string_view name : {"dpmpp_2m", "heun", "unipc", "ipndm"}) {
    const auto plan = [&](const auto& guidance) {
      return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, is::velocity{}, test::inner(5),
                                             fk::solver::by_name(name), guidance));
    };
    CHECK(plan(cfg_pp{none{}}) == plan(none{}));
    CHECK(plan(cfg_pp{classifier_free{.scale = 0}}) == plan(classifier_free{.scale = 0}));
  }
}

TEST_CASE("cfg_pp goes around any rule, and within those that leave what it says as it is") {
  const auto planned = [](const auto& guidance) {
    return fk::make_plan(fk::schedule::vp_linear{}, is::epsilon{}, test::inner(6), fk::solver::dpmpp_2m{}, guidance);
  };
  // What apg leaves as it is, is classifier_free; it finds no less for it, and carries it over the stages of a step.
  for (const std::string_view name : {"dpmpp_2m", "heun"}) {
    const auto with = [&](const auto& guidance) {
      return fk::make_plan(fk::schedule::vp_linear{}, is::epsilon{}, test::inner(6), fk::solver::by_name(name),
                           guidance);
    };
    const auto found = with(cfg_pp{apg{.scale = 0.6, .eta = 1, .radius = 1e9, .momentum = 0}});
    CHECK(found.has_measures());
    CHECK_NOTHROW(fk::plan::require_valid(found));
    CHECK(run(found, 0.7) == Approx(run(with(cfg_pp{rule}), 0.7)).epsilon(0).margin(1e-10));
  }
  // Outside of an interval the first branch is alone, and its step plain.
  const interval some{cfg_pp{rule}, along::steps, 0.5, 1};
  const auto within = planned(some);
  for (int i = 0; i < 6; ++i) CHECK(within.wants(within.calls[static_cast<std::size_t>(i)], 1) == (i >= 3));
  // Of two experts each steps by its own, also where the boundary is within a step.
  const auto two = fk::make_plan(fk::schedule::vp_linear{}, is::epsilon{}, test::inner(6), fk::solver::heun{},
                                 experts{cfg_pp{rule}, cfg_pp{rule}, along::ratio, 1.0});
  for (const auto& c : two.calls)
    for (int b = 0; b < 4; ++b)
      CHECK(two.wants(c, b) == ((c.at.ratio() >= 1) == (b < 2) &&
                                (b % 2 == 1 || two.calls[static_cast<std::size_t>(2 * c.step)].at.time == c.at.time)));
  CHECK(run(
            two, 0.7, [](int b, double x, const fk::level& at) { return data_of(b % 2, x, at); },
            [](double&, const fk::plan::call&) {}) ==
        Approx(run(fk::make_plan(fk::schedule::vp_linear{}, is::epsilon{}, test::inner(6), fk::solver::heun{},
                                 cfg_pp{rule}),
                   0.7))
            .epsilon(0)
            .margin(1e-10));
  CHECK(fk::plan::to_text(planned(any(cfg_pp{rule}))) == fk::plan::to_text(planned(cfg_pp{rule})));
  CHECK_NOTHROW(planned(inpainted{cfg_pp{rule}}));
  law::refused([&] { static_cast<void>(planned(rescaled{cfg_pp{rule}})); },
               {"a rule that leaves the steps to one branch is within one that changes what it says"});
  law::refused([&] { static_cast<void>(planned(cfg_pp{rule, 2})); }, {"unguided is 2", "0 to 1"});
  law::refused([&] { static_cast<void>(planned(cfg_pp{rule, -1})); }, {"unguided is -1", "0 to 1"});
}

TEST_CASE("the preview is what the rule says, and so is what a limit is of") {
  const fk::schedule::vp_linear schedule;
  const is::clipped network{is::epsilon{}, 0.4};
  const auto plan =
      fk::make_plan(schedule, network, test::inner(1), fk::solver::ddim{}, cfg_pp{rule}, {.preview = true});
  const fk::level &s = plan.levels[0], &t = plan.levels[1];
  std::vector<double> x{0.7};
  fk::stepper<std::vector<double>, always> r(plan, always{0}, x, fk::beginning::given);
  for (int b = 0; b < 2; ++b) r.output(b)[0] = (0.7 - s.alpha * (b == 0 ? 2 : -0.25)) / s.sigma;
  r.advance();
  CHECK((*r.preview())[0] == Approx(0.4).epsilon(1e-14));  // of 1.1
  CHECK(x[0] == Approx(t.alpha * 0.4 + t.sigma * (0.7 + 0.25 * s.alpha) / s.sigma).epsilon(1e-14));
}

TEST_CASE("cfg_pp costs the operands of its branches alone") {
  test::on_every_path([](const auto& schedule) {
    const auto plan = [&](const auto& solver) {
      return fk::make_plan(schedule, is::velocity{}, test::inner(12), solver, cfg_pp{rule});
    };
    const auto first = plan(fk::solver::ddim{}), second = plan(fk::solver::dpmpp_2m{});
    for (const auto& c : first.calls) CHECK((c.then.input_count <= 3 && c.then.row_count == 1));
    for (const auto& c : second.calls) CHECK((c.then.input_count <= 4 && c.then.row_count <= 2));
    CHECK(first.buffers == 1);
    CHECK(second.buffers == 2);
    CHECK_FALSE(first.has_measures());
  });
}

TEST_CASE("cfg_pp refuses a solver that does not say where its steps begin") {
  const auto planned = [](const auto& guidance) {
    return
        [=] { static_cast<void>(fk::make_plan(fk::schedule::edm{}, is::data{}, test::inner(4), walking{}, guidance)); };
  };
  CHECK_NOTHROW(planned(rule)());
  law::refused(planned(cfg_pp{rule}), {"the solver is one with steps of its own", "builder::steps()"});
}

TEST_CASE("cfg_pp refuses the solvers that call nothing where a step starts, and those alone") {
  on_every_prediction([](const auto& schedule, const auto& network) {
    int refused = 0;
    for (const fk::solver::named& solver : fk::solver::all) {
      INFO(solver.name);
      const auto planned = [&](const auto& guidance) {
        return fk::make_plan(schedule, network, test::inner(6), solver, guidance);
      };
      if (calls_at_starts(planned(rule))) {
        CHECK_NOTHROW(planned(cfg_pp{rule}));
        continue;
      }
      ++refused;
      for (const auto& guided :
           {any(cfg_pp{rule}), any(inpainted{cfg_pp{rule}}), any(interval{cfg_pp{rule}, along::steps, 0, 1})})
        law::refused(
            [&] { static_cast<void>(planned(guided)); },
            {"the solver is one that calls nothing where a step starts, such as pfdiff", "guidance such as cfg_pp"});
      // The first step calls where it starts; and what adds nothing is added anywhere.
      CHECK_NOTHROW(planned(interval{cfg_pp{rule}, along::steps, 0, 0.2}));
      CHECK_NOTHROW(planned(cfg_pp{none{}}));
      CHECK_NOTHROW(planned(cfg_pp{classifier_free{.scale = 0}}));
    }
    CHECK(refused > 0);
  });
  // One step is one call where it starts, and noise before a step is a part of it.
  CHECK_NOTHROW(fk::make_plan(fk::schedule::edm{}, is::data{}, test::inner(1), fk::solver::pfdiff<>{}, cfg_pp{rule}));
  CHECK_NOTHROW(fk::make_plan(fk::schedule::edm{}, is::data{}, test::inner(4),
                              fk::solver::heun{.churn = {.s_churn = 1}}, cfg_pp{rule}));
}
