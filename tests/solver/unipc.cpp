// SPDX-License-Identifier: MIT
#include <fokker/solver/unipc.hpp>

#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/exp_adams.hpp>

#include "support/laws.hpp"
#include "support/multisteps.hpp"

namespace fk = fokker;
using fk::level;
using fk::solver::form;
using fk::solver::target;
using fk::solver::unipc;

namespace {

/// UniPC as diffusers writes it, a sum of differences whose weights solve a linear system in each step; on one number.
struct diffusers_unipc {
  int order = 2;
  bool corrects = true, data = true, bh1 = false, lower_order_final = true;
  int disabled = -1;
  std::vector<double> ratios = {};  // DC-Solver's

  using list = std::vector<double>;

  /// R rho = b, the last of R's points 1 for the corrector.
  static list solve(std::vector<list> R, list b) {
    const std::size_t n = b.size();
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < n; ++i)
        if (i != k) {
          const double f = R[i][k] / R[k][k];
          for (std::size_t j = k; j < n; ++j) R[i][j] -= f * R[k][j];
          b[i] -= f * b[k];
        }
    for (std::size_t k = 0; k < n; ++k) b[k] /= R[k][k];
    return b;
  }

  /// x at t from x at s; the values newest first, `next` the one at t for the corrector.
  double step(double x, const std::vector<level>& levels, std::size_t s, const list& m, int p,
              const double* next) const {
    const level &from = levels[s], &to = levels[s + 1];
    const auto lambda = [](const level& l) { return std::log(l.alpha) - std::log(l.sigma); };
    const double h = lambda(to) - lambda(from), hh = data ? -h : h, B = bh1 ? hh : std::expm1(hh);
    list points, differences;
    for (int j = 1; j < p; ++j) {
      points.push_back((lambda(levels[s - static_cast<std::size_t>(j)]) - lambda(from)) / h);
      differences.push_back((m[static_cast<std::size_t>(j)] - m[0]) / points.back());
    }
    if (next) points.push_back(1), differences.push_back(*next - m[0]);
    list rho(points.size(), 0.5);
    if (!(points.size() == 1 && p == (next ? 1 : 2))) {
      std::vector<list> R;
      list b;
      double phi = std::expm1(hh) / hh - 1, factorial = 1;  // hh phi_{k+1}, from k = 1
      for (std::size_t k = 0; k < points.size(); ++k) {
        list row;
        for (const double r : points) row.push_back(std::pow(r, k));
        R.push_back(row);
        factorial *= static_cast<double>(k + 1);
        b.push_back(phi * factorial / B);
        phi = phi / hh - 1 / (factorial * static_cast<double>(k + 2));
      }
      rho = solve(R, b);
    }
    double sum = 0;
    for (std::size_t j = 0; j < rho.size(); ++j) sum += rho[j] * differences[j];
    return data ? to.sigma / from.sigma * x - to.alpha * std::expm1(hh) * m[0] - to.alpha * (sum == 0 ? 0 : B * sum)
                : to.alpha / from.alpha * x - to.sigma * std::expm1(hh) * m[0] - to.sigma * B * sum;
  }

  template <class Problem>
  double run(const std::vector<level>& levels, const Problem& problem, double x) const {
    const int steps = static_cast<int>(levels.size()) - 1;
    list m;
    double corrected = x;
    for (int i = 0, p = 0; i < steps; ++i) {
      const auto s = static_cast<std::size_t>(i);
      const double D = problem.data(x, levels[s]);
      const double now = data ? D : (x - levels[s].alpha * D) / levels[s].sigma;
      if (i > 0 && corrects && disabled != i - 1) x = step(corrected, levels, s - 1, m, p, &now);
      m.insert(m.begin(), now);
      if (!ratios.empty() && ratios[s] != 1) {
        const auto t = [&](std::size_t back) { return levels[s - back].time; };
        const double at = ratios[s] * (t(0) - t(1)) + t(1);
        m[0] = (at - t(1)) * (at - t(2)) / ((t(0) - t(1)) * (t(0) - t(2))) * m[0] +
               (at - t(0)) * (at - t(2)) / ((t(1) - t(0)) * (t(1) - t(2))) * m[1] +
               (at - t(0)) * (at - t(1)) / ((t(2) - t(0)) * (t(2) - t(1))) * m[2];
      }
      p = std::min({order, i + 1, lower_order_final ? steps - i : order});
      corrected = x;
      x = step(corrected, levels, s, m, p, nullptr);
    }
    return x;
  }
};

