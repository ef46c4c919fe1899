// SPDX-License-Identifier: MIT
#include <fokker/grid/linspace.hpp>

#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::linspace;

namespace {

const auto table = fokker::schedule::scaled_linear();

std::vector<int> times(const std::vector<fokker::level>& levels) {
  std::vector<int> list;
  for (const auto& l : levels) list.push_back(static_cast<int>(l.time));
  return list;
}

}  // namespace

TEST_CASE("linspace is a lawful grid for every number of steps") {
  law::grid([](int steps) { return linspace{.steps = steps}; }, table);
  law::grid([](int steps) { return linspace{.steps = steps}; }, fokker::schedule::linear(1e-4, 0.02, 11),
            ending::to_data, 1, 11);
}

TEST_CASE("linspace to the table's own time 0 is a lawful grid, one step short of the table") {
  law::grid([](int steps) { return linspace{.steps = steps, .end = ending::to_last_level}; }, table,
            ending::to_last_level, 1, 999);
}

TEST_CASE("linspace refuses steps that are none or more than the table has") {
  law::steps_refused([](int steps) { return linspace{.steps = steps}; }, table, 1000);
}

TEST_CASE("linspace to the table's own time 0 refuses steps that would repeat a level") {
  law::steps_refused([](int steps) { return linspace{.steps = steps, .end = ending::to_last_level}; }, table, 999);
}

TEST_CASE("on a table of one timestep linspace has the step onto the data, and none to the table's own time 0") {
  const auto one = fokker::schedule::linear(0.5, 0.5, 1);
  CHECK(times(linspace{.steps = 1}.levels(one)) == std::vector{0, -1});
  law::refused([&] { (void)linspace{.steps = 1, .end = ending::to_last_level}.levels(one); },
               {"steps is 1; allowed: none", "one timestep"});
}

TEST_CASE("linspace has the timesteps that checkpoints are sampled at") {
  CHECK(times(linspace{.steps = 10}.levels(table)) == std::vector{999, 888, 777, 666, 555, 444, 333, 222, 111, 0, -1});
  struct known {
    int steps;
    std::array<int, 8> first;
    std::array<int, 5> last;
  };
  for (const known& k : {known{50, {999, 979, 958, 938, 917, 897, 877, 856}, {82, 61, 41, 20, 0}},
                         known{61, {999, 982, 966, 949, 932, 916, 899, 882}, {67, 50, 33, 17, 0}},
                         known{103, {999, 989, 979, 970, 960, 950, 940, 930}, {39, 29, 20, 10, 0}}}) {
    const auto list = times(linspace{.steps = k.steps}.levels(table));
    INFO(k.steps << " steps");
    REQUIRE(list.size() == static_cast<std::size_t>(k.steps) + 1);
    CHECK(std::equal(k.first.begin(), k.first.end(), list.begin()));
    CHECK(std::equal(k.last.begin(), k.last.end(), list.end() - 6));
    CHECK(list.back() == -1);
  }
}

TEST_CASE("linspace without its endpoint is a lawful grid, one step short of the table") {
  const auto make = [](int steps) { return linspace{.steps = steps, .endpoint = false}; };
  law::grid(make, table, ending::to_data, 1, 999);
  law::steps_refused(make, table, 999);
}

TEST_CASE("linspace that is not rounded is a lawful grid, for more steps than the table has too") {
  for (const bool endpoint : {true, false}) {
    const auto make = [=](int steps) { return linspace{.steps = steps, .endpoint = endpoint, .rounded = false}; };
    law::grid(make, table);
    law::grid(make, table, ending::to_data, 1'000'000, 1'000'000);
    law::grid(make, fokker::schedule::linear(1e-4, 0.02, 11), ending::to_data, 1, 100);
    law::steps_refused(make, table, 1'000'000);
  }
}

TEST_CASE("linspace without its endpoint has the timesteps of DPM-Solver in Diffusers") {
  CHECK(times(linspace{.steps = 10, .endpoint = false}.levels(table)) ==
        std::vector{999, 899, 799, 699, 599, 500, 400, 300, 200, 100, -1});
  CHECK(times(linspace{.steps = 1, .endpoint = false}.levels(table)) == std::vector{999, -1});
}

TEST_CASE("linspace on the way to timestep 0 has both ends, whatever its endpoint") {
  for (const bool endpoint : {true, false})
    CHECK(times(linspace{.steps = 3, .end = ending::to_last_level, .endpoint = endpoint}.levels(table)) ==
          std::vector{999, 666, 333, 0});
}

TEST_CASE("linspace that is not rounded is ComfyUI's normal, and without its endpoint its sgm_uniform") {
  // Known to six digits, half a unit of the last one; ComfyUI interpolates log sigma and the table log alpha.
  // Between whole timesteps they are apart by f (1 - f) / 2 of the curvature of log sigma in log alpha, 1 / (t + 1)^2
  // and less: 5e-6 at most for t above 99.
  const auto check = [](const linspace& grid, const std::array<double, 10>& known, double bound) {
    const auto levels = grid.levels(table);
    for (std::size_t i = 0; i < 10; ++i) CHECK(std::abs(levels[i].ratio() / known[i] - 1) <= bound);
  };
  check({.steps = 10, .rounded = false},
        {14.6146, 7.83988, 4.60917, 2.91831, 1.95016, 1.34493, 0.932358, 0.624977, 0.368658, 0.0291672}, 5e-6);
  check({.steps = 10, .endpoint = false, .rounded = false},
        {14.6146, 8.30717, 5.09241, 3.32507, 2.27973, 1.61558, 1.16286, 0.831884, 0.571189, 0.343705}, 1e-5);
}

TEST_CASE("linspace of one step is the last timestep") {
  CHECK(times(linspace{.steps = 1}.levels(table)) == std::vector{999, -1});
}

TEST_CASE("linspace rounds ties to even") {
  // a table of 10 in 3 steps: 9, 4.5, 0; a table of 12: 11, 5.5, 0
  CHECK(times(linspace{.steps = 3}.levels(fokker::schedule::linear(1e-4, 0.02, 10))) == std::vector{9, 4, 0, -1});
  CHECK(times(linspace{.steps = 3}.levels(fokker::schedule::linear(1e-4, 0.02, 12))) == std::vector{11, 6, 0, -1});
}
