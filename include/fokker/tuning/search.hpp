// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_3m.hpp>
#include <fokker/solver/unipc.hpp>
#include <fokker/tuning/fit.hpp>

namespace fokker::inline v0::tuning {

struct search_options {
  lesson how{};                        ///< how the network is recorded
  int history = fit_options::most;     ///< earlier predictions in a row, as in fit_options
  int shortlist = 8;                   ///< levels of the recording's choice that are tried
  double budget = 0;                   ///< calls of the network for each sample; 0 for 300 for each call of the plan
  const plan::program* own = nullptr;  ///< the plan that is in use: what is found is not worse
};

/// What an observer sees after each plan that was tried.
struct search_progress {
  std::string_view stage;  ///< "stock", "levels", "ridge", "descent" or "refinement"
  double calls = 0;        ///< of the network so far, for each sample
  double budget = 0;
  double error = 0;  ///< the least mean error so far of this stage
};

/// What a search came to. Errors are means over samples of the root mean square of what an end differs by from that of
/// the fine run, on samples that nothing was fitted to; the best was chosen by them.
struct search_result {
  plan::program plan{};     ///< the best one
  solver::fitted solver{};  ///< which it was made of, or no rows where no better one than a stock plan was found
  std::string told{};       ///< what it is, in a sentence
  double error = 0;
  double stock_error = 0;  ///< of the best stock plan
  double own_error = 0;    ///< of the plan in use, where there is one
  double fine_error = 0;   ///< of the fine run itself
  double calls = 0;        ///< of the network, for each sample

  [[nodiscard]] bool tuned() const { return !solver.rows.empty(); }
};

/// Plans of more calls have too many weights for all of them to be refined at once.
inline constexpr int most_refined = 10;

namespace searching {

inline constexpr std::array<solver::named, 4> stock_solvers{
    solver::named::of<solver::dpmpp_2m>("dpmpp_2m"), solver::named::of<solver::ddim>("ddim"),
    solver::named::of<solver::dpmpp_3m>("dpmpp_3m"), solver::named::of<solver::unipc<>>("unipc")};

/// Angles of calls, and the error of a plan over them.
struct candidate {
  std::vector<double> angles{};
  double error = 0;
};
inline void sort(std::vector<candidate>& all) {
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return std::tie(a.error, a.angles) < std::tie(b.error, b.angles); });
}

/// Moves one level after another towards a neighbour, by a share of the gap that is halved where a round moves none,
/// and fits the rows again. `goes_on(calls, error)` is asked after each trial, and `took(result)` is told what each
/// round comes to.
template <class Net, class GoesOn, class Took>
void descend(Net& net, const recording& r, std::vector<double> angles, fit_result best, GoesOn goes_on, Took took) {
  student<Net> run(net, r, best.solver.levels);
  run.finish(0, best.solver.rows);
  double counted = 0;
  for (double share = 0.4; share > 0.04;) {
    bool helped = false;
    for (std::size_t k = 1; k < angles.size(); ++k) {
      run.call(k - 1);
      for (const int towards : {-1, 1}) {
        const double next = k + 1 < angles.size() ? angles[k + 1] : 0;
        std::vector<double> trial = angles;
        trial[k] = std::fma(share, (towards < 0 ? angles[k - 1] : next) - angles[k], angles[k]);
        if (trial[k] < r.angles[r.count() - 1]) continue;
        run.move(levels_at_angles(net, trial), k - 1);
        fit_result one = fit_rows(net, r, run, best.solver.history, best.ridge, k - 1, best.solver.rows);
        if (one.error < 0.999 * best.error) {
          best = std::move(one);
          angles = std::move(trial);
          helped = true;
        }
        const double calls = run.made() - std::exchange(counted, run.made());
        if (!goes_on(calls, best.error)) return took(std::move(best));
      }
      run.move(best.solver.levels, k - 1);  // back to the best, for the next level
      run.go(k - 1, best.solver.rows[k - 1]);
    }
    if (helped)
      took(best);
    else
      share /= 2;
  }
}

