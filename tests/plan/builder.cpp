// SPDX-License-Identifier: MIT
#include <fokker/plan/builder.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/learned_variance.hpp>
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
  CHECK_THROWS_WITH(w(t, p.at(0.5)), Catch::Contains("not a part of its path"));
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

TEST_CASE("a path is straight where both rates are known and the same at every level") {
  const fk::schedule::edm schedule;
  const fk::parameterization::data network;
  const auto straight = [&](double alpha_rate, double sigma_rate) {
    std::vector<fk::level> levels{{.time = 2, .sigma = 2, .alpha_rate = 0, .sigma_rate = 1},
                                  {.time = 1, .sigma = 1, .alpha_rate = alpha_rate, .sigma_rate = sigma_rate}};
    const bool forwards = fk::plan::builder(schedule, network, levels).straight();
    std::swap(levels[0].alpha_rate, levels[1].alpha_rate);
    std::swap(levels[0].sigma_rate, levels[1].sigma_rate);
    CHECK(fk::plan::builder(schedule, network, levels).straight() == forwards);
    return forwards;
  };
  CHECK(straight(0, 1));
  CHECK(!straight(-1, 1));
  CHECK(!straight(0, 2));
  CHECK(!straight(fk::level::unknown, 1));
  CHECK(!straight(0, fk::level::unknown));
  std::vector<fk::level> unknown{{.time = 2, .sigma = 2, .alpha_rate = 0}, {.time = 1, .sigma = 1, .alpha_rate = 0}};
  CHECK(!fk::plan::builder(schedule, network, unknown).straight());
  for (fk::level& l : unknown) std::swap(l.alpha_rate, l.sigma_rate);
  CHECK(!fk::plan::builder(schedule, network, unknown).straight());
}

TEST_CASE("names of what a caller gives are words, and each is one thing") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  auto& p = one.p;
  for (const std::string& name :
       {std::string(), std::string(41, 'a'), std::string("a b"), std::string("a\nb"), std::string("a\tb")}) {
    CHECK_THROWS_WITH(p.given(name), Catch::Contains("a word of up to 40 letters"));
    CHECK_THROWS_WITH(p.plane(name), Catch::Contains("a word of up to 40 letters"));
  }
  const std::string longest(40, 'a');
  const expression image = p.given("image"), other = p.given(longest);
  CHECK(image != other);
  CHECK(p.given("image") == image);
  expression x(0);
  (void)p.call(x, p.at(2));
  const auto mask = p.plane("mask");
  const expression masked = mask * image;
  CHECK(p.plane("mask") * image == masked);
  CHECK(mask * other != masked);
  CHECK(p.plane(longest) * image != masked);
  CHECK_THROWS_WITH(mask * masked, Catch::Contains("what a plane multiplies is multiplied already"));
  CHECK(p.said().givens == std::vector<std::string>{"image", longest});
  CHECK(p.said().planes == std::vector<std::string>{"mask", longest});
}

TEST_CASE("normals of what is known are each another one, and their own stream's") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  CHECK(one.p.known_noise() != one.p.known_noise());
  std::vector<fk::noise_piece> pieces;
  for (const auto& symbol : one.p.said().symbols)
    if (symbol.what == fk::plan::trace::kind::normal) pieces.push_back(symbol.piece);
  CHECK(pieces == std::vector<fk::noise_piece>{{fk::noise_piece::known, 0}, {fk::noise_piece::known, 1}});
}

TEST_CASE("a solver is run over other levels, whose calls are of the grid's step there") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  auto& p = one.p;
  const std::vector<fk::level> grid = p.levels();
  const auto calls = [](fk::plan::builder& of, expression x) {
    for (auto [s, t] : of.steps()) (void)of.call(x, s);
    return x;
  };
  // From the third level of the grid; the same within itself over two others, of which the grid has none.
  const std::vector<fk::level> piece{grid[2], p.at(0.5 * (grid[2].time + grid[3].time)), grid[3]};
  const std::vector<fk::level> others{p.at(0.9 * grid[1].time), p.at(0.8 * grid[1].time)};
  expression x(0);
  for (auto [s, t] : p.steps()) {
    (void)p.call(x, s);
    if (s.time != grid[2].time) continue;
    x = p.over(
        piece,
        [&](fk::plan::builder& of, const expression& from) {
          CHECK(&of.levels() == &piece);
          const expression to = of.over(others, calls, calls(of, from));
          CHECK(&of.levels() == &piece);
          return to;
        },
        x);
    CHECK(p.levels().size() == grid.size());
  }
  std::vector<int> steps;
  for (const auto& c : p.said().calls) steps.push_back(c.step);
  CHECK(steps == std::vector<int>{0, 1, 2, 2, 2, 2, 3});
  CHECK_THROWS_WITH(p.over({grid[0]}, calls, x), Catch::Contains("the number of levels is 1; allowed: 2 or more"));
}

