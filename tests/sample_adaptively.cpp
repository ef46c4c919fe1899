// SPDX-License-Identifier: MIT
#include <fokker/sample_adaptively.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/by_place.hpp>
#include <fokker/guidance/cfg_pp.hpp>
#include <fokker/guidance/cfg_zero_star.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/guidance/mambo_g.hpp>
#include <fokker/guidance/renormalised.hpp>
#include <fokker/guidance/rescaled.hpp>
#include <fokker/guidance/tangential.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/solver/bosh3.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/dpm_solver_2s.hpp>
#include <fokker/solver/dpm_solver_3s.hpp>
#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/solver/dpmpp_3s.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::level;
using test::inner;

namespace {

/// A network that is told a level for each sample, of one element each.
template <class P>
struct told_levels {
  P network;
  test::two_normals problem = {};
  int* calls = nullptr;

  void operator()(std::vector<double>& out, const std::vector<double>& x, std::span<const level> each) const {
    if (calls) ++*calls;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double scale = fk::input_scale(network, each[i]), D = problem.data(x[i] / scale, each[i]);
      const fk::prediction_row row = network.row(each[i]);
      out[i] = row.data * D + row.noise * (x[i] / scale - each[i].alpha * D) / each[i].sigma;
    }
  }
};
template <class P>
told_levels(P, test::two_normals, int*) -> told_levels<P>;
template <class P>
told_levels(P) -> told_levels<P>;

template <class Check>
void with_every_pair(Check check) {
  check(fk::solver::dpm_solver_2s{});
  check(fk::solver::dpm_solver_3s{});
  check(fk::solver::dpmpp_2s{});
  check(fk::solver::dpmpp_3s{});
  check(fk::solver::bosh3{});
  check(fk::solver::dopri5{});
}

fk::adaptive_options within(double tolerance) { return {.relative = tolerance, .absolute = tolerance}; }

/// A pair whose steps draw noise: after the call, or before it.
struct drawing {
  bool before = false;
  static constexpr int order = 1, evaluations = 1, history = 0;
  static constexpr bool stochastic = true;
  [[nodiscard]] fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression y) const {
    for (auto [s, t] : p.steps()) y = attempt(p, y, s, t).next;
    return y;
  }
  [[nodiscard]] fk::plan::attempt attempt(fk::plan::builder& p, fk::plan::expression y, const level& s,
                                          const level& t) const {
    if (before) {
      const auto m = p.call(y + p.path(s, t)(s, t), s);
      return {m.data, 0.5 * m.data};
    }
    const auto m = p.call(y, s);
    return {y + m.data + p.path(s, t)(s, t), m.data};
  }
};

/// A pair of order 2 whose network says its error; x is multiplied.
struct told_errors {
  static constexpr int order = 2, evaluations = 1, history = 0;
  static constexpr bool stochastic = false;
  double times = 1;
  [[nodiscard]] fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression y) const {
    for (auto [s, t] : p.steps()) y = attempt(p, y, s, t).next;
    return y;
  }
  [[nodiscard]] fk::plan::attempt attempt(fk::plan::builder& p, fk::plan::expression y, const level& s,
                                          const level&) const {
    return {times * y, p.call(y, s).data};
  }
};

/// Adds a tensor that a run is given.
struct pushed {
  static constexpr int branches = 2;
  [[nodiscard]] fk::plan::guided operator()(fk::plan::guide& g) const {
    return {.network = g[0].network + g[1].network + g.given("known")};
  }
};

/// Memory of the host that counts what it is asked to do.
struct counted : fk::kernel::host {
  static inline int updates = 0, measures = 0, readings = 0;
  template <class... A>
  static auto update(const A&... a) {
    ++updates;
    return host::update(a...);
  }
  template <class... A>
  static auto measure(const A&... a) {
    ++measures;
    return host::measure(a...);
  }
  template <class A>
  static const A* on_host(const A* a, std::size_t) {
    ++readings;
    return a;
  }
};
/// Samples of four numbers there.
struct quartets : std::vector<float> {
  using vector::vector;
};

const std::vector<double> starts{-13, -2, 5, 17};

}  // namespace

template <>
struct fokker::backend::tensor<quartets> {
  using element = float;
  static float* data(quartets& t) { return t.data(); }
  static const float* data(const quartets& t) { return t.data(); }
  static extents shape(const quartets& t) { return {t.size() / 4, 4}; }
  static counted space(const quartets&) { return {}; }
  static quartets like(const quartets& t) { return quartets(t.size()); }
};

