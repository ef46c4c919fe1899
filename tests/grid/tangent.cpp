// SPDX-License-Identifier: MIT
#include <fokker/grid/tangent.hpp>

#include <cmath>

#include <fokker/grid/karras.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

using fokker::ending;
using fokker::grid::tangent;

TEST_CASE("tangent is a lawful grid on every schedule that has its ends") {
  for (const ending end : {ending::to_data, ending::to_last_level}) {
    const auto make = [end](int steps) { return tangent{.steps = steps, .end = end}; };
    law::grid(make, fokker::schedule::edm{}, end);
    law::grid(make, fokker::schedule::vp_linear{}, end);
  }
  law::steps_refused([](int steps) { return tangent{.steps = steps}; }, fokker::schedule::edm{}, 1'000'000);
}

TEST_CASE("tangent of deviation 1 over the table of Stable Diffusion is kl_optimal") {
  const double known[] = {14.6146, 4.23235, 2.39372, 1.59707, 1.133, 0.815245, 0.572914, 0.372484, 0.195288, 0.0291672};
  const auto levels = tangent{.steps = 10}.levels(fokker::schedule::scaled_linear());
  for (std::size_t i = 0; i < 10; ++i) CHECK(levels[i].ratio() == Approx(known[i]).epsilon(1e-5));
}

TEST_CASE("on Gaussian data DDIM loses least on the tangent grid of their deviation") {
  // The product of cos of the steps of arctan(s / c): what DDIM leaves of the deviation. Independent evaluation.
  const auto kept = [](const std::vector<fokker::level>& levels) {
    double product = 1;
    for (std::size_t i = 1; i < levels.size(); ++i)
      product *= std::cos(std::atan(levels[i - 1].ratio() / 0.5) - std::atan(levels[i].ratio() / 0.5));
    return product;
  };
  const auto of = [&](int steps) {
    return kept(
        tangent{.steps = steps, .deviation = 0.5, .end = ending::to_last_level}.levels(fokker::schedule::edm{}));
  };
  CHECK(of(17) == Approx(0.930784551699).epsilon(1e-11));
  CHECK(of(5) == Approx(0.780679826751).epsilon(1e-11));
  CHECK(of(50) == Approx(0.975937231699).epsilon(1e-11));
  CHECK(kept(fokker::grid::karras{.steps = 17, .end = ending::to_last_level}.levels(fokker::schedule::edm{})) ==
        Approx(0.846086165928).epsilon(1e-11));
}

TEST_CASE("tangent refuses a deviation that is none") {
  law::refused([] { (void)tangent{.deviation = 0}.levels(fokker::schedule::edm{}); }, {"deviation is 0;"});
}
