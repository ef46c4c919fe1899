// SPDX-License-Identifier: MIT
#include <fokker/grid/smoothstep.hpp>

#include <algorithm>
#include <cmath>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/schedule/zero_terminal_snr.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::smoothstep;

namespace {

const auto make = [](int steps) { return smoothstep{.steps = steps}; };

std::vector<double> times(const std::vector<fokker::level>& levels) {
  std::vector<double> list;
  for (const auto& l : levels) list.push_back(l.time);
  return list;
}

}  // namespace

TEST_CASE("smoothstep is a lawful grid on every schedule") {
  law::grid(make, fokker::schedule::vp_linear{});
  law::grid(make, fokker::schedule::cosine{});
  law::grid(make, fokker::schedule::edm{});
  law::grid(make, fokker::schedule::flow_linear{});
  law::grid(make, fokker::schedule::flow_linear{}, ending::to_data, 1'000'000, 1'000'000);
  law::grid(make, archetype::schedule{});
  law::steps_refused(make, fokker::schedule::flow_linear{}, 1'000'000);
}

TEST_CASE("smoothstep is a lawful grid on every table, up to all of its timesteps") {
  law::grid(make, fokker::schedule::scaled_linear());
  law::grid(make, fokker::schedule::zero_terminal_snr(fokker::schedule::scaled_linear()));
  law::grid(make, fokker::schedule::linear(1e-4, 0.02, 11), ending::to_data, 1, 11);
  law::steps_refused(make, fokker::schedule::scaled_linear(), 1000);
}

TEST_CASE("smoothstep has the timesteps of stable-diffusion.cpp wherever those are all different") {
  const auto table = fokker::schedule::scaled_linear();
  CHECK(times(make(10).levels(table)) == std::vector<double>{999, 971, 895, 783, 647, 500, 352, 216, 104, 28, -1});
  CHECK(times(make(1).levels(table)) == std::vector<double>{999, -1});
  int different = 0;
  for (int steps = 1; steps <= 1000; ++steps) {
    std::vector<double> known;
    for (int i = 0; i < steps; ++i) {
      const double u = 1 - static_cast<double>(i) / steps;
      known.push_back(std::round(u * u * (3 - 2 * u) * 999));
    }
    if (std::adjacent_find(known.begin(), known.end()) != known.end()) continue;
    ++different;
    known.push_back(-1);
    INFO(steps << " steps");
    CHECK(times(make(steps).levels(table)) == known);
  }
  CHECK(different >= 77);  // from 78 steps on the first two are 999
}

TEST_CASE("smoothstep of all timesteps of a table is the table") {
  const auto list = times(make(1000).levels(fokker::schedule::scaled_linear()));
  for (int i = 0; i <= 1000; ++i) CHECK(list[static_cast<std::size_t>(i)] == 999 - i);
}

TEST_CASE("smoothstep of four steps has eighths and halves of the time") {
  CHECK(times(make(4).levels(fokker::schedule::flow_linear{})) == std::vector<double>{1, 0.84375, 0.5, 0.15625, 0});
}
