// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/level_grid.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/rounded_product.hpp>
#include <fokker/grid/beta.hpp>
#include <fokker/grid/bong_tangent.hpp>
#include <fokker/interop/menus.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/bosh3.hpp>
#include <fokker/solver/by_tableau.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/exponential_by_tableau.hpp>
#include <fokker/solver/exponential_runge_kutta.hpp>
#include <fokker/solver/midpoint.hpp>
#include <fokker/solver/order_of.hpp>
#include <fokker/solver/phi.hpp>
#include <fokker/solver/rk4.hpp>

/// RES4LYF's samplers for ComfyUI, as that program runs them where nothing but eta, which is 0, is changed.
namespace fokker::inline v0::interop {

namespace menus::res4lyf {

using solver::exponential_tableau;
using solver::tableau;

// Tables.

using solver::tableaus::dormand_prince;
using solver::tableaus::midpoint;
using solver::tableaus::ralston_3;
using solver::tableaus::rk4;

inline constexpr tableau<2> heun{.nodes = {0, 1}, .weights = {{{1}, {0.5, 0.5}}}};
/// Ralston 1962: the four stages whose bound of the error is least.
inline constexpr tableau<4> ralston_4{
    .nodes = {0, 0.4, 0.4557372542187894, 1},
    .weights = {{{0.4},
                 {0.2969776092477536, 0.15875964497103584},
                 {0.21810038822592046, -3.050965148692931, 3.8328647604670105},
                 {0.17476028226269036, -0.551480662878733, 1.2055355993965235, 0.17118478121951902}}}};

/// DPM-Solver-3's weights with the last call at the end of the step, where they have order 2.
struct dpmpp_3s {
  static constexpr int order = 2;
  static constexpr std::array nodes{0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) { return solver::three_stages(z, 0.5, 1, 0); }
};

/// ETD3RK, Cox & Matthews 2002, eqs. 23-25.
struct cox_matthews_3 {
  static constexpr int order = 3;
  static constexpr std::array nodes{0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto f = solver::phi<3>(z);
    return {{}, {2 * f[1]}, {std::fma(-8, f[3], 4 * f[2]), std::fma(4, f[3], -f[2])}};
  }
};

/// ETD2CF3, with the nodes 1/3 and 2/3.
struct lie_3 {
  static constexpr int order = 3;
  static constexpr std::array nodes{1.0 / 3, 2.0 / 3};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto f = solver::phi<3>(z);
    return {
        {}, {4.0 / 3 * solver::phi<2>(2 * z / 3)[2]}, {std::fma(-18, f[3], 6 * f[2]), std::fma(9, f[3], -1.5 * f[2])}};
  }
};

/// Three stages of order 3, the second one at the end.
struct etdrk_3a {
  static constexpr int order = 3;
  static constexpr std::array nodes{1.0, 2.0 / 3};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const auto f = solver::phi<2>(z);
    return {{}, {4.0 / 9 * solver::phi<2>(2 * z / 3)[2]}, {std::fma(-0.5, f[1], f[2]), 0.75 * f[1]}};
  }
};

/// The same with the nodes 4/9 and 2/3, which is DPM-Solver-3 with r_1 = 4/9.
struct etdrk_3b {
  static constexpr int order = 3;
  static constexpr std::array nodes{4.0 / 9, 2.0 / 3};

  [[nodiscard]] static exponential_tableau rows(double z) { return solver::three_stages(z, 4.0 / 9, 2.0 / 3, 0); }
};

/// CFREE4, Celledoni, Marthinsen & Owren 2003.
struct cfree_4 {
  static constexpr int order = 4;
  static constexpr std::array nodes{0.5, 0.5, 1.0};

  [[nodiscard]] static exponential_tableau rows(double z) {
    const double half = solver::phi<1>(z / 2)[1], whole = solver::phi<1>(z)[1];
    return {{}, {half / 2}, {0, half}, {whole / 3, whole / 3, std::fma(-1.0 / 6, whole, half / 3)}};
  }
};

// Steps.

/// The stages of a step in log-SNR, and the weights of their predictions.
struct stages {
  std::vector<double> shares;
  exponential_tableau rows;
};