TEST_CASE("the error follows the tolerance, on every path", "[order]") {
  test::on_every_path([](const auto& schedule) {
    with_every_pair([&](const auto& solver) {
      const test::two_normals problem;
      std::vector<double> errors;
      for (const double tolerance : {1e-3, 1e-4, 1e-5, 1e-6, 1e-7}) {
        if (solver.order == 2 && tolerance < 1e-6) break;  // tens of thousands of steps
        const fk::adaptive plan(schedule, fk::parameterization::data{}, inner(10), solver, fk::guidance::none{},
                                within(tolerance));
        std::vector<double> x = starts;
        for (double& v : x) v *= plan.levels().front().alpha;
        const std::vector<double> begin = x;
        fk::sample_adaptively_from(plan, told_levels{fk::parameterization::data{}}, x);
        double worst = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double exact = problem.flow(begin[i], plan.levels().front(), plan.levels().back());
          worst = std::max(worst, std::abs(x[i] - exact) / plan.levels().back().alpha);
        }
        errors.push_back(worst);
      }
      // A pair of order p takes steps of tolerance^(1/p), and so errs by the tolerance itself.
      const double slope = std::log10(errors.front() / errors.back()) / static_cast<double>(errors.size() - 1);
      CHECK(slope == Approx(1).epsilon(0).margin(0.25));
    });
  });
}

TEST_CASE("each sample takes its own steps, and gets what it gets alone", "[bits]") {
  const fk::schedule::flow_linear schedule;
  with_every_pair([&](const auto& solver) {
    const fk::adaptive plan(schedule, fk::parameterization::velocity{}, inner(10), solver, fk::guidance::none{},
                            within(1e-4));
    const told_levels network{fk::parameterization::velocity{}};
    std::vector<double> x{0.4, 7, -0.05, 0.01, 3};
    const std::vector<double> begin = x;
    const auto took = fk::sample_adaptively_from(plan, network, x);
    bool differ = false;
    int rejected = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<double> alone{begin[i]};
      const auto took_alone = fk::sample_adaptively_from(plan, network, alone);
      CHECK(alone[0] == x[i]);
      CHECK(took_alone[0].accepted == took[i].accepted);
      CHECK(took_alone[0].rejected == took[i].rejected);
      CHECK(took_alone[0].calls == took[i].calls);
      differ = differ || took[i].accepted != took[0].accepted;
      rejected += took[i].rejected;
    }
    CHECK(differ);
    CHECK(rejected > 0);  // steps that were taken back are in all of this
  });
}

TEST_CASE("samples of an attempt are updated and measured together, and read once") {
  int called = 0;
  const auto network = [&](double shift) {
    return [&called, shift](quartets& out, const quartets& x, std::span<const level> each) {
      ++called;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double D = (x[i] + shift * static_cast<double>(i % 7)) / (1 + each[i / 4].sigma * each[i / 4].sigma);
        out[i] = static_cast<float>(D);
      }
    };
  };
  const auto run = [&](const auto& rule, auto networks, int branches) {
    const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::data{}, inner(10), fk::solver::bosh3{}, rule,
                            within(1e-3));
    quartets x(64 * 4);
    called = counted::updates = counted::measures = counted::readings = 0;
    fk::fill_normal(fk::noise::philox{.seed = 2}, x, {}, plan.levels().front().sigma);
    const auto took = fk::sample_adaptively_from(plan, networks, x);
    CHECK(std::any_of(took.begin(), took.end(), [&](const auto& t) { return t.accepted != took[0].accepted; }));
    CHECK(std::any_of(took.begin(), took.end(), [&](const auto& t) { return t.rejected > 0; }));
    return called / branches / 4;  // attempts of the batch, of four calls each
  };
  const int attempts = run(fk::guidance::none{}, network(0), 1);
  CHECK(counted::updates == 1 + 5 * attempts + 1);  // the noise, what the network reads first and four calls, the end
  CHECK(counted::measures == 0);
  CHECK(counted::readings == attempts);
  const int guided = run(fk::guidance::rescaled{fk::guidance::classifier_free{.scale = 3}},
                         fk::denoisers{network(0), network(0.5)}, 2);
  CHECK(counted::updates == 1 + 5 * guided + 1);
  CHECK(counted::measures == 4 * guided);
  CHECK(counted::readings == guided);
}

