// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fokker/concept/sampling_solver.hpp>
#include <fokker/detail/fnv1a.hpp>
#include <fokker/detail/hypotenuse.hpp>

namespace fokker::inline v0::solver {

/// A mark of how the network is used so far: what it predicts, and what the guidance made of its branches at each
/// call, weights to 24 bits. Never 0. The same solver is told another one where another rule guides it.
[[nodiscard]] inline std::uint64_t use_of(const plan::builder& p) {
  detail::fnv1a mark;
  const auto add = [&mark](double number) {
    std::uint64_t value = (std::bit_cast<std::uint64_t>(number) + 0x10000000u) >> 29;
    for (int i = 0; i < 8; ++i, value >>= 8) mark.add(static_cast<unsigned char>(value));
  };
  const auto sum = [&add](const plan::expression& e) {
    for (const auto& [of, coefficient] : e.terms()) add(of), add(coefficient);
  };
  const plan::trace& said = p.said();
  for (const char c : said.predicts) add(c);
  add(said.branches);
  for (const plan::trace::call& c : said.calls) add(c.guides.data), add(c.guides.noise), sum(c.guidance);
  for (const plan::trace::kept& k : said.keeps) add(k.limit.bound), add(k.limit.quantile);
  for (const plan::trace::quantity& q : said.quantities) {
    for (const int i : {static_cast<int>(q.what), static_cast<int>(q.how), q.a, q.b, q.c, q.d, q.call, q.kept}) add(i);
    add(q.value), add(q.q), sum(q.of), sum(q.with);
  }
  return mark.value == 0 ? 1 : mark.value;
}

/// A sampler that is nothing but its numbers, as tuning::search finds them for one network: with states on the unit
/// circle, y = x / sqrt(alpha^2 + sigma^2), and predictions D of the data, step k is
///     y_{k+1} = rows[k][0] y_k + rows[k][1] D_k + rows[k][2] D_{k-1} + ...
/// Its grid is grid::explicit_levels{levels}. It is good for what it was tuned for and nothing else: planning refuses
/// other levels, and by `use`, where it is not 0, other guidance and another prediction.
struct fitted {
  static constexpr auto order = 1;  // of numbers that are fitted there is no other; and it is in no list of solvers
  static constexpr int evaluations = 1;
  static constexpr bool stochastic = false;

  std::vector<level> levels = {};
  std::vector<std::vector<double>> rows = {};
  std::string network = "";  ///< a name, for those who read it
  std::uint64_t use = 0;     ///< use_of the builder that it was tuned for
  int history = 0;           ///< earlier predictions that a row has at most

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    require_rows();
    require_levels(p.levels());
    // Rows of all predictions are sums that later calls add to, and the planner carries those; others are carried by
    // their predictions, which are as few from the first to the last call.
    const bool of_all = rows.back().size() > rows.size();
    std::vector<plan::expression> data;  // the last one first
    for (auto [s, t] : p.steps()) {
      const std::vector<double>& row = rows[p.calls()];
      const auto m = p.call(x, s);
      data.insert(data.begin(), of_all ? static_cast<plan::expression>(m.data) : p.keep(m.data));
      const double n = detail::hypotenuse(t.alpha, t.sigma);
      plan::expression next = (n / detail::hypotenuse(s.alpha, s.sigma) * row[0]) * x;
      for (std::size_t j = 1; j < row.size(); ++j) next = next + (n * row[j]) * data[j - 1];
      x = next;
    }
    if (use != 0 && use_of(p) != use)
      detail::refuse("the guidance or what the network predicts", "another",
                     "what it was when the weights were fitted" + named());
    return x;
  }

 private:
  [[nodiscard]] std::string named() const { return network.empty() ? "" : ", for the network " + network; }

  void require_rows() const {
    if (rows.empty()) detail::refuse("the number of rows", 0, "1 or more: a row for each call");
    if (levels.size() != rows.size() + 1)
      detail::refuse("the number of levels", levels.size(),
                     detail::joined({detail::text(rows.size() + 1), ", one more than rows"}));
    for (std::size_t k = 0; k < rows.size(); ++k) {
      if (rows[k].empty() || rows[k].size() > k + 2)
        detail::refuse(
            detail::joined({"the size of rows[", detail::text(k), "]"}), rows[k].size(),
            detail::joined({"1 to ", detail::text(k + 2), ": a weight of x, and of each prediction so far"}));
      for (const double w : rows[k])
        if (!detail::fits_float(w))
          detail::refuse(detail::joined({"a weight of rows[", detail::text(k), "]"}), w, "a finite number");
    }
  }

  /// Levels count by sigma/alpha, to 2^-40 of it.
  void require_levels(const std::vector<level>& used) const {
    if (used.size() != levels.size())
      detail::refuse("the number of calls", used.size() - 1,
                     detail::joined({detail::text(rows.size()), ", for which the weights were fitted", named()}));
    for (std::size_t k = 0; k < used.size(); ++k) {
      const level &u = used[k], &l = levels[k];
      const double apart = difference_of_products(u.sigma, l.alpha, l.sigma, u.alpha);
      if (!(std::abs(apart) <= 0x1p-40 * std::fma(l.sigma, u.alpha, detail::rounded_product(u.sigma, l.alpha))))
        detail::refuse(detail::joined({k == 0 ? "the start, " : "", "sigma/alpha of level ", detail::text(k)}),
                       u.ratio(),
                       detail::joined({detail::text(l.ratio()), ", for which the weights were fitted", named()}));
    }
  }
};

}  // namespace fokker::inline v0::solver
