// SPDX-License-Identifier: MIT
#include <fokker/plan/check.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/grid/karras.hpp>
#include <fokker/guidance/gradient.hpp>
#include <fokker/guidance/inpainted.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/schedule/sub_vp.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/dpm_solver_3s.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/pndm.hpp>

#include "support/dice.hpp"
#include "support/members.hpp"

namespace fk = fokker;

namespace {
fk::plan::program sound() {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(8),
                       fk::solver::dpmpp_2m{});
}
}  // namespace

TEST_CASE("a sound plan has no findings") { CHECK(fk::plan::check(sound()).empty()); }

TEST_CASE("a coefficient that takes constants away is found") {
  auto plan = sound();
  plan.calls[3].then.rows[0].inputs[0] *= 1 + 1e-11;
  REQUIRE(fk::plan::check(plan).size() == 1);
  CHECK_THAT(fk::plan::check(plan)[0], Catch::Contains("constant data are not preserved"));
}

TEST_CASE("steps so steep that roundings of their weights grow are sound, and mistakes in them are found") {
  const auto found = [](const auto& schedule, const auto& network, const auto& grid, const auto& solver) {
    const auto of_constants = [](const fk::plan::program& plan) {
      const auto findings = fk::plan::check(plan);
      return std::any_of(findings.begin(), findings.end(),
                         [](const std::string& f) { return f.find("constant data") != std::string::npos; });
    };
    const auto plan = fk::make_plan(schedule, network, grid, solver);
    INFO(fk::plan::constant_error(plan));
    CHECK(!of_constants(plan));
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      auto wrong = plan;
      const auto weights = std::span(wrong.calls[i].then.rows[0].inputs);
      *std::max_element(weights.begin(), weights.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }) *=
          1 + 1e-4;
      INFO(i);
      CHECK(of_constants(wrong));
    }
  };
  const fk::parameterization::data data;
  const fk::grid::karras karras{.steps = 2, .sigma_min = 0.002, .sigma_max = 80};
  const fk::grid::karras narrow{.steps = 2, .sigma_min = 0.03, .sigma_max = 14};
  const fk::grid::log_snr steeper{.steps = 2, .sigma_min = 1e-4, .sigma_max = 1e4};
  found(fk::schedule::vp_linear{}, data, fk::grid::uniform{.steps = 2}, fk::solver::pndm{});
  found(fk::schedule::sub_vp{}, data, fk::grid::uniform{.steps = 2}, fk::solver::dopri5{});
  found(fk::schedule::cosine{}, data, karras, fk::solver::dopri5{});
  found(fk::schedule::flow_linear{}, data, narrow, fk::solver::pndm{});
  found(fk::schedule::flow_linear{}, data, steeper, fk::solver::dpm_solver_3s{});
}

TEST_CASE("two levels with one label are found, the two calls of a level are not") {
  const fk::schedule::flow_linear schedule;
  std::vector<double> times;
  for (int i = 0; i <= 300; ++i) {
    const double t = 0.999 * (300 - i) / 300;
    times.push_back(5 * t / (1 + 4 * t));
  }
  auto levels = fk::levels_at(schedule, times);
  for (auto& l : levels) l.label = std::floor(1000 * l.time);  // truncated timesteps, as video models are told them
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::flow{}, fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  REQUIRE(!fk::plan::check(plan).empty());
  CHECK_THAT(fk::plan::check(plan)[0], Catch::Contains("calls 0 and 1 tell the network the same label, 999"));
}