TEST_CASE("a plan of the accepted steps is the same run") {
  // What is accepted is what the solver does with fixed levels, whatever was tried between.
  const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::edm{}, inner(4), fk::solver::dpm_solver_3s{},
                          fk::guidance::none{}, within(1e-4));
  std::vector<level> seen;
  const auto network = [&](std::vector<double>& out, const std::vector<double>& x, const level& at) {
    seen.push_back(at);
    told_levels{fk::parameterization::edm{}}(out, x, std::span<const level>(&at, 1));
  };
  std::vector<double> x{5};
  const auto took = fk::sample_adaptively_from(plan, network, x);
  CHECK(took[0].rejected > 0);
  CHECK(static_cast<std::size_t>(took[0].calls) == seen.size());
  // Of three calls each the first stands where the step begins; a step that is taken back begins there again.
  std::vector<level> levels;
  for (std::size_t i = 0; i < seen.size(); i += 3)
    if (levels.empty() || seen[i].time != levels.back().time) levels.push_back(seen[i]);
  levels.push_back(plan.levels().back());
  CHECK(static_cast<int>(levels.size()) == took[0].accepted + 1);
  for (level& l : levels) l.label = level::unknown;
  const auto fixed = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::explicit_levels{levels},
                                   fk::solver::dpm_solver_3s{});
  // Kept values are rounded to memory where a step ends and another begins; all else is the same arithmetic.
  CHECK(test::run(fixed, test::two_normals{}, 5.0) == Approx(x[0]).epsilon(1e-13));
}

TEST_CASE("it begins at noise and ends on data") {
  const fk::schedule::flow_linear schedule;
  const test::two_normals problem;
  with_every_pair([&](const auto& solver) {
    std::vector<level> levels = fk::levels_at(schedule, {1, 0.99, 0.01, 0});
    const fk::adaptive plan(schedule, fk::parameterization::velocity{}, fk::grid::explicit_levels{levels}, solver,
                            fk::guidance::none{}, within(1e-5));
    CHECK(plan.to_data());
    std::vector<double> x(3);
    int calls = 0;
    const auto took =
        fk::sample_adaptively(plan, told_levels{fk::parameterization::velocity{}, test::two_normals{}, &calls},
                              fk::noise::philox{.seed = 3}, x);
    int most = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = fk::noise::philox{.seed = 3}.normals(static_cast<std::uint32_t>(i), 0, {0, 0}).z[0];
      // The last step is one of order 1 of a hundredth, and so is the first of the pairs in log-SNR.
      CHECK(x[i] == Approx(problem.flow(z, levels.front(), levels.back())).epsilon(0).margin(5e-3));
      most = std::max(most, took[i].calls);
    }
    CHECK(calls >= most);
  });
}

TEST_CASE("a sequence of noise draws where it begins, and a step that draws is refused") {
  const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::data{}, inner(5), fk::solver::bosh3{});
  const told_levels network{fk::parameterization::data{}};
  const fk::noise::torch_cpu noise(7);
  std::vector<double> x(4), same(4);
  fk::sample_adaptively(plan, network, noise, x);
  fk::fill_normal(noise, same, {}, plan.levels().front().sigma);
  fk::sample_adaptively_from(plan, network, same);
  CHECK(x == same);

  const fk::adaptive draws(fk::schedule::edm{}, fk::parameterization::data{}, inner(5), drawing{});
  const fk::adaptive draws_first(fk::schedule::edm{}, fk::parameterization::data{}, inner(5), drawing{.before = true});
  for (const auto& each : {draws, draws_first})
    law::refused([&] { fk::sample_adaptively_from(each, network, x); },
                 {"the plan is with noise in its steps", "without, where samples choose their steps"});
}

