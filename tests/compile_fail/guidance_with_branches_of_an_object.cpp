// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a guidance rule needs 'static constexpr int branches'

#include <fokker/make_plan.hpp>

#include "support/archetypes.hpp"

struct of_an_object {
  int branches = 2;
  std::array<double, 2> weights(const fokker::level&) const { return {3, -2}; }
};

void f() {
  (void)fokker::make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{}, archetype::solver{},
                          of_an_object{});
}