TEST_CASE("what float rounds and a plan amplifies is found, from the place on where it shows") {
  for (const double left : {1e-3, 1e-4, 1.1e-5, 8e-6, 1e-6, 1e-8, 1e-12}) {
    // alpha is pi/2 left here, and epsilon determines data by a division by it.
    const fk::schedule::cosine schedule;
    const auto grid = fk::grid::explicit_levels{fk::levels_at(schedule, {1 - left, 0.5, 0.1, 0})};
    const auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::ddim{});
    const auto [factor, call] = fk::plan::amplification(plan);
    CHECK(call == 0);
    CHECK(factor == Approx(2 / plan.levels[0].alpha).epsilon(0.1));  // of x and of epsilon, both of size 1
    const auto findings = fk::plan::check(plan);
    REQUIRE(findings.size() == (left < 1e-5 ? 1 : 0));  // 2 / alpha is above 2^17
    if (left < 1e-5)
      CHECK_THAT(findings[0], Catch::Contains("call 0, at time 0.99999") && Catch::Contains("float") &&
                                  Catch::Contains("comes out as " + fk::detail::text(factor * 0x1p-24) + " in"));

    // The worst of many first steps in float is off by as much as one rounding, amplified, but for the few bits of it
    // that numbers below 1 do not lose; and by no more than the few roundings of numbers below 4.
    double worst = 0;
    for (int i = -30; i < 30; ++i) {
      std::vector<float> x{0.1f * static_cast<float>(i)};
      std::vector<double> exact{x[0]};
      const auto step = [&](auto& of) {
        fk::stepper run(plan, fk::noise::philox{}, of, fk::beginning::given);
        using number = std::decay_t<decltype(of[0])>;
        run.output(0)[0] = static_cast<number>(test::predict(test::normal_data{}, run.call(), of[0]));
        run.advance();
      };
      step(x);
      step(exact);
      worst = std::max(worst, std::abs(x[0] - exact[0]));
    }
    CHECK(worst > factor * 0x1p-24 / 16);
    CHECK(worst < factor * 0x1p-24 * 16);
  }
}

TEST_CASE("levels out of order are found") {
  auto plan = sound();
  std::swap(plan.levels[2], plan.levels[3]);
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("level 3 is not strictly nearer to data"));
}

TEST_CASE("a plan towards noise is checked in its own order, up to noise alone") {
  auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::velocity{},
                            fk::grid::uniform{.steps = 6}, fk::solver::ddim_inversion{});
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  std::swap(plan.levels[2], plan.levels[3]);
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("level 3 is not strictly nearer to noise"));
}

TEST_CASE("a plan of nothing is found") {
  CHECK_THAT(fk::plan::check(fk::plan::program{}).at(0), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::plan::constant_error(fk::plan::program{}), Catch::Contains("the number of levels is 0"));
  auto plan = sound();
  plan.calls.clear();
  CHECK_THAT(fk::plan::check(plan).at(0), Catch::Contains("the number of calls is 0"));
  CHECK_THROWS_WITH(fk::plan::constant_error(plan), Catch::Contains("the number of calls is 0"));
}

TEST_CASE("guidance weights that do not sum to 1 are found, whatever the network predicts") {
  const auto found = [](const auto& schedule, const auto& network, const auto& solver) {
    auto grid = test::inner(8);
    grid.end = fk::ending::to_data;
    auto plan = fk::make_plan(schedule, network, grid, solver, fk::guidance::classifier_free{.scale = 7.5});
    CHECK(fk::plan::check(plan) == std::vector<std::string>{});
    for (fk::plan::call& c : plan.calls)  // -6.5 becomes -6
      for (int k = 0; k < c.then.input_count; ++k)
        if (fk::plan::nth(c.then.inputs, k) == fk::plan::operand{fk::plan::operand::output, 1})
          for (fk::plan::row& r : c.then.rows) fk::plan::nth(r.inputs, k) *= 6 / 6.5;
    const auto findings = fk::plan::check(plan);
    INFO(plan.predicts);
    REQUIRE(!findings.empty());
    CHECK_THAT(findings.back(), Catch::Contains("not preserved: off by") || Catch::Contains("sum to 1"));
  };
  const auto by_every_network = [&](const auto& solver) {
    const fk::schedule::vp_linear vp;
    found(vp, fk::parameterization::epsilon{}, solver);
    found(vp, fk::parameterization::data{}, solver);
    found(vp, fk::parameterization::velocity{}, solver);
    found(vp, fk::parameterization::score{}, solver);
    found(fk::schedule::edm{}, fk::parameterization::edm{}, solver);
    found(fk::schedule::flow_linear{}, fk::parameterization::flow{}, solver);
  };
  by_every_network(fk::solver::ddim{});
  by_every_network(fk::solver::dpmpp_2m{});
  by_every_network(fk::solver::heun{});
  by_every_network(fk::solver::ddpm{});
  by_every_network(fk::solver::dpmpp_sde{});
}