TEST_CASE("guidance of two branches, and a network with an input scale") {
  struct shifted {
    double by;
    void operator()(std::vector<double>& out, const std::vector<double>& x, std::span<const level> each) const {
      for (std::size_t i = 0; i < x.size(); ++i) {
        const fk::parameterization::edm network;
        const double in = x[i] / fk::input_scale(network, each[i]);
        const double D = fk::model::gaussian{.mean = by, .deviation = 0.5}.data(in, each[i]);
        const auto row = network.row(each[i]);
        out[i] = row.data * D + row.noise * (in - each[i].alpha * D) / each[i].sigma;
      }
    }
  };
  with_every_pair([&](const auto& solver) {
    const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::edm{}, inner(10), solver,
                            fk::guidance::classifier_free{.scale = 3}, within(1e-6));
    std::vector<double> x = starts;
    fk::sample_adaptively_from(plan, fk::denoisers{shifted{0.6}, shifted{0.2}}, x);
    // Means m of one deviation are guided to m_1 + 3 (m_0 - m_1) = 1.4.
    const fk::model::gaussian guided{.mean = 1.4, .deviation = 0.5};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = guided.flow(starts[i], plan.levels().front(), plan.levels().back());
      CHECK(x[i] == Approx(exact).epsilon(0).margin(1e-4));
    }
  });
}

TEST_CASE("data are limited by the quantile of each sample") {
  // The network says 3 of every element: divided by their quantile they are 1, and so is x where it ends on data.
  const auto three = [](auto& out, const auto& x, std::span<const level>) {
    for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = 3;
  };
  with_every_pair([&](const auto& solver) {
    for (const auto& levels : {fk::levels_at(fk::schedule::vp_linear{}, {0.9, 0.5, 0.1, 0.0}),
                               fk::levels_at(fk::schedule::vp_linear{}, {0.9, 0.5, 0.1, 1e-9})}) {
      const fk::adaptive plan(fk::schedule::vp_linear{},
                              fk::parameterization::thresholded{fk::parameterization::data{}},
                              fk::grid::explicit_levels{levels}, solver, fk::guidance::none{}, within(1e-3));
      std::vector<double> x(2 * 6);
      fk::sample_adaptively(plan, three, fk::noise::philox{.seed = 1},
                            fk::backend::host_view<double>{x.data(), {2, 6}});
      for (const double v : x) CHECK(v == Approx(1).epsilon(0).margin(1e-4));
    }
  });
}

TEST_CASE("a quantile of one element is refused") {
  const fk::adaptive plan(fk::schedule::vp_linear{}, fk::parameterization::thresholded{fk::parameterization::data{}},
                          inner(3), fk::solver::bosh3{});
  std::vector<double> x(2);
  law::refused([&] { fk::sample_adaptively(plan, told_levels{fk::parameterization::data{}}, fk::noise::philox{}, x); },
               {"the size of a sample of x is 1", "one_sample(x)"});
}

TEST_CASE("a step with thresholds is the step of a plan, for each sample of a batch") {
  // Half of the elements are beyond their quantile, so that the clamp and the scale both count.
  const fk::parameterization::thresholded<fk::parameterization::epsilon> network{{}, 0.5, 5};
  const auto says = [](auto& out, const auto& x, const level& l) {
    for (std::size_t i = 0; i < x.shape.size(); ++i)
      out.data[i] = (x.data[i] - l.alpha * (1 + static_cast<double>(i % 7)) * std::sin(x.data[i])) / l.sigma;
  };
  const auto told = [&](auto& out, const auto& x, std::span<const level> each) { says(out, x, each.front()); };
  with_every_pair([&](const auto& solver) {
    const fk::grid::explicit_levels ends{fk::levels_at(fk::schedule::vp_linear{}, {0.5, 0.4})};
    const fk::guidance::classifier_free guided{.scale = 3};
    const fk::adaptive plan(fk::schedule::vp_linear{}, network, ends, solver, guided, within(1e9));
    std::vector<double> adaptive(3 * 8), fixed(3 * 8);
    fk::sample_adaptively(plan, fk::denoisers{told, told}, fk::noise::philox{.seed = 4},
                          fk::backend::host_view<double>{adaptive.data(), {3, 8}});
    fk::sample(fk::make_plan(fk::schedule::vp_linear{}, network, ends, solver, guided), fk::denoisers{says, says},
               fk::noise::philox{.seed = 4}, fk::backend::host_view<double>{fixed.data(), {3, 8}});
    // The estimate changes what is kept, and so its roundings; a step this short multiplies them by some 10.
    for (std::size_t i = 0; i < fixed.size(); ++i) CHECK(adaptive[i] == Approx(fixed[i]).epsilon(1e-12).margin(1e-12));
  });
}

