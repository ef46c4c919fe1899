// SPDX-License-Identifier: MIT
#include <fokker/guidance/mambo_g.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("mambo_g is the formula of its paper") {
  test::follows_in_network(mambo_g{.scale = 10, .damping = 2}, [] {
    return [](const auto& b, std::size_t, int) {
      const auto d = test::sum({{1, b[0]}, {-1, b[1]}});
      const double w = 1 + 9 * std::exp(-2 * test::norm(d) / test::norm(b[1]));
      return test::sum({{1, b[1]}, {w, d}});
    };
  });
}

TEST_CASE("beside a network of zeros the branches are as far apart as can be, and the result is the conditional one") {
  const auto run = [](const auto& rule) {
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                    fk::grid::uniform{.steps = 1}, fk::solver::ddim{}, rule);
    std::vector<double> x(2);
    fk::backend::host_view<double> view{x.data(), {1, 2}};
    const fk::noise::philox noise{};
    fk::stepper all(plan, noise, view);
    all.output(0).data[0] = 1, all.output(0).data[1] = -0.5;
    all.output(1).data[0] = 0, all.output(1).data[1] = 0;
    all.advance();
    return x;
  };
  CHECK(run(mambo_g{}) == std::vector<double>{1, -0.5});
  CHECK(run(mambo_g{.damping = 0}) == std::vector<double>{10, -5});
}