/// Those of a Runge-Kutta method in sigma/alpha whose slopes are all (x_s - D_i) / sigma_s, with the x and the sigma of
/// the step's start, h = its length: y_i = y + (1 - e^-h) sum_j a_ij (D_j - y). The weights of D are so a_ij phi_1(-h).
template <const auto& Tableau>
[[nodiscard]] stages anchored_stages(double h) {
  const double fall = std::expm1(-h), phi_1 = -fall / h;
  stages of;
  for (std::size_t i = 0; i < Tableau.nodes.size(); ++i) {
    const double node = Tableau.nodes[i];
    if (i > 0) of.shares.push_back(node == 1 ? 1 : -std::log1p(node * fall) / h);
    std::vector<double> row;
    for (std::size_t j = 1; j <= i; ++j) row.push_back(phi_1 * Tableau.weights[i][j]);
    of.rows.push_back(std::move(row));
  }
  return of;
}

/// x at t by them; `from` are those so far, of the step's start alone.
[[nodiscard]] inline plan::expression take(plan::builder& p, solver::exponential_stages& from, const level& s,
                                           const level& t, const stages& of) {
  for (std::size_t i = 0; i < of.shares.size(); ++i) {
    const double share = of.shares[i];
    const level at = share == 1 ? t : p.at_ratio(s.ratio() * std::exp(-share * log_snr_step(s, t)));
    plan::expression x = from.at(at, of.rows[i]);
    const auto n = p.call(x, at);
    from.add(x, n);
  }
  return from.at(t, of.rows.back());
}

/// A step that is DDIM's: from noise and onto data.
[[nodiscard]] inline plan::expression take_ddim(const plan::prediction& m, const level& s, const level& t) {
  return s.is_noise() ? t.alpha * m.data + t.sigma * m.epsilon : t.alpha * m.data;
}

/// A Runge-Kutta method with the slopes of `anchored_stages`: of order 2 at most, whatever its table.
template <const auto& Tableau>
struct anchored {
  static constexpr int order = (std::min)(2, solver::order_of(Tableau));
  static constexpr int evaluations = static_cast<int>(Tableau.nodes.size());
  static constexpr int history = 0;
  static constexpr bool stochastic = false;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      if (s.is_noise() || t.is_data()) {
        x = take_ddim(m, s, t);
        continue;
      }
      solver::exponential_stages from(p, x, m, s, t, solver::target::data);
      x = take(p, from, s, t, anchored_stages<Tableau>(log_snr_step(s, t)));
    }
    return x;
  }
};

/// The weights of predictions, the newest first, of y_t = (r_t / r_s) y_s + sum_j w_j D_j: `ratios` are sigma/alpha at
/// t, at s and where the earlier ones were made.
using weights_rule = std::vector<double> (*)(const std::vector<double>& ratios);

/// A multistep method of `Order` predictions. As many steps are taken by `first`, and without limits one more. With
/// them, steps of a length of 1 and more in log-SNR are those of res_2s or res_3s, or from sigma/alpha below 0.1 one of
/// Euler's in log-SNR.
template <int Order>
struct multistep {
  static constexpr int order = 2;
  static constexpr int evaluations = 1;
  static constexpr int history = Order - 1;
  static constexpr bool stochastic = false;

  weights_rule weights;
  stages (*first)(double h);
  bool limited = true;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    std::vector<double> ratios;            // where predictions were made, the newest first
    std::vector<plan::expression> values;  // these
    int index = 0;
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const int done = index++;
      if (s.is_noise() || t.is_data()) {
        x = take_ddim(m, s, t);
        continue;
      }
      solver::exponential_stages from(p, x, m, s, t, solver::target::data);
      ratios.insert(ratios.begin(), s.ratio());
      values.insert(values.begin(), from.first());
      if (values.size() > Order) {
        ratios.pop_back();
        values.pop_back();
      }
      const double h = log_snr_step(s, t);
      const bool is_long = limited && h >= 1;
      if (is_long && s.ratio() < 0.1) {
        x = t.alpha * ((1 - h) / s.alpha * x + h * values.front());
      } else if (is_long) {
        x = take(p, from, s, t, Order == 2 ? two(h) : three(h));
      } else if (done < Order + (limited ? 0 : 1)) {
        x = take(p, from, s, t, first(h));
      } else {
        std::vector<double> places{t.ratio()};
        for (const double r : ratios) places.push_back(r);
        const std::vector<double> w = weights(places);
        x = t.sigma / s.sigma * x;
        for (std::size_t j = 0; j < w.size(); ++j) x = x + t.alpha * w[j] * values[j];
      }
    }
    return x;
  }

  [[nodiscard]] static stages two(double h) { return {{0.5}, solver::two_stages(-h, 0.5)}; }
  [[nodiscard]] static stages three(double h) {
    return {{0.5, 1}, solver::three_stages(-h, 0.5, 1, solver::third_order(0.5, 1))};
  }
};

