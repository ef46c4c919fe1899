// SPDX-License-Identifier: MIT
#include <fokker/plan/order.hpp>

#include <string>

#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/catch.hpp"
#include "support/traced.hpp"

namespace fk = fokker;

namespace {

/// A rule of three numbers and of four products, which are written down in either order.
struct of_numbers {
  static constexpr int branches = 2;
  bool backwards = false;

  fk::plan::guided operator()(fk::plan::guide& g) const {
    const fk::plan::expression c = g[0].network, u = g[1].network;
    const auto both = [this](const auto& first, const auto& second, const auto& use) {
      if (!backwards) {
        const auto a = first();
        const auto b = second();
        return use(a, b);
      }
      const auto b = second();
      const auto a = first();
      return use(a, b);
    };
    const auto sum = [](const auto& a, const auto& b) { return a + b; };
    const auto s = both([&] { return g.dot(c, u); }, [&] { return g.dot(u, u); },
                        [](const auto& a, const auto& b) { return quotient(a, b, 1); });
    const auto led = both([&] { return s * c; }, [&] { return (2 - s) * u; }, sum);
    const auto length = g.norm(led);  // of a tensor that is taken apart
    return {.network = both([&] { return 0.5 * (length * c); }, [&] { return s * u; }, sum)};
  }
};

std::string plan_of(const of_numbers& rule) {
  return fk::plan::to_text(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{},
                                         fk::grid::uniform{.steps = 3}, fk::solver::dpmpp_2m{}, rule));
}

}  // namespace

TEST_CASE("a plan does not depend on the order in which a rule writes numbers down") {
  CHECK(plan_of({.backwards = false}) == plan_of({.backwards = true}));
}

TEST_CASE("products are in order of what they multiply, then of the number; other atoms stay where they are") {
  fk::plan::trace said = test::traced(fk::solver::dpmpp_2m{}, fk::guidance::apg{});
  const auto before = said.symbols;
  fk::plan::arrange(said);
  const fk::plan::order first(said);
  fk::plan::atom last = -1;
  for (std::size_t a = 0; a < said.symbols.size(); ++a) {
    if (before[a].what != fk::plan::trace::kind::product) {
      CHECK(said.symbols[a] == before[a]);
      continue;
    }
    if (last >= 0) CHECK_FALSE(first(static_cast<fk::plan::atom>(a), last));
    last = static_cast<fk::plan::atom>(a);
  }
  CHECK(last >= 0);
  const auto arranged = said.symbols;
  fk::plan::arrange(said);
  CHECK(said.symbols == arranged);
}
