// SPDX-License-Identifier: MIT
#include <fokker/plan/builder.hpp>

#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/guide.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::plan::expression;

namespace {
constexpr fk::guidance::classifier_free rule{};
template <class Schedule, class Network>
struct planning {
  Schedule schedule{};
  Network network{};
  fk::plan::builder p{schedule, network, fk::grid::uniform{.steps = 4}.levels(schedule), fk::plan::rule_of(rule)};
};
}  // namespace

TEST_CASE("a prediction that the network does not determine is named, with the level", "[bits]") {
  planning<fk::schedule::cosine, fk::parameterization::epsilon> at_noise{};
  expression x(0);
  const auto m = at_noise.p.call(x, at_noise.p.at(1));
  CHECK_NOTHROW(expression(m.epsilon));
  CHECK_NOTHROW(expression(m.score));
  CHECK_THROWS_WITH(expression(m.data),
                    "fokker: at time 1 (alpha 0, sigma 1) a network that predicts epsilon does not determine data");
  CHECK((0.0 * m.data).empty());  // a factor of 0 asks for nothing
}

TEST_CASE("branches are what denoisers say alone, and the guided prediction is an atom of its own") {
  planning<fk::schedule::flow_linear, fk::parameterization::data> one{};
  expression x(0);
  const auto m = one.p.call(x, one.p.at(0.5));
  REQUIRE(m.branch.size() == 2);
  CHECK(expression(m.data).terms().size() == 1);
  CHECK(expression(m.branch[0].data) != expression(m.data));
  CHECK(expression(m.branch[1].data) != expression(m.branch[0].data));
}

TEST_CASE("after a call x is what the network read") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  expression x = 3 * expression(0);
  (void)one.p.call(x, one.p.at(2));
  CHECK(x.terms().size() == 1);
  CHECK(x.terms()[0].coefficient == 1);
  const expression before = x;
  (void)one.p.call(x, one.p.at(1));  // nothing new to put into memory
  CHECK(x == before);
}

TEST_CASE("noise paths are taken in disjoint pieces, each a normal of its own") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  auto& p = one.p;
  const auto s = p.at(10), m = p.at(5), t = p.at(1);
  auto w = p.path(s, t);
  const auto first = w(s, m), second = w(m, t);
  CHECK(first != second);
  CHECK_THROWS_WITH(w(s, t), Catch::Contains("overlaps"));
  CHECK_THROWS_WITH(w(p.at(7), m), Catch::Contains("overlaps"));
  CHECK_THROWS_WITH(w(t, s), Catch::Contains("not a part of its path") && Catch::Contains("of noise from time ") &&
                                 Catch::Contains(" to time "));
  CHECK_THROWS_WITH(w(p.at(20), s), Catch::Contains("not a part of its path"));
  auto again = p.path(s, t);
  CHECK(again(s, t) != first);
}

TEST_CASE("a normal is told by its place on the clock of its path", "[bits]") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  auto& p = one.p;
  const auto s = p.at(10), m = p.at(5), t = p.at(1);
  auto up = p.path(s, t, {-2});
  auto down = p.path(s, t);
  (void)up(m, t);
  (void)up(s, m);
  (void)down(s, t);
  (void)p.path(s, m)(s, m);
  (void)p.path(s, t, {0})(s, t);
  (void)p.path(m, t)(m, t);
  (void)p.path(m, t);  // a path that nothing is drawn from leaves no trace
  (void)p.path(m, t)(m, t);
  const fk::plan::trace said = std::move(p).finish(expression());
  std::vector<fk::noise_piece> pieces;
  for (const auto& symbol : said.symbols)
    if (symbol.what == fk::plan::trace::kind::normal) pieces.push_back(symbol.piece);
  const double a = fk::plan::clock{}(s), b = fk::plan::clock{}(m), c = fk::plan::clock{}(t);
  CHECK(pieces == std::vector<fk::noise_piece>{{1, 0, 0, 25, 1},
                                               {1, 1, 0, 100, 25},
                                               {1, 2, 0, a, c},
                                               {1, 3, 1, a, b},
                                               {1, 4, 0, 0, 0},
                                               {1, 5, 1, b, c},
                                               {1, 6, 2, b, c}});
  planning<fk::schedule::edm, fk::parameterization::data> other{};
  CHECK_THROWS_WITH(other.p.path(s, t, {std::numeric_limits<double>::infinity()}),
                    Catch::Contains("clock.power is inf; allowed: a finite number"));
}

TEST_CASE("a span is joined of the pieces that were drawn") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  auto& p = one.p;
  const auto s = p.at(10), m = p.at(5), n = p.at(2), t = p.at(1);
  auto w = p.path(s, t, {-1});
  const auto last = w(n, t), first = w(s, m), second = w(m, n);
  const auto of = [](const expression& sum, const expression& z) { return sum[z.terms().front().of]; };
  const auto whole = w.span(s, t);
  CHECK(of(whole, first) == Approx(std::sqrt(5.0 / 9)).epsilon(1e-14));
  CHECK(of(whole, second) == Approx(std::sqrt(3.0 / 9)).epsilon(1e-14));
  CHECK(of(whole, last) == Approx(std::sqrt(1.0 / 9)).epsilon(1e-14));
  CHECK(of(w.span(s, n), second) == Approx(std::sqrt(3.0 / 8)).epsilon(1e-14));
  CHECK(w.span(m, n) == second);
  const auto refused = Catch::Contains("is not joined of pieces that were drawn");
  CHECK_THROWS_WITH(w.span(p.at(7), t), refused);
  CHECK_THROWS_WITH(w.span(s, p.at(1.5)), refused);
  CHECK_THROWS_WITH(w.span(s, p.at(0.5)), refused);
  CHECK_THROWS_WITH(w.span(t, s), refused);
  auto gap = p.path(s, t);
  (void)gap(s, m), (void)gap(n, t);
  CHECK_THROWS_WITH(gap.span(s, t), refused);
  auto still = p.path(s, t, {0});
  const auto alone = still(s, m);
  (void)still(m, t);
  CHECK(still.span(s, m) == alone);
  CHECK_THROWS_WITH(still.span(s, t), Catch::Contains("clock.power is 0"));
}

TEST_CASE("paths may begin at noise and end at data") {
  planning<fk::schedule::flow_linear, fk::parameterization::data> one{};
  auto w = one.p.path(one.p.at(1), one.p.at(0));
  CHECK_NOTHROW(w(one.p.at(1), one.p.at(0.5)));
  CHECK_NOTHROW(w(one.p.at(0.5), one.p.at(0)));
  CHECK_THROWS_WITH(w(one.p.at(1), one.p.at(0)), Catch::Contains("overlaps"));
}

TEST_CASE("levels between those of the grid, by time and by sigma/alpha") {
  planning<fk::schedule::flow_linear, fk::parameterization::data> one{};
  CHECK(one.p.at(0.25).alpha == 0.75);
  CHECK(one.p.at_ratio(1).time == 0.5);
  CHECK(one.p.straight());
  CHECK(!planning<fk::schedule::cosine, fk::parameterization::data>().p.straight());
}

TEST_CASE("a network that is called where its prediction is not finite is refused") {
  planning<fk::schedule::flow_linear, fk::parameterization::score> one{};
  expression x(0);
  CHECK_THROWS_WITH(one.p.call(x, one.p.at(0)), Catch::Contains("a prediction of score is not finite"));
}