TEST_CASE("noise that is left on data is measured, of what there was") {
  using fk::plan::noise_left;
  const auto planned = [](fk::ending end) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                         fk::grid::karras{.steps = 3, .sigma_min = 1, .sigma_max = 4, .end = end}, fk::solver::ddim{});
  };
  auto plan = planned(fk::ending::to_data);
  CHECK(noise_left(plan) < 1e-15);
  plan.calls.back().then.rows[0].inputs[1] *= 0.5;  // x - sigma/2 epsilon in the place of x - sigma epsilon
  CHECK(noise_left(plan) == Approx(0.5 / 4).epsilon(1e-15));
  CHECK(noise_left(planned(fk::ending::to_last_level)) == 0);
  CHECK_THROWS_WITH(noise_left(fk::plan::program{}), Catch::Contains("the number of levels is 0"));
}

TEST_CASE("a sampler that draws less noise than there was is sound all the same") {
  auto grid = test::inner(8);
  grid.end = fk::ending::to_data;
  const fk::schedule::vp_linear vp;
  const fk::parameterization::epsilon network;
  CHECK(fk::plan::check(fk::make_plan(vp, network, grid, fk::solver::ddpm{fk::solver::ddpm_variance::noiseless}))
            .empty());
  CHECK(fk::plan::check(fk::make_plan(vp, network, grid, fk::solver::heun{.churn = {.s_churn = 4, .s_noise = 0}}))
            .empty());
}

namespace {

/// A number that few bits hold: of such numbers every sum of products here is exact.
double small(test::dice& d) { return 0.5 * (d.below(9) - 4); }

/// An update of three rows of buffers 0 to 2, of two outputs and, if it may, of what the caller gives.
fk::plan::update any_update(test::dice& d, bool given) {
  using fk::plan::operand;
  fk::plan::update u{.input_count = given ? 6 : 5, .normal_count = 2, .row_count = 3};
  u.inputs = {operand{operand::buffer, 1}, {operand::output, 1}, {operand::buffer, 0},
              {operand::output, 0},        {operand::buffer, 2}, {operand::given, 0}};
  const int buffers[] = {2, 0, 1};
  for (std::size_t j = 0; j < 3; ++j) {
    u.rows[j].buffer = buffers[j];
    for (std::size_t k = 0; k < 6; ++k) u.rows[j].inputs[k] = small(d);
    for (std::size_t i = 0; i < j; ++i) u.rows[j].earlier[i] = small(d);
    for (std::size_t q = 0; q < 2; ++q) u.rows[j].normals[q] = small(d);
  }
  return u;
}
std::vector<double> any_numbers(test::dice& d, std::size_t count) {
  std::vector<double> all(count);
  for (double& v : all) v = small(d);
  return all;
}

}  // namespace

TEST_CASE("an update on numbers is the sums that it stands for") {
  test::dice d(3);
  for (int repeat = 0; repeat < 200; ++repeat) {
    using fk::plan::factor;
    fk::plan::update u = any_update(d, true);
    u.tables = {1, 0};
    u.factors = {{factor::input, 0, d.below(6), 0, small(d)},
                 {factor::input, 2, d.below(6), 1, small(d)},
                 {factor::earlier, 2, d.below(2), 1, small(d)},
                 {factor::normal, 1, d.below(2), 0, small(d)},
                 {factor::one, 0, 0, 1, small(d)},
                 {factor::one, 1, 0, 0, small(d)}};
    u.rows[1].clamp = 3;
    const std::vector<double> memory = any_numbers(d, 3), outputs = any_numbers(d, 2);
    const double z = small(d), given = small(d);
    fk::plan::program p;
    p.tables.resize(2);
    fk::plan::on_numbers::known numbers(p, given);
    numbers.tables = any_numbers(d, 2);
    const auto table = [&](const factor& f) { return f.by * numbers.tables[f.table == 0 ? 1 : 0]; };

    // In the order of the update's list.
    const double read[] = {memory[1], outputs[1], memory[0], outputs[0], memory[2], given};
    double rows[3] = {};
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 6; ++k) rows[j] += u.rows[j].inputs[k] * read[k];
      for (std::size_t i = 0; i < j; ++i) rows[j] += u.rows[j].earlier[i] * rows[i];
      for (std::size_t q = 0; q < 2; ++q) rows[j] += u.rows[j].normals[q] * z;
      for (const factor& f : u.factors)
        if (f.row == static_cast<int>(j))
          rows[j] += table(f) * (f.of == factor::input     ? read[f.index]
                                 : f.of == factor::earlier ? rows[f.index]
                                 : f.of == factor::normal  ? z
                                                           : 1);
      if (j == 1) rows[j] = std::min(std::max(rows[j], -3.0), 3.0);
    }
    std::vector<double> found = memory;
    fk::plan::on_numbers::apply(u, numbers, found, outputs, z);
    CHECK(found == std::vector<double>{rows[1], rows[2], rows[0]});
  }
}

