// SPDX-License-Identifier: MIT
#include <fokker/grid/time_shift.hpp>

#include <fokker/grid/explicit_levels.hpp>
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

namespace {
/// Times first, ..., last at even distances, and then the data.
fokker::grid::explicit_levels even(double first, double last, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(std::lerp(first, last, static_cast<double>(i) / (count - 1)));
  times.push_back(0);
  return {fokker::levels_at(flow_linear{}, times)};
}
void check_sigmas(const std::vector<fokker::level>& levels, std::size_t from, const std::vector<double>& known,
                  double digit) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    INFO("level " << from + i);
    CHECK(std::abs(levels.at(from + i).sigma - known[i]) <= digit);
  }
}
}  // namespace

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

TEST_CASE("time_shift gives the sigmas of Wan 2.1 with UniPC, whose times begin at 0.999") {
  // Wan's FlowUniPC: N of N + 1 even times from 0.999 to 0; the values in exact fractions, to half of the last digit.
  const auto text = time_shift{even(0.999, 0.999 / 50, 50), 5.0}.levels(flow_linear{});
  check_sigmas(text, 0, {0.99979984, 0.99573237, 0.99153047, 0.98718736}, 0.5e-8);
  check_sigmas(text, 47, {0.24174034, 0.17226514}, 0.5e-8);
  check_sigmas(text, 49, {0.092506852}, 0.5e-9);
  CHECK(text[50].is_data());
  const auto image = time_shift{even(0.999, 0.999 / 40, 40), 3.0}.levels(flow_linear{});
  check_sigmas(image, 0, {0.99966644, 0.99118909}, 0.5e-8);
  check_sigmas(image, 38, {0.13623966}, 0.5e-8);
  check_sigmas(image, 39, {0.071360541}, 0.5e-9);
}

TEST_CASE("Stable Diffusion 3 is shifted once, where diffusers shifts the smallest time twice") {
  // Even times down to 0.001, in exact fractions; diffusers' list is the shift of even times down to 0.00299, which is
  // what a shift of 3 makes of 0.001.
  const double smallest = 0.003 / 1.002;
  const auto once = time_shift{even(1, 0.001, 28), 3.0}.levels(flow_linear{});
  check_sigmas(once, 0, {1, 0.9873548, 0.9740533, 0.9600432}, 0.5e-7);
  check_sigmas(once, 25, {0.1956522, 0.1059480, 0.0029940}, 0.5e-7);
  const auto twice = time_shift{even(1, smallest, 28), 3.0}.levels(flow_linear{});
  check_sigmas(twice, 0, {1, 0.9873806, 0.9741078, 0.9601293}, 0.5e-7);
  check_sigmas(twice, 25, {0.1998270, 0.1109057, 0.0089286}, 0.5e-7);
}

TEST_CASE("Flux schnell has no shift") {
  const auto levels = uniform{.steps = 4}.levels(flow_linear{});
  REQUIRE(levels.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(levels[i].sigma == 1 - 0.25 * static_cast<double>(i));
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
  CHECK(std::log(shift_for_tokens(4096)) == Approx(1.15).epsilon(1e-15));
  CHECK(std::log(shift_for_tokens(1024)) == Approx(0.63).epsilon(1e-14));
  CHECK(std::log(shift_for_tokens(1024, 0.95, 2.05, 1024, 4096)) == Approx(0.95).epsilon(1e-15));
  CHECK(std::log(shift_for_tokens(4096, 0.95, 2.05, 1024, 4096)) == Approx(2.05).epsilon(1e-15));
  // Qwen-Image at both ends of its config
  CHECK(std::log(shift_for_tokens(256, 0.5, 0.9, 256, 8192)) == Approx(0.5).epsilon(1e-15));
  CHECK(std::log(shift_for_tokens(8192, 0.5, 0.9, 256, 8192)) == Approx(0.9).epsilon(1e-15));
  CHECK(std::log(shift_for_steps(4096, 50)) == Approx(2.0234).epsilon(3e-5));
  CHECK(std::log(shift_for_steps(4096, 20)) == Approx(2.1980).epsilon(3e-5));
  CHECK(std::log(shift_for_steps(5000, 20)) == std::log(shift_for_steps(5000, 200)));
  CHECK(shift_for_resolution(1024 * 1024, 512 * 512) == 2);
}