/// WAN 2.1's levels: sigma from `first` down to 0 in equal steps, shifted, and told to the network as whole numbers.
fk::grid::explicit_levels wan(int steps, double shift, double first) {
  std::vector<level> levels;
  for (int i = 0; i <= steps; ++i) {
    const double t = first * (steps - i) / steps;
    levels.push_back(fk::level_at(fk::schedule::flow_linear{}, shift * t / (1 + (shift - 1) * t)));
    levels.back().label = std::trunc(1000 * levels.back().sigma);
  }
  return {levels};
}

}  // namespace

TEST_CASE("unipc converges at its order on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    const auto off = [&](const auto& solver) { return test::measured_order(schedule, solver, 64) - solver.order; };
    for (const form f : {form::bh1, form::bh2, form::heun})
      for (const target q : {target::data, target::epsilon}) {
        CHECK(off(unipc<1>{.target = q, .form = f}) == Approx(0).margin(0.15));
        CHECK(off(unipc<2, false>{.target = q, .form = f}) == Approx(0).margin(0.15));
        CHECK(off(unipc<2>{.target = q, .form = f, .lower_order_final = false}) == Approx(0).margin(0.15));
      }
  });
}

TEST_CASE("unipc of order 3 reaches order 4 but for its first steps") {
  // The first corrected steps err by h^3 and h^4 each: 4 is not reached before their share is small.
  CHECK(test::measured_order(fk::schedule::edm{}, unipc<3>{.lower_order_final = false}, 32) > 3.5);
}

TEST_CASE("unipc whose last steps are of lower order, and which does not end on data, is of order 2", "[order]") {
  CHECK(test::measured_order(fk::schedule::edm{}, unipc<2>{}, 64) == Approx(2).epsilon(0).margin(0.15));
}

TEST_CASE("unipc is what diffusers computes, on steps of different length") {
  const test::two_normals problem;
  const fk::schedule::flow_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at_ratios(schedule, {8, 5, 2.8, 2, 0.9, 0.4, 0.25})};
  const auto check = [&](const auto& solver, diffusers_unipc peer) {
    for (const bool final : {true, false}) {
      auto ours = solver;
      ours.lower_order_final = peer.lower_order_final = final;
      const auto plan = fk::make_plan(schedule, fk::parameterization::flow{}, grid, ours);
      // Two digits are lost in the peer's phi.
      CHECK(test::run(plan, problem, 0.7) == Approx(peer.run(plan.levels, problem, 0.7)).epsilon(1e-12));
    }
  };
  for (const bool bh1 : {true, false})
    for (const bool data : {true, false}) {
      const form f = bh1 ? form::bh1 : form::bh2;
      const target q = data ? target::data : target::epsilon;
      check(unipc<1>{.target = q, .form = f}, {.order = 1, .data = data, .bh1 = bh1});
      check(unipc<2>{.target = q, .form = f}, {.order = 2, .data = data, .bh1 = bh1});
      check(unipc<3>{.target = q, .form = f}, {.order = 3, .data = data, .bh1 = bh1});
      check(unipc<2, false>{.target = q, .form = f}, {.order = 2, .corrects = false, .data = data, .bh1 = bh1});
      check(unipc<3, false>{.target = q, .form = f}, {.order = 3, .corrects = false, .data = data, .bh1 = bh1});
      check(unipc<2>{.target = q, .form = f, .disable_corrector = {1}},
            {.order = 2, .data = data, .bh1 = bh1, .disabled = 1});
    }
}