TEST_CASE("a step with measures is the step of a plan, for each sample of a batch") {
  const auto says = [](double shift) {
    return [shift](auto& out, const auto& x, const level& l) {
      for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = std::sin(x.data[i] + shift) - l.time;
    };
  };
  const auto told = [](auto network) {
    return [network](auto& out, const auto& x, std::span<const level> each) { network(out, x, each.front()); };
  };
  const fk::grid::explicit_levels ends{fk::levels_at(fk::schedule::vp_linear{}, {0.5, 0.4})};
  const auto check = [&](const auto& network, const auto& solver, const auto& rule) {
    const fk::adaptive plan(fk::schedule::vp_linear{}, network, ends, solver, rule, within(1e9));
    std::vector<double> adaptive(3 * 8), fixed(3 * 8);
    fk::sample_adaptively(plan, fk::denoisers{told(says(0)), told(says(1))}, fk::noise::philox{.seed = 4},
                          fk::backend::host_view<double>{adaptive.data(), {3, 2, 4}});
    fk::sample(fk::make_plan(fk::schedule::vp_linear{}, network, ends, solver, rule), fk::denoisers{says(0), says(1)},
               fk::noise::philox{.seed = 4}, fk::backend::host_view<double>{fixed.data(), {3, 2, 4}});
    for (std::size_t i = 0; i < fixed.size(); ++i) CHECK(adaptive[i] == Approx(fixed[i]).epsilon(1e-12).margin(1e-12));
  };
  const fk::parameterization::velocity network;
  with_every_pair([&](const auto& solver) {
    check(network, solver, fk::guidance::rescaled{fk::guidance::classifier_free{.scale = 3}});
    check(network, solver, fk::guidance::cfg_zero_star{.scale = 3, .zero_steps = 0});
    check(network, solver, fk::guidance::renormalised{fk::guidance::classifier_free{.scale = 3}, {0, 1}});
  });
  check(fk::parameterization::thresholded<fk::parameterization::velocity>{{}, 0.5, 5}, fk::solver::bosh3{},
        fk::guidance::mambo_g{.scale = 3});

  // In steps of their own choice each sample gets what it gets alone.
  const fk::adaptive plan(fk::schedule::vp_linear{}, network, inner(5), fk::solver::bosh3{},
                          fk::guidance::tangential{.scale = 2}, within(1e-4));
  const auto each_told = [](double shift) {
    return [shift](auto& out, const auto& x, std::span<const level> each) {
      const std::size_t size = x.shape.sample_size();
      for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = std::sin(x.data[i] + shift) - each[i / size].time;
    };
  };
  std::vector<double> all(12);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<double>(i * i % 11) - 4;
  const std::vector<double> begin = all;
  fk::sample_adaptively_from(plan, fk::denoisers{each_told(0), each_told(1)},
                             fk::backend::host_view<double>{all.data(), {3, 4}});
  for (std::size_t s = 0; s < 3; ++s) {
    std::vector<double> alone(begin.begin() + static_cast<std::ptrdiff_t>(4 * s),
                              begin.begin() + static_cast<std::ptrdiff_t>(4 * s + 4));
    fk::sample_adaptively_from(plan, fk::denoisers{each_told(0), each_told(1)},
                               fk::backend::host_view<double>{alone.data(), {1, 4}});
    CHECK(std::equal(alone.begin(), alone.end(), all.begin() + static_cast<std::ptrdiff_t>(4 * s)));
  }
}

TEST_CASE("rules that remember, count steps or are given something are refused where samples choose their steps") {
  std::vector<double> x(4);
  const auto never = [](auto&, const auto&, std::span<const level>) {};
  const auto refused = [&](const auto& rule, const char* why) {
    const fk::adaptive plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, inner(5), fk::solver::bosh3{},
                            rule, within(1e-4));
    law::refused([&] { fk::sample_adaptively(plan, fk::denoisers{never, never}, fk::noise::philox{}, x); }, {why});
  };
  refused(fk::guidance::apg{}, "the guidance is with memory");
  refused(fk::guidance::cfg_pp{fk::guidance::classifier_free{.scale = 0.6}}, "the guidance is added once a step");
  refused(fk::guidance::cfg_zero_star{.zero_steps = 1}, "the number of steps is 0");
  refused(fk::guidance::by_place{}, "the plan is with tensors or numbers that a run is given");
  refused(pushed{}, "the plan is with tensors or numbers that a run is given");
}

