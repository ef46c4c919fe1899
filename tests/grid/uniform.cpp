// SPDX-License-Identifier: MIT
#include <fokker/grid/uniform.hpp>

#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using fokker::grid::uniform;

namespace {
const auto make = [](int steps) { return uniform{.steps = steps}; };
}

TEST_CASE("uniform is a lawful grid on every schedule") {
  law::grid(make, fokker::schedule::vp_linear{});
  law::grid(make, fokker::schedule::cosine{});
  law::grid(make, fokker::schedule::edm{});
  law::grid(make, fokker::schedule::flow_linear{});
  law::grid(make, fokker::schedule::scaled_linear());
  law::grid(make, archetype::schedule{});
}

TEST_CASE("uniform goes up to a million steps") {
  law::grid(make, fokker::schedule::flow_linear{}, fokker::ending::to_data, 1'000'000, 1'000'000);
  law::grid(make, fokker::schedule::vp_linear{}, fokker::ending::to_data, 1'000'000, 1'000'000);
}

TEST_CASE("uniform refuses steps that are none or too many") {
  law::steps_refused(make, fokker::schedule::flow_linear{}, 1'000'000);
}

TEST_CASE("uniform takes equal steps of time, both ends to the bit") {
  const auto levels = uniform{.steps = 4}.levels(fokker::schedule::edm{});
  const double times[] = {80, 60, 40, 20, 0};
  for (std::size_t i = 0; i < 5; ++i) CHECK(levels[i].time == times[i]);
  const auto third = uniform{.steps = 3}.levels(archetype::schedule{});
  CHECK(third.front().time == 0);
  CHECK(third[1].time == 1.0 / 3);
  CHECK(third.back().time == 1);
}
