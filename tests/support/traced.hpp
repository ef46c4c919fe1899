// SPDX-License-Identifier: MIT
#pragma once

// What a solver says of three steps, before it is planned.

#include <utility>

#include <fokker/plan/carrier.hpp>
#include <fokker/plan/collector.hpp>
#include <fokker/plan/draft.hpp>

#include "support/members.hpp"

namespace test {

template <class Solver, class Rule = fokker::guidance::none>
fokker::plan::trace traced(const Solver& solver, const Rule& rule = {}) {
  const fokker::schedule::vp_linear schedule;
  const fokker::parameterization::epsilon network;
  fokker::plan::builder p(schedule, network, inner(3).levels(schedule), fokker::plan::rule_of(rule));
  return std::move(p).finish(solver(p, fokker::plan::expression(0)));
}

/// The same after the first phase of planning, or after the second one as well.
template <class Solver, class Rule = fokker::guidance::none>
fokker::plan::draft collected(const Solver& solver, const Rule& rule = {}, bool preview = false) {
  fokker::plan::draft d(traced(solver, rule), preview);
  fokker::plan::collector{d}();
  return d;
}
template <class Solver, class Rule = fokker::guidance::none>
fokker::plan::draft carried(const Solver& solver, const Rule& rule = {}, bool preview = false) {
  fokker::plan::draft d = collected(solver, rule, preview);
  fokker::plan::carrier carry(d);
  for (int u = -1; u < d.calls(); ++u) carry(u);
  return d;
}

}  // namespace test
