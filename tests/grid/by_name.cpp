// SPDX-License-Identifier: MIT
#include <fokker/grid/by_name.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
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

/// Each grid, with so many steps of it or of the grid inside of it, and the fields that it has.
template <class Check>
void on_each_grid(int steps, Check check) {
  for (const auto& g : fk::grid::all) {
    INFO(g.name << " with " << steps << " steps");
    std::vector<fk::field> fields;
    for (const auto& said : g.fields())
      if (said.name == "steps" || said.name == "grid.steps") fields.push_back({said.name, steps});
    CHECK(fields.size() == 1);
    check(g, fields);
  }
}

/// Another schedule in a time that runs the other way, from noise at 1 to data at 5.
template <class S>
struct turned {
  S schedule;

  double alpha(double time) const { return schedule.alpha(own(time)); }
  double sigma(double time) const { return schedule.sigma(own(time)); }
  double noise_time() const { return 1; }
  double data_time() const { return 5; }
  double last_time() const requires fk::has_last_time<S> { return time(schedule.last_time()); }
  double time_of(double ratio) const { return time(schedule.time_of(ratio)); }

 private:
  double own(double time) const { return (5 - time) / 4 * schedule.noise_time(); }
  double time(double own) const { return 5 - 4 * (own / schedule.noise_time()); }
};

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

TEST_CASE("a grid by its name stops at the same places of a path in whatever time the path is told") {
  int compared = 0;
  const auto on = [&](const auto& path) {
    const turned<std::remove_cvref_t<decltype(path)>> other{path};
    on_each_grid(7, [&](const auto& g, const auto& fields) {
      const auto grid = by_name(g.name, fields);
      const auto [plain, why] = levels(grid, path);
      const auto [moved, why_not] = levels(grid, other);
      CHECK(why == why_not);
      REQUIRE(plain.size() == moved.size());
      for (std::size_t i = 0; i < plain.size(); i += 3) {
        const double alpha = plain[i + 1], sigma = plain[i + 2];
        CHECK((moved[i + 1] == 0) == (alpha == 0));
        CHECK((moved[i + 2] == 0) == (sigma == 0));
        // A time from 4 to 8 rounds by 4 u at most, which is u of the way; larger ones round by u of themselves. It
        // does so twice where a grid moves the times of another, which makes the first error three times larger at most
        // (a shift of 3), and few roundings of shares are added.
        const double bound = 16 * law::u * std::max(path.noise_time(), sigma);
        CHECK(std::abs(moved[i + 1] - alpha) <= bound);
        CHECK(std::abs(moved[i + 2] - sigma) <= bound);
        ++compared;
      }
    });
  };
  on(fk::schedule::flow_linear{});
  on(fk::schedule::edm{.sigma_min = 2.5});  // a 32nd of the way, so that the turned time has it to the bit
  CHECK(compared > 300);
}

TEST_CASE("a grid by its name has as many levels of its schedule as asked for, or says why not") {
  const std::set<std::string_view> parts{"from_ratio", "part", "strength", "to_ratio"};
  int made = 0, refused = 0;
  const auto on = [&](const auto& schedule) {
    for (const int steps : {1, 2, 3, 6})
      for (const bool to_data : {true, false})
        on_each_grid(steps, [&](const auto& g, auto fields) {
          const auto said = g.fields();
          const bool ends = std::any_of(said.begin(), said.end(), [](const auto& d) { return d.name == "end"; });
          if (!ends && !to_data) return;
          if (ends) fields.push_back({"end", to_data ? "to_data" : "to_last_level"});
          std::vector<fk::level> list;
          const std::string why = law::refusal([&] { list = by_name(g.name, fields).levels(schedule); });
          ++(why.empty() ? made : refused);
          CHECK((why.empty() || why.starts_with("fokker: ")));
          CHECK(why.find("time is") == why.npos);  // it asks for times of the schedule alone
          if (!why.empty()) return;
          CHECK_NOTHROW(fk::detail::require_levels(list));
          if (!parts.contains(g.name)) CHECK(list.size() == static_cast<std::size_t>(steps) + 1);
          CHECK(list.back().is_data() == (to_data && g.name != "to_ratio"));
          for (const fk::level& l : list) {
            const fk::level own = fk::level_at(schedule, l.time);
            CHECK((l.alpha == own.alpha && l.sigma == own.sigma));
          }
        });
  };
  on(fk::schedule::edm{});
  on(fk::schedule::flow_linear{});
  on(fk::schedule::scaled_linear());
  on(fk::schedule::linear(1e-4, 0.02, 3));
  on(fk::schedule::linear(0.5, 0.5, 1));
  on(turned<fk::schedule::edm>{});
  CHECK(made > 500);
  CHECK(refused < made);
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
