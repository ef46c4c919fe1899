// SPDX-License-Identifier: MIT
#include <fokker/grid/time_shift.hpp>

#include <fokker/grid/uniform.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::shift_for_resolution;
using fokker::grid::shift_for_steps;
using fokker::grid::shift_for_tokens;
using fokker::grid::time_shift;
using fokker::grid::uniform;
using fokker::schedule::flow_linear;

TEST_CASE("time_shift is a lawful grid, and with a shift of 1 the grid that it moves") {
  for (const double shift : {0.2, 3.0, 16.0})
    law::grid([=](int steps) { return time_shift{uniform{.steps = steps}, shift}; }, flow_linear{});
  const auto same = time_shift{uniform{.steps = 7}, 1.0}.levels(flow_linear{}),
             plain = uniform{.steps = 7}.levels(flow_linear{});
  for (std::size_t i = 0; i < same.size(); ++i) CHECK(same[i].time == plain[i].time);
}

TEST_CASE("time_shift gives the sigmas of Wan 2.1 and of Flux") {
  // Wan, DPM-Solver++: even times from 1, shift 5, 50 steps; Flux at 4096 tokens, 28 steps. Independent evaluations.
  const auto wan = time_shift{uniform{.steps = 50}, 5.0}.levels(flow_linear{});
  CHECK(wan[0].sigma == 1);
  CHECK(wan[1].sigma == Approx(0.99593496).epsilon(1e-8));
  CHECK(wan[2].sigma == Approx(0.99173554).epsilon(1e-8));
  CHECK(shift_for_tokens(4096) == Approx(3.15819290969).epsilon(1e-11));
  const auto flux = time_shift{uniform{.steps = 28}, shift_for_tokens(4096)}.levels(flow_linear{});
  CHECK(flux[1].sigma == Approx(0.9884086).epsilon(1e-7));
  CHECK(flux[2].sigma == Approx(0.9762225).epsilon(1e-7));
  CHECK(flux[26].sigma == Approx(0.1954546).epsilon(1e-6));
  CHECK(flux[27].sigma == Approx(0.1047209).epsilon(1e-6));
  CHECK(flux[28].is_data());
}

TEST_CASE("shifts compose by their product, on any schedule") {
  const fokker::schedule::vp_linear s;
  const auto twice = time_shift{time_shift{uniform{.steps = 9}, 2.0}, 3.0}.levels(s),
             once = time_shift{uniform{.steps = 9}, 6.0}.levels(s);
  for (std::size_t i = 0; i < once.size(); ++i) CHECK(twice[i].time == Approx(once[i].time).epsilon(1e-15));
  law::refused([&] { (void)time_shift{uniform{}, 0.0}.levels(s); }, {"shift is 0;"});
}

TEST_CASE("shifts for a resolution are those of the pipelines") {
  // Flux at both ends and at 1024 tokens, LTX at its ends, Flux.2 by independent evaluations of its formula
  CHECK(std::log(shift_for_tokens(256)) == Approx(0.5).epsilon(1e-15));
  CHECK(std::log(shift_for_tokens(1024)) == Approx(0.63).epsilon(1e-14));
  CHECK(std::log(shift_for_tokens(1024, 0.95, 2.05, 1024, 4096)) == Approx(0.95).epsilon(1e-15));
  CHECK(std::log(shift_for_tokens(4096, 0.95, 2.05, 1024, 4096)) == Approx(2.05).epsilon(1e-15));
  CHECK(std::log(shift_for_steps(4096, 50)) == Approx(2.0234).epsilon(3e-5));
  CHECK(std::log(shift_for_steps(4096, 20)) == Approx(2.1980).epsilon(3e-5));
  CHECK(std::log(shift_for_steps(5000, 20)) == std::log(shift_for_steps(5000, 200)));
  CHECK(shift_for_resolution(1024 * 1024, 512 * 512) == 2);
}