TEST_CASE("a call determines what its prediction does, at data where the network is called there and has no limit") {
  const fk::schedule::flow_linear flow;
  const auto levels = fk::grid::uniform{.steps = 2}.levels(flow);
  const auto determines = [&](const auto& network, double time, fk::prediction_row asked) {
    const fk::plan::builder p(flow, network, levels);
    return p.determines(p.at(time), asked);
  };
  const fk::prediction_row data{1, 0}, noise{0, 1};
  const fk::parameterization::flow all;
  const fk::parameterization::epsilon epsilon;
  CHECK(determines(all, 0.5, data));
  CHECK(determines(all, 1, data));
  CHECK(determines(all, 0, noise));
  CHECK(!determines(fk::parameterization::clipped{all}, 0, noise));
  CHECK(determines(fk::parameterization::clipped{all}, 0.5, noise));
  CHECK(!determines(epsilon, 1, data));
  CHECK(determines(epsilon, 1, noise));
  CHECK(!determines(fk::parameterization::score{}, 0, noise));
  struct limited : fk::parameterization::flow {
    fk::data_limit limit() const { return {.bound = 1}; }
  };
  CHECK(determines(limited{}, 0.5, noise));
  CHECK(!determines(limited{}, 0, noise));
}

TEST_CASE("a learned deviation is asked of a network that tells one") {
  planning<fk::schedule::cosine, fk::parameterization::epsilon> plain{};
  const auto refused = Catch::Contains("the variance is learned; allowed: that of a network with");
  const expression z = plain.p.known_noise();
  CHECK_THROWS_WITH(plain.p.learned(z, 1, 0), refused);
  expression x(0);
  (void)plain.p.call(x, plain.p.at(0.5));
  CHECK_THROWS_WITH(plain.p.learned(z, 1, 0), refused);
  planning<fk::schedule::cosine, fk::parameterization::learned_variance<fk::parameterization::epsilon>> told{};
  const expression normal = told.p.known_noise();
  CHECK_THROWS_WITH(told.p.learned(normal, 1, 0), refused);  // nothing was called yet
  (void)told.p.call(x = expression(0), told.p.at(0.5));
  const expression deviating = told.p.learned(3 * normal, 0.5, -0.25);
  REQUIRE(deviating.terms().size() == 1);
  CHECK(deviating.terms()[0].coefficient == 3);
  const auto& symbol = told.p.said().symbols.back();
  CHECK(symbol.piece == fk::noise_piece{fk::noise_piece::known, 0});
  CHECK(symbol.learned == told.p.said().calls.back().learned);
  CHECK(symbol.slope == 0.5);
  CHECK(symbol.offset == -0.25);
}

TEST_CASE("what lies in memory is kept and called as it is, and multiples of it are not") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  auto& p = one.p;
  const auto reads = [&](expression x) {
    (void)p.call(x, p.at(2));
    return p.said().calls.back().input;
  };
  const expression start(0), kept = p.keep(2 * start);
  CHECK(reads(start) == 0);
  CHECK(reads(kept) == kept.terms().front().of);
  CHECK(p.keep(kept) == kept);
  CHECK(p.keep(2 * kept) != 2 * kept);
  CHECK(p.keep(start) != start);
  CHECK(reads(2 * kept) != kept.terms().front().of);
  expression x = 3 * start;
  (void)p.call(x, p.at(2));
  CHECK(reads(x) == x.terms().front().of);
  const expression image = p.given("image");
  CHECK(reads(image) != image.terms().front().of);
  const expression normal = p.known_noise();
  CHECK(reads(normal) != normal.terms().front().of);
}

TEST_CASE("the error that a pair of methods estimates is a part of what was said") {
  planning<fk::schedule::edm, fk::parameterization::data> one{};
  expression x(0);
  const expression data = one.p.call(x, one.p.at(2)).data;
  const auto said = std::move(one.p).finish(fk::plan::attempt{x + data, 0.5 * data});
  CHECK(said.result == x + data);
  CHECK(said.error == 0.5 * data);
}

namespace {

/// Leaves the steps to one branch, at each call or at the first one of a step alone.
struct left_to {
  static constexpr int branches = 2;
  int branch = 0;
  bool at_each = true;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    fk::plan::guided all{.data = 2 * g[0].data - g[1].data};
    if (at_each || g.stage() == 0) all.steps_by = branch;
    return all;
  }
};

}  // namespace

TEST_CASE("a step that is left to a branch begins at its first call, towards data or towards noise") {
  const fk::schedule::flow_linear schedule;
  const fk::parameterization::flow network;
  const auto refused = Catch::Contains("the solver is one with steps of its own");
  for (const bool inverted : {false, true})
    for (const left_to& leaving : {left_to{0, true}, left_to{1, true}, left_to{1, false}}) {
      CAPTURE(inverted, leaving.branch, leaving.at_each);
      auto levels = fk::levels_at(schedule, {0.8, 0.5, 0.2});
      if (inverted) std::reverse(levels.begin(), levels.end());
      const auto guidance = fk::plan::rule_of(leaving);
      fk::plan::builder p(schedule, network, levels, guidance);
      expression x(0);
      for (auto [s, t] : p.steps()) {
        (void)p.call(x, s);
        expression y = 0.5 * x;
        const auto there = p.call(y, t);
        const auto& c = p.said().calls.back();
        CHECK(expression(there.network) == expression(c.guided + 1 + leaving.branch));
        CHECK(there.branch.size() == 1);
        expression behind = 0.25 * x;
        CHECK_THROWS_WITH(p.call(behind, p.at(inverted ? 0.1 : 0.9)), refused);
        x = y;
      }
      CHECK_NOTHROW(std::move(p).finish(x));
      fk::plan::builder of_its_own(schedule, network, levels, guidance);
      expression z(0);
      (void)of_its_own.call(z, levels[0]);
      CHECK_THROWS_WITH(std::move(of_its_own).finish(z), refused);
    }
}
