// SPDX-License-Identifier: MIT
#include <fokker/tuning/search.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/mixture.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/edm.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
namespace tuning = fk::tuning;

namespace {

const fk::model::mixture moons({1, 2, 1}, {{-1, 0.3}, {0.7, 0.5}, {0.2, -1}}, {0.1, 0.2, 0.15});
const fk::schedule::edm schedule;
constexpr fk::parameterization::data predicts;

/// The mixture, and how often it was called.
auto counted(int& calls) {
  return [&calls](auto& out, const auto& in, const fk::level& at) {
    ++calls;
    moons(out, in, at);
  };
}

}  // namespace

TEST_CASE("search finds a plan for a mixture whose error is half of the best stock plan's, on samples it never saw") {
  const auto& denoiser = moons;
  // [use]
  std::vector<float> memory(64 * 2);
  const fk::backend::host_view<float> x{memory.data(), {64, 2}};  // 64 samples, as the network reads them
  tuning::network net(schedule, predicts, denoiser, x);           // and guidance, where there is one

  const auto mine = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 8}, fk::solver::dpmpp_2m{});
  const auto found = tuning::search(net, 8, {.budget = 800, .own = &mine});
  fk::sample(found.plan, denoiser, fk::noise::philox{42}, x);  // as any other plan; plan::to_text stores it
  // [use]
  CHECK(found.tuned());
  CHECK(found.error <= found.own_error);
  CHECK(found.error <= found.stock_error);

  // Seeds of their own: errors of the library's plan and of the best stock plans, by the fine run.
  std::vector<float> truth(512), end(512);
  const fk::backend::host_view<float> to_truth{truth.data(), {256, 2}}, to_end{end.data(), {256, 2}};
  const auto error_of = [&](const fk::plan::program& plan) {
    fk::sample(plan, moons, fk::noise::philox{7}, to_end);
    const std::vector<double> a(truth.begin(), truth.end()), b(end.begin(), end.end());
    return tuning::mean_error(a.data(), b.data(), 256, 2);
  };
  fk::sample(net.planned(tuning::fine_levels(net, {}, 150), fk::solver::exp_adams<3, true>{}), moons,
             fk::noise::philox{7}, to_truth);
  double best = error_of(mine);
  for (const auto& angles : tuning::stock_angles(tuning::angle(net.first_level()), std::atan(0.003), 8))
    for (const auto& solver : tuning::searching::stock_solvers)
      best = std::min(best, error_of(net.planned(tuning::levels_at_angles(net, angles), solver)));
  CHECK(error_of(found.plan) <= 0.5 * best);

  // The same to the bit once more.
  const auto again = tuning::search(net, 8, {.budget = 800, .own = &mine});
  CHECK((fk::plan::to_text(again.plan) == fk::plan::to_text(found.plan)));
}

TEST_CASE("search gives back the plan in use where it finds nothing better, and says so") {
  std::vector<double> memory(32);
  tuning::network net(schedule, predicts, moons, fk::backend::host_view<double>{memory.data(), {16, 2}});
  const auto good = net.planned(tuning::fine_levels(net, {}, 60), fk::solver::exp_adams<3, true>{});
  const auto found = tuning::search(net, 2, {.own = &good});
  CHECK_FALSE(found.tuned());
  CHECK(found.error == found.own_error);
  CHECK((fk::plan::to_text(found.plan) == fk::plan::to_text(good)));
  CHECK(found.told == "the plan in use: nothing better was found");
}

TEST_CASE("search tells an observer how often it called the network, and stops when that says so") {
  std::vector<double> memory(32);
  int made = 0;
  const auto denoiser = counted(made);
  tuning::network net(schedule, predicts, denoiser, fk::backend::host_view<double>{memory.data(), {16, 2}});
  int seen = 0;
  double calls = 0, error = 1e9;
  std::string stages;
  const auto full = tuning::search(net, 3, {.budget = 600}, [&](const tuning::search_progress& p) {
    CHECK(p.calls > calls);
    if (!stages.ends_with(p.stage)) stages += p.stage, error = 1e9;
    CHECK(p.error <= error);
    calls = p.calls;
    error = p.error;
    ++seen;
  });
  CHECK(stages == "stocklevelsridgedescentrefinement");
  CHECK(full.calls == Approx(made));  // a batch is all samples to tune on
  CHECK(full.calls <= 600 + 3);       // held-out samples at the end
  const auto stopped =
      tuning::search(net, 3, {.budget = 600}, [&](const tuning::search_progress&) { return --seen > 5; });
  CHECK(stopped.calls < full.calls);
  CHECK(stopped.error >= full.error);
}

