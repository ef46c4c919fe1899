// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fokker/plan/builder.hpp>
#include <fokker/plan/carrier.hpp>
#include <fokker/plan/collector.hpp>
#include <fokker/plan/draft.hpp>
#include <fokker/plan/lowering.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// Turns what a solver said into a program: one update after each network call, and at most one before the first.
class planner {
 public:
  planner(trace said, bool preview) : d_(std::move(said), preview) {}

  [[nodiscard]] program operator()() && {
    collector{d_}();
    carrier carry(d_);
    for (int u = -1; u < d_.calls(); ++u) carry(u);
    return assign();
  }

 private:
  /// Lays tensors into buffers by liveness and writes the updates down.
  [[nodiscard]] program assign() {
    const auto size = d_.said.symbols.size();
    std::vector<int> last(size, -2);  // the last slot that reads a tensor
    const auto reads = [&](atom a, int slot) { nth(last, a) = (std::max)(nth(last, a), slot); };
    for (const draft::target& t : d_.targets)
      if (!t.dropped)
        for (const auto& [a, c] : t.value.terms())
          if (d_.is_tensor(d_.base(a)) && d_.slot_of(d_.base(a)) < t.slot) reads(d_.base(a), t.slot);
    for (int c = 0; c < d_.calls(); ++c) reads(d_.call(c).input, c);

    program p;
    p.levels = d_.said.levels;
    p.predicts = d_.said.predicts;
    p.branches = d_.said.branches + d_.said.learned;
    p.preview = d_.preview;
    p.scalars = d_.said.scalars;
    p.givens = d_.said.givens;
    p.calls.reserve(d_.said.calls.size());
    for (const std::string& name : d_.said.planes) p.tables.push_back({{}, name});
    std::vector<int> buffer(size, -1);
    std::vector<atom> holds{0};  // by buffer; -1: free
    buffer[0] = 0;
    lowering lowered(d_, p, buffer);
    for (int u = -1; u < d_.calls(); ++u) {
      // Tensors first that others are made of, the next network input last.
      std::vector<int> rows;
      for (const bool last_ones : {false, true})
        for (const int i : nth(d_.slots, u + 1))
          if (const draft::target& t = nth(d_.targets, i); d_.is_written(t) && d_.is_input(t) == last_ones)
            rows.push_back(i);
      // What is thresholded is written while all that the update reads is still there.
      int raw = -1;
      for (const int i : rows)
        if (nth(d_.targets, i).limit.quantile > 0) {
          raw = static_cast<int>(std::find(holds.begin(), holds.end(), -1) - holds.begin());
          if (raw == static_cast<int>(holds.size())) holds.push_back(-1);
        }
      // So is what a quantile is asked of, each in a place of its own.
      std::vector<std::pair<int, int>> scratch;
      if (u >= 0)
        for (const int q : nth(d_.numbers, u))
          if (const trace::quantity& of = nth(d_.said.quantities, q);
              of.what == operation::found && of.how == measured::quantile) {
            const int i = nth(d_.rows_of, q).front();
            if (std::any_of(scratch.begin(), scratch.end(), [i](const auto& s) { return s.first == i; })) continue;
            int b = 0;
            while (b < static_cast<int>(holds.size()) &&
                   (nth(holds, b) >= 0 ||
                    std::any_of(scratch.begin(), scratch.end(), [b](const auto& s) { return s.second == b; })))
              ++b;
            if (b == static_cast<int>(holds.size())) holds.push_back(-1);
            scratch.emplace_back(i, b);
          }
      for (atom& held : holds)
        if (held >= 0 && nth(last, held) <= u) held = -1;
      const auto place = [&](const draft::target& t, int wished) {
        int b = wished;
        if (b < 0 || nth(holds, b) >= 0)
          b = static_cast<int>(std::find(holds.begin(), holds.end(), -1) - holds.begin());
        if (b == static_cast<int>(holds.size())) holds.push_back(-1);
        nth(holds, b) = t.name;
        nth(buffer, t.name) = b;
      };
      for (const int i : rows)
        if (nth(d_.targets, i).name == d_.result) place(nth(d_.targets, i), 0);
      for (const int i : rows)
        if (const draft::target& t = nth(d_.targets, i); d_.is_input(t) && t.name != d_.result)
          place(t, u < 0 ? 0 : nth(buffer, d_.call(u).input));
      const auto is_passing = [&](const draft::target& t) {
        return nth(last, t.name) <= u && !d_.is_asked_for(t.name);
      };
      for (const int i : rows)
        if (const draft::target& t = nth(d_.targets, i); !d_.is_input(t) && !is_passing(t)) place(t, -1);
      // A limited row that only later rows read passes through the place of the last of them.
      for (const int i : rows)
        if (const draft::target& t = nth(d_.targets, i); !d_.is_input(t) && is_passing(t))
          nth(buffer, t.name) = nth(buffer, nth(d_.targets, rows.back()).name);

      auto [written, measures] = lowered(u, rows, raw, std::move(scratch));
      if (u < 0) {
        p.draw = lowered.drawn(written, last[0] > -1 || rows.empty());
        p.enter = std::move(written);
      } else {
        plan::call c{.step = d_.call(u).step,
                     .at = d_.call(u).at,
                     .predicts = d_.call(u).predicts,
                     .input_scale = d_.call(u).input_scale,
                     .input = nth(buffer, d_.call(u).input),
                     .raw = d_.call(u).raw,
                     .measures = std::move(measures),
                     .to = d_.call(u).to,
                     .then = std::move(written)};
        if (d_.preview) c.preview = nth(buffer, nth(d_.previews, u));
        p.calls.push_back(std::move(c));
      }
    }
    p.buffers = static_cast<int>(holds.size());
    if (d_.error >= 0) p.error = nth(buffer, d_.error);
    return p;
  }

  draft d_;
};

}  // namespace fokker::inline v0::plan
