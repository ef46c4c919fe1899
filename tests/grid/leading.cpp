// SPDX-License-Identifier: MIT
#include <fokker/grid/leading.hpp>

#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::level_at;
using fokker::grid::leading;

namespace {

const auto table = fokker::schedule::scaled_linear();

std::vector<int> times(const std::vector<fokker::level>& levels) {
  std::vector<int> list;
  for (const auto& l : levels) list.push_back(static_cast<int>(l.time));
  return list;
}

}  // namespace

TEST_CASE("leading is a lawful grid for every number of steps") {
  law::grid([](int steps) { return leading{.steps = steps}; }, table,
            [](int steps) { return level_at(table, (steps - 1) * (1000 / steps)); }, ending::to_data, 1, 1000);
  const auto eleven = fokker::schedule::linear(1e-4, 0.02, 11);
  law::grid([](int steps) { return leading{.steps = steps}; }, eleven,
            [&](int steps) { return level_at(eleven, (steps - 1) * (11 / steps)); }, ending::to_data, 1, 11);
}

TEST_CASE("leading moved up by 1 is a lawful grid to either end") {
  for (const ending end : {ending::to_data, ending::to_last_level})
    law::grid([end](int steps) { return leading{.steps = steps, .offset = 1, .end = end}; }, table,
              [](int steps) { return level_at(table, (steps - 1) * (1000 / steps) + 1); }, end, 1, 999);
}

TEST_CASE("leading repeats no level: it is refused where its last step and its end are one") {
  law::refused([] { (void)leading{.steps = 10, .end = ending::to_last_level}.levels(table); }, {"offset is 0;"});
}

TEST_CASE("leading refuses steps that are none or more than the table has") {
  law::steps_refused([](int steps) { return leading{.steps = steps}; }, table, 1000);
}

TEST_CASE("leading refuses an offset that leaves the table, by name and value") {
  law::refused([] { (void)leading{.steps = 10, .offset = 100}.levels(table); }, {"offset is 100;"});
  law::refused([] { (void)leading{.steps = 1000, .offset = 1}.levels(table); }, {"offset is 1;"});
  law::refused([] { (void)leading{.steps = 10, .offset = -1}.levels(table); }, {"offset is -1;"});
}

TEST_CASE("leading refuses a stride with which the steps do not fit, by name and value") {
  law::refused([] { (void)leading{.steps = 10, .stride = -1}.levels(table); }, {"stride is -1;", "to 111"});
  law::refused([] { (void)leading{.steps = 10, .stride = 112}.levels(table); }, {"stride is 112;", "to 111"});
  law::refused([] { (void)leading{.steps = 10, .offset = 1, .stride = 111}.levels(table); }, {"offset is 1;"});
  law::refused([] { (void)leading{.steps = 1000, .stride = 2'000'000'000}.levels(table); }, {"stride is 2000000000;"});
}

TEST_CASE("leading with a stride of its own has the timesteps of DPM-Solver in Diffusers") {
  // T / (N + 1) = 90, counted from 1
  CHECK(times(leading{.steps = 10, .offset = 90, .stride = 90}.levels(table)) ==
        std::vector{900, 810, 720, 630, 540, 450, 360, 270, 180, 90, -1});
}

TEST_CASE("leading with a stride of its own has ComfyUI's ddim_uniform, which has steps of its own number") {
  for (const auto& [asked, got] : {std::array{7, 8}, std::array{10, 10}, std::array{12, 13}, std::array{15, 16},
                                   std::array{28, 29}, std::array{30, 31}, std::array{35, 36}}) {
    const int stride = 1000 / asked;
    std::vector<int> known{-1};
    for (int t = 1; t < 1000; t += stride) known.insert(known.begin(), t);
    INFO(asked << " steps");
    REQUIRE(known.size() == static_cast<std::size_t>(got) + 1);
    CHECK(times(leading{.steps = got, .offset = 1, .stride = stride}.levels(table)) == known);
    if (got == asked) CHECK(times(leading{.steps = got, .offset = 1}.levels(table)) == known);
  }
}

TEST_CASE("leading has the timesteps that checkpoints are sampled at") {
  CHECK(times(leading{.steps = 10}.levels(table)) == std::vector{900, 800, 700, 600, 500, 400, 300, 200, 100, 0, -1});
  CHECK(times(leading{.steps = 10, .offset = 1}.levels(table)) ==
        std::vector{901, 801, 701, 601, 501, 401, 301, 201, 101, 1, -1});
  for (const auto& [steps, first, second] :
       {std::array{50, 980, 960}, std::array{61, 960, 944}, std::array{103, 918, 909}}) {
    const auto list = times(leading{.steps = steps}.levels(table));
    INFO(steps << " steps");
    REQUIRE(list.size() == static_cast<std::size_t>(steps) + 1);
    CHECK(list[0] == first);
    CHECK(list[1] == second);
    CHECK(list[list.size() - 2] == 0);
    CHECK(list.back() == -1);
  }
  CHECK(times(leading{.steps = 4, .offset = 1, .end = ending::to_last_level}.levels(table)) ==
        std::vector{751, 501, 251, 1, 0});
}
