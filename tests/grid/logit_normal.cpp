// SPDX-License-Identifier: MIT
#include <fokker/grid/logit_normal.hpp>

#include <cmath>
#include <limits>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/laws.hpp"

using fokker::grid::logit_normal;
using fokker::schedule::flow_linear;

TEST_CASE("logit_normal is a lawful grid") {
  const auto make = [](int steps) { return logit_normal{.steps = steps}; };
  law::grid(
      make, flow_linear{}, [](int) { return fokker::level_at_ratio(flow_linear{}, std::exp(7.5)); },
      fokker::ending::to_data, 1, 1000);
}

TEST_CASE("logit_normal has the quantiles of its times") {
  // of a standard normal, as tables have them to ten digits
  const double quartile = 0.6744897501960817, eighth = 1.1503493803760079;
  const logit_normal grid{.steps = 8, .mean = 0.3, .deviation = 1.5, .sigma_max = 100};
  const auto flow = grid.levels(flow_linear{});
  const auto edm = grid.levels(fokker::schedule::edm{.sigma_max = 100});
  REQUIRE(flow.size() == 9);
  const double z[] = {eighth, quartile, 0.31863936396437515, 0, -0.31863936396437515, -quartile, -eighth};
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(flow[i + 1].time == Approx(1 / (1 + std::exp(-0.3 - 1.5 * z[i]))).epsilon(1e-13));
    CHECK(edm[i + 1].sigma == Approx(std::exp(0.3 + 1.5 * z[i])).epsilon(1e-13));
  }
  CHECK(flow.front().ratio() == Approx(100).epsilon(1e-14));
  CHECK(flow.back().is_data());
}

TEST_CASE("logit_normal refuses what has no levels that fall") {
  law::refused([] { (void)logit_normal{.steps = 20, .sigma_max = 1}.levels(flow_linear{}); },
               {"sigma_max is 1", "that of the second level"});
  law::refused([] { (void)logit_normal{.steps = 1'000'000}.levels(flow_linear{}); }, {"that of the second level"});
  law::refused([] { (void)logit_normal{.mean = std::numeric_limits<double>::infinity()}.levels(flow_linear{}); },
               {"mean is "});
  for (const double bad : {0.0, -1.0, std::nan("")})
    law::refused([=] { (void)logit_normal{.deviation = bad}.levels(flow_linear{}); }, {"deviation is "});
}