TEST_CASE("weights that go back through an update weigh what it read as they weighed its results") {
  test::dice d(4);
  for (int repeat = 0; repeat < 200; ++repeat) {
    const fk::plan::update u = any_update(d, false);
    const std::vector<double> memory = any_numbers(d, 3), outputs = any_numbers(d, 2);
    const double z = small(d);
    const auto times = [](const std::vector<double>& a, const std::vector<double>& b) {
      double sum = 0;
      for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
      return sum;
    };
    std::vector<double> after = memory, weights = any_numbers(d, 3), of_outputs(2);
    fk::plan::on_numbers::apply(u, fk::plan::on_numbers::known(fk::plan::program{}), after, outputs, z);
    const double expected = times(weights, after);
    std::vector<fk::plan::on_numbers::drawn> normals;
    fk::plan::on_numbers::go_back(u, weights, of_outputs, &normals);
    double found = times(weights, memory) + times(of_outputs, outputs);
    for (const auto& n : normals) found += n.weight * z;
    CHECK(found == expected);
  }
}

namespace {

/// Reports each operation on what two branches say, and what was remembered of the first one.
struct each_operation {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const fk::plan::expression x = g[0].network, y = g[1].network;
    const fk::plan::scalar a = g.sum(x), b = g.sum(y), before = g.remembered(7);
    g.report("before", before), g.report("count", g.count()), g.report("constant", 2.5 + 0 * a);
    g.report("sum", a), g.report("dot", g.dot(x, y)), g.report("quantile", g.quantile(x, 0.5));
    g.report("plus", a + b), g.report("minus", a - b), g.report("times", a * b);
    g.report("quotient", quotient(a, b, 5)), g.report("root", root(a));
    g.report("least", least(a, b)), g.report("largest", largest(a, b)), g.report("choose", choose(a, b, 3, 4));
    g.report("exp", fk::plan::exp(a)), g.report("log", fk::plan::log(2 + a));
    g.report("cos", cos_pi(a)), g.report("sin", sin_pi(a)), g.report("acos", acos_pi(a));
    g.remember(a - b);
    return {.network = before * x};
  }
};

}  // namespace

TEST_CASE("operations on numbers are those of their names") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(2),
                                  fk::solver::ddim{}, each_operation{});
  for (const double a : {-1.5, -0.5, 0.0, 0.25, 1.0, 1.75})
    for (const double b : {-0.5, 0.0, 0.25, 3.0}) {
      CAPTURE(a, b);
      fk::plan::on_numbers::known numbers(plan);
      std::vector<double> memory(static_cast<std::size_t>(plan.buffers), 0.5);
      const auto reported = [&](std::string_view name) {
        for (std::size_t i = 0; i < plan.scalars.size(); ++i)
          if (plan.scalars[i].name == name) return numbers.scalars[i];
        return std::nan("");
      };
      static_cast<void>(fk::plan::on_numbers::apply(plan.calls[0], numbers, memory, {a, b}));
      const double pi = std::acos(-1);
      const std::pair<const char*, double> expected[] = {{"before", 7},
                                                         {"count", 1},
                                                         {"constant", 2.5},
                                                         {"sum", a},
                                                         {"dot", a * b},
                                                         {"quantile", std::abs(a)},
                                                         {"plus", a + b},
                                                         {"minus", a - b},
                                                         {"times", a * b},
                                                         {"quotient", b == 0 ? 5 : a / b},
                                                         {"root", a > 0 ? std::sqrt(a) : 0},
                                                         {"least", a < b ? a : b},
                                                         {"largest", a < b ? b : a},
                                                         {"choose", a < b ? 3 : 4},
                                                         {"exp", std::exp(a)},
                                                         {"log", std::log(2 + a)},
                                                         {"cos", std::cos(pi * a)},
                                                         {"sin", std::sin(pi * a)},
                                                         {"acos", a >= 1    ? 0
                                                                  : a <= -1 ? 1
                                                                            : std::acos(a) / pi}};
      for (const auto& [name, value] : expected) {
        CAPTURE(name);
        CHECK(reported(name) == Approx(value).epsilon(1e-14).margin(1e-15));  // a few roundings of numbers up to 6
      }
      static_cast<void>(fk::plan::on_numbers::apply(plan.calls[1], numbers, memory, {a, b}));
      CHECK(reported("before") == a - b);  // these are exact
    }
}

