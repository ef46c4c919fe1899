// SPDX-License-Identifier: MIT
#include <fokker/grid/any.hpp>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/strength.hpp>
#include <fokker/grid/trailing.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

namespace fk = fokker;
using fk::grid::any;

static_assert(fk::level_grid<any, fk::schedule::edm>);
static_assert(fk::level_grid<any, fk::schedule::any>);

namespace {

bool same(const std::vector<fk::level>& a, const std::vector<fk::level>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const fk::level& l, const fk::level& m) {
    return l.time == m.time && l.alpha == m.alpha && l.sigma == m.sigma;
  });
}

}  // namespace

TEST_CASE("a grid without its type has the levels of its type, to the bit", "[bits]") {
  const fk::grid::karras karras{.steps = 7, .rho = 5};
  const any grid = karras;
  CHECK(grid.steps == 7);
  CHECK(same(grid.levels(fk::schedule::edm{}), karras.levels(fk::schedule::edm{})));
  const auto table = fk::schedule::linear();
  CHECK(same(any(fk::grid::trailing{}).levels(table), fk::grid::trailing{}.levels(table)));
}

TEST_CASE("the steps of a grid without its type can be changed, where it counts them") {
  any grid = fk::grid::karras{};
  grid.steps = 3;
  CHECK(same(grid.levels(fk::schedule::edm{}), fk::grid::karras{.steps = 3}.levels(fk::schedule::edm{})));
  CHECK(fk::grid::strength{grid, 0.5, fk::grid::strength_of::comfyui}.levels(fk::schedule::edm{}).size() == 4);
  const auto levels = fk::grid::karras{}.levels(fk::schedule::edm{});
  const any list = fk::grid::explicit_levels{levels};
  CHECK(list.steps == 0);
  CHECK(same(list.levels(fk::schedule::edm{}), levels));
  law::refused([&] { (void)fk::grid::strength{list, 0.5}.levels(fk::schedule::edm{}); }, {"steps is 0"});
}

TEST_CASE("a grid of timesteps refuses a schedule that has none") {
  law::refused([] { (void)any(fk::grid::trailing{}).levels(fk::schedule::edm{}); },
               {"the schedule is no table", "schedule::linear"});
}
