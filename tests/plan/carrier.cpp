// SPDX-License-Identifier: MIT
#include <fokker/plan/carrier.hpp>

#include <optional>

#include <fokker/guidance/apg.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/traced.hpp"

namespace fk = fokker;

namespace {

/// Adams and Bashforth's second method, which asks for no memory.
struct forgetful {
  static constexpr int order = 1, evaluations = 1, history = 1;
  static constexpr bool stochastic = false;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const {
    std::optional<fk::plan::expression> before;
    for (auto [s, t] : p.steps()) {
      const auto said = p.call(x, s);
      const fk::plan::expression now = said.epsilon;
      x = t.alpha / s.alpha * x + t.alpha * (t.ratio() - s.ratio()) * (before ? 1.5 * now - 0.5 * *before : now);
      before = now;
    }
    return x;
  }
};

}  // namespace

TEST_CASE("what is written in a slot is of outputs of that slot, and of tensors that are there") {
  const auto check = [](const fk::plan::draft& before, fk::plan::draft after) {
    const auto is_said = [](const fk::plan::draft& d, fk::plan::atom a) {
      return d.symbol(d.base(a)).what == fk::plan::trace::kind::branch;
    };
    bool carries = false;
    for (const auto& t : before.targets)
      for (const auto& [a, c] : t.value.terms())
        carries = carries || (is_said(before, a) && before.symbol(before.base(a)).index < t.slot);
    CHECK(carries);  // there was something to do
    for (const auto& t : after.targets) {
      if (t.dropped) continue;
      for (const auto& [a, c] : t.value.terms()) {
        const fk::plan::atom b = after.base(a);
        if (after.is_tensor(b)) CHECK(after.slot_of(b) <= t.slot);
        if (is_said(after, a)) CHECK(after.symbol(b).index == t.slot);
      }
    }
  };
  const auto of = [&](const auto& solver, const auto& rule) {
    check(test::collected(solver, rule), test::carried(solver, rule));
  };
  of(forgetful{}, fk::guidance::none{});
  of(forgetful{}, fk::guidance::classifier_free{});
  of(forgetful{}, fk::guidance::apg{});
}

TEST_CASE("a kept value that nobody reads later is no tensor") {
  fk::plan::draft d = test::carried(fk::solver::dpmpp_2m{});
  int dropped = 0;
  for (const auto& t : d.targets) dropped += t.dropped;
  CHECK(dropped == 1);  // the last data: the result is made of them at once
}
