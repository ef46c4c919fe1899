// SPDX-License-Identifier: MIT
#include <fokker/interop/diffusers/solvers.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/interop/recipe.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/latent_consistency.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/float32.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpm_solver_2s.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/solver/lcm.hpp>
#include <fokker/solver/pndm.hpp>
#include <fokker/solver/tcd.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
namespace ip = fokker::interop;

namespace {

const auto table = fk::schedule::scaled_linear();

/// x at the end of a run on a Gaussian, from one start, with normals of one seed.
double end(const auto& grid, const auto& solver) {
  const auto plan = fk::make_plan(table, fk::parameterization::epsilon{}, grid, solver);
  const fk::model::predicting network{fk::parameterization::epsilon{},
                                      fk::model::gaussian{.mean = 0.4, .deviation = 0.3}};
  std::vector<double> x{0.7};
  fk::sample_from(plan, network, fk::noise::philox{.seed = 3}, x);
  return x[0];
}

/// Every `step`-th level of a grid.
fk::grid::explicit_levels every(std::size_t step, const auto& grid) {
  fk::grid::explicit_levels picked;
  const auto all = grid.levels(table);
  for (std::size_t i = 0; i < all.size(); i += step) picked.list.push_back(all[i]);
  return picked;
}

}  // namespace

/// Whether a variant says of itself what its method does.
template <class Variant, class Method>
constexpr bool described_as =
    Variant::order == Method::order&& Variant::evaluations == Method::evaluations&& Variant::history ==
    Method::history&& Variant::stochastic == Method::stochastic;
static_assert(described_as<ip::pndm_on_timesteps, fk::solver::pndm>);
static_assert(described_as<ip::tcd_on_timesteps, fk::solver::tcd>);
static_assert(described_as<ip::lcm_of_limited_data, fk::solver::lcm>);
static_assert(described_as<ip::ddpm_to_mean, fk::solver::ddpm>);
static_assert(described_as<ip::ddpm_in_float32, fk::solver::ddpm>);

TEST_CASE("a multistep method by a rule is that method", "[bits]") {
  const fk::grid::karras grid{.steps = 8};
  const ip::multistep_by_rule rule{fk::solver::target::data, 2, 1, [](const fk::level&, int) {
                                     return fk::solver::multistep{.predictor = 2,
                                                                  .published = {.form = fk::solver::form::midpoint}};
                                   }};
  CHECK(fk::plan::to_text(fk::make_plan(table, fk::parameterization::epsilon{}, grid, rule)) ==
        fk::plan::to_text(fk::make_plan(table, fk::parameterization::epsilon{}, grid, fk::solver::dpmpp_2m{})));
}

TEST_CASE("a rule is told how many steps are left") {
  std::vector<int> told;
  const ip::multistep_by_rule rule{fk::solver::target::data, 1, 0, [&](const fk::level&, int left) {
                                     told.push_back(left);
                                     return fk::solver::multistep{};
                                   }};
  (void)fk::make_plan(table, fk::parameterization::epsilon{}, fk::grid::karras{.steps = 3}, rule);
  CHECK(told == std::vector<int>{3, 2, 1});
}

TEST_CASE("groups of levels are the stages of the methods with calls of their own") {
  // Levels evenly spaced in log-SNR: the middle of two steps is r1 = 1/2.
  const fk::grid::log_snr fine{.steps = 12, .end = fk::ending::to_last_level};
  using fk::solver::form;
  // One product and a sum a level: 1e-13 is a thousand roundings.
  SECTION("of two") {
    const ip::singlestep two{.groups = {2, 2, 2, 2, 2, 2}};
    CHECK(end(fine, two) == Approx(end(every(2, fine), fk::solver::dpmpp_2s{})).epsilon(1e-13));
    const ip::singlestep noise{.target = fk::solver::target::epsilon, .groups = {2, 2, 2, 2, 2, 2}};
    CHECK(end(fine, noise) == Approx(end(every(2, fine), fk::solver::dpm_solver_2s{})).epsilon(1e-13));
  }
  SECTION("of one it is DDIM") {
    for (const double eta : {0, 1}) {
      const ip::singlestep one{.order = 1, .history = 0, .eta = eta, .groups = std::vector<int>(12, 1)};
      CHECK(end(fine, one) == Approx(end(fine, fk::solver::ddim{.eta = eta})).epsilon(1e-13));
    }
  }
}

