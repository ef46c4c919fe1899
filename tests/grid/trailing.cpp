// SPDX-License-Identifier: MIT
#include <fokker/grid/trailing.hpp>

#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::trailing;

namespace {

const auto table = fokker::schedule::scaled_linear();

std::vector<int> times(const std::vector<fokker::level>& levels) {
  std::vector<int> list;
  for (const auto& l : levels) list.push_back(static_cast<int>(l.time));
  return list;
}

}  // namespace

TEST_CASE("trailing rounded up is a lawful grid, and ComfyUI's simple") {
  const auto make = [](int steps) { return trailing{.steps = steps, .round_up = true}; };
  law::grid(make, table);
  law::grid(make, fokker::schedule::linear(1e-4, 0.02, 11), ending::to_data, 1, 11);
  for (int steps = 1; steps <= 1000; ++steps) {
    std::vector<int> known;
    for (int i = 0; i < steps; ++i) known.push_back(999 - i * 1000 / steps);
    known.push_back(-1);
    INFO(steps << " steps");
    REQUIRE(times(make(steps).levels(table)) == known);
  }
}

TEST_CASE("trailing is a lawful grid for every number of steps") {
  for (const int size : {1, 7, 1000, 1024, 1100}) {
    INFO("a table of " << size);
    law::grid([](int steps) { return trailing{.steps = steps}; }, fokker::schedule::linear(1e-4, 0.02, size),
              ending::to_data, 1, size);
  }
}

TEST_CASE("trailing to the table's own time 0 is a lawful grid as long as its last step lies above 0") {
  // round(1000/N) - 1 > 0 up to N = 666
  law::grid([](int steps) { return trailing{.steps = steps, .end = ending::to_last_level}; }, table,
            ending::to_last_level, 1, 666);
}

TEST_CASE("trailing refuses steps that are none or more than the table has") {
  law::steps_refused([](int steps) { return trailing{.steps = steps}; }, table, 1000);
}

TEST_CASE("trailing to the table's own time 0 refuses steps that would repeat a level") {
  law::refused([] { (void)trailing{.steps = 667, .end = ending::to_last_level}.levels(table); }, {"steps is 667;"});
  law::refused([] { (void)trailing{.steps = 1000, .end = ending::to_last_level}.levels(table); }, {"steps is 1000;"});
}

TEST_CASE("trailing has the timesteps of Lin et al. 2024") {
  CHECK(times(trailing{.steps = 10}.levels(table)) == std::vector{999, 899, 799, 699, 599, 499, 399, 299, 199, 99, -1});
  CHECK(times(trailing{.steps = 4, .end = ending::to_last_level}.levels(table)) == std::vector{999, 749, 499, 249, 0});
  // 61 and 103: where a float that counts down by 1000/N takes one step too many
  struct known {
    int steps;
    std::array<int, 8> first;
    std::array<int, 5> last;
  };
  for (const known& k : {known{50, {999, 979, 959, 939, 919, 899, 879, 859}, {99, 79, 59, 39, 19}},
                         known{61, {999, 983, 966, 950, 933, 917, 901, 884}, {81, 65, 48, 32, 15}},
                         known{103, {999, 989, 980, 970, 960, 950, 941, 931}, {48, 38, 28, 18, 9}}}) {
    const auto list = times(trailing{.steps = k.steps}.levels(table));
    INFO(k.steps << " steps");
    REQUIRE(list.size() == static_cast<std::size_t>(k.steps) + 1);
    CHECK(std::equal(k.first.begin(), k.first.end(), list.begin()));
    CHECK(std::equal(k.last.begin(), k.last.end(), list.end() - 6));
    CHECK(list.back() == -1);
  }
}

TEST_CASE("trailing starts at the last timestep, exact noise for zero terminal SNR") {
  const auto levels = trailing{.steps = 2}.levels(
      fokker::schedule::tabulated::from_alphas_cumprod(std::vector<double>{0.9, 0.5, 0.2, 0}));
  REQUIRE(levels.size() == 3);
  CHECK(levels[0].is_noise());
  CHECK(levels[1].time == 1);
  CHECK(levels[2].is_data());
}
