// SPDX-License-Identifier: MIT
#include <fokker/plan/scalar.hpp>

#include <fokker/concept/level_grid.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/plan/guide.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::plan::expression;
using fk::plan::scalar;
using fk::plan::trace;

namespace {

/// A trace with a call, and tensors of it.
struct one_call {
  trace said;
  one_call() {
    const fk::schedule::flow_linear schedule;
    const fk::parameterization::flow network;
    fk::plan::builder p(schedule, network, fk::levels_at(schedule, {1, 0}));
    expression x(0);
    static_cast<void>(p.call(x, p.at(1)));
    said = std::move(p).finish(x);
  }
  [[nodiscard]] expression x() const { return expression(0); }
  [[nodiscard]] expression output() const { return expression(said.calls[0].guided + 1); }
  [[nodiscard]] scalar dot(const expression& a, const expression& b, fk::plan::axes over = {}) {
    return scalar::found(said, fk::plan::measured::dot, a, b, over);
  }
};

}  // namespace

TEST_CASE("what is asked twice is written down once") {
  one_call c;
  const scalar a = c.dot(c.x(), c.output()), b = c.dot(c.x(), c.output());
  CHECK(a.index() == b.index());
  CHECK((a + 1).index() == (b + 1).index());
  CHECK((a + 1).index() != (a + 2).index());
  CHECK(a * c.x() == b * c.x());
}

TEST_CASE("a number times a tensor is a tensor, and times a product it is one number") {
  one_call c;
  const scalar s = c.dot(c.x(), c.x()), t = c.dot(c.output(), c.output());
  const expression product = s * (2 * c.x() - c.output());
  CHECK(product.terms().size() == 2);
  const expression twice = t * product;
  REQUIRE(twice.terms().size() == 2);
  for (const auto& [a, coefficient] : twice.terms()) {
    const trace::symbol& symbol = fk::plan::nth(c.said.symbols, a);
    CHECK(symbol.what == trace::kind::product);
    CHECK(fk::plan::nth(c.said.quantities, symbol.quantity).what == fk::plan::operation::multiply);
  }
}

TEST_CASE("a product is taken apart where a number is found of it") {
  one_call c;
  const scalar s = c.dot(c.x(), c.x());
  const scalar whole = c.dot(s * c.x() + c.output(), c.output());  // s <x, n> + <n, n>
  CHECK(whole.quantity().what == fk::plan::operation::add);
  CHECK_THROWS_WITH(scalar::found(c.said, fk::plan::measured::quantile, s * c.x(), {}, {}, 0.5),
                    Catch::Contains("a quantile"));
}

TEST_CASE("numbers of other axes, or of another call, do not meet") {
  one_call c;
  const scalar of_sample = c.dot(c.x(), c.x()), channel = c.dot(c.x(), c.x(), {0, 1}),
               place = c.dot(c.x(), c.x(), {1, 2});
  CHECK((of_sample + channel).quantity().over == fk::plan::axes{0, 1});
  CHECK_THROWS_WITH(channel + place, Catch::Contains("the axes of a number is {1, 2}"));
  CHECK_THROWS_WITH(c.dot(c.x(), c.x(), {-1, 1}), Catch::Contains("the axes of a number is {-1, 1}"));
  trace empty;
  CHECK_THROWS_WITH(scalar::found(empty, fk::plan::measured::dot, {}, {}, {}),
                    Catch::Contains("before the first call"));
}

TEST_CASE("what numbers of some axes multiply has numbers of these axes alone") {
  one_call c;
  const scalar sample = c.dot(c.x(), c.x()), channel = c.dot(c.x(), c.x(), {0, 1});
  CHECK_NOTHROW(c.dot(sample * c.output(), c.x(), {0, 1}));
  CHECK_NOTHROW(c.dot(channel * c.output(), c.x(), {0, 1}));
  CHECK_THROWS_WITH(c.dot(channel * c.output(), c.x()), Catch::Contains("found of what others multiply is {0, 0}") &&
                                                            Catch::Contains("allowed: {0, 1}, as of the others"));
  CHECK_THROWS_WITH(c.dot(c.x(), channel * c.output(), {1, 2}), Catch::Contains("is {1, 2}; allowed: {0, 1}"));
}

TEST_CASE("the square of a tensor that numbers multiply has each pair of its parts once") {
  one_call c;
  const scalar s = c.dot(c.x(), c.x());
  const expression sum = s * c.x() + c.output();
  (void)c.dot(sum, sum);
  int found = 0;
  for (const auto& q : c.said.quantities) found += q.what == fk::plan::operation::found;
  CHECK(found == 3);  // <x, x>, <x, n> and <n, n>
}
