// SPDX-License-Identifier: MIT
#include <fokker/plan/valid.hpp>

#include <cstddef>
#include <limits>

#include <fokker/guidance/inpainted.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;

namespace {
fk::plan::program sound() {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(8),
                       fk::solver::dpmpp_2m{});
}
/// A number of a product and of a quantile, which outlives its call and multiplies what two branches said.
struct finding {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const fk::plan::expression x = g[0].network, y = g[1].network;
    const auto before = g.remembered(1.0);
    g.remember(quotient(g.dot(x, y), g.quantile(y, 0.5), 0) + 0.5 * before);
    return {.network = x + before * (x - y)};
  }
};
/// Where numbers, normals, and what the caller gives meet.
fk::plan::program sound_with_numbers() {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(2), fk::solver::ddpm{},
                       fk::guidance::inpainted{finding{}});
}
/// The first operation of a kind.
fk::plan::operation& first(fk::plan::measure& m, fk::plan::operation::kind what) {
  std::size_t i = 0;
  while (m.tape.at(i).what != what) ++i;
  return m.tape[i];
}
}  // namespace

TEST_CASE("coefficients and labels that are not finite are found on their bits") {
  auto plan = sound();
  plan.calls[2].then.rows[0].inputs[1] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(fk::plan::require_valid(plan), Catch::Contains("call 2") && Catch::Contains("coefficient"));
  plan = sound();
  plan.calls[2].at.label = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(fk::plan::require_valid(plan), Catch::Contains("call 2") && Catch::Contains("label"));
  CHECK(!fk::plan::check(plan).empty());
}

