// SPDX-License-Identifier: MIT
#include <fokker/guidance/renormalised.hpp>

#include <fokker/guidance/classifier_free.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("renormalised makes the whole sample as long as the first branch, and not longer") {
  test::follows_in_network(renormalised{classifier_free{.scale = 5}}, [] {
    return [](const auto& b, std::size_t, int) {
      const auto g = test::sum({{5, b[0]}, {-4, b[1]}});
      return test::sum({{std::min(1.0, test::norm(b[0]) / test::norm(g)), g}});
    };
  });
}

TEST_CASE("renormalised at each position over channels, at each channel, at each token") {
  constexpr std::size_t channels = 4, positions = 6;
  const auto at = [](const test::column& a, std::size_t c, std::size_t p) { return a[c * positions + p]; };
  const auto by = [&](bool of_position) {
    return [=](const auto& b, std::size_t, int) {
      auto g = test::sum({{5, b[0]}, {-4, b[1]}});
      const auto before = g;
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t p = 0; p < positions; ++p) {
          double of_c = 0, of_g = 0;
          for (std::size_t k = 0; k < (of_position ? channels : positions); ++k) {
            const std::size_t i = of_position ? k : c, j = of_position ? p : k;
            of_c += at(b[0], i, j) * at(b[0], i, j);
            of_g += at(before, i, j) * at(before, i, j);
          }
          g[c * positions + p] *= std::sqrt(of_c / of_g);
        }
      return g;
    };
  };
  using rule = renormalised<classifier_free>;
  const classifier_free cfg{.scale = 5};
  test::follows_in_network(rule{cfg, {1, 1}, 0, 1e6}, [&] { return by(true); });
  test::follows_in_network(rule{cfg, {0, 1}, 0, 1e6}, [&] { return by(false); });
  test::follows_in_network(rule{cfg, {1, 2}, 0, 1e6}, [&] { return by(true); }, {2, channels, 2, positions / 2});
}

TEST_CASE("renormalised refuses factors that exclude 1, and those that float does not hold") {
  const auto planned = [](double least, double most) {
    return [=] {
      (void)fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 2},
                          fk::solver::ddim{}, renormalised{classifier_free{}, {}, least, most});
    };
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {-0.1, 1.1, nan}) law::refused(planned(wrong, 2), {"least is ", "allowed: 0 to 1"});
  for (const double wrong : {0.9, 1e39, nan}) law::refused(planned(0, wrong), {"most is ", "allowed: 1 to "});
  CHECK_NOTHROW(planned(1, 1)());
}