TEST_CASE("the error of constants is a part of what they should be, and a limit of data limits them") {
  // x is 0.2 at the end.
  const fk::schedule::flow_linear schedule;
  const auto grid = fk::grid::explicit_levels{fk::levels_at(schedule, {0.9, 0.8})};
  auto plan = fk::make_plan(schedule, fk::parameterization::flow{}, grid, fk::solver::ddim{});
  CHECK(fk::plan::constant_error(plan) < 1e-15);
  for (double& weight : plan.calls[0].then.rows[0].inputs) weight *= 1 + 0x1p-10;
  CHECK(fk::plan::constant_error(plan) == Approx(0x1p-10).epsilon(1e-9));

  // A few roundings of numbers up to 1.
  const auto error = [](const auto& network, const auto& rule) {
    return fk::plan::constant_error(
        fk::make_plan(fk::schedule::edm{}, network, test::inner(4), fk::solver::dpmpp_2m{}, rule));
  };
  const fk::parameterization::edm network;
  const fk::guidance::none none;
  CHECK(error(network, none) < 1e-14);
  CHECK(error(fk::parameterization::clipped{network, 0.25}, none) < 1e-14);
  CHECK(error(fk::parameterization::thresholded{network}, none) < 1e-14);
  CHECK(error(network, fk::guidance::inpainted{}) < 1e-14);
  CHECK(error(fk::parameterization::clipped{network, 0.25}, fk::guidance::inpainted{}) < 1e-14);
  CHECK(error(network, fk::guidance::gradient{}) < 1e-14);  // of a branch that is no prediction
  const fk::parameterization::clipped unclipped_noise{fk::parameterization::velocity{}, 0.25, true};
  CHECK(fk::plan::constant_error(
            fk::make_plan(fk::schedule::vp_linear{}, unclipped_noise, test::inner(4), fk::solver::ddim{})) < 1e-14);
}

TEST_CASE("a rounding of each weight grows as sums of weights that cancel") {
  // Of 1000 x - 999 x, by an earlier row and by a number.
  fk::plan::program p;
  p.levels = {{.time = 1, .sigma = 1}, {}};
  p.tables = {{{}, "w"}};
  p.buffers = 2;
  fk::plan::call c;
  c.at = p.levels[0];
  c.then = {.input_count = 1, .row_count = 2, .tables = {0}, .factors = {{.row = 1, .by = -999}}};
  c.then.rows[0].buffer = 1;
  c.then.rows[0].inputs[0] = 1;
  c.then.rows[1].earlier[0] = 1000;
  p.calls = {c};
  CHECK(fk::plan::constant_error(p) == 0);
  const double growth = fk::plan::constant_growth(p);
  double nearest = 1e9;  // to 1000, 1000 and 999 with signs by chance, each once
  for (const double first : {-1000., 1000.})
    for (const double second : {-1000., 1000.})
      nearest = std::min(nearest, std::abs(growth - std::abs(first + second + 999)));
  CHECK(nearest < 1e-3);               // products of two changes are 2^-26 of it
  CHECK(std::abs(growth - 1001) > 1);  // which all of one sign would be
}

TEST_CASE("the amplification is what weights make of the sizes that are read and said") {
  const fk::schedule::edm schedule;
  const auto grid = fk::grid::explicit_levels{fk::levels_at(schedule, {3, 2})};
  auto plan = fk::make_plan(schedule, fk::parameterization::edm{}, grid, fk::solver::ddim{});
  auto& c = plan.calls[0];
  REQUIRE(c.then.input_count == 2);
  for (int repeat = 0; repeat < 2; ++repeat) {
    auto& weights = c.then.rows[0].inputs;
    const double read = std::abs(weights[0]) * c.input_scale * std::hypot(1, 3);
    const double said = std::abs(weights[1]) * std::hypot(c.predicts.data, c.predicts.noise);
    CHECK(fk::plan::amplification(plan).factor == Approx((read + said) / std::hypot(1, 2)).epsilon(1e-14));
    for (double& weight : weights) weight = -weight;
  }

  // Two calls of one amplification: the first of them.
  c.then = fk::plan::identity();
  plan.calls.push_back(c);
  const std::vector<double> each = fk::plan::amplifications(plan);
  REQUIRE(each.size() == 2);
  CHECK(each[0] == each[1]);
  CHECK(fk::plan::amplification(plan).call == 0);
}

