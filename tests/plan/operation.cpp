// SPDX-License-Identifier: MIT
#include <fokker/plan/operation.hpp>

#include "support/catch.hpp"

using fokker::plan::operand_count;
using fokker::plan::operation;

TEST_CASE("each operation has as many operands as its sentence names") {
  CHECK(operand_count(operation::constant) == 0);
  CHECK(operand_count(operation::count) == 0);
  CHECK(operand_count(operation::found) == 0);
  CHECK(operand_count(operation::load) == 0);
  for (const auto one : {operation::root, operation::exponential, operation::logarithm, operation::cosine,
                         operation::sine, operation::arc_cosine, operation::keep, operation::store})
    CHECK(operand_count(one) == 1);
  for (const auto two :
       {operation::add, operation::subtract, operation::multiply, operation::least, operation::largest})
    CHECK(operand_count(two) == 2);
  CHECK(operand_count(operation::quotient) == 3);
  CHECK(operand_count(operation::choose) == 4);
}

TEST_CASE("an operation reads nothing unless it says so") {
  constexpr operation nothing{};
  CHECK(nothing.what == operation::constant);
  CHECK((nothing.a == -1 && nothing.b == -1 && nothing.c == -1 && nothing.d == -1 && nothing.index == -1));
  CHECK(fokker::plan::axes{} == fokker::plan::axes{0, 0});
}
