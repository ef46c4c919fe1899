// SPDX-License-Identifier: MIT
#include <fokker/plan/expression.hpp>

#include "support/catch.hpp"

using fokker::plan::expression;

TEST_CASE("expressions add, scale and forget what cancels") {
  const expression a(1), b(2);
  const auto e = 2.0 * a + b / 4 - 3 * b;
  CHECK(e[1] == 2);
  CHECK(e[2] == -2.75);
  CHECK(e[7] == 0);
  CHECK((e - e).empty());
  CHECK((0.0 * e).empty());
  CHECK((-e)[1] == -2);
  CHECK(e * 2 == 2 * e);
}

TEST_CASE("terms stay sorted, whatever the order of addition") {
  expression e;
  for (const int atom : {5, 1, 9, 3, 1}) e.add(expression(atom));
  REQUIRE(e.terms().size() == 4);
  for (std::size_t i = 1; i < e.terms().size(); ++i) CHECK(e.terms()[i - 1].of < e.terms()[i].of);
  CHECK(e[1] == 2);
}

TEST_CASE("substitution puts an expression in an atom's place") {
  expression e = 2 * expression(1) + expression(2);
  e.substitute(1, expression(2) - expression(3));
  CHECK(e == 3 * expression(2) - 2 * expression(3));
  e.substitute(8, expression(2));
  CHECK(e[2] == 3);
}