/// Gauss and Newton's method on all weights at once, with true calls: what each weight changes at the end is found by a
/// small change of it. Each round tries five dampings. `better(result, calls)` takes the result of a round, or returns
/// false to end.
template <class Net, class Better>
void refine(Net& net, const recording& r, fit_result best, Better better) {
  student<Net> run(net, r, best.solver.levels);
  const std::size_t calls = run.calls(), length = r.samples * r.size;
  std::size_t count = 0;
  for (const auto& row : best.solver.rows) count += row.size();
  const double h = sizeof(typename backend::tensor<typename Net::tensor>::element) == 8 ? 1e-4 : 5e-3;
  std::vector<double> slopes(count * length), products(count * count);
  double counted = 0;
  for (int round = 0; round < 6; ++round) {
    run.finish(0, best.solver.rows);
    const std::vector<double> end = run.x(calls);
    std::vector<double> off(length), weight(r.samples);
    for (std::size_t e = 0; e < length; ++e) off[e] = end[e] - r.end()[e];
    kernel::host::dot(off.data(), off.data(), r.samples, r.size, weight.data());
    for (double& w : weight) w = std::sqrt(w / static_cast<double>(r.size));
    std::vector<double> sorted = weight;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const double middle = sorted[sorted.size() / 2] / 2;
    if (!(middle > 0)) return;
    for (double& w : weight) w = std::sqrt(middle / (w + middle));
    // From the last row to the first: what is before a row is kept.
    std::size_t p = count;
    for (std::size_t k = calls; k-- > 0;)
      for (std::size_t i = best.solver.rows[k].size(); i-- > 0;) {
        double* const slope = slopes.data() + --p * length;
        if (k + 1 == calls) {  // exactly
          std::copy_n(run.member(k, i).begin(), length, slope);
        } else {
          std::vector<std::vector<double>> rows = best.solver.rows;
          rows[k][i] += h;
          run.finish(k, rows);
          for (std::size_t e = 0; e < length; ++e) slope[e] = (run.x(calls)[e] - end[e]) / h;
        }
        for (std::size_t e = 0; e < length; ++e) slope[e] *= weight[e / r.size];
      }
    for (std::size_t e = 0; e < length; ++e) off[e] *= weight[e / r.size];
    kernel::product::times_transposed(count, count, length, slopes.data(), slopes.data(), products.data());
    std::vector<double> along(count);
    kernel::product::times_transposed(1, count, length, off.data(), slopes.data(), along.data());

    fit_result next = best;
    for (const double damping : {1e-4, 1e-3, 1e-2, 1e-1, 1.0}) {
      std::vector<double> a = products, b = along;
      for (std::size_t i = 0; i < count; ++i) {
        a[i * count + i] = std::fma(damping, a[i * count + i], a[i * count + i]);
        b[i] = -b[i];
      }
      const std::vector<double> change = least_squares(std::move(a), std::move(b));
      fit_result one = best;
      p = 0;
      for (auto& row : one.solver.rows)
        for (double& c : row) c += change[p++];
      run.finish(0, one.solver.rows);
      one.error = mean_error(run.x(calls).data(), r.end(), r.samples, r.size);
      if (one.error < next.error) next = std::move(one);
    }
    const double made = run.made() - std::exchange(counted, run.made());
    if (!(next.error < best.error)) return;
    best = next;
    if (!better(std::move(next), made)) return;
  }
}

}  // namespace searching

/// The best plan of so many calls that is found for a network: levels and weights, fitted to it. The candidates are
/// levels of `shortlist`, those of stock plans that are the best ones with their own solvers, and those of the plan in
/// use. Their rows are fitted, the best on held-out samples is chosen, and its levels are moved and all its
/// weights refined as long as that helps and the budget lasts. Where a stock plan or the one in use is not beaten it
/// comes back. The same options give the same bits. `observer(search_progress)` is called after each plan that was
/// tried; where it returns false the search ends with what it has. Throws std::invalid_argument for other numbers of
/// calls than 1 to half of those of the fine run, and what teach and fit throw.
template <class Net, class Observer>
[[nodiscard]] search_result search(Net&& net, int calls, const search_options& options, Observer&& observer) {
  const recording r = teach(net, options.how);
  return search(net, r, calls, options, observer);
}

