// SPDX-License-Identifier: MIT
#include <fokker/schedule/zero_terminal_snr.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::scaled_linear;
using fokker::schedule::zero_terminal_snr;

TEST_CASE("a table with zero terminal SNR ends on noise exactly, and begins where it did") {
  const auto before = scaled_linear(), after = zero_terminal_snr(before);
  CHECK(after.size() == 1000);
  CHECK(level_at(after, 999).is_noise());
  CHECK(level_at(after, 999).sigma == 1);
  CHECK(after.alpha(0) == Approx(before.alpha(0)).epsilon(1e-15));
  // Independent 40-digit evaluation: alpha^2 = 1.96788805662e-7 there.
  CHECK(after.alpha(998) * after.alpha(998) == Approx(1.96788805662e-7).epsilon(1e-9));
  for (int t = 1; t < 1000; ++t) CHECK(after.alpha(t) < after.alpha(t - 1));
}

TEST_CASE("a table of one entry cannot be stretched") {
  law::refused([] { (void)zero_terminal_snr(scaled_linear(1e-4, 0.02, 1)); }, {"the size of the table is 1;"});
}