namespace {

/// u + 3 (c - u) for constant data, and for nothing else, by numbers of x and of what is given.
struct of_constants {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto one = 1 / g.at().alpha * g.sum(g.x()) * g.sum(g.given("known"));
    return {.network = 3 * one * g[0].network - 2 * one * g[1].network};
  }
};

}  // namespace

TEST_CASE("weights that are found amplify as those that they are for constant data") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4),
                                  fk::solver::heun{}, fk::guidance::classifier_free{.scale = 3});
  const auto expected = fk::plan::amplifications(plan);
  const auto found = fk::plan::amplifications(plan.with(of_constants{}));
  const auto masked = fk::plan::amplifications(plan.with(fk::guidance::inpainted{}));  // by 1: all is known
  REQUIRE(found.size() == expected.size());
  REQUIRE(masked.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(found[i] == Approx(expected[i]).epsilon(1e-12));
    CHECK(masked[i] == 0);
  }
}

TEST_CASE("noise that is left is measured from noise alone, too, and of the largest level behind it") {
  const auto half_left = [](const auto& schedule, const auto& grid) {
    auto plan = fk::make_plan(schedule, fk::parameterization::epsilon{}, grid, fk::solver::ddim{});
    plan.calls.back().then.rows[0].inputs[1] *= 0.5;
    return fk::plan::noise_left(plan);
  };
  const auto flow = [&](const std::vector<double>& times) {
    const fk::schedule::flow_linear schedule;
    auto plan = fk::make_plan(schedule, fk::parameterization::flow{},
                              fk::grid::explicit_levels{fk::levels_at(schedule, times)}, fk::solver::ddim{});
    CHECK(fk::plan::noise_left(plan) < 1e-15);
    plan.calls.back().then.rows[0].inputs[1] *= 0.5;  // x - t/2 u, where x is t and u is 1
    return fk::plan::noise_left(plan);
  };
  CHECK(flow({1, 0}) == Approx(0.5).epsilon(1e-14));  // of no other level
  CHECK(flow({1, 0.5, 0}) == Approx(0.25).epsilon(1e-14));
  CHECK(flow({1, 0.75, 0.5, 0}) == Approx(0.25 / 3).epsilon(1e-14));  // at 0.75 there is three times as much
  const fk::schedule::vp_linear vp;
  auto levels = fk::levels_at(vp, {0.5, 0.25, 0});
  CHECK(half_left(vp, fk::grid::explicit_levels{levels}) ==
        Approx(0.5 * levels[1].ratio() / levels[0].ratio()).epsilon(1e-12));
  // Of x / alpha, where alpha is not 1 at data.
  levels = {{.time = 2, .alpha = 0.5, .sigma = 0.5}, {.time = 1, .alpha = 0.5, .sigma = 0.25}, {.alpha = 0.5}};
  CHECK(half_left(vp, fk::grid::explicit_levels{levels}) == Approx(0.25).epsilon(1e-14));
}

TEST_CASE("the steepest step is the largest fall of sigma/alpha between calls that have both") {
  const auto steepest = [](const std::vector<double>& times) {
    const fk::schedule::flow_linear schedule;
    return fk::plan::steepest(fk::make_plan(schedule, fk::parameterization::flow{},
                                            fk::grid::explicit_levels{fk::levels_at(schedule, times)},
                                            fk::solver::heun{}));
  };
  CHECK(steepest({0.8, 0.5, 0.25, 0.2}) == Approx(4).epsilon(1e-14));   // 4, 1, 1/3, 1/4
  CHECK(steepest({1, 0.8, 0.75, 0.5, 0}) == Approx(3).epsilon(1e-14));  // heun calls at data
  CHECK(steepest({1, 0}) == 1);
}
