// SPDX-License-Identifier: MIT
#include <fokker/guidance/likelihood.hpp>

#include <fokker/fokker.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {

/// The first branch, moved by the log ratio that was found so far, so that it can be seen.
struct telling {
  static constexpr int branches = 2;
  double start = 0;  ///< the log ratio at noise

  fk::plan::guided operator()(fk::plan::guide& g) const {
    fk::plan::scalar ratio = g.remembered(start, 2);
    if (const auto gain = fk::guidance::log_ratio_gain(g, g[0].data, g[1].data)) {
      ratio = ratio + *gain;
      g.remember(ratio, 2);
    }
    const fk::plan::expression a = g[0].data, b = g[1].data;
    return {.data = a + ratio * (b - a)};
  }
};

/// The first branch, where a ratio is gained when it should be.
struct asking {
  static constexpr int branches = 2;

  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto gain = fk::guidance::log_ratio_gain(g, g[0].data, g[1].data);
    CHECK(gain.has_value() == (g.step() > 0 && g.stage() == 0));
    return {.data = g[0].data};
  }
};

/// log N(x; alpha mean, spread^2) of each element, summed.
double log_density(const fk::model::gaussian& of, const std::vector<double>& x, const fk::level& at) {
  double sum = 0;
  for (const double v : x) {
    const double off = (v - at.alpha * of.mean) / of.spread(at);
    sum += -0.5 * off * off - std::log(of.spread(at));
  }
  return sum;
}

/// The largest error of the log ratio along a run of `steps` steps, from what is told by the previews of a run in which
/// branch b says the exact data of a Gaussian and a preview is D_a + ratio (D_b - D_a).
double worst_error(int steps, const fk::model::gaussian& a, const fk::model::gaussian& b) {
  const fk::schedule::vp_linear schedule;
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{},
                                  fk::grid::log_snr{.steps = steps, .sigma_min = 0.05, .sigma_max = 30},
                                  fk::solver::ddpm{}, telling{}, {.preview = true});
  std::vector<double> x(6);
  const fk::noise::philox noise{.seed = 11};
  fk::backend::host_view<double> view{x.data(), {1, 6}};
  fk::stepper run(plan, noise, view);
  double worst = 0, start = 0;
  for (int call = 0; !run.done(); ++call) {
    const std::vector<double> here(run.input().data, run.input().data + 6);
    const fk::level at = run.at();
    const double exact = log_density(a, here, at) - log_density(b, here, at);
    if (call == 0) start = exact;
    a(run.output(0), run.input(), at);
    b(run.output(1), run.input(), at);
    const double of_a = run.output(0).data[0], of_b = run.output(1).data[0];
    run.advance();
    const double found = start + (run.preview()->data[0] - of_a) / (of_b - of_a);
    worst = std::max(worst, std::abs(found - exact));
  }
  return worst;
}

}  // namespace

TEST_CASE("log ratios of densities are found along a run, and exactly so for small steps") {
  // The reverse transitions are normal with one deviation up to the order of the step: a quarter of it is a quarter of
  // the error.
  const fk::model::gaussian a{.mean = 0.5, .deviation = 0.7}, b{.mean = -0.3, .deviation = 0.7};
  const double coarse = worst_error(250, a, b), fine = worst_error(1000, a, b), finest = worst_error(4000, a, b);
  INFO(coarse << " " << fine << " " << finest);
  CHECK(fine < 0.35 * coarse);
  CHECK(finest < 0.35 * fine);
}

TEST_CASE("a ratio is gained at the first call of each step but the first one") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 5}, fk::solver::heun{}, asking{});
  CHECK(plan.calls.size() > 5);
}