TEST_CASE("unipc with ratios is DC-Solver, whose newest prediction is that of a parabola, for the corrector as well") {
  const test::two_normals problem;
  const fk::schedule::flow_linear schedule;
  const fk::grid::explicit_levels grid{fk::levels_at_ratios(schedule, {8, 5, 2.8, 2, 0.9, 0.4, 0.25})};
  const auto end = [&](const auto& solver) {
    return test::run(fk::make_plan(schedule, fk::parameterization::flow{}, grid, solver), problem, 0.7);
  };
  const std::vector<double> ratios{1, 1, 0.9, 1.2, 1, 0.7};
  const auto levels = grid.levels(schedule);
  for (const bool data : {true, false}) {
    const target q = data ? target::data : target::epsilon;
    const auto same = [&](const auto& solver, diffusers_unipc peer) {
      peer.ratios = solver.ratios;
      CHECK(end(solver) == Approx(peer.run(levels, problem, 0.7)).epsilon(1e-12));
    };
    same(unipc<1>{.target = q, .ratios = ratios}, {.order = 1, .data = data});
    same(unipc<2>{.target = q, .ratios = ratios}, {.order = 2, .data = data});
    same(unipc<3, false>{.target = q, .ratios = ratios}, {.order = 3, .corrects = false, .data = data});
  }
  CHECK(end(unipc<2>{.ratios = {1, 1, 1, 1, 1, 1}}) == end(unipc<2>{}));
  CHECK(end(unipc<2>{.ratios = {0.5, 2, 1, 1, 1, 1}}) == end(unipc<2>{}));  // of fewer predictions than three
  law::refused([&] { (void)end(unipc<2>{.ratios = {1, 1}}); }, {"the number of ratios is 2", "6, one for each step"});
  law::refused([&] { (void)end(unipc<2>{.ratios = {1, 1, 1, 1, 1, std::nan("")}}); }, {"a ratio is nan", "finite"});
}

TEST_CASE("unipc with exact weights is exponential Adams, and UniP-2 with B2 is DPM-Solver++(2M)") {
  const test::two_normals problem;
  test::on_every_path([&](const auto& schedule) {
    const auto same = [&](const auto& a, const auto& b) {
      const auto end = [&](const auto& solver) {
        const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(9), solver);
        return test::run(plan, problem, 3 * plan.levels.front().alpha);
      };
      CHECK(end(a) == Approx(end(b)).epsilon(1e-12));
    };
    using fk::solver::exp_adams;
    same(unipc<3>{.form = form::heun, .lower_order_final = false}, exp_adams<3, true>{});
    same(unipc<2, false>{.form = form::heun, .lower_order_final = false}, exp_adams<2>{});
    same(unipc<2, false>{.lower_order_final = false}, fk::solver::dpmpp_2m{});
  });
}

TEST_CASE("unipc reaches single points, is finite at both ends, and keeps as many tensors as it must") {
  for (const form f : {form::bh1, form::bh2}) {
    test::is_finite_from_noise_to_data(unipc<3>{.form = f});
    test::is_finite_from_noise_to_data(unipc<2>{.target = target::epsilon, .form = f});
    test::reaches_a_single_point(unipc<3>{.form = f});
    test::reaches_a_single_point(unipc<2>{.target = target::epsilon, .form = f});
  }
  test::costs(unipc<2, false>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(unipc<1>{}, {.inputs = 3, .rows = 2, .normals = 0, .buffers = 2});
  test::costs(unipc<2>{}, {.inputs = 4, .rows = 3, .normals = 0, .buffers = 3});
  test::costs(unipc<3>{}, {.inputs = 5, .rows = 3, .normals = 0, .buffers = 4});
}

TEST_CASE("unipc refuses a target that is neither data nor epsilon") {
  CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3),
                                  unipc<2>{.target = target::flow}),
                    Catch::Contains("target is") && Catch::Contains("data or epsilon"));
}

