// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fokker/detail/message.hpp>
#include <fokker/plan/draft.hpp>

namespace fokker::inline v0::plan {

/// The last phase: updates and measures of a program, once each tensor has its buffer.
class lowering {
 public:
  /// `buffer` tells where a tensor lies, by atom.
  lowering(draft& d, program& p, const std::vector<int>& buffer) : d_(d), p_(p), buffer_(buffer) {}

  /// The update of slot u with these rows, and the measures before it. What is thresholded is written to buffer `raw`,
  /// what quantiles are asked of to those in `scratch`, by their targets.
  [[nodiscard]] std::pair<update, std::vector<measure>> operator()(int u, const std::vector<int>& rows, int raw,
                                                                   std::vector<std::pair<int, int>> scratch) {
    scratch_ = std::move(scratch);
    measure limiting;
    update written = write(u, rows, raw, limiting);
    std::vector<measure> measures = measuring(u, written, limiting);
    return {std::move(written), std::move(measures)};
  }

  /// The first update when x starts as noise: the start is sigma z, and it is written only where it is read again.
  [[nodiscard]] update drawn(update w, bool start_lives) const {
    const double sigma = d_.said.levels.front().sigma;
    const operand start{operand::buffer, 0};
    const auto s = std::find(w.inputs.begin(), w.inputs.begin() + w.input_count, start) - w.inputs.begin();
    const bool reads = s < w.input_count;
    if (w.normal_count == max_normals)
      throw std::invalid_argument(detail::joined({"fokker: the update before the first call needs more than ",
                                                  detail::text(max_normals), " normals, the start among them"}));
    const auto q = static_cast<std::size_t>(w.normal_count++);
    w.normals[q] = {{normal::start, 0}};
    if (reads) {  // the operand is no more: those behind it move up
      for (auto& r : w.rows) {
        r.normals[q] = nth(r.inputs, s) * sigma;
        std::copy(r.inputs.begin() + s + 1, r.inputs.end(), r.inputs.begin() + s);
        r.inputs.back() = 0;
      }
      std::copy(w.inputs.begin() + s + 1, w.inputs.end(), w.inputs.begin() + s);
      w.inputs.back() = {};
      --w.input_count;
      for (factor& f : w.factors) {
        if (f.of != factor::input) continue;
        if (f.index == s) {
          f.of = factor::normal;
          f.index = static_cast<int>(q);
          f.by *= sigma;
        } else if (f.index > s) {
          --f.index;
        }
      }
    }
    if (start_lives) {
      row& r = nth(w.rows, w.row_count++);
      r.buffer = 0;
      r.normals[q] = sigma;
    }
    return w;
  }

 private:
  /// The place of `entry` in the first `count` entries of a list, entered there if it is new.
  template <class List, class Entry>
  [[nodiscard]] static int place_of(const Entry& entry, List& list, int& count, int call, const char* what) {
    for (int i = 0; i < count; ++i)
      if (nth(list, i) == entry) return i;
    if (count == static_cast<int>(list.size())) too_many(call, count, what);
    nth(list, count) = entry;
    return count++;
  }

  [[noreturn]] static void too_many(int call, int count, const char* what) {
    throw std::invalid_argument(detail::joined(
        {"fokker: the update after call ", detail::text(call), " needs more than ", detail::text(count), " ", what}));
  }

