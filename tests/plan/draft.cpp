// SPDX-License-Identifier: MIT
#include <fokker/plan/draft.hpp>

#include <fokker/guidance/rescaled.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/traced.hpp"

namespace fk = fokker;
using fk::plan::atom;
using fk::plan::expression;
using fk::plan::trace;

TEST_CASE("a draft knows what its atoms are, who writes them and who reads them") {
  fk::plan::draft d = test::collected(fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 3});
  REQUIRE(d.calls() == 3);
  CHECK(d.is_tensor(0));
  CHECK(d.slot_of(d.result) == 2);
  CHECK_FALSE(d.is_asked_for(d.result));
  for (int c = 0; c < 3; ++c)
    for (int b = 0; b < 2; ++b) {
      const atom said = d.call(c).guided + 1 + b;
      CHECK(d.is_output(said, c));
      CHECK_FALSE(d.is_output(said, (c + 1) % 3));
      CHECK_FALSE(d.is_tensor(said));
    }
}

TEST_CASE("an expression is put in the place of an atom, also where a number multiplies it") {
  fk::plan::draft d = test::collected(fk::solver::dpmpp_2m{}, fk::guidance::rescaled{fk::guidance::classifier_free{}});
  const atom said = d.call(0).guided + 1;
  const auto product = [&] {  // the first of a number and what the network said
    for (std::size_t a = 0; a < d.said.symbols.size(); ++a)
      if (d.said.symbols[a].what == trace::kind::product && d.said.symbols[a].of == said) return static_cast<atom>(a);
    return atom{-1};
  }();
  REQUIRE(product > 0);
  CHECK(d.base(product) == said);
  expression e = 2 * expression(said) + 5 * expression(product) + expression(0);
  CHECK(d.mentions(e, said));
  d.put(e, said, 3 * expression(0));
  CHECK_FALSE(d.mentions(e, said));
  CHECK(e[0] == 7);
  CHECK(e.terms().size() == 2);
  const atom other = e.terms().back().of;
  CHECK((d.base(other) == 0 && d.symbol(other).quantity == d.symbol(product).quantity));
  CHECK(e[other] == 15);
}