TEST_CASE("PID control takes fewer attempts back") {
  const auto rejected = [](fk::adaptive_options options) {
    options.relative = options.absolute = 1e-6;
    const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::data{}, inner(10), fk::solver::bosh3{},
                            fk::guidance::none{}, options);
    std::vector<double> x = starts;
    int sum = 0;
    for (const auto& took : fk::sample_adaptively_from(plan, told_levels{fk::parameterization::data{}}, x))
      sum += took.rejected;
    return sum;
  };
  CHECK(rejected({.p = 0.2, .i = 0.4}) < rejected({.safety = 1}));
}

TEST_CASE("a step is as long as the last errors say") {
  // The formula of the options, over errors that are known; after one that is too large a step is a tenth shorter, at
  // least.
  const fk::schedule::edm schedule;
  const fk::adaptive_options options{
      .relative = 0, .absolute = 0.25, .p = 0.2, .i = 0.4, .d = 0.15, .safety = 0.95, .max_attempts = 100};
  const double start = 1e6, end = 1e-6, way = std::log(start / end);
  const double first = 0.01;
  const auto levels = [&](double part) {
    const auto at = [&](double place) { return fk::level_at_ratio(schedule, start * std::exp(-place * way)); };
    return fk::grid::explicit_levels{{at(0), at(part), at(1)}};
  };
  const fk::adaptive plan(schedule, fk::parameterization::data{}, levels(first), told_errors{}, fk::guidance::none{},
                          options);
  const std::vector<double> errors{0.5, 1.05, 0.3, 0, 0.9, 0.02, 40, 0.6, 1.2, 0.7, 0.05, 0.4};
  std::vector<double> places;
  const auto says = [&](std::vector<double>& out, const std::vector<double>&, const level& at) {
    const std::size_t n = places.size();
    places.push_back(std::log(start / at.ratio()) / way);
    out[0] = options.absolute * (n < errors.size() ? errors[n] : 0.5);
  };
  std::vector<double> x{3};
  const auto took = fk::sample_adaptively_from(plan, says, x);
  CHECK(took[0].rejected == 3);
  CHECK(x[0] == 3);
  REQUIRE(places.size() > errors.size());
  double place = 0, h = first, before = 1, before_that = 1;
  for (std::size_t n = 0; n < errors.size(); ++n) {
    CHECK(places[n] == Approx(place).epsilon(0).margin(1e-12));  // some logarithms of ratios up to 1e12
    const double e = std::max(errors[n], 1e-10), k = 2;
    const double f = options.safety * std::pow(e, -(options.p + options.i + options.d) / k) *
                     std::pow(before, (options.p + 2 * options.d) / k) * std::pow(before_that, -options.d / k);
    const double factor = 1 + std::atan(f - 1);
    if (e > 1) {
      h *= std::min(factor, 0.9);
      continue;
    }
    place += h;
    h *= factor;
    before_that = before;
    before = e;
  }
  CHECK(places[errors.size()] == Approx(place).epsilon(0).margin(1e-12));

  // What is left beyond a step is at least a hundredth of it.
  const auto attempts = [&](const fk::adaptive_options& with, const auto& pair, double part, double error) {
    int calls = 0;
    const auto network = [&](std::vector<double>& out, const std::vector<double>&, const level&) {
      out[0] = calls++ == 0 ? error : 0;
    };
    x = {4};
    return fk::sample_adaptively_from(
        fk::adaptive(schedule, fk::parameterization::data{}, levels(part), pair, fk::guidance::none{}, with), network,
        x)[0];
  };
  CHECK(attempts(options, told_errors{}, 0.995, 0).accepted == 1);
  CHECK(attempts(options, told_errors{}, 0.985, 0).accepted == 2);
  // An error is allowed to be absolute + relative times the larger of |x| before the step, 4, and after it.
  const fk::adaptive_options both{.relative = 0.1, .absolute = 0.25};
  for (const double times : {0.5, 2.0}) {
    const double allowed = 0.25 + 0.1 * 4 * std::max(1.0, times);
    CHECK(attempts(both, told_errors{times}, 0.995, allowed * 0.999).rejected == 0);
    CHECK(attempts(both, told_errors{times}, 0.995, allowed * 1.001).rejected == 1);
  }
}

