// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fokker/plan/draft.hpp>

namespace fokker::inline v0::plan {

/// The second phase, slot by slot. A network output lives in its own slot only, so a later expression that needs it is
/// split there: its share of what is at hand is carried, either as a partial sum or as the combined prediction,
/// whichever leaves fewer tensors alive.
class carrier {
 public:
  explicit carrier(draft& d) : d_(d) {}

  void operator()(int u) {
    drop_unread(u);
    carry(u);
    drop_unread(u);  // what is in the carried sums need not be kept as well
  }

 private:
  void carry(int u) {
    const std::vector<int> later = crossing(u);
    if (later.empty()) return;
    share best = share::sum;
    std::vector<expression> parts = parts_of(later, best, u);
    std::size_t fewest = alive(later, parts, best, u);
    for (const share s : {share::prediction, share::outputs}) {
      std::vector<expression> others = parts_of(later, s, u);
      const std::size_t count = alive(later, others, s, u);
      if (count < fewest || (count == fewest && !fits(parts, u) && fits(others, u)))
        best = s, fewest = count, parts = std::move(others);
    }
    leave(u, later, parts, best);
  }

  /// The tensors and outputs that slot u can read or has just written, its next network input excepted.
  [[nodiscard]] bool at_hand(atom a, int u) const {
    if (d_.is_output(a, u) || d_.symbol(a).what == trace::kind::given) return true;
    if (d_.symbol(a).plane >= 0) return at_hand(d_.base(a), u);
    if (!d_.is_tensor(a)) return false;
    return d_.slot_of(a) < u || (d_.slot_of(a) == u && d_.symbol(a).what == trace::kind::kept);
  }

  /// Later expressions that must leave something behind in slot u: those that need its network outputs, and those
  /// that alone keep two tensors or more alive.
  [[nodiscard]] std::vector<int> crossing(int u) const {
    std::vector<int> found;
    const auto consider = [&](int i) {
      if (nth(d_.targets, i).slot > u && !d_.contains(found, i)) found.push_back(i);
    };
    if (u < 0) return found;
    const trace::call& c = nth(d_.said.calls, u);
    for (int b = 0; b < d_.said.branches; ++b)
      for (const int i : nth(d_.users, c.guided + 1 + b))
        if (nth(d_.targets, i).value[c.guided + 1 + b] != 0) consider(i);
    for (const atom p : nth(d_.products, u))
      for (const int i : nth(d_.users, p))
        if (nth(d_.targets, i).value[p] != 0) consider(i);
    if (d_.crowded && c.limited != 0)
      for (const int i : nth(d_.users, c.limited))
        if (nth(d_.targets, i).value[c.limited] != 0) consider(i);
    for (const int i : nth(d_.slots, (std::min)(u + 2, d_.calls()))) {
      int sole = 0;
      for (const auto& [a, weight] : nth(d_.targets, i).value.terms())
        sole += at_hand(a, u) && !d_.read_elsewhere(a, u, {i});
      if (sole > 1) consider(i);
    }
    return found;
  }

  /// What later expressions may leave behind in a slot: all that is at hand there, the combined prediction with the
  /// network's input, or the outputs alone.
  enum class share : std::uint8_t { sum, prediction, outputs };
  [[nodiscard]] bool belongs(atom a, share s, int u) const {
    if (s == share::sum) return at_hand(a, u);
    const trace::call& c = nth(d_.said.calls, u);
    return d_.is_output(a, u) || (s == share::prediction && (a == c.input || (c.limited != 0 && a == c.limited)));
  }
  [[nodiscard]] expression part(int i, share s, int u, bool inside = true) const {
    return nth(d_.targets, i).value.where([&](atom a) { return belongs(a, s, u) == inside; });
  }

  /// The shares of the expressions in `later`, multiples of another left out.
  [[nodiscard]] std::vector<expression> parts_of(const std::vector<int>& later, share s, int u) const {
    std::vector<expression> parts;
    for (const int i : later) {
      expression p = part(i, s, u);
      bool known = p.empty();
      for (const expression& q : parts) known = known || multiple(p, q) != 0;
      if (!known) parts.push_back(std::move(p));
    }
    return parts;
  }