/// The same by a recording that was made before, of options.how.
template <class Net, class Observer>
[[nodiscard]] search_result search(Net&& net, const recording& r, int calls, const search_options& options,
                                   Observer&& observer) {
  using searching::candidate;
  if (calls < 1 || calls > static_cast<int>(r.count()) / 2)
    detail::refuse("calls", calls, detail::joined({"1 to ", detail::text(r.count() / 2), ", half of the fine run's"}));
  detail::require_not_negative("budget", options.budget);
  const double budget = options.budget > 0 ? options.budget : 300.0 * calls, one_run = calls;
  const double held_out = one_run * r.how.held_out / r.how.batches;
  search_result found{.error = (std::numeric_limits<double>::max)(), .fine_error = r.error, .calls = r.calls};
  bool goes_on = true;
  const auto tell = [&](std::string_view stage, double cost, double error) {
    found.calls += cost;
    const search_progress seen{stage, found.calls, budget, error};
    if constexpr (std::is_convertible_v<decltype(observer(seen)), bool>)
      goes_on = observer(seen) && goes_on;
    else
      observer(seen);
  };

  // Stock plans as they are, with one solver and then, over the best levels, with others.
  std::vector<candidate> stock;
  plan::program best_stock;
  found.stock_error = (std::numeric_limits<double>::max)();
  const auto try_stock = [&](const std::vector<double>& angles, const solver::named& solver) {
    plan::program p = net.planned(levels_at_angles(net, angles), solver);
    const double error = held_out_error(net, r, p);
    if (error < found.stock_error) {
      found.stock_error = error;
      found.told = detail::joined({"a stock plan of ", solver.name, " with the last call at sigma/alpha ",
                                   detail::text(std::tan(angles.back()))});
      best_stock = std::move(p);
    }
    tell("stock", held_out, found.stock_error);
    return error;
  };
  for (const auto& angles : stock_angles(r.angles.front(), r.angles[r.count() - 1], calls)) {
    if (!goes_on && !stock.empty()) break;
    stock.push_back({angles, try_stock(angles, searching::stock_solvers[0])});
  }
  searching::sort(stock);
  for (std::size_t i = 0; i < stock.size() && i < 4; ++i)
    for (std::size_t s = 1; s < searching::stock_solvers.size() && goes_on; ++s)
      stock[i].error = (std::min)(stock[i].error, try_stock(stock[i].angles, searching::stock_solvers[s]));
  searching::sort(stock);
  found.error = found.stock_error;
  found.plan = std::move(best_stock);

  std::vector<std::vector<double>> pool = shortlist(r, calls, options.shortlist);
  for (std::size_t i = 0; i < stock.size() && i < 4; ++i) pool.push_back(stock[i].angles);
  if (options.own != nullptr) {
    found.own_error = held_out_error(net, r, *options.own);
    tell("stock", held_out * static_cast<double>(options.own->calls.size()) / one_run, found.own_error);
    if (found.own_error <= found.error) {
      found.error = found.own_error;
      found.plan = *options.own;
      found.told = "the plan in use";
    }
    std::vector<double> angles;
    for (const plan::call& c : options.own->calls) angles.push_back(angle(c.at));
    if (static_cast<int>(angles.size()) == calls && angles.front() == r.angles.front() &&
        std::adjacent_find(angles.begin(), angles.end(), [](double a, double b) { return a <= b; }) == angles.end())
      pool.push_back(angles);
  }

  // Rows for all of them, and the best by held-out samples.
  fit_result best{.held_out = (std::numeric_limits<double>::max)()};
  std::vector<double> best_angles;
  const auto held_out_of = [&](fit_result& one) {
    one.held_out = held_out_error(net, r, net.planned(one.solver.levels, one.solver));
  };
  const auto take = [&](fit_result one, const std::vector<double>& angles) {
    if (!(one.held_out < best.held_out)) return;
    best = std::move(one);
    best_angles = angles;
  };
  int history = options.history;
  for (const auto& angles : pool) {
    if (!goes_on) break;
    fit_result one = fit(net, r, levels_at_angles(net, angles), {.history = history, .ridges = {1e-5}});
    history = one.solver.history;
    take(one, angles);
    tell("levels", one_run + held_out, best.held_out);
  }
  const auto fit_again = [&](const std::vector<double>& angles, double ridge) {
    return fit_rows(net, r, levels_at_angles(net, angles), history, ridge);
  };
  for (const double ridge : {1e-8, 1e-6, 1e-4, 1e-3}) {
    if (!goes_on || best_angles.empty()) break;
    fit_result one = fit_again(best_angles, ridge);
    held_out_of(one);
    take(std::move(one), std::vector<double>(best_angles));
    tell("ridge", one_run + held_out, best.held_out);
  }

  if (goes_on && !best_angles.empty() && found.calls + one_run < budget) {
    const bool refines = calls <= most_refined;
    const double until = refines ? (found.calls + budget) / 2 : budget;
    searching::descend(
        net, r, best_angles, best,
        [&](double cost, double error) {
          tell("descent", cost, error);
          return goes_on && found.calls + one_run <= until;
        },
        [&](fit_result one) {
          held_out_of(one);
          found.calls += held_out;
          take(std::move(one), {});
        });
    const double round = one_run * (one_run * one_run / 6 + 5);
    if (refines && goes_on && found.calls + round < budget)
      searching::refine(net, r, best, [&](fit_result one, double cost) {
        held_out_of(one);
        take(std::move(one), {});
        tell("refinement", cost + held_out, best.held_out);
        return goes_on && found.calls + round < budget;
      });
  }

  if (best.held_out < found.error) {
    found.error = best.held_out;
    found.plan = net.planned(best.solver.levels, best.solver);
    found.solver = std::move(best.solver);
    found.told = "levels and weights of its own";
  } else {
    found.told += ": nothing better was found";
  }
  return found;
}

/// Without an observer.
template <class Net>
[[nodiscard]] search_result search(Net&& net, int calls, const search_options& options = {}) {
  return search(net, calls, options, [](const search_progress&) {});
}

}  // namespace fokker::inline v0::tuning
