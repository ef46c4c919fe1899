// SPDX-License-Identifier: MIT
#include <fokker/perturb.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
const fk::noise::philox seeded{.seed = 11, .first_sample = 5};

TEST_CASE("perturbed data are alpha x0 + sigma eps, and the target is the parameterization's row") {
  const auto at = fk::level_at(fk::schedule::cosine{}, 0.4);
  std::vector<double> x0{1, -2, 0.5}, x(3), target(3);
  fk::perturb(at, fk::parameterization::velocity{}, x0, seeded, x, target);
  for (std::uint32_t i = 0; i < 3; ++i) {
    const double eps = seeded.normals(i, 0, {0, 0}).z[0];
    // Two operands: each result is one product and one fma.
    CHECK(x[i] == Approx(at.alpha * x0[i] + at.sigma * eps).epsilon(0x1p-50));
    CHECK(target[i] == Approx(at.alpha * eps - at.sigma * x0[i]).epsilon(0x1p-50));
  }
  std::vector<double> alone = x0;
  fk::perturb(at, alone, seeded, alone);  // in place
  CHECK((alone == x));
}

TEST_CASE("data perturbed to a plan's first level, and told to the network, come back") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 3}, fk::solver::ddim{});
  std::vector<float> x0{1, -2, 0.5f}, x(3);
  fk::perturb(plan, x0, seeded, x);
  fk::sample_from(
      plan, [&](std::vector<float>& out, const std::vector<float>&, const fk::level&) { out = x0; }, seeded, x);
  CHECK((x == x0));
}

TEST_CASE("tensors that do not match are refused") {
  std::vector<float> x0(3), x(4), none;
  CHECK_THROWS_WITH(fk::perturb(fk::level{}, x0, seeded, x), Catch::Contains("the shape of the result is (4)"));
  CHECK_THROWS_WITH(fk::perturb(fk::level{}, none, seeded, none), Catch::Contains("the shape of x0 is (0)"));
}

TEST_CASE("a plan of nothing has no level to perturb to") {
  std::vector<double> x0(3), x(3);
  CHECK_THROWS_WITH(fk::perturb(fk::plan::program{}, x0, seeded, x), Catch::Contains("the number of levels is 0"));
}
