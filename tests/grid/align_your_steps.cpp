// SPDX-License-Identifier: MIT
#include <fokker/grid/align_your_steps.hpp>

#include <cmath>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::align_your_steps;
using fokker::grid::aligned_for;

TEST_CASE("align_your_steps is a lawful grid") {
  const fokker::schedule::edm wide{.sigma_min = 0.002, .sigma_max = 700};
  for (const aligned_for network :
       {aligned_for::stable_diffusion_1, aligned_for::stable_diffusion_xl, aligned_for::stable_video_diffusion})
    for (const ending end : {ending::to_data, ending::to_last_level}) {
      const auto make = [=](int steps) { return align_your_steps{.steps = steps, .network = network, .end = end}; };
      const double first = network == aligned_for::stable_video_diffusion ? 700 : 14.6146412293;
      law::grid(
          make, wide, [&](int) { return fokker::level_at_ratio(wide, first); }, end, 1, 1000);
    }
}

TEST_CASE("align_your_steps has the published levels for ten steps, and their geometric means for twenty") {
  const auto s = fokker::schedule::scaled_linear();
  const auto ten = align_your_steps{.end = ending::to_last_level}.levels(s);
  const double known[] = {14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092,
                          0.9642583904,  0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582};
  for (std::size_t i = 0; i < 11; ++i) CHECK(ten[i].ratio() == Approx(known[i]).epsilon(1e-12));
  const auto twenty = align_your_steps{.steps = 20}.levels(s);
  CHECK(twenty[1].ratio() == Approx(std::sqrt(known[0] * known[1])).epsilon(1e-12));
  CHECK(twenty[2].ratio() == Approx(known[1]).epsilon(1e-12));
  CHECK(twenty[20].is_data());
}