TEST_CASE("what a program may not be is refused, with the call and the value") {
  const auto refused = [](auto damage, const char* what) {
    auto plan = sound();
    damage(plan);
    CHECK_THROWS_WITH(fk::plan::require_valid(plan), Catch::Contains(what));
    CHECK_THAT(fk::plan::check(plan).back(), Catch::Contains(what));
  };
  using fk::plan::program;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused([](program& p) { p.calls.clear(); }, "the number of calls is 0; allowed: 1 or more");
  refused([](program& p) { p.levels[3].sigma = 1e39; }, "level 3: sigma is 1e+39; allowed: 0 to");
  refused([](program& p) { p.buffers = 0; }, "the number of buffers is 0");
  refused([](program& p) { p.buffers = std::numeric_limits<int>::max(); }, "the number of buffers is 2147483647");
  refused([](program& p) { ++p.buffers; }, "those that the program writes");
  refused([](program& p) { p.branches = 9; }, "the number of branches is 9; allowed: 1 to 8");
  refused([](program& p) { p.calls[2].measures.resize(1); }, "call 2");
  refused([](program& p) { p.calls[0].input = 1; }, "call 0");
  refused([](program& p) { p.calls[0].preview = 7; }, "the buffer of the preview is 7");
  refused([](program& p) { p.preview = true; }, "the buffer of the preview is -1");
  refused([](program& p) { p.calls[1].step = 8; }, "the step is 8; allowed: 0 to 7");
  refused([&](program& p) { p.calls[1].at.time = nan; }, "the time is nan");
  refused([](program& p) { p.calls[1].at.alpha = -1; }, "alpha is -1; allowed: 0 to");
  refused([&](program& p) { p.calls[1].to = {.alpha = -1}, p.calls[1].to->label = 0; }, "alpha is -1; allowed: 0 to");
  refused([](program& p) { p.calls[1].to = p.levels.back(); }, "the label is nan");
  refused([](program& p) { p.calls[1].at.alpha = p.calls[1].at.sigma = 0; }, "not both 0");
  refused([&](program& p) { p.calls[1].predicts.noise = nan; }, "the noise's part in the prediction is nan");
  refused([](program& p) { p.calls[1].input_scale = 0; }, "the input's scale is 0");
  refused([](program& p) { p.calls[1].then.rows[0].inputs[0] = 1e39; }, "a coefficient is 1e+39; allowed: -2.1");
  refused([](program& p) { p.calls[1].then.rows[0].clamp = -1; }, "a clamp is -1");
  refused([](program& p) { p.calls[1].then.rows[0].buffer = 2; }, "the buffer of a result is 2; allowed: 0 to 1");
  refused([](program& p) { p.calls[0].then.inputs[0].index = 1; },
          "the buffer of an operand is 1; allowed: one that was");
  refused([](program& p) { p.calls[0].then.inputs[1].index = 1; }, "a branch is 1; allowed: 0 to 0");
  refused([](program& p) { p.calls[0].then.input_count = 9; }, "the number of operands is 9");
  refused(
      [](program& p) {
        p.enter.inputs[0].index = 1;
        p.enter.input_count = 1;
        p.enter.rows[0].inputs[0] = 1;
        p.enter.row_count = 1;
      },
      "before the first call: the buffer of an operand is 1");
  const auto draws = [](double from, double to) {
    return [=](program& p) {
      p.calls[0].then.normal_count = 1;
      p.calls[0].then.normals[0] = {{fk::noise_piece::steps, 0, 0, from, to}};
    };
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  refused(draws(-1, 2), "the place of a normal is -1; allowed: a number >= 0");
  refused(draws(0, std::numeric_limits<double>::quiet_NaN()), "the place of a normal is nan");
  auto at_both_ends = sound();
  draws(infinity, 0)(at_both_ends);
  CHECK_NOTHROW(fk::plan::require_valid(at_both_ends));
  refused([](program& p) { p.error = 2; }, "the buffer of the error is 2");
}

TEST_CASE("an operand of weight 0 is not read, and may be what nothing wrote") {
  auto plan = sound();
  auto& u = plan.calls[0].then;
  u.inputs[static_cast<std::size_t>(u.input_count++)] = {fk::plan::operand::buffer, 1};
  CHECK_NOTHROW(fk::plan::require_valid(plan));
  u.normals[0].learned = u.input_count - 1;  // but a learned deviation is
  u.normal_count = 1;
  CHECK_THROWS_WITH(fk::plan::require_valid(plan), Catch::Contains("call 0"));
}

TEST_CASE("numbers that are found, and what multiplies weights, are refused where they are out of place") {
  using fk::plan::factor;
  using fk::plan::measured;
  using fk::plan::operation;
  using fk::plan::program;
  const auto refused = [](auto damage, const char* what) {
    auto plan = sound_with_numbers();
    damage(plan);
    CHECK_THROWS_WITH(fk::plan::require_valid(plan), Catch::Contains(what));
  };
  const auto in_measure = [&](auto damage, const char* what) {
    refused([&](program& p) { damage(p.calls[0].measures[0]); }, what);
  };
  const auto in_update = [&](auto damage, const char* what) {
    refused([&](program& p) { damage(p.calls[0].then); }, what);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();

  // The measure forms rows 0 and 1 of two branches, finds their product and a quantile of row 1 in buffer 1.
  using fk::plan::measure;
  in_measure([](measure& m) { m.form.row_count = 6; }, "the number of rows is 6; allowed: 0 to 5");
  in_measure([](measure& m) { m.form.row_count = -1; }, "the number of rows is -1");
  in_measure([](measure& m) { m.of[0].what = static_cast<measured::kind>(3); },
             "the kind of a number is 3; allowed: 0 to 2");
  in_measure([](measure& m) { m.of[0].a = 2; }, "the row of a number is 2; allowed: 0 to 1");
  in_measure([](measure& m) { m.of[0].b = 2; }, "the row of a number is 2; allowed: 0 to 1");
  in_measure([](measure& m) { m.of[0].a = -1; }, "the row of a number is -1");
  in_measure([](measure& m) { m.of[0].b = -1; }, "the row of a number is -1");
  for (const fk::plan::axes over : {fk::plan::axes{-1, 1}, {0, -1}, {1, 0}, {64, 1}, {0, 65}}) {
    in_measure([&](measure& m) { m.of[0].over = over; }, "the axes of a number is");
    refused([&](program& p) { p.scalars[0].over = over; }, "the axes of a number is");
    refused([&](program& p) { p.tables[0].over = over; }, "the axes of a table is");
  }
  in_measure([](measure& m) { m.form.tables = {0}, m.form.factors = {{}}; }, "the factors of a measure is 1");
  for (const double q : {-0.1, 1.1, nan}) in_measure([&](measure& m) { m.of[1].q = q; }, "a quantile is");
  in_measure([](measure& m) { m.form.rows[0].buffer = 0; }, "the buffer of a row of a measure is 0; allowed: -1 to -1");
  in_measure([](measure& m) { m.form.rows[1].buffer = -1; }, "the buffer of a row of a measure is -1; allowed: 0 to 1");
  in_measure([](measure& m) { m.form.rows[1].buffer = 2; }, "the buffer of a row of a measure is 2; allowed: 0 to 1");
  in_measure([&](measure& m) { m.form.rows[0].inputs[0] = nan; }, "a coefficient is nan");
  in_measure([](measure& m) { m.form.inputs[0].index = 2; }, "a branch is 2; allowed: 0 to 1");

  in_measure([](measure& m) { m.tape.clear(); }, "the number of operations is 0; allowed: 1 to 128");
  in_measure([](measure& m) { m.tape.resize(129); }, "the number of operations is 129; allowed: 1 to 128");
  in_measure([](measure& m) { m.tape[0].what = static_cast<operation::kind>(19); }, "the kind of an operation is 19");
  in_measure([](measure& m) { m.tape[0].d = 0; }, "the operand of an operation is 0; allowed: -1 to -1");
  in_measure([](measure& m) { m.tape[0].d = -2; }, "the operand of an operation is -2; allowed: -1 to -1");
  for (const auto operand : {&operation::a, &operation::b, &operation::c})
    in_measure(
        [&](measure& m) {
          operation& o = first(m, operation::quotient);
          o.*operand = static_cast<int>(&o - m.tape.data());
        },
        "the operand of an operation is 4; allowed: 0 to 3");
  in_measure([](measure& m) { first(m, operation::store).a = -1; }, "the operand of an operation is -1; allowed: 0 to");
  for (const auto what : {operation::keep, operation::store})
    in_measure(
        [&](measure& m) {
          m.tape.push_back({.what = operation::root, .a = static_cast<int>(&first(m, what) - m.tape.data())});
        },
        "allowed: one that has a result");
  in_measure([&](measure& m) { first(m, operation::constant).value = nan; }, "a number is nan; allowed: a finite");
  for (const auto what : {operation::found, operation::count})
    for (const int index : {-1, 2})
      in_measure([&](measure& m) { m.tape.push_back({.what = what, .index = index}); }, "allowed: 0 to 1");
  for (const int index : {-1, 1})
    in_measure([&](measure& m) { first(m, operation::keep).index = index; }, "the kept number is");
  in_measure([](measure& m) { m.tape.push_back({.what = operation::load, .index = 0}); },
             "the kept number is 0; allowed: one that was kept before");
  for (const int index : {-1, 2})
    in_measure([&](measure& m) { first(m, operation::store).index = index; }, "a table is");
  in_measure([](measure& m) { first(m, operation::store).index = 0; },
             "a table is mask; allowed: none of the caller's");
  const auto along_others = [&](auto place) {
    refused(
        [&](program& p) {
          p.calls[0].measures[0].of[0].over = {0, 1}, place(p).over = {1, 1};
        },
        "the axes of a number is 1; allowed: those of the others");
  };
  along_others([](program & p) -> auto& { return p.calls[0].measures[0].of[1]; });
  along_others([](program & p) -> auto& { return p.scalars[0]; });
  along_others([](program & p) -> auto& { return p.tables[1]; });

  // The update multiplies by the caller's mask and by a number that is found before.
  using fk::plan::update;
  refused([](program& p) { first(p.calls[0].measures[0], operation::store) = {}; },
          "a table is 1; allowed: one that the measure of its call fills");
  refused([](program& p) { p.enter.tables = {1}; }, "before the first call: a table is 1");
  in_update([](update& u) { u.tables.resize(9); }, "the number of tables is 9; allowed: 0 to 8");
  for (const int t : {-1, 2}) in_update([&](update& u) { u.tables[0] = t; }, "a table is");
  in_update([](update& u) { u.factors[0].of = static_cast<factor::operand>(4); }, "the kind of a factor is 4");
  for (const int row : {-1, 2}) in_update([&](update& u) { u.factors[0].row = row; }, "the row of a factor is");
  for (const int t : {-1, 2}) in_update([&](update& u) { u.factors[0].table = t; }, "the table of a factor is");
  const auto multiplied = [&](factor::operand of, int row, int index, const char* allowed) {
    in_update([&](update& u) { u.factors[0] = {of, row, index, 0, 1}; }, allowed);
  };
  multiplied(factor::input, 0, 4, "what a factor multiplies is 4; allowed: 0 to 3");
  multiplied(factor::earlier, 1, 1, "what a factor multiplies is 1; allowed: 0 to 0");
  multiplied(factor::earlier, 0, 0, "what a factor multiplies is 0; allowed: 0 to -1");
  multiplied(factor::normal, 0, 2, "what a factor multiplies is 2; allowed: 0 to 1");
  multiplied(factor::one, 0, 1, "what a factor multiplies is 1; allowed: 0 to 0");
  multiplied(factor::input, 0, -1, "what a factor multiplies is -1");
  in_update([&](update& u) { u.factors[0].by = nan; }, "a factor is nan");
  in_update([](update& u) { u.factors[1] = u.factors[0]; }, "the number of factors of a weight is 2; allowed: 0 to 1");
  in_update([](update& u) { u.inputs[3].index = 1; }, "what is given is 1; allowed: 0 to 0");
  in_update([](update& u) { u.inputs[3].index = -1; }, "what is given is -1; allowed: 0 to 0");

  in_update([](update& u) { u.normal_count = 4; }, "the number of normals is 4; allowed: 0 to 3");
  for (const int row_count : {-1, 6})
    in_update([&](update& u) { u.row_count = row_count; }, "the number of results is");
  for (const int v : {-2, 4}) in_update([&](update& u) { u.normals[1].learned = v; }, "the operand of a learned");
  in_update([&](update& u) { u.normals[1].slope = nan; }, "the slope of a learned deviation is nan");
  in_update([&](update& u) { u.normals[1].offset = nan; }, "the offset of a learned deviation is nan");
  in_update([&](update& u) { u.rows[1].earlier[0] = nan; }, "a coefficient is nan");
  in_update([&](update& u) { u.rows[1].normals[1] = nan; }, "a coefficient is nan");
  in_update([&](update& u) { u.rows[1].clamp = nan; }, "a clamp is nan");
  in_update([](update& u) { u.rows[1].buffer = -1; }, "the buffer of a result is -1; allowed: 0 to 1");

  // Each bound is taken itself.
  auto plan = sound_with_numbers();
  plan.calls[0].measures[0].tape.resize(128, {.what = operation::constant, .value = 1});
  plan.calls[0].measures[0].of[1].q = 1;
  plan.calls[0].then.tables.resize(8);
  plan.tables[0].over = {63, 64};
  plan.calls[1].step = 1;
  CHECK_NOTHROW(fk::plan::require_valid(plan));
}