TEST_CASE("search is for the guidance that it was told, and what is found is refused with another") {
  std::vector<double> memory(64);
  const fk::model::gaussian wide{0, 1};
  tuning::network net(schedule, predicts, fk::denoisers{moons, wide},
                      fk::backend::host_view<double>{memory.data(), {32, 2}}, fk::guidance::classifier_free{.scale = 2},
                      "three clouds");
  const auto mine = net.planned(tuning::levels_at_angles(net, {tuning::angle(net.first_level()), 1.2, 0.9, 0.5, 0.2}),
                                fk::solver::dpmpp_2m{});
  const auto found = tuning::search(net, 5, {.budget = 500, .own = &mine});
  CHECK(found.tuned());
  CHECK(found.error < 0.5 * found.own_error);
  CHECK(found.error < 0.5 * found.stock_error);
  CHECK_FALSE(fk::plan::to_string(found.plan).empty());
  const fk::grid::explicit_levels grid{found.solver.levels};
  CHECK(fk::make_plan(schedule, predicts, grid, found.solver, fk::guidance::classifier_free{.scale = 2}).steps() == 5);
  CHECK_THROWS_WITH(fk::make_plan(schedule, predicts, grid, found.solver, fk::guidance::classifier_free{.scale = 3}),
                    Catch::Contains("for the network three clouds"));
}

TEST_CASE("the descent moves levels as long as that helps, and ends where no twentieth of a gap does") {
  std::vector<double> memory(32);
  int made = 0;
  const auto denoiser = counted(made);
  tuning::network net(schedule, predicts, denoiser, fk::backend::host_view<double>{memory.data(), {16, 2}});
  const auto r = tuning::teach(net);
  const double last_call = r.angles[r.count() - 1];
  const auto fitted = [&](const std::vector<double>& angles) {
    return tuning::fit_rows(net, r, tuning::levels_at_angles(net, angles), 2, 1e-5);
  };
  std::vector<double> angles{r.angles.front(), 1.2, 0.8, 0.4};
  const tuning::fit_result begin = fitted(angles);

  tuning::fit_result best = begin;
  double calls = 0;
  int rounds = 0, others = 0;
  made = 0;
  tuning::searching::descend(
      net, r, angles, begin,
      [&](double cost, double error) {
        calls += cost;
        CHECK(error <= best.error);
        return true;
      },
      [&](tuning::fit_result one) {
        CHECK(one.error < 0.999 * best.error);
        for (std::size_t k = 0; k < angles.size(); ++k) angles[k] = tuning::angle(one.solver.levels[k]);
        CHECK(angles.front() == r.angles.front());
        CHECK(std::is_sorted(angles.rbegin(), angles.rend()));
        CHECK(angles.back() >= last_call);
        const int before = made;
        const tuning::fit_result anew = fitted(angles);
        others += made - before;
        // The angles of levels are those that were asked for but for their last digits.
        CHECK(one.error == Approx(anew.error).epsilon(1e-9));
        best = std::move(one);
        ++rounds;
      });
  CHECK(rounds > 1);
  CHECK(calls == made - others);
  for (std::size_t k = 1; k < angles.size(); ++k)
    for (const double to : {angles[k - 1], k + 1 < angles.size() ? angles[k + 1] : 0}) {
      std::vector<double> moved = angles;
      moved[k] += 0.05 * (to - angles[k]);
      if (moved[k] >= last_call) CHECK(fitted(moved).error >= 0.999 * best.error * (1 - 1e-9));
    }

  // Who says no gets what there is after one trial.
  int trials = 0;
  tuning::searching::descend(
      net, r, angles, best, [&](double, double) { return ++trials < 1; },
      [&](const tuning::fit_result& one) { CHECK(one.error <= best.error); });
  CHECK(trials == 1);
}

TEST_CASE("search refuses numbers that it cannot use") {
  std::vector<double> memory(4);
  tuning::network net(schedule, predicts, fk::model::gaussian{0, 0.5}, memory);
  for (const int calls : {1, 25}) CHECK(tuning::search(net, calls, {.budget = 1}).plan.steps() == calls);
  CHECK_THROWS_WITH(tuning::search(net, 0), "fokker: calls is 0; allowed: 1 to 25, half of the fine run's");
  CHECK_THROWS_WITH(tuning::search(net, 26), "fokker: calls is 26; allowed: 1 to 25, half of the fine run's");
  CHECK_THROWS_WITH(tuning::search(net, 4, {.budget = -1}), "fokker: budget is -1; allowed: a number >= 0");
}
