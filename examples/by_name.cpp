// SPDX-License-Identifier: MIT
//
// Parts of a plan by their names, while the program runs: for a menu, a file of settings or a command line.

#include <cassert>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/grid/by_name.hpp>
#include <fokker/guidance/by_name.hpp>
#include <fokker/parameterization/by_name.hpp>
#include <fokker/schedule/by_name.hpp>
#include <fokker/solver/by_name.hpp>

namespace fk = fokker;

int main() {
  // [by_name]
  const auto schedule = fk::schedule::by_name("scaled_linear", {{"beta_last", 0.014}});
  const auto grid = fk::grid::by_name("karras", {{"steps", 12}, {"rho", 5}});
  const auto solver = fk::solver::by_name("dpm_solver_2m", {{"form", "heun"}, {"eta", 0.5}});
  const auto network = fk::parameterization::by_name("epsilon");
  const auto plan = fk::make_plan(schedule, network, grid, solver);
  // [by_name]
  const auto written_out = fk::make_plan(fk::schedule::scaled_linear(0.00085, 0.014), fk::parameterization::epsilon{},
                                         fk::grid::karras{.steps = 12, .rho = 5},
                                         fk::solver::dpm_solver_2m{.form = fk::solver::form::heun, .eta = 0.5});
  assert(fk::plan::to_text(plan) == fk::plan::to_text(written_out));

  // [network]
  const std::string_view prediction_type = "v_prediction";  // as a program reads it
  fk::parameterization::any predicts = fk::parameterization::epsilon{};
  if (prediction_type == "v_prediction") predicts = fk::parameterization::velocity{};
  predicts.limits = {.bound = 1};  // as fk::parameterization::clipped limits the data
  const auto clipped = fk::make_plan(schedule, predicts, grid, solver);
  // [network]
  assert(fk::plan::to_text(clipped) ==
         fk::plan::to_text(
             fk::make_plan(schedule, fk::parameterization::clipped{fk::parameterization::velocity{}}, grid, solver)));

  // [grid of a grid]
  const auto shifted = fk::grid::by_name("time_shift", {{"shift", 2}, {"grid", "uniform"}, {"grid.steps", 8}});
  // [grid of a grid]
  assert(shifted.levels(fk::schedule::flow_linear{}).size() == 9);

  // [guidance]
  const auto guidance = fk::guidance::by_name("apg", {{"scale", 7.5}, {"eta", 0.0}});
  const auto around = fk::guidance::by_name("interval", {{"high", 2.0}, {"rule", "apg"}, {"rule.radius", 10}});
  // [guidance]
  assert(guidance.branches == 2 && around.branches == 2);
  assert(!plan.with(around).calls.empty());
  assert(fk::plan::to_text(plan.with(guidance)) == fk::plan::to_text(plan.with(fk::guidance::apg{})));

  // [settings]
  std::vector<fk::field> settings;  // as a program reads them
  settings.emplace_back("eta", 0.3);
  const auto chosen = fk::solver::by_name("ddim", settings);
  for (const fk::solver::named& s : fk::solver::all)
    for (const fk::field_description& f : s.fields())
      std::printf("%s: %s = %s, %s\n", s.name.data(), f.name.c_str(), f.value.c_str(), f.allowed.c_str());
  // [settings]
  assert(chosen.stochastic);

  try {
    (void)fk::grid::by_name("karras", {{"roh", 5}});
    assert(false);
  } catch (const std::invalid_argument& error) {
    assert(
        std::string_view(error.what()) ==
        "fokker: a field of karras is roh; allowed: steps = 18, rho = 7, sigma_min = 0, sigma_max = 0, end = to_data");
  }
}
