// SPDX-License-Identifier: MIT
#include <fokker/plan/valid.hpp>

#include <limits>

#include <fokker/plan/check.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;

namespace {
fk::plan::program sound() {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(8),
                       fk::solver::dpmpp_2m{});
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