/// The weights of the row of an exponential tableau, which has earlier predictions for its stages.
[[nodiscard]] inline std::vector<double> whole_row(double h, const std::vector<double>& row) {
  std::vector<double> w{-std::expm1(-h)};
  for (const double r : row) {
    w.push_back(fokker::detail::rounded_product(h, r));
    w.front() -= w.back();
  }
  return w;
}
/// The length of the step, and the places of earlier predictions as shares of it.
struct places {
  double h, c2, c3;

  explicit places(const std::vector<double>& ratios)
      : h(std::log(ratios[1] / ratios[0])),
        c2(-std::log(ratios[2] / ratios[1]) / h),
        c3(ratios.size() > 3 ? -std::log(ratios[3] / ratios[1]) / h : 0) {}
};

[[nodiscard]] inline std::vector<double> res_2m(const std::vector<double>& ratios) {
  const places at(ratios);
  return whole_row(at.h, solver::two_stages(-at.h, at.c2).back());
}
[[nodiscard]] inline std::vector<double> dpmpp_2m(const std::vector<double>& ratios) {
  const places at(ratios);
  return whole_row(at.h, solver::two_stages_of_phi_1(-at.h, at.c2).back());
}
/// gamma with the cube of c3 where `solver::third_order` has its square: order 2.
[[nodiscard]] inline std::vector<double> res_3m(const std::vector<double>& ratios) {
  const places at(ratios);
  const double gamma =
      at.c3 * std::fma(3 * at.c3, at.c3, -2) / (at.c2 * (2 - fokker::detail::rounded_product(3, at.c2)));
  return whole_row(at.h, solver::three_stages(-at.h, at.c2, at.c3, gamma).back());
}
[[nodiscard]] inline std::vector<double> dpmpp_3m(const std::vector<double>& ratios) {
  const places at(ratios);
  return whole_row(at.h, solver::three_stages(-at.h, at.c2, at.c3, 0).back());
}
[[nodiscard]] inline stages dpmpp_2s_first(double h) { return {{0.5}, solver::two_stages_of_phi_1(-h, 0.5)}; }
[[nodiscard]] inline stages dpmpp_3s_first(double h) { return {{0.5, 1}, dpmpp_3s::rows(-h)}; }

/// DEIS's weights of slopes in sigma/alpha (Zhang & Chen 2023, rho-AB), where the slopes are (x_s - D_j) / sigma_s with
/// the x and the sigma of the step's start: the integrals of Lagrange's polynomials over the step.
[[nodiscard]] inline std::vector<double> deis(const std::vector<double>& ratios) {
  const double start = ratios[1], h = ratios[0] - start;
  std::vector<double> w;
  for (std::size_t j = 1; j < ratios.size(); ++j) {
    std::vector<double> polynomial{1};  // in powers of the distance from the start
    for (std::size_t k = 1; k < ratios.size(); ++k) {
      if (k == j) continue;
      const double apart = ratios[j] - ratios[k], root = ratios[k] - start;
      polynomial.push_back(0);
      for (std::size_t i = polynomial.size(); i-- > 0;)
        polynomial[i] = std::fma(-root, polynomial[i], i > 0 ? polynomial[i - 1] : 0) / apart;
    }
    double integral = 0;
    for (std::size_t i = polynomial.size(); i-- > 0;)
      integral = fokker::detail::rounded_product(integral + polynomial[i] / static_cast<double>(i + 1), h);
    w.push_back(-integral / start);
  }
  return w;
}

