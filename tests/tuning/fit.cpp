// SPDX-License-Identifier: MIT
#include <fokker/tuning/fit.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/half.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/mixture.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
namespace tuning = fk::tuning;

namespace {

const fk::schedule::edm schedule;
const fk::model::mixture data({1, 2, 1}, {{-1, 0.3}, {0.7, 0.5}, {0.2, -1}}, {0.1, 0.2, 0.15});
const fk::model::mixture wide({1}, {{0, 0}}, {1});

/// A network that reads x at a scale of its own.
template <class X, class Guidance = fk::guidance::none>
auto networks(X& x, const Guidance& guidance = {}) {
  const fk::parameterization::edm scaled{0.5};
  if constexpr (std::is_same_v<Guidance, fk::guidance::none>)
    return tuning::network(schedule, scaled, fk::model::predicting{scaled, data}, x, guidance, "three clouds");
  else
    return tuning::network(schedule, scaled,
                           fk::denoisers{fk::model::predicting{scaled, data}, fk::model::predicting{scaled, wide}}, x,
                           guidance, "three clouds");
}

template <class Net>
std::vector<fk::level> some_levels(const Net& net, const tuning::recording& r, int calls) {
  return tuning::levels_at_angles(net, tuning::shortlist(r, calls, 1).front());
}

}  // namespace

TEST_CASE("fit says the error that its sampler has, by itself, on the samples that it was fitted to and on others") {
  std::vector<double> memory(64);
  fk::backend::host_view<double> x{memory.data(), {32, 2}};
  const auto check = [&](const auto& guidance, int calls, int history) {
    auto net = networks(x, guidance);
    const auto r = tuning::teach(net, {.batches = 2});
    const auto levels = some_levels(net, r, calls);
    const auto f = tuning::fit(net, r, levels, {.history = history, .ridges = {1e-5}});
    const auto plan = net.planned(levels, f.solver);
    const auto ends = tuning::ends(net, plan, 0, 0, 2);
    // The same sums in another order, amplified by the square root of what the products cancel to.
    CHECK(tuning::mean_error(ends.data(), r.end(), 64, 2) == Approx(f.error).epsilon(1e-3));
    CHECK(tuning::held_out_error(net, r, plan) == f.held_out);
    CHECK(f.held_out < 0.5 * tuning::held_out_error(net, r, net.planned(levels, fk::solver::dpmpp_2m{})));
    CHECK(f.solver.network == "three clouds");
    for (std::size_t k = 0; k < f.solver.rows.size(); ++k)
      CHECK(f.solver.rows[k].size() == std::min(k, static_cast<std::size_t>(f.solver.history)) + 2);
    // Free weights keep constant data not to the bit. No other mistake is found in them.
    for (const std::string& finding : fk::plan::check(plan))
      CHECK((finding.starts_with("constant data are not preserved") || finding.starts_with("noise is left on data")));
    return f;
  };
  const auto all = check(fk::guidance::none{}, 8, tuning::fit_options::most);
  CHECK(all.solver.history == 7);
  CHECK(check(fk::guidance::none{}, 8, 3).solver.history == 3);
  CHECK(check(fk::guidance::none{}, 12, tuning::fit_options::most).solver.history == 6);
  CHECK(check(fk::guidance::classifier_free{.scale = 2}, 12, tuning::fit_options::most).solver.history == 5);
}

TEST_CASE("fit follows a rule that remembers earlier calls, and marks its use") {
  std::vector<double> memory(64);
  fk::backend::host_view<double> x{memory.data(), {32, 2}};
  auto net = networks(x, fk::guidance::apg{.scale = 2, .momentum = -0.5});
  const auto r = tuning::teach(net);
  const auto levels = some_levels(net, r, 6);
  const auto f = tuning::fit(net, r, levels, {.history = 3, .ridges = {1e-4}});
  const auto ends = tuning::ends(net, net.planned(levels, f.solver), 0, 0, 1);
  CHECK(tuning::mean_error(ends.data(), r.end(), 32, 2) == Approx(f.error).epsilon(1e-3));
  auto other = networks(x, fk::guidance::apg{.scale = 2, .momentum = -0.25});
  CHECK_THROWS_WITH(other.planned(levels, f.solver),
                    "fokker: the guidance or what the network predicts is another; allowed: what it was when the "
                    "weights were fitted, for the network three clouds");
}