  /// One row of the update of slot u, or of a measure; `names` are the tensors that its rows are. Where
  /// numbers of the call multiply, `tables` tells them by their quantities.
  void fill(update& into, int j, const expression& value, int u, const std::array<atom, max_rows>& names) {
    row& r = nth(into.rows, j);
    const std::size_t before = into.factors.size();
    for (const auto& [a, c] : value.terms()) {
      const atom b = d_.base(a);
      factor f{.row = j, .by = c};
      double* weight = nullptr;
      if (d_.symbol(b).what == trace::kind::normal) {
        normal z{d_.symbol(b).piece};
        if (d_.symbol(b).learned != 0) {
          const trace::symbol& v = d_.symbol(d_.symbol(b).learned);
          if (v.index != u)
            throw std::invalid_argument("fokker: noise of a learned variance is asked for after another call");
          z.learned = place_of(operand{operand::output, v.branch}, into.inputs, into.input_count, u, "operands");
          z.slope = d_.symbol(b).slope;
          z.offset = d_.symbol(b).offset;
        }
        f.of = factor::normal;
        f.index = place_of(z, into.normals, into.normal_count, u, "normals");
        weight = &nth(r.normals, f.index);
      } else if (d_.symbol(b).what == trace::kind::one) {
        f.of = factor::one;
      } else if (d_.is_tensor(b) && d_.slot_of(b) == u) {
        f.of = factor::earlier;
        f.index = static_cast<int>(std::find(names.begin(), names.end(), b) - names.begin());
        weight = &nth(r.earlier, f.index);
      } else {
        const operand in = d_.is_tensor(b)                           ? operand{operand::buffer, nth(buffer_, b)}
                           : d_.symbol(b).what == trace::kind::given ? operand{operand::given, d_.symbol(b).index}
                                                                     : operand{operand::output, d_.symbol(b).branch};
        f.of = factor::input;
        f.index = place_of(in, into.inputs, into.input_count, u, "operands");
        weight = &nth(r.inputs, f.index);
      }
      if (a == b) {
        *weight = c;
        continue;
      }
      f.table = d_.symbol(a).plane >= 0 ? -1 - d_.symbol(a).plane : d_.symbol(a).quantity;  // planes count from -1 down
      const auto same = std::find_if(into.factors.begin() + static_cast<std::ptrdiff_t>(before), into.factors.end(),
                                     [&f](const factor& g) { return g.of == f.of && g.index == f.index; });
      if (same == into.factors.end()) {
        into.factors.push_back(f);
      } else if (same->table < 0 || f.table < 0) {
        too_many(u, 1, "planes that multiply one tensor");
      } else {  // a weight of two numbers is summed before
        const scalar one(d_.said, same->table), other(d_.said, f.table);
        const scalar first = same->by * one, second = f.by * other;
        same->table = (first + second).index();
        same->by = 1;
      }
    }
  }

  /// The update of slot u. What is thresholded is written to buffer `raw` by a measure of its own, and read from there.
  [[nodiscard]] update write(int u, const std::vector<int>& rows, int raw, measure& limiting) {
    update w;
    std::array<atom, max_rows> names{};
    for (const int i : rows) {
      const draft::target t = nth(d_.targets, i);
      const int j = place_of(t.name, names, w.row_count, u, "results");
      row& r = nth(w.rows, j);
      r.buffer = nth(buffer_, t.name);
      if (t.limited()) r.clamp = t.limit.bound;
      if (t.limit.quantile > 0) {
        update form{.row_count = 1};
        form.rows[0].buffer = raw;
        fill(form, 0, unwritten(t.value, u), u, {});
        limiting = threshold(std::move(form), t.limit.quantile, t.limit.bound, t.limit.largest, -1);
        scale_ = static_cast<int>(d_.said.quantities.size());
        d_.said.quantities.push_back({.call = u});
        w.factors.push_back({.row = j,
                             .index = place_of(operand{operand::buffer, raw}, w.inputs, w.input_count, u, "operands"),
                             .table = scale_});
      } else {
        fill(w, j, t.value, u, names);
      }
    }
    return w;
  }

  /// An expression of what is there before the update of slot u: tensors that it writes by what they are made of.
  [[nodiscard]] expression unwritten(expression e, int u) {
    for (bool again = true; again;) {
      again = false;
      for (const int i : nth(d_.slots, u + 1)) {
        const draft::target& t = nth(d_.targets, i);
        if (!d_.is_written(t) || !d_.mentions(e, t.name)) continue;
        if (t.limited()) throw std::invalid_argument("fokker: a number is asked of data that its call limits");
        d_.put(e, t.name, expression(t.value));
        again = true;
        break;
      }
    }
    return e;
  }

