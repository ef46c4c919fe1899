// SPDX-License-Identifier: MIT
#include <fokker/parameterization/learned_variance.hpp>

#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::parameterization::epsilon;
using fk::parameterization::learned_variance;
using fk::solver::ddpm;
using fk::solver::ddpm_variance;

namespace {
const fk::noise::philox noise{.seed = 12};
constexpr std::size_t size = 21;

double said_of_variance(std::size_t i) { return std::sin(static_cast<double>(i)); }

/// x after a plan whose network says 0.3 x, and of its variance what is above.
std::vector<float> result(const fk::plan::program& plan) {
  std::vector<float> x(size);
  fk::sample(plan,
             fk::denoisers{[](auto& out, const auto& in, const fk::level&) {
                             for (std::size_t i = 0; i < size; ++i) out[i] = 0.3f * in[i];
                           },
                           [](auto& out, const auto&, const fk::level&) {
                             for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<float>(said_of_variance(i));
                           }},
             noise, x);
  return x;
}
}  // namespace

TEST_CASE("DDPM with a learned variance is the formula of Nichol and Dhariwal") {
  const auto table = fk::schedule::linear();
  for (const auto variance : {ddpm_variance::learned, ddpm_variance::learned_range}) {
    const auto plan = fk::make_plan(table, learned_variance{epsilon{}}, fk::grid::uniform{.steps = 4}, ddpm{variance});
    REQUIRE(plan.branches == 2);
    const auto found = result(plan);
    for (std::uint32_t i = 0; i < size; ++i) {
      double x = plan.levels.front().sigma * noise.normals(i, 0, {fk::plan::normal::start, 0}).z[0];
      for (std::uint32_t k = 0; k < 4; ++k) {
        const fk::level &s = plan.levels[k], &t = plan.levels[k + 1];
        // Ho et al. 2020, eq. 6 and 7
        const double ratio = s.alpha * s.alpha / (t.alpha * t.alpha), beta = 1 - ratio;
        const double eps = 0.3 * x, data = (x - s.sigma * eps) / s.alpha;
        const double mean = t.alpha * beta / (s.sigma * s.sigma) * data +
                            std::sqrt(ratio) * t.sigma * t.sigma / (s.sigma * s.sigma) * x;
        const double small = t.sigma * t.sigma / (s.sigma * s.sigma) * beta, v = said_of_variance(i);
        const double share = (v + 1) / 2;
        const double log_variance =
            variance == ddpm_variance::learned ? v : share * std::log(beta) + (1 - share) * std::log(small);
        x = mean;
        if (!t.is_data()) x += std::exp(log_variance / 2) * noise.normals(i, 0, {fk::plan::normal::steps, k}).z[0];
      }
      // float: four steps of few roundings, the size of x up to 1 / alpha of the first level as data
      CHECK(found[i] == Approx(x).epsilon(1e-4).margin(1e-4));
    }
  }
}

TEST_CASE("what learns its variance runs with guidance, a limit of data, and solvers that do not ask") {
  const auto table = fk::schedule::scaled_linear();
  const fk::parameterization::clipped network{learned_variance{epsilon{}}};
  const auto plan = fk::make_plan(table, network, fk::grid::uniform{.steps = 3}, ddpm{ddpm_variance::learned_range},
                                  fk::guidance::classifier_free{.scale = 2});
  CHECK(plan.branches == 3);
  CHECK((plan.wants(plan.calls[0], 0) && plan.wants(plan.calls[0], 1) && plan.wants(plan.calls[0], 2)));
  CHECK_FALSE(plan.wants(plan.calls[2], 2));  // no noise onto data
  CHECK(plan.with(fk::guidance::classifier_free{.scale = 4}).branches == 3);
  const auto text = fk::plan::to_text(plan);
  CHECK(fk::plan::to_text(fk::plan::from_text(text)) == text);
  CHECK_THAT(fk::plan::to_string(plan), Catch::Contains("exp(") && Catch::Contains(" n2 "));
  const auto plain = fk::make_plan(table, network, fk::grid::uniform{.steps = 3}, fk::solver::ddim{});
  for (const auto& c : plain.calls) CHECK((plain.wants(c, 0) && !plain.wants(c, 1)));
}

TEST_CASE("a learned variance that no network tells is refused, by name") {
  law::refused(
      [] {
        (void)fk::make_plan(fk::schedule::linear(), epsilon{}, fk::grid::uniform{.steps = 3},
                            ddpm{ddpm_variance::learned});
      },
      {"the variance is learned", "learned_variance"});
}
