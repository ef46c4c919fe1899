// SPDX-License-Identifier: MIT
#include <fokker/parameterization/consistency.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

using fokker::level;
using fokker::parameterization::consistency;

TEST_CASE("consistency is c_skip y + c_out F(c_in y, 250 log sigma)") {
  // Song et al. 2023, appendix C, by their formulas; y = x / alpha.
  for (const double alpha : {1.0, 0.25})
    for (const double s : {0.0021, 0.5, 80.0}) {
      const level l{.alpha = alpha, .sigma = alpha * s};
      const auto data = fokker::convert(l, consistency{}.row(l), {1, 0});
      const double off = s - 0.002, skip = 0.25 / (off * off + 0.25), out = 0.5 * off / std::hypot(s, 0.5);
      REQUIRE(data.determined);
      // Ten roundings on each side; s - s_min at 0.0021 loses 1 / 0.05 of the digits of s on both sides alike.
      CHECK(std::abs(data.of_x * alpha / skip - 1) <= 40 * law::u);
      CHECK(std::abs(data.of_p / out - 1) <= 40 * 20 * law::u);
      CHECK(fokker::input_scale(consistency{}, l) * alpha == Approx(1 / std::hypot(s, 0.5)).epsilon(1e-15));
      CHECK(fokker::label(consistency{}, l) == Approx(250 * std::log(s)).epsilon(1e-13));
    }
}

TEST_CASE("one call of a consistency function that knows the data gives the data") {
  struct point {
    double data(double, const level&) const { return 0.375; }
  };
  const auto plan = fokker::make_plan(fokker::schedule::edm{}, consistency{}, fokker::grid::uniform{.steps = 1},
                                      fokker::solver::ddim{});
  CHECK(test::run(plan, point{}, 50.0) == Approx(0.375).epsilon(1e-11));
}

TEST_CASE("consistency refuses the levels at which it says nothing, and wrong numbers, by name") {
  const level at_min{.alpha = 1, .sigma = 0.002}, noise{.alpha = 0, .sigma = 1}, some{.alpha = 1, .sigma = 1};
  law::refused([&] { (void)consistency{}.row(at_min); }, {"sigma/alpha is 0.002", "sigma_min"});
  law::refused([&] { (void)consistency{}.row(noise); }, {"alpha is 0"});
  law::refused([&] { (void)consistency{.sigma_data = 0}.row(some); }, {"sigma_data is 0"});
  law::refused([&] { (void)consistency{.sigma_min = -1}.row(some); }, {"sigma_min is -1"});
}
