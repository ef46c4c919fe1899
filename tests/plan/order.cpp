// SPDX-License-Identifier: MIT
#include <fokker/plan/order.hpp>

#include <algorithm>
#include <string>
#include <vector>

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

TEST_CASE("numbers are in order by each thing that they are, wherever they were written down") {
  using quantity = fk::plan::trace::quantity;
  using fk::plan::expression;
  using fk::plan::operation;
  fk::plan::trace said;
  const auto constant = [](double value) { return quantity{.value = value}; };
  said.quantities = {constant(1), constant(2), constant(1)};
  const quantity base{.what = operation::add, .a = 0, .b = 0, .c = 0, .d = 0, .of = expression(1), .with = {}};
  const auto more = [&](const auto& change) {
    quantity q = base;
    change(q);
    said.quantities.push_back(q);
  };
  more([](quantity&) {});
  more([](quantity& q) { q.a = q.b = q.c = q.d = 2; });  // another place of what is the same
  more([](quantity& q) { q.what = operation::subtract; });
  more([](quantity& q) { q.value = 1; });
  more([](quantity& q) { q.how = fk::plan::measured::sum; });
  more([](quantity& q) { q.q = 0.5; });
  more([](quantity& q) { q.over.first = 1; });
  more([](quantity& q) { q.over.count = 1; });
  more([](quantity& q) { q.call = 0; });
  more([](quantity& q) { q.kept = 0; });
  more([](quantity& q) { q.of = expression(2); });
  more([](quantity& q) { q.of = expression(1, 2.0); });
  more([](quantity& q) { q.of = expression(1) + expression(2); });
  more([](quantity& q) { q.with = expression(1); });
  for (const auto operand : {&quantity::a, &quantity::b, &quantity::c, &quantity::d})
    more([&](quantity& q) { q.*operand = 1; });
  const fk::plan::order first(said);
  const auto count = static_cast<int>(said.quantities.size());
  for (const int same : {3, 4})
    for (int q = 5; q < count; ++q) {
      INFO(q);
      CHECK(first.compared(same, q) < 0);
      CHECK(first.compared(q, same) > 0);
      CHECK(first.compared(-1, q) < 0);
      CHECK(first.compared(q, -1) > 0);
      CHECK(first.compared(q, q) == 0);
    }
  CHECK(first.compared(3, 4) == 0);
  CHECK(first.compared(4, 3) == 0);
}

TEST_CASE("an order of atoms: others, then products by call, tensor, plane and number, and the same ones as said") {
  using kind = fk::plan::trace::kind;
  using symbol = fk::plan::trace::symbol;
  fk::plan::trace said;
  said.quantities = {{.value = 1}, {.value = 2}};
  const std::vector<symbol> in_order{{.what = kind::kept},
                                     {.what = kind::branch},
                                     {.what = kind::product, .index = 0, .quantity = 1, .plane = 1, .of = 2},
                                     {.what = kind::product, .index = 1, .quantity = 1, .plane = 1, .of = 1},
                                     {.what = kind::product, .index = 1, .quantity = 1, .plane = 0, .of = 2},
                                     {.what = kind::product, .index = 1, .quantity = 0, .plane = 1, .of = 2},
                                     {.what = kind::product, .index = 1, .quantity = 1, .plane = 1, .of = 2},
                                     {.what = kind::product, .index = 1, .quantity = 1, .plane = 1, .of = 2}};
  said.symbols = in_order;
  const auto count = static_cast<fk::plan::atom>(in_order.size());
  for (fk::plan::atom a = 0; a < count; ++a)
    for (fk::plan::atom b = 0; b < count; ++b) {
      INFO(a << ", " << b);
      CHECK(fk::plan::order(said)(a, b) == (a < b));
    }
  std::reverse(said.symbols.begin() + 2, said.symbols.end());  // only these two are the same: 2 and 3
  std::swap(said.symbols[1], said.symbols.back());
  const std::vector<fk::plan::atom> expected{0, count - 1, 1, 6, 5, 4, 2, 3};
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (std::size_t j = 0; j < expected.size(); ++j) {
      INFO(expected[i] << ", " << expected[j]);
      CHECK(fk::plan::order(said)(expected[i], expected[j]) == (i < j));
    }
}