  /// Tensors alive after slot u if the expressions in `later` leave `parts` behind and still read the rest.
  [[nodiscard]] std::size_t alive(const std::vector<int>& later, const std::vector<expression>& parts, share s,
                                  int u) const {
    std::vector<int> read;
    for (const int i : later)
      for (const auto& [a, c] : nth(d_.targets, i).value.terms())
        if (const atom b = d_.symbol(a).plane >= 0 ? d_.base(a) : a;
            d_.is_tensor(b) && at_hand(b, u) && (!belongs(a, s, u) || d_.read_elsewhere(b, u, later)) &&
            !d_.contains(read, b))
          read.push_back(b);
    return parts.size() + read.size();
  }

  /// Whether an update has enough rows for these besides those that it has, and for a preview.
  [[nodiscard]] bool fits(const std::vector<expression>& parts, int u) const {
    const auto& slot = nth(d_.slots, u + 1);
    const auto rows = std::count_if(slot.begin(), slot.end(), [&](int i) { return d_.is_written(nth(d_.targets, i)); });
    return static_cast<std::size_t>(rows) + parts.size() <= static_cast<std::size_t>(max_rows - (d_.preview ? 0 : 1));
  }

  /// Writes `parts` in slot u and lets the expressions in `later` read them instead.
  void leave(int u, const std::vector<int>& later, const std::vector<expression>& parts, share s) {
    std::vector<int> names;
    for (const expression& p : parts) {
      atom carried = -1;
      for (const int i : nth(d_.slots, u + 1)) {
        const draft::target& t = nth(d_.targets, i);
        if (d_.is_written(t) && !t.limited() && d_.is_tensor(t.name) && multiple(p, t.value) == 1) carried = t.name;
      }
      if (p.terms().size() == 1 && d_.is_tensor(p.terms().front().of) && p.terms().front().coefficient == 1)
        carried = p.terms().front().of;
      if (carried < 0) {
        carried = d_.name({trace::kind::kept, -1}, u);
        d_.add({carried, p, u});
      }
      names.push_back(carried);
    }
    for (const int i : later) {
      const expression mine = part(i, s, u);
      for (std::size_t k = 0; k < parts.size(); ++k) {
        const double factor = multiple(mine, parts[k]);
        if (factor == 0) continue;
        nth(d_.targets, i).value = part(i, s, u, false).add(expression(names[k]), factor);
        nth(d_.users, names[k]).push_back(i);
        break;
      }
    }
  }

  /// A kept value that no later slot reads is no tensor: its expression goes to where it is used.
  void drop_unread(int u) {
    for (const int i : nth(d_.slots, u + 1)) {
      draft::target& t = nth(d_.targets, i);
      if (!d_.is_written(t) || d_.symbol(t.name).what != trace::kind::kept || d_.is_asked_for(t.name) ||
          d_.read_elsewhere(t.name, u, {}))
        continue;
      if ((t.limited() || is_multiplied_again(t)) && read_in(t.name, u)) continue;
      t.dropped = true;
      const atom name = t.name;
      const expression value = t.value;
      const std::vector<int> users = nth(d_.users, name);
      for (const int j : users) {
        d_.put(nth(d_.targets, j).value, name, value);
        d_.use(nth(d_.targets, j).value.where([&](atom a) { return d_.mentions(value, d_.base(a)); }), j);
      }
    }
  }

  /// Whether a plane multiplies a tensor that numbers multiply already: it is a row first.
  [[nodiscard]] bool is_multiplied_again(const draft::target& t) const {
    const auto multiplied = [this](const auto& term) { return d_.base(term.of) != term.of; };
    const auto by_plane = [&](const auto& term) { return d_.symbol(term.of).plane >= 0 && d_.base(term.of) == t.name; };
    const auto& terms = t.value.terms();
    return std::any_of(terms.begin(), terms.end(), multiplied) &&
           std::any_of(nth(d_.users, t.name).begin(), nth(d_.users, t.name).end(), [&](int i) {
             const auto& user = nth(d_.targets, i).value.terms();
             return std::any_of(user.begin(), user.end(), by_plane);
           });
  }
  [[nodiscard]] bool read_in(atom a, int u) const {
    for (const int i : nth(d_.users, a))
      if (const draft::target& t = nth(d_.targets, i); t.slot == u && d_.is_written(t) && d_.mentions(t.value, a))
        return true;
    return false;
  }

  draft& d_;
};

}  // namespace fokker::inline v0::plan