TEST_CASE("unipc on WAN 2.1's levels tells its labels and does what its sampler does") {
  const auto planned = [](int steps, double shift) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, wan(steps, shift, 0.999),
                         unipc<>{});
  };
  const auto has = [](const fk::plan::program& plan, std::size_t i, double sigma, double label) {
    CHECK(plan.calls[i].at.sigma == Approx(sigma).epsilon(0).margin(0.5e-8));  // the list has 8 digits
    CHECK(plan.calls[i].at.label == label);
  };
  const auto plan = planned(50, 5);
  REQUIRE(plan.calls.size() == 50);
  has(plan, 0, .99979984, 999);
  has(plan, 1, .99573237, 995);
  has(plan, 2, .99153047, 991);
  has(plan, 3, .98718736, 987);
  CHECK(plan.calls[4].at.label == 982);
  CHECK(plan.calls[5].at.label == 978);
  has(plan, 47, .24174034, 241);
  has(plan, 48, .17226514, 172);
  has(plan, 49, .092506852, 92);
  CHECK(plan.levels.back().sigma == 0);
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  const auto low = planned(40, 3);  // image to video, 480p
  has(low, 0, .99966644, 999);
  has(low, 1, .99118909, 991);
  has(low, 38, .13623966, 136);
  has(low, 39, .071360541, 71);

  // FlowUniPC: order 2, bh2, data from x - sigma u, the corrector in each step but the first, D at the end.
  const test::two_normals problem;
  for (const auto& p : {plan, low})
    CHECK(test::run(p, problem, 0.7) == Approx(diffusers_unipc{}.run(p.levels, problem, 0.7)).epsilon(1e-11));
}

TEST_CASE("dpmpp_2m on WAN 2.1's other levels begins at pure noise") {
  const auto plan =
      fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, wan(50, 5, 1), fk::solver::dpmpp_2m{});
  CHECK(plan.levels[0].is_noise());
  CHECK(plan.calls[0].at.label == 1000);
  CHECK(plan.calls[1].at.sigma == Approx(.99593496).epsilon(0).margin(0.5e-8));
  CHECK(plan.calls[2].at.sigma == Approx(.99173554).epsilon(0).margin(0.5e-8));
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});

  // Its sampler: x' = (t/s) x - alpha_t (e^{-h} - 1) [D + (D - D') / 2r], with h infinite in the first step and the
  // last.
  const test::two_normals problem;
  double x = 0.7, before = 0, h_before = 0;
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    const level &s = plan.levels[i], &t = plan.levels[i + 1];
    const double D = problem.data(x, s), h = std::log(t.alpha / t.sigma) - std::log(s.alpha / s.sigma);
    const double mixed = i > 0 && !t.is_data() ? D + h / (2 * h_before) * (D - before) : D;
    x = t.sigma / s.sigma * x - t.alpha * std::expm1(-h) * mixed;
    before = D, h_before = h;
  }
  CHECK(test::run(plan, problem, 0.7) == Approx(x).epsilon(1e-11));
}

TEST_CASE("WAN 2.1's first two labels coincide from so many steps on, and a plan's check says so") {
  const auto told_twice = [](int steps, double shift) {
    const auto plan =
        fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, wan(steps, shift, 0.999), unipc<>{});
    const auto findings = fk::plan::check(plan);
    const bool said =
        !findings.empty() && findings.front().rfind("calls 0 and 1 tell the network the same label", 0) == 0;
    CHECK(said == (plan.calls[0].at.label == plan.calls[1].at.label));
    return said;
  };
  const std::pair<double, int> first[] = {{5, 251}, {8, 144}, {12, 92}, {16, 68}};
  for (const auto& [shift, steps] : first) {
    CHECK_FALSE(told_twice(steps - 1, shift));
    CHECK(told_twice(steps, shift));
  }
}
