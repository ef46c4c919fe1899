// SPDX-License-Identifier: MIT
#include <fokker/grid/polyexponential.hpp>

#include <fokker/grid/log_snr.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::polyexponential;

TEST_CASE("polyexponential is a lawful grid on every schedule that has its ends") {
  for (const ending end : {ending::to_data, ending::to_last_level})
    for (const double rho : {0.5, 1.0, 3.0}) {
      const auto make = [=](int steps) { return polyexponential{.steps = steps, .rho = rho, .end = end}; };
      law::grid(make, fokker::schedule::edm{}, end);
      law::grid(make, fokker::schedule::vp_linear{}, end);
    }
  law::steps_refused([](int steps) { return polyexponential{.steps = steps}; }, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("polyexponential with rho 1 is log_snr, and over the table of Stable Diffusion the exponential grid") {
  const auto s = fokker::schedule::scaled_linear();
  const auto a = polyexponential{.steps = 10}.levels(s), b = fokker::grid::log_snr{.steps = 10}.levels(s);
  // as many digits as the independent evaluation kept
  const double known[] = {14.6146,  7.32487,  3.67123, 1.84002,   0.922222,
                          0.462218, 0.231664, 0.11611, 0.0581946, 0.0291672};
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(a[i].ratio() == Approx(b[i].ratio()).epsilon(1e-13));
    CHECK(a[i].ratio() == Approx(known[i]).epsilon(1e-5));
  }
}

TEST_CASE("polyexponential takes the power of the share that is left") {
  const auto levels =
      polyexponential{.steps = 2, .rho = 2, .sigma_min = 1, .sigma_max = 16, .end = ending::to_last_level}.levels(
          fokker::schedule::edm{});
  CHECK(levels[1].ratio() == Approx(2).epsilon(1e-15));  // 16^(1/4)
  law::refused([] { (void)polyexponential{.rho = 0}.levels(fokker::schedule::edm{}); }, {"rho is 0;"});
}
