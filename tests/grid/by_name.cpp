// SPDX-License-Identifier: MIT
#include <fokker/grid/by_name.hpp>

#include <set>
#include <string>
#include <utility>

#include <fokker/make_plan.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"
#include "support/named.hpp"

namespace fk = fokker;
using fk::grid::by_name;
using fk::grid::karras;
using fk::grid::time_shift;

namespace {

/// The levels to the bit, or why there are none.
template <class Grid, class Schedule>
std::pair<std::vector<double>, std::string> levels(const Grid& grid, const Schedule& schedule) {
  std::vector<double> numbers;
  const std::string why = law::refusal([&] {
    for (const fk::level& l : grid.levels(schedule)) numbers.insert(numbers.end(), {l.time, l.alpha, l.sigma});
  });
  return {numbers, why};
}

template <class Written>
bool same(const fk::grid::any& grid, const Written& written) {
  const auto on = [&](const auto& schedule) { return levels(grid, schedule) == levels(written, schedule); };
  if constexpr (fk::level_grid<Written, fk::schedule::edm>)
    if (!on(fk::schedule::edm{}) || !on(fk::schedule::flow_linear{})) return false;
  return on(fk::schedule::linear());
}

}  // namespace

TEST_CASE("a grid by its name with fields has the levels of the same written out, to the bit", "[bits]") {
  int compared = 0, refused = 0;
  std::set<std::string_view> names;
  test::each_named(
      static_cast<fk::grid::types*>(nullptr), fk::grid::all, [&]<class G>(std::type_identity<G>, const auto& g) {
        CHECK(names.insert(g.name).second);
        auto said = g.fields();
        std::erase_if(said, [](const auto& d) { return d.name == "grid"; });
        test::on_changed_fields<G>(said, [&](const G& written, const std::vector<fk::field>& fields) {
          INFO(g.name << " with " << fields.size() << " fields, the first " << (fields.empty() ? "" : fields[0].name));
          const bool equal = same(by_name(g.name, fields), written);
          CHECK(equal);
          ++compared;
          refused += !levels(written, fk::schedule::linear()).second.empty();
        });
      });
  CHECK(names.size() == std::size(fk::grid::all));
  CHECK(compared > 110);
  CHECK(refused < compared / 5);
}

TEST_CASE("a grid of a grid is given both by their names, with the fields of both", "[bits]") {
  const auto shifted = by_name("time_shift", {{"grid", "karras"}, {"grid.rho", 5}, {"shift", 2}, {"grid.steps", 9}});
  CHECK(same(shifted, time_shift<karras>{{.steps = 9, .rho = 5}, 2}));
  const auto twice = by_name("strength", {{"grid", "time_shift"}, {"grid.grid", "karras"}, {"grid.shift", 2}});
  law::refused([&] { (void)twice.levels(fk::schedule::edm{}); }, {"steps is 0"});  // time_shift has none of its own
  const auto whole = by_name("time_shift", {{"grid", "strength"}, {"grid.grid", "karras"}, {"grid.grid.rho", 5}});
  CHECK(same(whole, time_shift<fk::grid::strength<karras>>{{{.rho = 5}}}));
  law::refused(
      [] {
        (void)by_name("time_shift", {{"grid", "karrass"}});
      },
      {"the name of a grid is karrass", "uniform", "karras"});
  law::refused([] { (void)by_name("time_shift", {{"grid", 3}}); }, {"the field grid of time_shift is 3", "uniform"});
  law::refused(
      [] {
        (void)by_name("time_shift", {{"grid", "karras"}, {"grid.roh", 7}});
      },
      {"a field of time_shift is grid.roh", "grid = karras, grid.steps = 18, grid.rho = 7", "shift = 3"});
}

TEST_CASE("a name, a field or a value of grids that there is not is refused with what there is") {
  law::refused([] { (void)by_name("Karras"); }, {"the name of a grid is Karras", "align_your_steps", "vp"});
  law::refused([] { (void)by_name("uniform", {{"rho", 7}}); }, {"a field of uniform is rho", "steps = 50"});
  law::refused(
      [] {
        (void)by_name("karras", {{"end", "to_zero"}});
      },
      {"the field end of karras is to_zero", "to_data, to_last_level"});
  law::refused([] { (void)by_name("leading").levels(fk::schedule::edm{}); }, {"the schedule is no table"});
}

TEST_CASE("a plan takes a grid by its name") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{},
                                  by_name("karras", {{"steps", 5}}), fk::solver::ddim{});
  CHECK(plan.levels.size() == 6);
}