TEST_CASE("fit calls the network once for each level and sample, in elements of the tensor, and repeats itself") {
  int calls = 0;
  const auto counted = [&calls](auto& out, const auto& in, const fk::level& at) {
    ++calls;
    data(out, in, at);
  };
  const auto check = [&](auto element, double error) {
    std::vector<decltype(element)> memory(64);
    fk::backend::host_view<decltype(element)> x{memory.data(), {32, 2}};
    tuning::network net(schedule, fk::parameterization::data{}, counted, x);
    const auto r = tuning::teach(net, {.batches = 2});
    CHECK(calls == 50 * 2 + 50 + 100 + 5);
    CHECK(r.calls == Approx(calls / 2.0));
    const auto levels = some_levels(net, r, 6);
    calls = 0;
    const auto once = tuning::fit_rows(net, r, levels, 3, 1e-4);
    CHECK(calls == 12);
    calls = 0;
    const auto best = tuning::fit(net, r, levels, {.history = 3, .ridges = {1e-8, 1e-4}});
    CHECK(calls == 2 * (12 + 6));
    calls = 0;
    CHECK(tuning::fit_rows(net, r, levels, 3, 1e-4).solver.rows == once.solver.rows);
    CHECK(best.held_out <= tuning::held_out_error(net, r, net.planned(levels, once.solver)));
    CHECK(best.error < error);
    calls = 0;
  };
  check(1.0, 0.1);
  check(1.0f, 0.1);
}

TEST_CASE("a student whose levels change goes on from where they do, to the bits of one that begins anew") {
  std::vector<double> memory(64);
  fk::backend::host_view<double> x{memory.data(), {32, 2}};
  auto net = networks(x, fk::guidance::apg{.scale = 2, .momentum = -0.5});
  const auto r = tuning::teach(net);
  auto angles = tuning::shortlist(r, 6, 1).front();
  tuning::student run(net, r, tuning::levels_at_angles(net, angles));
  const auto first = tuning::fit_rows(net, r, run, 4, 1e-5);
  CHECK(run.made() == 6);
  angles[3] = (angles[3] + angles[4]) / 2;
  run.move(tuning::levels_at_angles(net, angles), 2);
  const auto second = tuning::fit_rows(net, r, run, 4, 1e-5, 2, first.solver.rows);
  CHECK(run.made() == 9);  // calls 3, 4 and 5
  const auto anew = tuning::fit_rows(net, r, tuning::levels_at_angles(net, angles), 4, 1e-5);
  CHECK(second.solver.rows == anew.solver.rows);
  CHECK(second.error == anew.error);
  // Other rows from call 4 on, and those of before again.
  const auto end = run.x(6);
  auto rows = second.solver.rows;
  rows[4][0] += 0.1;
  run.finish(4, rows);
  CHECK(run.x(6) != end);
  run.finish(4, second.solver.rows);
  CHECK(run.x(6) == end);
  CHECK(run.made() == 11);
}

TEST_CASE("fit of normal data is exact, which one row of them is") {
  std::vector<double> memory(32);
  tuning::network net(schedule, fk::parameterization::data{}, fk::model::gaussian{0, 0.5}, memory);
  const auto r = tuning::teach(net);
  // The ridge takes a part of 1e-8 over the share of the state that is not known, some 1e-2.
  CHECK(tuning::fit(net, r, some_levels(net, r, 3), {.ridges = {1e-8}}).held_out < 1e-5);
}

TEST_CASE("fit refuses levels and options that are none") {
  std::vector<double> memory(4);
  tuning::network net(schedule, fk::parameterization::data{}, fk::model::gaussian{0, 0.5}, memory);
  const auto r = tuning::teach(net, {.levels = 20});
  const auto levels = some_levels(net, r, 4);
  const auto refused = [&](const std::vector<fk::level>& with, const tuning::fit_options& options,
                           const std::string& words) {
    CHECK_THROWS_WITH(tuning::fit(net, r, with, options), Catch::Contains(words));
  };
  refused({levels.begin() + 1, levels.end()}, {}, "the start, sigma/alpha is ");
  refused({levels.begin(), levels.end() - 1}, {}, "sigma of the last level is ");
  refused(levels, {.ridges = {}}, "the number of ridges is 0; allowed: 1 or more");
  refused(levels, {.ridges = {0}}, "a ridge is 0; allowed: a number > 0");
  refused(levels, {.history = -2}, "history is -2; allowed: 0 to 3, which the kernels allow");
  refused(tuning::fine_levels(net, r.how, 15), {.history = 8}, "history is 8; allowed: 0 to 6");
}