  /// The measures of slot u, the last of which limits data; tables of the updates become the program's.
  [[nodiscard]] std::vector<measure> measuring(int u, update& written, measure& limiting) {
    std::vector<int> stored, needed;
    for (update* w : {&limiting.form, &written})
      for (factor& f : w->factors) {
        int known = f.table;
        if (f.table >= 0) {
          known = static_cast<int>(std::find(stored.begin(), stored.end(), f.table) - stored.begin());
          if (known == static_cast<int>(stored.size())) stored.push_back(f.table);
        }
        const int local = static_cast<int>(std::find(w->tables.begin(), w->tables.end(), known) - w->tables.begin());
        if (local == max_tables) too_many(u, max_tables, "tables");
        if (local == static_cast<int>(w->tables.size())) w->tables.push_back(known);
        f.table = local;
      }
    const auto need = [&](const auto& self, int q) -> void {
      if (q < 0 || d_.contains(needed, q)) return;
      const trace::quantity& of = nth(d_.said.quantities, q);
      for (const int other : {of.a, of.b, of.c, of.d}) self(self, other);
      needed.push_back(q);
    };
    for (const int q : stored)
      if (q != scale_) need(need, q);
    if (u >= 0)
      for (const int q : nth(d_.numbers, u))
        if (nth(d_.said.quantities, q).what == operation::keep) need(need, q);
    const auto place = [&](int q) {
      return q < 0 ? -1 : static_cast<int>(std::find(needed.begin(), needed.end(), q) - needed.begin());
    };

    measure m;
    std::vector<int> rows;  // targets
    const auto formed_row = [&](int i) {
      if (const auto known = std::find(rows.begin(), rows.end(), i); known != rows.end())
        return static_cast<int>(known - rows.begin());
      if (m.form.row_count == max_rows) too_many(u, max_rows, "rows of a measure");
      const int j = m.form.row_count++;
      rows.push_back(i);
      nth(m.form.rows, j).buffer = -1;
      for (const auto& [of, scratch] : scratch_)
        if (of == i) nth(m.form.rows, j).buffer = scratch;
      const expression value = unwritten(nth(d_.targets, i).value, u);
      for (const auto& [a, c] : value.terms())
        if (d_.base(a) != a) throw std::invalid_argument("fokker: a number is asked of what other numbers multiply");
      fill(m.form, j, value, u, {});
      return j;
    };
    for (const int q : needed) {
      const trace::quantity of = nth(d_.said.quantities, q);
      operation o{.what = of.what, .a = place(of.a), .b = place(of.b), .c = place(of.c), .d = place(of.d)};
      o.value = of.value;
      if (of.what == operation::found) {
        measured found{.what = of.how, .a = formed_row(nth(d_.rows_of, q).front()), .over = of.over, .q = of.q};
        if (of.how == measured::dot) found.b = formed_row(nth(d_.rows_of, q).back());
        o.index = static_cast<int>(std::find(m.of.begin(), m.of.end(), found) - m.of.begin());
        if (o.index == static_cast<int>(m.of.size())) m.of.push_back(found);
      } else if (of.what == operation::load || of.what == operation::keep) {
        o.index = of.kept;
      }
      m.tape.push_back(o);
    }
    for (std::size_t k = 0; k < needed.size(); ++k)
      if (m.tape[k].what == operation::count) m.tape[k].index = counted(m, nth(d_.said.quantities, needed[k]).over);
    std::vector<int> tables;
    for (const int q : stored) {
      const axes over = nth(d_.said.quantities, q).over;
      auto id = static_cast<int>(d_.said.planes.size());
      while (id < static_cast<int>(p_.tables.size()) &&
             (!nth(p_.tables, id).name.empty() || nth(p_.tables, id).over != over || d_.contains(tables, id)))
        ++id;
      if (id == static_cast<int>(p_.tables.size())) p_.tables.push_back({over});
      tables.push_back(id);
      if (q == scale_)
        limiting.tape.back().index = id;
      else
        m.tape.push_back({.what = operation::store, .a = place(q), .index = id});
    }
    if (m.tape.size() > max_operations) too_many(u, max_operations, "operations on numbers");
    for (update* w : {&limiting.form, &written})
      for (int& t : w->tables) t = t < 0 ? -1 - t : nth(tables, t);
    std::vector<measure> all;
    if (!needed.empty()) all.push_back(std::move(m));
    if (!limiting.of.empty()) all.push_back(std::move(limiting));
    return all;
  }
  /// The measured number whose groups are those of `over`: its elements are counted.
  [[nodiscard]] static int counted(measure& m, const axes& over) {
    for (std::size_t i = 0; i < m.of.size(); ++i)
      if (m.of[i].over == over) return static_cast<int>(i);
    if (m.form.row_count == 0) nth(m.form.rows, m.form.row_count++).buffer = -1;
    m.of.push_back({.what = measured::sum, .over = over});
    return static_cast<int>(m.of.size()) - 1;
  }

  draft& d_;
  program& p_;
  const std::vector<int>& buffer_;
  std::vector<std::pair<int, int>> scratch_;
  int scale_ = -1;  // the number that the last limited data are scaled by
};

}  // namespace fokker::inline v0::plan
