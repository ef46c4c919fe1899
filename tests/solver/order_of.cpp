// SPDX-License-Identifier: MIT
#include <fokker/solver/by_tableau.hpp>
#include <fokker/solver/order_of.hpp>

#include "support/catch.hpp"

using fokker::solver::order_of, fokker::solver::tableau;
namespace tableaus = fokker::solver::tableaus;

// Two stages of any node have order 2; where one weight or node is wrong, less.
static_assert(order_of(tableau<1>{.nodes = {0}, .weights = {{{1}}}}) == 1);
static_assert(order_of(tableau<1>{.nodes = {0}, .weights = {{{0.5}}}}) == 0);
static_assert(order_of(tableau<2>{.nodes = {0, 1}, .weights = {{{1}, {0.5, 0.5}}}}) == 2);
static_assert(order_of(tableau<2>{.nodes = {0, 1}, .weights = {{{1}, {0.25, 0.75}}}}) == 1);
static_assert(order_of(tableau<2>{.nodes = {0, 0.5}, .weights = {{{1}, {0.5, 0.5}}}}) == 0);
static_assert(order_of(tableau<2>{.nodes = {0.5, 1}, .weights = {{{1}, {0.5, 0.5}}}}) == 0);
// All conditions of order 4 but one, sum b_i c_i a_ij c_j = 5/48 where 1/8 is asked for.
static_assert(order_of(tableau<4>{.nodes = {0, 0.5, 0.5, 1},
                                  .weights = {{{0.5}, {0, 0.5}, {0.5, -0.5, 1}, {1.0 / 6, 1.0 / 6, 0.5, 1.0 / 6}}}}) ==
              3);

static_assert(order_of(tableaus::ralston) == 2 && order_of(tableaus::kutta_3) == 3 && order_of(tableaus::heun_3) == 3);
static_assert(order_of(tableaus::ssprk_3) == 3 && order_of(tableaus::three_eighths) == 4 &&
              order_of(tableaus::tsit5) == 5);

TEST_CASE("order_of notices a weight that is off by a few roundings of its sums") {
  // Any of the numbers of a method of order 5 changed in its twelfth digit: one of the conditions fails.
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j <= (i < 5 ? i : 5); ++j) {
      auto changed = tableaus::tsit5;
      changed.weights[i][j] += 1e-11;
      CHECK(order_of(changed) < 5);
    }
}
