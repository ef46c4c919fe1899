// SPDX-License-Identifier: MIT
#include <fokker/solver/repaint.hpp>

#include <fokker/guidance/inpainted.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/laws.hpp"
#include "support/linear_gaussian.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddpm;
using fk::solver::repaint;

namespace {
template <class Solver>
fk::plan::program planned(const Solver& solver) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 6},
                       solver);
}
}  // namespace

TEST_CASE("without repeats it is its solver, where that keeps no history") {
  CHECK(fk::plan::to_text(planned(repaint{ddpm{}, 2, 1})) == fk::plan::to_text(planned(ddpm{})));
  CHECK(fk::plan::to_text(planned(repaint{fk::solver::dpmpp_2m{}, 6, 1})) ==
        fk::plan::to_text(planned(fk::solver::dpmpp_2m{})));
}

TEST_CASE("each piece of the grid is run as often as is asked, from where it began") {
  const auto plan = planned(repaint{ddpm{}, 2, 3});
  const auto alone = planned(ddpm{});
  REQUIRE(plan.calls.size() == 18);
  for (std::size_t c = 0; c < plan.calls.size(); ++c) {
    const std::size_t step = c / 6 * 2 + c % 2;  // 0 1 0 1 0 1, 2 3 2 3 2 3, ...
    CHECK(plan.calls[c].at.time == alone.calls[step].at.time);
    CHECK(plan.calls[c].step == static_cast<int>(step));
  }
  CHECK(fk::plan::check(plan).empty());
}

TEST_CASE("repaint goes back by forward noise of the exact variance") {
  const auto plan = planned(repaint{ddpm{.variance = fk::solver::ddpm_variance::noiseless}, 2, 2});
  const auto& levels = plan.levels;
  const double ratio = levels[2].alpha / levels[4].alpha;
  // After the second step of the second piece, call 5 of the plan, x goes from level 4 up to level 2.
  const auto& up = plan.calls[5].then.rows[0];
  CHECK(up.normals[0] ==
        Approx(std::sqrt(levels[2].sigma * levels[2].sigma - ratio * ratio * levels[4].sigma * levels[4].sigma))
            .epsilon(1e-13));
}

TEST_CASE("each way up and down of repaint is noise of its own: pieces of one visit are apart") {
  const auto plan = planned(repaint{ddpm{}, 2, 3});
  std::vector<fk::noise_piece> pieces;
  for (const auto& c : plan.calls)
    for (int q = 0; q < c.then.normal_count; ++q) pieces.push_back(c.then.normals[static_cast<std::size_t>(q)]);
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      most = std::max(most, pieces[i].visit);
      const auto [a, b] = std::minmax(pieces[i].from, pieces[i].to);
      const auto [c, d] = std::minmax(pieces[j].from, pieces[j].to);
      CHECK((pieces[i].visit != pieces[j].visit || b <= c || d <= a));
    }
  CHECK(most >= 2);
}

TEST_CASE("repaint refuses no jump and no repeats by name") {
  law::refused([] { (void)planned(repaint{ddpm{}, 0, 3}); }, {"jump is 0;"});
  law::refused([] { (void)planned(repaint{ddpm{}, 2, 0}); }, {"repeats is 0;"});
}

TEST_CASE("repaint costs what its solver does, and a normal where it goes back") {
  test::costs(repaint<>{}, {.inputs = 2, .rows = 1, .normals = 2, .buffers = 1});
}

TEST_CASE("repeated pieces lead what is painted in to the posterior, and one pass does not", "[statistics]") {
  // Correlated normal data of which two elements are known exactly.
  const test::linear_gaussian world{.axis = {0.6, 0.48, 0.64}, .variances = {1, 0.25, 0.04}, .noise = 0};
  const fk::parameterization::data network;
  constexpr std::size_t n = 1000;
  const auto painted = [&](const auto& solver) {
    const auto plan =
        fk::make_plan(fk::schedule::edm{}, network, fk::grid::log_snr{.steps = 40, .sigma_min = 1e-2, .sigma_max = 100},
                      solver, fk::guidance::inpainted{});
    std::vector<double> x(3 * n), known(3 * n), mask{1, 1, 0};
    for (std::size_t s = 0; s < n; ++s) known[3 * s] = world.y[0], known[3 * s + 1] = world.y[1];
    using view = fk::backend::host_view<double>;
    fk::sample(plan, world.network(network), fk::noise::philox{.seed = 9}, view{x.data(), {n, 3}},
               {.given = {{{"known", view{known.data(), {n, 3}}}}, {{"mask", view{mask.data(), {3}}, {0, 1}}}}});
    double mean = 0, variance = 0;
    for (std::size_t s = 0; s < n; ++s) mean += x[3 * s + 2] / n;
    for (std::size_t s = 0; s < n; ++s) variance += (x[3 * s + 2] - mean) * (x[3 * s + 2] - mean) / (n - 1);
    return std::pair(mean, variance);
  };
  const test::normal_law posterior = world.posterior();
  const double variance = posterior.covariance[2][2];
  const double of_mean = 5 * std::sqrt(variance / n), of_variance = 5 * variance * std::sqrt(2.0 / (n - 1));
  const auto [mean, spread] = painted(repaint{ddpm{}, 4, 10});
  CHECK(mean == Approx(posterior.mean[2]).epsilon(0).margin(of_mean));
  // Beside what 1000 samples say, the first order of ddpm: steps of 0.23 in log-SNR, whose half is lost at most.
  CHECK(spread == Approx(variance).epsilon(0).margin(of_variance + variance * 0.23 / 2));
  CHECK(std::abs(painted(ddpm{}).first - posterior.mean[2]) > of_mean);
}
