// SPDX-License-Identifier: MIT
#include <fokker/plan/certificate.hpp>

#include <cmath>
#include <sstream>
#include <string>

#include <fokker/parameterization/clipped.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/rk4.hpp>

#include "support/draws_twice.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::plan::certificate;

namespace {
template <class Solver>
fk::plan::program planned(const Solver& solver) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(12), solver);
}
}  // namespace

TEST_CASE("the order is measured where the plan can be planned again, and draws nothing") {
  const auto order = [](const auto& solver) { return certificate(planned(solver)).order.value_or(0); };
  // Two doublings of the steps agree by half an order, and each of these has one leading term.
  CHECK(order(fk::solver::ddim{}) == Approx(1).margin(0.1));
  CHECK(order(fk::solver::ddim_inversion{}) == Approx(1).margin(0.1));
  CHECK(order(fk::solver::dpmpp_2m{}) == Approx(2).margin(0.1));
  CHECK(order(fk::solver::rk4{}) == Approx(4).margin(0.1));
  CHECK(!certificate(planned(fk::solver::ddpm{})).order);
  CHECK(!certificate(planned(fk::solver::flow_map{})).order);
  CHECK(!certificate(fk::plan::from_text(fk::plan::to_text(planned(fk::solver::ddim{})))).order);
}

TEST_CASE("gain and variance are those of the law on normal data") {
  const auto check = [](const auto& solver) {
    const auto plan = planned(solver);
    const test::normal_data data{.mean = 0, .deviation = 0.7};
    const double exact = test::law(plan, data).variance / data.variance(plan.levels.back());
    const auto normal = certificate(plan, 0.7).normal;
    REQUIRE(normal);
    CHECK(normal->variance == Approx(exact).epsilon(1e-12));
    if (fk::plan::normals(plan) == 0) CHECK(normal->gain * normal->gain == Approx(exact).epsilon(1e-12));
    if (fk::plan::normals(plan) > 0) CHECK(normal->gain * normal->gain < exact);
  };
  check(fk::solver::ddim{});
  check(fk::solver::ddpm{});
  check(fk::solver::dpmpp_2m{});
  check(test::draws_twice{});  // which draws one normal twice
  check(fk::solver::flow_map{.gamma = 0.3});
}

TEST_CASE("roundings add up over all calls, and one of them is the largest") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  const double largest = fk::plan::amplification(plan).factor, all = certificate(plan).rounding / 0x1p-24;
  CHECK(all > largest);
  CHECK(all <= largest * static_cast<double>(plan.calls.size()));
}

TEST_CASE("labels that are told twice, and findings, are told; and all of it is printed") {
  auto plan = planned(fk::solver::ddim{});
  plan.calls[3].at.label = plan.calls[2].at.label;
  const certificate c(plan);
  CHECK(c.labels == std::vector<int>{3});
  CHECK(c.findings == fk::plan::check(plan));
  std::ostringstream text;
  text << c;
  CHECK_THAT(text.str(),
             Catch::StartsWith("plan       12 steps, 12 calls, 12 evaluations, 0 normals, 1 buffers\norder ") &&
                 Catch::Contains("\nlabels     calls 3 repeat the one before\nfinding    calls 2 and 3 tell"));
}

TEST_CASE("what is not linear has no law, and what is not valid no certificate") {
  const auto limited =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::clipped{fk::parameterization::epsilon{}},
                    test::inner(4), fk::solver::ddim{});
  CHECK(!certificate(limited).normal);
  CHECK_THAT(to_string(certificate(limited)), Catch::Contains("gain       not told"));
  CHECK_THROWS_WITH(certificate(limited, 0), Catch::Contains("deviation is 0"));
  CHECK_THROWS_WITH(certificate(fk::plan::program{}), Catch::Contains("the number of levels is 0"));
}