TEST_CASE("a step without an error says nothing of how long the next one is") {
  // From noise a pair in log-SNR has one method; the step after it is as long, in time, and its error lets it pass.
  const fk::schedule::flow_linear schedule;
  const fk::adaptive plan(schedule, fk::parameterization::velocity{},
                          fk::grid::explicit_levels{fk::levels_at(schedule, {1, 0.99, 0.01, 0})},
                          fk::solver::dpm_solver_2s{}, fk::guidance::none{}, within(1e9));
  std::vector<double> times;
  const auto network = [&](std::vector<double>& out, const std::vector<double>& x, const level& at) {
    times.push_back(at.time);
    out[0] = x[0];
  };
  std::vector<double> x{1};
  fk::sample_adaptively_from(plan, network, x);
  REQUIRE(times.size() > 3);
  CHECK(times[0] == 1);
  CHECK(times[1] == Approx(0.99).epsilon(1e-13));
  CHECK(times[3] == Approx(0.98).epsilon(1e-13));  // after two calls
}

TEST_CASE("a place on the way is in log-SNR, or in time from noise, and its end is the level of the grid", "[bits]") {
  const auto of = [](const auto& schedule, const std::vector<double>& times) {
    return fk::adaptive(schedule, fk::parameterization::data{},
                        fk::grid::explicit_levels{fk::levels_at(schedule, times)}, fk::solver::bosh3{});
  };
  const auto check = [](const auto& plan) {
    CHECK(plan.place(plan.levels().front()) == 0);
    CHECK(plan.place(plan.last()) == 1);
    CHECK(plan.at(1).time == plan.last().time);
    CHECK(plan.at(1).sigma == plan.last().sigma);
    CHECK(plan.at(1.5).sigma == plan.last().sigma);
    CHECK(plan.place(plan.at(0.3)) == Approx(0.3).epsilon(1e-12));
  };
  for (const double end : {0.3, 0.07, 0.011}) {
    const auto below = of(fk::schedule::edm{}, {7, end});
    check(below);
    CHECK(below.at(0.25).ratio() == Approx(std::pow(7, 0.75) * std::pow(end, 0.25)).epsilon(1e-13));
    CHECK(below.place(fk::level_at(fk::schedule::edm{}, 8)) == 0);  // behind the beginning
    const auto from_noise = of(fk::schedule::flow_linear{}, {1, 0.9, end, 0});
    check(from_noise);
    CHECK(from_noise.at(0.25).time == Approx(1 + 0.25 * (end - 1)).epsilon(1e-13));
  }
}

TEST_CASE("samples whose steps have other shapes get what they get alone", "[bits]") {
  // Inside of the interval a rule measures what two networks say, outside of it there is one; the step onto data has no
  // estimate of its error.
  const fk::schedule::vp_linear schedule;
  const fk::adaptive plan(schedule, fk::parameterization::velocity{},
                          fk::grid::explicit_levels{fk::levels_at(schedule, {0.9, 0.7, 0.02, 0})}, fk::solver::bosh3{},
                          fk::guidance::interval{fk::guidance::rescaled{fk::guidance::classifier_free{.scale = 3}},
                                                 fk::guidance::along::ratio, 0.3, 3},
                          within(1e-3));
  bool mixed = false;
  const auto says = [&](double shift) {
    return [&mixed, shift](auto& out, const auto& x, std::span<const level> each) {
      int inside = 0;
      for (const level& l : each) inside += l.ratio() > 0.3 && l.ratio() < 3;
      mixed = mixed || (inside > 0 && inside < static_cast<int>(each.size()));
      const std::size_t size = x.shape.sample_size();
      for (std::size_t i = 0; i < x.shape.size(); ++i)
        out.data[i] = std::sin(x.data[i] * static_cast<double>(1 + i % size) + shift) - each[i / size].time;
    };
  };
  const fk::denoisers networks{says(0), says(1)};
  std::vector<double> all(6 * 4);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<double>(i * i % 11) / (1 + static_cast<double>(i));
  const std::vector<double> begin = all;
  const auto took = fk::sample_adaptively_from(plan, networks, fk::backend::host_view<double>{all.data(), {6, 4}});
  CHECK(mixed);
  for (std::size_t s = 0; s < 6; ++s) {
    const auto first = begin.begin() + static_cast<std::ptrdiff_t>(4 * s);
    std::vector<double> alone(first, first + 4);
    const auto took_alone =
        fk::sample_adaptively_from(plan, networks, fk::backend::host_view<double>{alone.data(), {1, 4}});
    CHECK(took_alone[0].accepted == took[s].accepted);
    CHECK(std::equal(alone.begin(), alone.end(), all.begin() + static_cast<std::ptrdiff_t>(4 * s)));
  }
}

