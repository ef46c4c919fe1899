// SPDX-License-Identifier: MIT
#include <fokker/interop/res4lyf.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/stepper.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using Catch::Contains;
using fk::interop::menu_network;
namespace res4lyf = fk::interop::menus::res4lyf;
namespace tableaus = fk::solver::tableaus;

namespace {

double network(double input, double label) {
  return 0.7 * input + 0.2 * std::sin(2 * input) + 0.03 * std::sin(label / 100);
}

struct finished {
  std::vector<double> labels;
  double end = 0;
};
/// From 1.2 times the program's initial scale.
finished run(const fk::interop::recipe& r) {
  using view = fk::backend::host_view<double>;
  const fk::plan::program plan = r.plan(fk::guidance::none{}, {});
  const auto of_theirs = [&](const fk::level& l) { return r.over_alpha ? l.alpha : 1; };
  finished f{{}, 1.2 * r.initial_scale * of_theirs(plan.levels.front())};
  view look{&f.end, {1, 1}};
  const fk::noise::philox none;
  for (fk::stepper<view, fk::noise::philox> steps(plan, none, look, fk::beginning::given); !steps.done();
       steps.advance()) {
    f.labels.push_back(steps.call().at.label);
    steps.output(0).data[0] = network(steps.input().data[0], f.labels.back());
  }
  f.end /= of_theirs(plan.levels.back());
  return f;
}

// What the program does, written down once more: a tableau for each step, in its own variable.

using rows = std::vector<std::vector<double>>;
struct tableau {
  std::vector<double> c;
  rows a;  // and the last one is b
  bool exponential = true;
  std::size_t earlier = 0;  // predictions in the place of stages
};

/// By what remains of the series of e^z. The least |z| here is 0.02 and the largest k 3, so at most 2^-64 / 0.02^3 =
/// 7e-15 is lost.
long double phi(int k, long double z) {
  if (k == 0) return std::exp(z);
  long double remainder = std::exp(z), term = 1;
  for (int j = 0; j < k; ++j) {
    remainder -= term;
    term *= z / (j + 1);
  }
  return remainder / std::pow(z, k);
}
double phi(int k, double h, double c) { return static_cast<double>(phi(k, static_cast<long double>(-h * c))); }

/// The first column is what the others leave of c phi_1(c z).
tableau filled(double h, tableau t) {
  for (std::size_t i = 0; i < t.a.size(); ++i) {
    const double c = i < t.c.size() ? t.c[i] : 1;
    t.a[i].resize(t.c.size());
    double left = c == 0 ? 0 : c * phi(1, h, c);
    for (const double w : t.a[i]) left -= w;
    t.a[i][0] = left;
  }
  return t;
}
tableau linear(std::vector<double> c, rows a) {
  for (auto& row : a) row.resize(c.size());
  return {std::move(c), std::move(a), false};
}
tableau two(double h, double c2, double b2) { return filled(h, {{0, c2}, {{}, {}, {0, b2}}}); }
tableau res_2s(double h) { return two(h, 0.5, 2 * phi(2, h, 1)); }
tableau three(double h, double c2, double c3, double gamma) {
  const double b3 = phi(2, h, 1) / (gamma * c2 + c3);
  return filled(
      h, {{0, c2, c3}, {{}, {}, {0, gamma * c2 * phi(2, h, c2) + c3 * c3 / c2 * phi(2, h, c3)}, {0, gamma * b3, b3}}});
}
double printed_gamma(double c2, double c3) { return (3 * c3 * c3 * c3 - 2 * c3) / (c2 * (2 - 3 * c2)); }
tableau res_3s(double h) { return three(h, 0.5, 1, printed_gamma(0.5, 1)); }
tableau ralston_2() { return linear({0, 2.0 / 3}, {{}, {2.0 / 3}, {0.25, 0.75}}); }
tableau ralston_3() { return linear({0, 0.5, 0.75}, {{}, {0.5}, {0, 0.75}, {2.0 / 9, 1.0 / 3, 4.0 / 9}}); }
tableau ralston_4() {
  const double r = std::sqrt(5.0);
  return linear(
      {0, 0.4, (14 - 3 * r) / 16, 1},
      {{},
       {0.4},
       {(-2889 + 1428 * r) / 1024, (3785 - 1620 * r) / 1024},
       {(-3365 + 2094 * r) / 6040, (-975 - 3046 * r) / 2552, (467040 + 203968 * r) / 240845},
       {(263 + 24 * r) / 1812, (125 - 1000 * r) / 3828, (3426304 + 1661952 * r) / 5924787, (30 - 4 * r) / 123}});
}

/// Weights over h of slopes in sigma, from the integrals of Lagrange's polynomials by Simpson's rule, which is exact up
/// to their degree of 3.
tableau deis(const std::vector<double>& sigmas, std::size_t step, std::size_t order) {
  const double s = sigmas[step], h = sigmas[step + 1] - s;
  std::vector<double> b;
  for (std::size_t j = 0; j < order; ++j) {
    const auto polynomial = [&](double at) {
      double product = 1;
      for (std::size_t k = 0; k < order; ++k)
        if (k != j) product *= (at - sigmas[step - k]) / (sigmas[step - j] - sigmas[step - k]);
      return product;
    };
    b.push_back((polynomial(s) + 4 * polynomial(s + h / 2) + polynomial(s + h)) / 6);
  }
  return {{0}, {{0}, b}, false, order - 1};
}

tableau tableau_of(const std::string& name, const std::vector<double>& sigmas, std::size_t step) {
  const auto back = [&](std::size_t steps) { return std::log(sigmas[step - steps] / sigmas[step]); };
  const double h = std::log(sigmas[step] / sigmas[step + 1]);
  const auto f = [&](int k, double c = 1) { return phi(k, h, c); };
  if (name == "ddim") return filled(h, {{0}, {{}, {}}});
  if (name == "res_2s") return res_2s(h);
  if (name == "etdrk2_2s" || name == "res_2s_stable" || name == "res_2s_rkmk2e") return two(h, 1, f(2));
  if (name == "dpmpp_2s") return two(h, 0.5, f(1));
  if (name == "dpmpp_sde_2s") return two(h, 1, f(1) / 2);
  if (name == "res_3s") return res_3s(h);
  if (name == "dpmpp_3s" || name == "res_3s_strehmel_weiner") return three(h, 0.5, 1, 0);
  if (name == "res_3s_alt") return three(h, 1.0 / 3, 2.0 / 3, 0);
  if (name == "res_3s_cox_matthews")
    return filled(h, {{0, 0.5, 1}, {{}, {}, {0, 2 * f(1)}, {0, 4 * f(2) - 8 * f(3), 4 * f(3) - f(2)}}});
  if (name == "res_3s_lie")
    return filled(h, {{0, 1.0 / 3, 2.0 / 3},
                      {{}, {}, {0, 4.0 / 3 * f(2, 2.0 / 3)}, {0, 6 * f(2) - 18 * f(3), 9 * f(3) - 1.5 * f(2)}}});
  if (name == "etdrk3_a_3s")
    return filled(h, {{0, 1, 2.0 / 3}, {{}, {}, {0, 4.0 / 9 * f(2, 2.0 / 3)}, {0, f(2) - f(1) / 2, 0.75 * f(1)}}});
  if (name == "etdrk3_b_3s")
    return filled(h, {{0, 4.0 / 9, 2.0 / 3}, {{}, {}, {0, f(2, 2.0 / 3)}, {0, 0, 1.5 * f(2)}}});
  const std::vector<double> quarters{0, 0.5, 0.5, 1};
  const double middle = 2 * f(2) - 4 * f(3), last = 4 * f(3) - f(2);
  if (name == "res_4s_krogstad")
    return filled(h, {quarters, {{}, {}, {0, f(2, 0.5)}, {0, 0, 2 * f(2)}, {0, middle, middle, last}}});
  if (name == "res_4s_strehmel_weiner")
    return filled(h, {quarters, {{}, {}, {0, f(2, 0.5) / 2}, {0, -2 * f(2), 4 * f(2)}, {0, 0, 2 * middle, last}}});
  if (name == "res_4s_cox_matthews" || name == "res_4s_cfree4") {
    const double half = f(1, 0.5);
    const std::vector<double> end = name == "res_4s_cfree4"
                                        ? std::vector{f(1) / 2 - half / 3, f(1) / 3, f(1) / 3, half / 3 - f(1) / 6}
                                        : std::vector{f(1) - 3 * f(2) + 4 * f(3), middle, middle, last};
    return {quarters,
            {{0, 0, 0, 0}, {half / 2, 0, 0, 0}, {0, half / 2, 0, 0}, {half * (f(0, 0.5) - 1) / 2, 0, half, 0}, end}};
  }
  if (name == "lawson41-gen_4s" || name == "lawson41-gen-mod_4s") {
    const double e = f(0, 0.5);
    const double end = name == "lawson41-gen_4s" ? 1.0 / 6 : f(2) - e / 3;
    return filled(h, {quarters, {{}, {}, {0, 0.5}, {0, 0, e}, {0, e / 3, e / 3, end}}});
  }
  if (name == "res_5s") {
    const double a52 = f(2, 0.5) / 2 - f(3) + f(2) / 4 - f(3, 0.5) / 2;
    return filled(
        h,
        {{0, 0.5, 0.5, 1, 0.5},
         {{}, {}, {0, f(2, 0.5)}, {0, f(2), f(2)}, {0, a52, a52, f(2, 0.5) / 4 - a52}, {0, 0, 0, last, 2 * middle}}});
  }
  if (name == "euler") return linear({0}, {{}, {1}});
  if (name == "midpoint_2s") return linear({0, 0.5}, {{}, {0.5}, {0, 1}});
  if (name == "heun_2s") return linear({0, 1}, {{}, {1}, {0.5, 0.5}});
  if (name == "ralston_2s") return ralston_2();
  if (name == "ralston_3s" || name == "bogacki-shampine_4s") return ralston_3();
  if (name == "ralston_4s") return ralston_4();
  if (name == "heun_3s") return linear({0, 1.0 / 3, 2.0 / 3}, {{}, {1.0 / 3}, {0, 2.0 / 3}, {0.25, 0, 0.75}});
  if (name == "kutta_3s") return linear({0, 0.5, 1}, {{}, {0.5}, {-1, 2}, {1.0 / 6, 2.0 / 3, 1.0 / 6}});
  if (name == "ssprk3_3s") return linear({0, 1, 0.5}, {{}, {1}, {0.25, 0.25}, {1.0 / 6, 1.0 / 6, 2.0 / 3}});
  if (name == "rk4_4s") return linear(quarters, {{}, {0.5}, {0, 0.5}, {0, 0, 1}, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}});
  if (name == "rk38_4s")
    return linear({0, 1.0 / 3, 2.0 / 3, 1},
                  {{}, {1.0 / 3}, {-1.0 / 3, 1}, {1, -1, 1}, {1.0 / 8, 3.0 / 8, 3.0 / 8, 1.0 / 8}});
  if (name == "dormand-prince_6s")
    return linear({0, 0.2, 0.3, 0.8, 8.0 / 9, 1},
                  {{},
                   {1.0 / 5},
                   {3.0 / 40, 9.0 / 40},
                   {44.0 / 45, -56.0 / 15, 32.0 / 9},
                   {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                   {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                   {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}});
  if (name == "tsi_7s")
    return linear(
        {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1},
        {{},
         {0.161},
         {-0.008480655492356989, 0.335480655492357},
         {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
         {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
         {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.02826905039406838},
         {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774}});
  if (name == "deis_2m") return step < 3 ? ralston_2() : deis(sigmas, step, 2);
  if (name == "deis_3m") return step < 4 ? ralston_3() : deis(sigmas, step, 3);
  if (name == "deis_4m") return step < 5 ? ralston_4() : deis(sigmas, step, 4);
  // With steps of this length the row of Euler's method meets predictions less x, as exponential methods have them.
  const bool is_euler = h >= 1 && sigmas[step] < 0.1;
  if (is_euler) return {{0}, {{0}, {1}}};
  if (name == "res_2m" || name == "dpmpp_2m") {
    const bool res = name == "res_2m";
    if (h >= 1) return res_2s(h);
    if (step < 2) return res ? res_2s(h) : two(h, 0.5, f(1));
    const double c2 = -back(1) / h, b2 = res ? f(2) / c2 : f(1) / (2 * c2);
    return {{0}, {{0}, {f(1) - b2, b2}}, true, 1};
  }
  if (name == "res_3m" || name == "dpmpp_3m") {
    const bool res = name == "res_3m";
    if (h >= 1) return res_3s(h);
    if (step < 3) return res ? res_3s(h) : three(h, 0.5, 1, 0);
    const double c2 = -back(1) / h, c3 = -back(2) / h, gamma = res ? printed_gamma(c2, c3) : 0;
    const double b3 = f(2) / (gamma * c2 + c3), b2 = gamma * b3;
    return {{0}, {{0}, {f(1) - b2 - b3, b2, b3}}, true, 2};
  }
  throw std::invalid_argument("no tableau of " + name);
}

/// Their x at the end.
double ends(const std::string& name, std::vector<double> sigmas, double least, double x,
            const std::function<double(double, double)>& data) {
  double& last = sigmas[sigmas.size() - 2];
  if (last < least)
    last = least;
  else if (last - least > 1e-4)
    sigmas.insert(sigmas.end() - 1, least);
  std::vector<double> earlier;
  for (std::size_t step = 0; step + 2 < sigmas.size(); ++step) {
    const tableau t = tableau_of(name, sigmas, step);
    const double s = sigmas[step], next = sigmas[step + 1];
    const double h = t.exponential ? std::log(s / next) : next - s;
    std::vector<double> slopes;
    const auto slope = [&](double d) { return t.exponential ? d - x : (x - d) / s; };
    const auto at = [&](const std::vector<double>& row) {
      double sum = 0;
      for (std::size_t j = 0; j < slopes.size(); ++j) sum += row[j] * slopes[j];
      return x + h * sum;
    };
    double first = 0;
    for (std::size_t i = 0; i < t.c.size(); ++i) {
      const double d = data(at(t.a[i]), t.exponential ? s * std::exp(-t.c[i] * h) : s + t.c[i] * h);
      if (i == 0) first = d;
      slopes.push_back(slope(d));
    }
    for (std::size_t j = 0; j < t.earlier; ++j) slopes.push_back(slope(earlier[j]));
    x = at(t.a.back());
    earlier.insert(earlier.begin(), first);
  }
  return data(x, sigmas[sigmas.size() - 2]);
}

std::vector<std::string> of_the_menu() {
  std::vector<std::string> names;
  for (const auto& s : fk::interop::menus::of_res4lyf().samplers)
    if (!s.solver.empty()) names.emplace_back(s.name);
  return names;
}

}  // namespace

// Both sides compute in double; what differs is the order of operations, in runs of a network with a slope below 1.2.
TEST_CASE("RES4LYF's samplers end on flows where its formulas do") {
  const auto n = menu_network::flow(3);
  const auto shifted = [](double t) { return 3 * t / (1 + 2 * t); };
  const auto data = [](double x, double sigma) { return x - sigma * network(x, 1000 * sigma); };
  for (const int steps : {1, 6, 20, 50}) {
    std::vector<double> sigmas;
    for (int i = 0; i < steps; ++i) sigmas.push_back(shifted((1000 - std::floor(i * (1000.0 / steps))) / 1000));
    sigmas.push_back(0);
    for (const std::string& name : of_the_menu()) {
      INFO(name << ", " << steps << " steps");
      const auto ours = run(fk::interop::res4lyf({.sampler = name, .scheduler = "simple", .steps = steps}, n));
      CHECK(ours.end == Approx(ends(name, sigmas, shifted(0.001), 1.2, data)).epsilon(1e-10).margin(1e-10));
    }
  }
}

TEST_CASE("RES4LYF's samplers end with tables where its formulas do") {
  const auto n = menu_network::stable_diffusion();
  const double least = fk::level_at(n.table, 0).ratio();
  for (const std::string& name : of_the_menu())
    for (const std::string scheduler : {"beta57", "karras", "sgm_uniform", "exponential"}) {
      INFO(name << " on " << scheduler);
      const int steps = scheduler == "exponential" ? 7 : 12;  // whose steps in log-SNR are all of 1.04, just too long
      const auto chosen = fk::interop::res4lyf({.sampler = name, .scheduler = scheduler, .steps = steps}, n);
      const auto comfy = scheduler == "beta57"
                             ? fk::interop::menus::of_res4lyf().schedulers.front().levels(n, steps)
                             : fk::interop::comfyui({.scheduler = scheduler, .steps = steps}, n).levels;
      std::vector<double> sigmas;
      for (const fk::level& l : comfy) sigmas.push_back(l.ratio());
      const auto ours = run(chosen);
      auto label = ours.labels.begin();
      const auto data = [&](double x, double sigma) {
        return x - sigma * network(x / std::sqrt(1 + sigma * sigma), *label++);
      };
      CHECK(ours.end ==
            Approx(ends(name, sigmas, least, 1.2 * chosen.initial_scale, data)).epsilon(1e-10).margin(1e-10));
      CHECK(label == ours.labels.end());
    }
}

TEST_CASE("RES4LYF's samplers are finite from noise to data, and so is ComfyUI's er_sde") {
  for (const auto& s : fk::interop::menus::of_res4lyf().samplers) {
    if (s.solver.empty()) continue;
    INFO(s.name);
    test::is_finite_from_noise_to_data(s.made != nullptr ? s.made() : fk::solver::by_name(s.solver, s.fields));
  }
  test::is_finite_from_noise_to_data(fk::interop::menus::detail::er_sde_by_sums{});
  // From noise the step is DDIM's.
  const fk::schedule::any straight = fk::schedule::flow_linear{};
  const fk::grid::explicit_levels one{fk::levels_at(fk::schedule::flow_linear{}, {1, 0.5})};
  const auto first = [&](const test::any_solver& solver) {
    return fk::plan::to_text(fk::make_plan(straight, test::any_network(fk::parameterization::velocity{}), one, solver));
  };
  for (const test::any_solver& solver : {res4lyf::made<res4lyf::anchored<res4lyf::heun>>(),
                                         res4lyf::multisteps<2, res4lyf::res_2m, res4lyf::multistep<2>::two>()})
    CHECK(first(solver) == first(fk::solver::ddim{}));
  // With noise it is a new one.
  const auto er = fk::make_plan(straight, test::any_network(fk::parameterization::velocity{}),
                                fk::grid::explicit_levels{fk::levels_at(fk::schedule::flow_linear{}, {1, 0.25})},
                                test::any_solver(fk::interop::menus::detail::er_sde_by_sums{}));
  CHECK(er.calls[0].then.rows[0].normals[0] == 0.25);
}

TEST_CASE("a stage at the end of a step is called at its level itself", "[bits]") {
  const auto r = fk::interop::res4lyf({.sampler = "heun_2s", .scheduler = "karras"}, menu_network::stable_diffusion());
  const auto plan = r.plan(fk::guidance::none{}, {});
  for (std::size_t i = 0; i + 2 < r.levels.size(); ++i) CHECK(plan.calls[2 * i + 1].at.time == r.levels[i + 1].time);
}

TEST_CASE("RES4LYF's beta57 has quantiles of the beta distribution of 0.5 and 0.7 for timesteps") {
  // 1 - i/8 of them: 888.51, 718.57, 535.15, 360.72, 210.70, 96.08 and 24.38
  const auto levels = fk::interop::menus::of_res4lyf().schedulers.front().levels(menu_network::stable_diffusion(), 8);
  std::vector<double> times;
  for (const fk::level& l : levels) times.push_back(l.is_data() ? -1 : l.time);
  CHECK(times == std::vector<double>{999, 889, 719, 535, 361, 211, 96, 24, -1});
}

TEST_CASE("the step onto data starts at the network's least sigma") {
  const fk::schedule::edm path;
  const auto ratios = [&](std::vector<double> sigmas, double least) {
    auto levels = fk::levels_at(path, sigmas);
    levels.push_back(fk::level_at(path, 0));
    res4lyf::from_least(levels, fk::level_at(path, least));
    sigmas.clear();
    for (const fk::level& l : levels) sigmas.push_back(l.sigma);
    return sigmas;
  };
  CHECK(ratios({10, 1, 0.1}, 0.2) == std::vector<double>{10, 1, 0.2, 0});
  CHECK(ratios({10, 1, 0.1}, 0.09995) == std::vector<double>{10, 1, 0.1, 0});  // it is there but for 1e-4
  CHECK(ratios({10, 1, 0.1}, 0.099) == std::vector<double>{10, 1, 0.1, 0.099, 0});
  auto above = fk::levels_at(path, {10, 1});
  res4lyf::from_least(above, fk::level_at(path, 0.1));
  CHECK(above.size() == 2);
}

TEST_CASE("RES4LYF's methods have the order that they measure", "[order]") {
  const auto measured = [](const auto& solver) { return test::measured_order(fk::schedule::edm{}, solver, 64); };
  const auto close = [](double order) { return Approx(order).epsilon(0).margin(0.15); };
  using fk::solver::exponential_by_tableau;
  CHECK(measured(exponential_by_tableau<res4lyf::dpmpp_3s>{}) == close(2));
  CHECK(measured(exponential_by_tableau<res4lyf::cox_matthews_3>{}) == close(3));
  CHECK(measured(exponential_by_tableau<res4lyf::lie_3>{}) == close(3));
  CHECK(measured(exponential_by_tableau<res4lyf::etdrk_3a>{}) == close(3));
  CHECK(measured(exponential_by_tableau<res4lyf::etdrk_3b>{}) == close(3));
  CHECK(measured(exponential_by_tableau<res4lyf::cfree_4>{}) == close(4));
  // Whatever the table, with slopes that have the x and the sigma of the step's start.
  CHECK(measured(res4lyf::anchored<tableaus::ralston>{}) == close(2));
  CHECK(measured(res4lyf::anchored<res4lyf::ralston_3>{}) == close(2));
  CHECK(measured(res4lyf::anchored<res4lyf::rk4>{}) == close(2));
  CHECK(measured(res4lyf::anchored<tableaus::tsit5>{}) == close(2));
  CHECK(fk::solver::order_of(res4lyf::rk4) == 4);
  CHECK(fk::solver::order_of(res4lyf::ralston_3) == 3);
  CHECK(fk::solver::order_of(res4lyf::ralston_4) == 4);
  CHECK(fk::solver::order_of(res4lyf::dormand_prince) == 5);
  CHECK(measured(res4lyf::multistep<3>{res4lyf::res_3m, res4lyf::multistep<3>::three}) == close(2));
  CHECK(measured(res4lyf::multistep<3>{res4lyf::deis, res4lyf::anchored_stages<res4lyf::ralston_3>, false}) ==
        close(2));
}

TEST_CASE("every sampler of RES4LYF's menu makes a plan or says why it does not") {
  const auto& menu = fk::interop::menus::of_res4lyf();
  CHECK(menu.samplers.size() == 118);
  for (const menu_network& n : {menu_network::stable_diffusion(), menu_network::flow()})
    for (const auto& s : menu.samplers) {
      INFO(s.name << (n.is_flow() ? " of a flow" : ""));
      CHECK(s.solver.empty() != s.note.empty());
      const auto plan = [&](int steps) {
        const fk::interop::menu_choice choice{.sampler = "folder/" + std::string(s.name), .steps = steps};
        return fk::interop::res4lyf(choice, n).plan(fk::guidance::none{}, {});
      };
      if (s.solver.empty())
        CHECK_THROWS_WITH(plan(5), Contains("fokker: sampler is " + std::string(s.name) + "; allowed: another one"));
      else
        for (const int steps : {1, 2, 5}) CHECK(plan(steps).calls.size() > static_cast<std::size_t>(steps));
    }
  for (const auto& s : menu.schedulers) {
    INFO(s.name);
    const auto flow = menu_network::flow();
    CHECK(fk::interop::res4lyf({.sampler = "res_2s", .scheduler = std::string(s.name), .steps = 20}, flow)
              .levels.back()
              .is_data());
  }
}

TEST_CASE("RES4LYF's bong_tangent has the sigmas of its formula") {
  const auto levels =
      fk::interop::res4lyf({.sampler = "euler", .scheduler = "bong_tangent", .steps = 10}, menu_network::flow()).levels;
  const int points = 12, middle = 7;  // floor(0.6 times 12)
  const double slope = 0.2 / (points / 40.0);
  const auto piece = [&](int count, int pivot, double start, double end, int at) {
    const auto curve = [&](int i) { return std::atan(-slope * (i - pivot)); };
    return (curve(at) - curve(count - 1)) / (curve(0) - curve(count - 1)) * (start - end) + end;
  };
  for (int i = 0; i < 10; ++i) {
    const double wanted = i < middle - 1 ? piece(middle, 7, 1, 0.5, i) : piece(points - middle, 0, 0.5, 0, i - 6);
    CHECK(levels[static_cast<std::size_t>(i)].sigma == Approx(wanted).epsilon(1e-13));
  }
  CHECK(levels.size() == 12);  // the last level above the data is another one
  CHECK_THROWS_WITH(
      fk::interop::res4lyf({.sampler = "euler", .scheduler = "bong_tangent"}, menu_network::stable_diffusion()),
      "fokker: network is one with a table; allowed: a flow: this scheduler starts at sigma = 1");
}

TEST_CASE("a sampler that RES4LYF does not have is refused with those that it has") {
  CHECK_THROWS_WITH(fk::interop::res4lyf({.sampler = "res_2S"}, menu_network::flow()),
                    Contains("the name of a sampler is res_2S; allowed: res_2m, res_3m, dpmpp_2m, "));
  CHECK_NOTHROW(fk::interop::res4lyf({.sampler = "a folder/in another/res_2s"}, menu_network::flow()));
}

TEST_CASE("the page of res4lyf has every name") {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../docs/interop/res4lyf.md");
  std::stringstream page;
  page << file.rdbuf();
  std::size_t lines = 0;
  const auto has = [&](const std::string& row) {
    CHECK_THAT(page.str(), Contains("\n" + row + "\n"));
    ++lines;
  };
  for (const auto& s : fk::interop::menus::of_res4lyf().samplers) {
    std::string solver = "`" + std::string(s.solver);
    for (const auto& f : s.fields) solver += "{." + f.name + " = " + std::to_string(static_cast<int>(f.number)) + "}";
    has("| `" + std::string(s.name) + "` | " + (s.solver.empty() ? std::string(s.note) : solver + "`") + " |");
  }
  std::size_t found = 0;
  for (std::size_t at = page.str().find("\n| `"); at != std::string::npos; at = page.str().find("\n| `", at + 1))
    ++found;
  CHECK(found == lines);
}
