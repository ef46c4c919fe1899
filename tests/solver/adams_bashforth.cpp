// SPDX-License-Identifier: MIT
#include <fokker/solver/adams_bashforth.hpp>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;

TEST_CASE("the weights of Adams and Bashforth are exact for polynomials of their degree on equal steps") {
  for (int count = 1; count <= 4; ++count) {
    std::vector<fk::plan::expression> values;
    for (int j = 0; j < count; ++j) values.emplace_back(j + 1);
    const auto sum = fk::solver::adams_bashforth(values);
    for (int degree = 0; degree < count; ++degree) {  // the integral of u^k over [0, 1] from the values at -j
      double value = 0;
      for (int j = 0; j < count; ++j) value += sum[j + 1] * std::pow(-j, degree);
      CHECK(value == Approx(1.0 / (degree + 1)).epsilon(0).margin(0x1p-52 * 64));  // terms up to 9/24 27
    }
  }
}

TEST_CASE("a transfer with the prediction is ddim, and tells the epsilon that it took") {
  test::on_every_path([](const auto& schedule) {
    const fk::parameterization::epsilon network;
    fk::plan::builder p(schedule, network, test::inner(1).levels(schedule));
    fk::plan::expression x(0);
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      const auto moved = fk::solver::transfer(x, s, t, m.epsilon);
      const auto ddim = t.alpha * m.data + t.sigma * m.epsilon;
      for (const auto& [of, coefficient] : ddim.terms())
        CHECK(moved[of] == Approx(coefficient).epsilon(1e-13));  // eps apart from x and data: sigma/alpha of 10 to 0.1
      const auto epsilon = fk::solver::transferred(x, s, t, moved);
      CHECK(epsilon[m.epsilon.operator fk::plan::expression().terms().front().of] == Approx(1).epsilon(1e-14));
    }
  });
}

TEST_CASE("the newest value comes first, and the oldest is forgotten") {
  std::vector<fk::plan::expression> values;
  for (int i = 1; i <= 5; ++i) fk::solver::remember(values, fk::plan::expression(i), 3);
  CHECK(values ==
        std::vector<fk::plan::expression>{fk::plan::expression(5), fk::plan::expression(4), fk::plan::expression(3)});
}
