// SPDX-License-Identifier: MIT
#include <fokker/concept/level_grid.hpp>

#include <fokker/grid/explicit_levels.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/leading.hpp>
#include <fokker/grid/linspace.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/trailing.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(level_grid<archetype::grid, archetype::schedule>);
static_assert(!level_grid<archetype::grid, schedule::edm>);  // it knows one schedule alone
static_assert(!level_grid<archetype::grid_without_levels, archetype::schedule>);

template <class G>
constexpr bool on_every_schedule =
    level_grid<G, archetype::schedule>&& level_grid<G, schedule::edm>&& level_grid<G, schedule::tabulated>;
template <class G>
constexpr bool on_tables_alone =
    !level_grid<G, archetype::schedule> && !level_grid<G, schedule::edm> && level_grid<G, schedule::tabulated>;

static_assert(on_every_schedule<grid::uniform>);
static_assert(on_every_schedule<grid::karras>);
static_assert(on_every_schedule<grid::log_snr>);
static_assert(on_every_schedule<grid::explicit_levels>);
static_assert(on_tables_alone<grid::leading>);
static_assert(on_tables_alone<grid::trailing>);
static_assert(on_tables_alone<grid::linspace>);

static_assert(!level_grid<grid::uniform, archetype::schedule_without_alpha>);

TEST_CASE("The least that a grid is, is lawful") {
  law::grid([](int) { return grid::explicit_levels{archetype::grid{}.levels(archetype::schedule{})}; },
            archetype::schedule{}, ending::to_data, 2, 2);
}

TEST_CASE("Levels at times and at ratios are verbatim, 0 is the data") {
  const archetype::schedule s;
  const auto times = levels_at(s, {0.25, 0.5, 0.25});
  REQUIRE(times.size() == 3);
  CHECK(times[0].time == 0.25);
  CHECK(times[1].time == 0.5);
  CHECK(times[2].time == 0.25);
  const auto ratios = levels_at_ratios(schedule::edm{}, {3, 0});
  REQUIRE(ratios.size() == 2);
  CHECK(ratios[0].sigma == 3);
  CHECK(ratios[1].is_data());
  CHECK(levels_at(s, {}).empty());
}
