// SPDX-License-Identifier: MIT
#include <fokker/guidance/tangential.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("tangential is the formula of its paper, by the singular vector") {
  test::follows_in_network(tangential{.scale = 5}, [] {
    return [](const auto& b, std::size_t, int) {
      // The right singular vector of the larger value, by iterations of the power method.
      test::column v = test::sum({{1, b[0]}, {0.5, b[1]}});
      for (int i = 0; i < 3000; ++i) {
        v = test::sum({{test::dot(b[0], v), b[0]}, {test::dot(b[1], v), b[1]}});
        v = test::sum({{1 / test::norm(v), v}});
      }
      return test::sum({{5, b[0]}, {-4 * test::dot(b[1], v), v}});
    };
  });
}

TEST_CASE("of two branches of one length that lie across each other tangential is classifier_free") {
  // Each direction of their plane is a first singular vector: nothing of the other branch is to be taken away.
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 1}, fk::solver::ddim{}, tangential{.scale = 5});
  std::vector<double> memory(2);
  fk::backend::host_view<double> x{memory.data(), {1, 2}};
  fk::stepper run(plan, fk::noise::philox{}, x);
  run.output(0).data[0] = 3, run.output(0).data[1] = 4;
  run.output(1).data[0] = -4, run.output(1).data[1] = 3;
  run.advance();
  CHECK(memory == std::vector<double>{5 * 3 + 4 * 4, 5 * 4 - 4 * 3});
}
