// SPDX-License-Identifier: MIT
#include <fokker/schedule/sub_vp.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::sub_vp;

TEST_CASE("sub_vp is a lawful schedule") {
  law::schedule(sub_vp{});
  law::schedule(sub_vp{.beta_min = 3, .beta_max = 3});
}

TEST_CASE("sub_vp has the deviation of Song et al. 2021 at its end, and less than vp_linear between") {
  const sub_vp s;
  CHECK(s.sigma(1) == Approx(0.999956814251).epsilon(1e-12));  // as many digits as the independent evaluation kept
  for (const double time : {0.1, 0.3, 0.7}) {
    const auto l = level_at(s, time);
    CHECK(l.sigma == Approx(1 - l.alpha * l.alpha).epsilon(1e-14));
    CHECK(l.sigma < fokker::schedule::vp_linear{}.sigma(time));
  }
  CHECK(level_at(s, 0).is_data());
  CHECK(s.last_time() == 1e-3);
}

TEST_CASE("sub_vp refuses times and ratios that are not its own") {
  law::own_times(sub_vp{});
  law::own_ratios(sub_vp{});
}
