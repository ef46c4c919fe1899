// SPDX-License-Identifier: MIT
#include <fokker/solver/alphafold3.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/fill_normal.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/noise/recorded.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/euler.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::alphafold3;

namespace {

constexpr std::size_t samples = 64;

/// Algorithm 18 as a loop, of numbers that are scaled as EDM's are, without its rotations.
std::vector<double> algorithm_18(const std::vector<double>& c, const std::vector<float>& normals,
                                 const test::normal_data& data, const alphafold3& with) {
  auto normal = normals.begin();
  std::vector<double> x(samples);
  for (double& each : x) each = c[0] * *normal++;
  for (std::size_t i = 1; i < c.size(); ++i) {
    const double gamma = c[i] > with.gamma_min ? with.gamma_0 : 0;
    const double t_hat = c[i - 1] * (gamma + 1);
    for (double& each : x) {
      const double xi = gamma > 0 ? with.noise_scale * std::sqrt(t_hat * t_hat - c[i - 1] * c[i - 1]) * *normal++ : 0;
      const double noisy = each + xi;
      const double denoised = data.data(noisy, {.alpha = 1, .sigma = t_hat});
      const double delta = (noisy - denoised) / t_hat;
      each = noisy + with.step_scale * (c[i] - t_hat) * delta;
    }
  }
  return x;
}

/// Where a plan leads from recorded normals, over alpha.
std::vector<double> run_of(const fk::plan::program& plan, const std::vector<float>& normals,
                           const test::normal_data& data) {
  std::vector<double> x(samples);
  fk::noise::recorded noise{normals};
  fk::stepper<std::vector<double>, fk::noise::recorded> r(plan, noise, x);
  while (!r.done()) {
    for (std::size_t i = 0; i < samples; ++i) r.output(0)[i] = test::predict(data, r.call(), r.input()[i]);
    r.advance();
  }
  for (double& each : x) each /= plan.levels.back().alpha;
  return x;
}

}  // namespace

TEST_CASE("alphafold3 is the published loop, on every path") {
  std::vector<float> normals(samples * 41);
  fk::fill_normal(fk::noise::philox{.seed = 18}, normals);
  const test::normal_data data{.mean = 0.4, .deviation = 0.7};
  const fk::grid::karras grid{.steps = 40, .sigma_min = 0.01, .sigma_max = 40, .end = fk::ending::to_last_level};
  for (const alphafold3& solver :
       {alphafold3{}, alphafold3{.gamma_0 = 0.605, .gamma_min = 1.107, .noise_scale = 0.901, .step_scale = 1.638}})
    test::on_every_path([&](const auto& schedule) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, solver);
      std::vector<double> c;
      for (const fk::level& l : plan.levels) c.push_back(l.ratio());
      const auto expected = algorithm_18(c, normals, data, solver), found = run_of(plan, normals, data);
      // 40 steps round some ten times each: what is far above the data shrinks with sigma, and beside them x is
      // below 4.
      for (std::size_t i = 0; i < samples; ++i)
        CHECK(found[i] == Approx(expected[i]).epsilon(0).margin(0x1p-53 * 40 * 10 * 4));
    });
}

TEST_CASE("alphafold3 raises the steps that end above gamma_min, and calls the network there") {
  const fk::schedule::edm schedule;
  const fk::grid::explicit_levels grid{fk::levels_at(schedule, {8, 2, 1.5, 1, 0.5, 0})};
  const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, grid, alphafold3{});
  const std::vector<double> hats{8 * 1.8, 2 * 1.8, 1.5, 1, 0.5};
  REQUIRE(plan.calls.size() == hats.size());
  for (std::size_t i = 0; i < hats.size(); ++i) CHECK(plan.calls[i].at.sigma == Approx(hats[i]).epsilon(1e-15));
  for (std::size_t i = 0; i < hats.size(); ++i) {
    const auto& u = plan.calls[i].then;
    CHECK(u.normal_count == (i == 0 ? 1 : 0));
    CHECK(u.row_count == 1);
    CHECK(u.input_count == 2);
  }
  CHECK(plan.buffers == 1);
  const auto& last = plan.calls.back().then.rows[0];  // onto data x + 1.5 (D - x)
  CHECK(last.inputs[0] == Approx(1 - 1.5).epsilon(1e-15));
  CHECK(last.inputs[1] == Approx(1.5).epsilon(1e-15));
}

TEST_CASE("samples of alphafold3 lie closer together than the data, by its published numbers") {
  const fk::grid::karras grid{
      .steps = 200, .sigma_min = 16 * 4e-4, .sigma_max = 16 * 160, .end = fk::ending::to_last_level};
  const auto share = [&](const alphafold3& solver, double deviation) {
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, grid, solver);
    return std::sqrt(test::law(plan, test::normal_data{.mean = 0, .deviation = deviation}).variance) / deviation;
  };
  // Found by a program of its own that follows the variance, to four digits.
  CHECK(share({}, 16) == Approx(0.6851).epsilon(0).margin(5e-5));
  CHECK(share({}, 3) == Approx(0.6223).epsilon(0).margin(5e-5));
  CHECK(share({.step_scale = 1}, 16) == Approx(0.868).epsilon(0).margin(5e-5));
}

TEST_CASE("alphafold3 with steps of length 1 and no noise is euler to the bit on EDM's path", "[bits]") {
  const auto text = [](const auto& solver) {
    return fk::plan::to_text(
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 9}, solver));
  };
  CHECK(text(alphafold3{.gamma_0 = 0, .step_scale = 1}) == text(fk::solver::euler{}));
}

TEST_CASE("alphafold3 draws what churn draws, where both raise every step alike", "[bits]") {
  const test::two_normals data;
  test::on_every_path([&](const auto& schedule) {
    const auto end = [&](const auto& solver) {
      const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, test::inner(16), solver);
      std::vector<double> x(samples);
      fk::stepper<std::vector<double>, fk::noise::philox> r(plan, {.seed = 4}, x);
      while (!r.done()) {
        for (std::size_t i = 0; i < samples; ++i) r.output(0)[i] = test::predict(data, r.call(), r.input()[i]);
        r.advance();
      }
      return x;
    };
    CHECK(end(alphafold3{.gamma_0 = 0.4, .gamma_min = 0, .step_scale = 1}) ==
          end(fk::solver::euler{.variable = fk::solver::variable::ratio,
                                .churn = {.s_churn = 0.4 * 16, .s_noise = 1.003}}));
  });
}

TEST_CASE("alphafold3 reaches single points with steps of length 1, is finite at both ends, and costs two operands") {
  test::is_finite_from_noise_to_data(alphafold3{.step_scale = 1});
  test::reaches_a_single_point(alphafold3{.gamma_0 = 0, .step_scale = 1});
  test::costs(alphafold3{.gamma_0 = 0}, {.inputs = 2, .rows = 1, .normals = 0, .buffers = 1});
}

TEST_CASE("alphafold3 refuses what is not allowed, by name") {
  const auto refused = [](const alphafold3& solver, const char* name) {
    CHECK_THROWS_WITH(fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, test::inner(3), solver),
                      Catch::Contains(name) && Catch::Contains("a number >= 0"));
  };
  refused({.gamma_0 = -0.1}, "gamma_0 is -0.1");
  refused({.gamma_min = std::nan("")}, "gamma_min is nan");
  refused({.noise_scale = -1}, "noise_scale is -1");
  refused({.step_scale = -1}, "step_scale is -1");
}