template <class Solver>
[[nodiscard]] any_solver made() {
  return Solver{};
}
template <int Order, weights_rule Weights, stages (*First)(double), bool Limited = true>
[[nodiscard]] any_solver multisteps() {
  return multistep<Order>{Weights, First, Limited};
}

// Levels.

[[nodiscard]] inline std::vector<level> beta57(const menu_network& n, int steps) {
  return menus::detail::of_timesteps(n, grid::beta{.steps = steps, .a = 0.5, .b = 0.7});
}
[[nodiscard]] inline std::vector<level> bong_tangent(const menu_network& n, int steps) {
  if (!n.is_flow()) fokker::detail::refuse("network", "one with a table", "a flow: this scheduler starts at sigma = 1");
  return grid::bong_tangent{.steps = steps}.levels(schedule::flow_linear{});
}

/// The step onto data starts at the network's least sigma: where the grid does not stand there, it gets a level more.
inline void from_least(std::vector<level>& levels, const level& least) {
  if (!levels.back().is_data()) return;
  level& last = *(levels.end() - 2);
  if (last.ratio() < least.ratio())
    last = least;
  else if (last.ratio() - least.ratio() > 1e-4)
    levels.insert(levels.end() - 1, least);
}

// The menu.

[[nodiscard]] inline std::vector<sampler> samplers() {
  using namespace solver::tableaus;
  using namespace solver::exponential_tableaus;
  using solver::exponential_by_tableau;
  using enum on_flows;
  std::vector<sampler> all;
  const auto named = [&](std::string_view name, std::string_view solver, const std::vector<field>& fields = {}) {
    all.push_back({.name = name, .solver = solver, .fields = fields, .flows = exploding});
  };
  const auto own = [&](std::string_view name, std::string_view solver, any_solver (*made)()) {
    all.push_back({.name = name, .solver = solver, .flows = exploding, .made = made});
  };
  const auto none = [&](std::string_view note, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) all.push_back({.name = name, .note = note});
  };

  own("res_2m", "res4lyf::multistep<2>", multisteps<2, res_2m, multistep<2>::two>);
  own("res_3m", "res4lyf::multistep<3>", multisteps<3, res_3m, multistep<3>::three>);
  own("dpmpp_2m", "res4lyf::multistep<2>", multisteps<2, dpmpp_2m, dpmpp_2s_first>);
  own("dpmpp_3m", "res4lyf::multistep<3>", multisteps<3, dpmpp_3m, dpmpp_3s_first>);
  own("deis_2m", "res4lyf::multistep<2>", multisteps<2, deis, anchored_stages<ralston>, false>);
  own("deis_3m", "res4lyf::multistep<3>", multisteps<3, deis, anchored_stages<ralston_3>, false>);
  own("deis_4m", "res4lyf::multistep<4>", multisteps<4, deis, anchored_stages<ralston_4>, false>);
  none("its weights are not those of its steps; the method is solver::exp_adams",
       {"abnorsett_2m", "abnorsett_3m", "abnorsett_4m"});

  named("res_2s", "res_2s");
  named("res_2s_stable", "res_2s", {{"c2", 1}});
  named("res_2s_rkmk2e", "res_2s", {{"c2", 1}});
  named("etdrk2_2s", "res_2s", {{"c2", 1}});
  named("dpmpp_2s", "dpmpp_2s");
  named("dpmpp_sde_2s", "dpmpp_2s", {{"r1", 1}});
  named("res_3s", "res_3s");
  named("res_3s_alt", "dpmpp_3s");
  own("res_3s_strehmel_weiner", "exponential_by_tableau<res4lyf::dpmpp_3s>", made<exponential_by_tableau<dpmpp_3s>>);
  own("dpmpp_3s", "exponential_by_tableau<res4lyf::dpmpp_3s>", made<exponential_by_tableau<dpmpp_3s>>);
  own("res_3s_cox_matthews", "exponential_by_tableau<res4lyf::cox_matthews_3>",
      made<exponential_by_tableau<cox_matthews_3>>);
  own("res_3s_lie", "exponential_by_tableau<res4lyf::lie_3>", made<exponential_by_tableau<lie_3>>);
  own("etdrk3_a_3s", "exponential_by_tableau<res4lyf::etdrk_3a>", made<exponential_by_tableau<etdrk_3a>>);
  own("etdrk3_b_3s", "exponential_by_tableau<res4lyf::etdrk_3b>", made<exponential_by_tableau<etdrk_3b>>);
  own("res_4s_krogstad", "exponential_by_tableau<krogstad>", made<exponential_by_tableau<krogstad>>);
  own("res_4s_strehmel_weiner", "exponential_by_tableau<strehmel_weiner>",
      made<exponential_by_tableau<strehmel_weiner>>);
  own("res_4s_cox_matthews", "exponential_by_tableau<etdrk_4>", made<exponential_by_tableau<etdrk_4>>);
  own("res_4s_cfree4", "exponential_by_tableau<res4lyf::cfree_4>", made<exponential_by_tableau<cfree_4>>);
  own("lawson41-gen_4s", "exponential_by_tableau<generalised_lawson>",
      made<exponential_by_tableau<generalised_lawson>>);
  own("lawson41-gen-mod_4s", "exponential_by_tableau<modified_lawson>", made<exponential_by_tableau<modified_lawson>>);
  own("res_5s", "exponential_by_tableau<hochbruck_ostermann>", made<exponential_by_tableau<hochbruck_ostermann>>);
  named("ddim", "ddim");

  none("its gamma is not that of order 3, and its order is 2; near it is res_3s", {"res_3s_non-monotonic"});
  none("its order is 2; near it is res_3s_alt, whose order is 3", {"res_3s_sunstar"});
  none("a weight of its third stage is four times the method's; the method is there res_4s_krogstad",
       {"res_4s_krogstad_alt"});
  none("a weight of its third stage is four times the method's; the method is there res_4s_strehmel_weiner",
       {"res_4s_strehmel_weiner_alt"});
  none("a weight of its third stage is four times the method's; the method is exponential_by_tableau<friedli>",
       {"res_4s_friedli"});
  none(
      "its third stage has other weights than the method's, and its fourth one weight fewer; the method is "
      "exponential_by_tableau<minchev>",
      {"res_4s_minchev"});
  none("weights of its third and fifth stages are not the method's; the method is there res_5s",
       {"res_5s_hochbruck-ostermann"});
  none("weights of its stages are twice the method's; the method is there res_4s_cox_matthews", {"etdrk4_4s"});
  none("its last weights do not sum to those of a method; the method is there res_4s_cox_matthews", {"etdrk4_4s_alt"});
  none("its h has the other sign than the method's", {"res_4s_munthe-kaas"});
  none("its x does not decay by e^-h, as Lawson's does; near it is there lawson41-gen_4s",
       {"lawson2a_2s", "lawson2b_2s", "lawson4_4s"});
  none("this library has no table of so many stages",
       {"res_6s", "res_8s", "res_8s_alt", "res_10s", "res_15s", "res_16s"});
  none("it has stages and earlier predictions, which no solver of this library has together",
       {"pec423_2h2s", "pec433_2h3s", "abnorsett2_1h2s", "abnorsett3_2h2s", "abnorsett4_3h2s", "lawson42-gen-mod_1h4s",
        "lawson43-gen-mod_2h4s", "lawson44-gen-mod_3h4s", "lawson45-gen-mod_4h4s"});

  own("ralston_2s", "res4lyf::anchored<ralston>", made<anchored<ralston>>);
  own("ralston_3s", "res4lyf::anchored<res4lyf::ralston_3>", made<anchored<ralston_3>>);
  own("ralston_4s", "res4lyf::anchored<res4lyf::ralston_4>", made<anchored<ralston_4>>);
  own("midpoint_2s", "res4lyf::anchored<res4lyf::midpoint>", made<anchored<midpoint>>);
  own("heun_2s", "res4lyf::anchored<res4lyf::heun>", made<anchored<heun>>);
  own("heun_3s", "res4lyf::anchored<heun_3>", made<anchored<heun_3>>);
  own("kutta_3s", "res4lyf::anchored<kutta_3>", made<anchored<kutta_3>>);
  own("ssprk3_3s", "res4lyf::anchored<ssprk_3>", made<anchored<ssprk_3>>);
  own("rk38_4s", "res4lyf::anchored<three_eighths>", made<anchored<three_eighths>>);
  own("rk4_4s", "res4lyf::anchored<res4lyf::rk4>", made<anchored<rk4>>);
  own("bogacki-shampine_4s", "res4lyf::anchored<res4lyf::ralston_3>", made<anchored<ralston_3>>);
  own("dormand-prince_6s", "res4lyf::anchored<res4lyf::dormand_prince>", made<anchored<dormand_prince>>);
  own("tsi_7s", "res4lyf::anchored<tsit5>", made<anchored<tsit5>>);
  named("euler", "euler");
  none("two of its stages do not stand at their nodes; near it is there dormand-prince_6s", {"rk5_7s"});
  none("this library does not have its table",
       {"houwen-wray_3s", "ssprk4_4s", "rk6_7s", "bogacki-shampine_7s", "dormand-prince_13s"});

  none("an implicit method, whose stages this library does not solve for", {"irk_exp_diag_2s",
                                                                            "kraaijevanger_spijker_2s",
                                                                            "qin_zhang_2s",
                                                                            "pareschi_russo_2s",
                                                                            "pareschi_russo_alt_2s",
                                                                            "crouzeix_2s",
                                                                            "crouzeix_3s",
                                                                            "crouzeix_3s_alt",
                                                                            "gauss-legendre_2s",
                                                                            "gauss-legendre_3s",
                                                                            "gauss-legendre_4s",
                                                                            "gauss-legendre_4s_alternating_a",
                                                                            "gauss-legendre_4s_ascending_a",
                                                                            "gauss-legendre_4s_alt",
                                                                            "gauss-legendre_5s",
                                                                            "gauss-legendre_5s_ascending",
                                                                            "radau_ia_2s",
                                                                            "radau_ia_3s",
                                                                            "radau_iia_2s",
                                                                            "radau_iia_3s",
                                                                            "radau_iia_3s_alt",
                                                                            "radau_iia_5s",
                                                                            "radau_iia_7s",
                                                                            "radau_iia_9s",
                                                                            "radau_iia_11s",
                                                                            "lobatto_iiia_2s",
                                                                            "lobatto_iiia_3s",
                                                                            "lobatto_iiia_4s",
                                                                            "lobatto_iiib_2s",
                                                                            "lobatto_iiib_3s",
                                                                            "lobatto_iiib_4s",
                                                                            "lobatto_iiic_2s",
                                                                            "lobatto_iiic_3s",
                                                                            "lobatto_iiic_4s",
                                                                            "lobatto_iiic_star_2s",
                                                                            "lobatto_iiic_star_3s",
                                                                            "lobatto_iiid_2s",
                                                                            "lobatto_iiid_3s"});
  return all;
}

}  // namespace menus::res4lyf

namespace menus {

/// ComfyUI's schedulers, and two more.
[[nodiscard]] inline const menu& of_res4lyf() {
  static const menu m = [] {
    menu of = of_comfyui();
    of.samplers = res4lyf::samplers();
    of.schedulers.insert(of.schedulers.begin(), {"beta57", "beta{.a = 0.5, .b = 0.7}", res4lyf::beta57});
    of.schedulers.push_back({"bong_tangent", "bong_tangent", res4lyf::bong_tangent});
    return of;
  }();
  return m;
}

}  // namespace menus

/// What RES4LYF's samplers do in ComfyUI with eta = 0, in steps and in substeps. A sampler may have its folder, as in
/// "multistep/res_2m". On flows they are run as those of variance exploding.
[[nodiscard]] inline recipe res4lyf(menu_choice choice, const menu_network& network) {
  choice.sampler.erase(0, choice.sampler.find_last_of('/') + 1);
  recipe r = menus::recipe_of(menus::of_res4lyf(), choice, network);
  menus::res4lyf::from_least(r.levels, network.is_flow()
                                           ? level_at(schedule::edm{}, network.shifted(1.0 / network.table.size()))
                                           : level_at(network.table, 0));
  return r;
}

}  // namespace fokker::inline v0::interop