TEST_CASE("singlestep methods converge at their order where groups are thirds and halves") {
  // On Gaussian data the flow is (alpha_t, sigma_t) apart from the mean: x_t - alpha_t mu grows with the deviation.
  const auto error = [&](int groups, int size, fk::solver::form form) {
    const fk::grid::log_snr grid{.steps = groups * size, .end = fk::ending::to_last_level};
    const auto levels = grid.levels(table);
    const auto deviation = [](const fk::level& l) { return std::hypot(0.3 * l.alpha, l.sigma); };
    const double exact = levels.back().alpha * 0.4 +
                         deviation(levels.back()) / deviation(levels.front()) * (0.7 - levels.front().alpha * 0.4);
    return std::abs(end(grid, ip::singlestep{.order = size,
                                             .history = size - 1,
                                             .form = form,
                                             .groups = std::vector<int>(static_cast<std::size_t>(groups), size)}) -
                    exact);
  };
  using fk::solver::form;
  for (const form f : {form::midpoint, form::heun}) {
    for (const int size : {2, 3}) {
      const double slope = std::log2(error(64, size, f) / error(128, size, f));
      INFO("order " << size << (f == form::heun ? " heun" : " midpoint"));
      CHECK(slope == Approx(size).margin(0.15));
    }
  }
}

TEST_CASE("onto data a group ends with DDIM's step") {
  const fk::grid::karras grid{.steps = 4};
  CHECK(std::abs(end(grid, ip::singlestep{.groups = {2, 1, 1}})) < 2);
  CHECK(std::abs(end(grid, ip::singlestep{.order = 3, .history = 2, .groups = {2, 2}})) < 2);
}

TEST_CASE("with noise each stage draws its own") {
  const fk::grid::karras grid{.steps = 4, .end = fk::ending::to_last_level};
  const auto plan =
      fk::make_plan(table, fk::parameterization::epsilon{}, grid, ip::singlestep{.eta = 1, .groups = {2, 2}});
  for (std::size_t i = 0; i < 4; ++i) CHECK(plan.calls[i].then.normal_count == 1);
}

TEST_CASE("LCM of limited data is LCM of a latent consistency network but for the limit") {
  const fk::grid::karras grid{.steps = 4, .sigma_min = 0.1};
  const auto plain = fk::make_plan(table, fk::parameterization::epsilon{}, grid, ip::lcm_of_limited_data{});
  const auto whole = fk::make_plan(table, fk::parameterization::latent_consistency{fk::parameterization::epsilon{}},
                                   grid, fk::solver::lcm{});
  // One row of two weights by two ways of some ten roundings each; those of data cancel at noise, where alpha is 0.07.
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t k = 0; k < 2; ++k)
      CHECK(plain.calls[i].then.rows[0].inputs[k] == Approx(whole.calls[i].then.rows[0].inputs[k]).epsilon(1e-12));
}

TEST_CASE("DDPM to a mean is DDPM without its last noise") {
  const fk::grid::karras whole{.steps = 4}, short_of_data{.steps = 3, .end = fk::ending::to_last_level};
  CHECK(end(whole, ip::ddpm_to_mean{}) == Approx(end(whole, fk::solver::ddpm{})).epsilon(1e-14));
  const auto plan = fk::make_plan(table, fk::parameterization::epsilon{}, short_of_data, ip::ddpm_to_mean{});
  CHECK(plan.calls[1].then.normal_count == 1);
  CHECK(plan.calls[2].then.normal_count == 0);
}

TEST_CASE("DDPM in float32 is DDPM but for four digits") {
  const auto rounded = fk::schedule::float32(fk::schedule::evenly_spaced_float32(1e-4, 0.02, 1000));
  fk::grid::explicit_levels grid{fk::levels_at(rounded, {2, 1, 0, -1})};
  for (const bool large : {false, true}) {
    const fk::solver::ddpm exact{.variance = large ? fk::solver::ddpm_variance::fixed_large
                                                   : fk::solver::ddpm_variance::fixed_small};
    const double a = end(grid, exact), b = end(grid, ip::ddpm_in_float32{.fixed_large = large});
    CHECK(a == Approx(b).epsilon(1e-3));
    CHECK(a != Approx(b).epsilon(1e-9));
  }
  // Betas of their own, here twice as large, are read for steps between neighbours.
  const ip::ddpm_in_float32 doubled{.betas = {2e-4, 2e-4, 2e-4}};
  CHECK(end(grid, doubled) != Approx(end(grid, ip::ddpm_in_float32{})).epsilon(1e-2));
}