TEST_CASE("several elements a sample share a step, by the mean of their squares") {
  const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::data{}, inner(10), fk::solver::bosh3{},
                          fk::guidance::none{}, within(1e-5));
  const fk::model::gaussian data{.mean = 0.4, .deviation = 0.5};
  std::vector<float> x(3000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 21) - 10;
  const std::vector<float> begin = x;
  const auto took = fk::sample_adaptively_from(plan, data, fk::backend::host_view<float>{x.data(), {1, 3, 1000}});
  CHECK(took.size() == 1);
  CHECK(took[0].accepted > 5);
  for (std::size_t i = 0; i < x.size(); ++i)
    CHECK(x[i] == Approx(data.flow(begin[i], plan.levels().front(), plan.levels().back())).epsilon(0).margin(1e-4));
}

TEST_CASE("what cannot be is refused by name") {
  const auto made = [](fk::adaptive_options options) {
    return fk::adaptive(fk::schedule::edm{}, fk::parameterization::data{}, inner(4), fk::solver::bosh3{},
                        fk::guidance::none{}, options);
  };
  law::refused([&] { (void)made({.absolute = 0}); }, {"absolute is 0; allowed: a number > 0"});
  law::refused([&] { (void)made({.relative = -1}); }, {"relative is -1"});
  law::refused([&] { (void)made({.safety = std::numeric_limits<double>::quiet_NaN()}); }, {"safety is"});
  law::refused([&] { (void)made({.max_attempts = 0}); }, {"max_attempts is 0"});
  for (const double wild : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    law::refused([&] { (void)made({.p = wild}); }, {"p is", "a finite number"});
    law::refused([&] { (void)made({.i = wild}); }, {"i is", "a finite number"});
    law::refused([&] { (void)made({.d = -wild}); }, {"d is", "a finite number"});
  }
  law::refused(
      [] {
        (void)fk::adaptive(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 1},
                           fk::solver::bosh3{});
      },
      {"steps is 1", "before that onto data"});
  std::vector<double> none, two(2), one{5};
  CHECK(made({.relative = 0}).options().relative == 0);
  const auto plan = made({});
  const fk::model::gaussian data;
  law::refused([&] { fk::sample_adaptively_from(plan, data, none); }, {"the shape of x"});
  law::refused(
      [&] {
        fk::sample_adaptively_from(plan, data, fk::backend::host_view<double>{nullptr, {1}});
      },
      {"the data of x is null"});
  const auto resizes = [&one](auto& out, const auto& x, const level&) { out = x, one.resize(2); };
  law::refused([&] { fk::sample_adaptively_from(plan, resizes, one); }, {"the shape of x during the run is (2)"});
  one = {5};
  const auto shape = [](auto& out, const auto& x, const level&) { out = x, out.resize(2); };
  law::refused([&] { fk::sample_adaptively_from(plan, shape, one); }, {"the shape of the network's output is (2)"});
  const auto nowhere = [](fk::backend::host_view<double>& out, const auto&, const level&) { out.data = nullptr; };
  law::refused(
      [&] {
        fk::sample_adaptively_from(plan, nowhere, fk::backend::host_view<double>{one.data(), {1}});
      },
      {"the data of the network's output is null"});
  law::refused([&] { fk::sample_adaptively_from(plan, data, two); },
               {"the number of samples of x is 2", "std::span<const level>"});
  const auto short_one = made({.relative = 1e-9, .absolute = 1e-9, .max_attempts = 5});
  const auto fails = [](auto run, const std::vector<std::string>& texts) {
    try {
      run();
    } catch (const std::runtime_error& problem) {
      for (const std::string& text : texts) CHECK(std::string(problem.what()).find(text) != std::string::npos);
      return;
    }
    FAIL("nothing was thrown");
  };
  fails([&] { fk::sample_adaptively_from(short_one, data, one); }, {"sample 0 is at time", "after 5 attempts"});
  // Steps that get shorter and shorter come to a step of no length.
  one = {5};
  fails([&] { fk::sample_adaptively_from(made({.safety = 1e-300}), data, one); },
        {"sample 0 is at time", "a tolerance below what its network can meet"});
  const auto broken = [](auto& out, const auto&, const level&) { out[0] = std::numeric_limits<double>::quiet_NaN(); };
  one = {5};
  fails([&] { fk::sample_adaptively_from(plan, broken, one); }, {"the step from time 10", "is not finite"});
}
