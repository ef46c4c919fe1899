// SPDX-License-Identifier: MIT
#include <fokker/guidance/composable.hpp>

#include <fokker/guidance/classifier_free.hpp>

#include "support/guided.hpp"

using fokker::guidance::composable;

static_assert(std::is_same_v<decltype(composable{7.5, 1, -3}), composable<3>>);  // whole numbers, too
static_assert(composable<3>::branches == 4);

TEST_CASE("composable is its formula, of every prediction") {
  // Liu et al. 2022: two concepts, and not a third
  test::is_its_formula(composable{4.5, 2.0, -1.5}, [](const auto&, const auto& said) {
    const double other = said[3];
    return other + 4.5 * (said[0] - other) + 2 * (said[1] - other) - 1.5 * (said[2] - other);
  });
}

TEST_CASE("composable is lawful, and neutral where one scale is 1 and the others are 0") {
  test::is_lawful([](auto number) { return composable{number(), number(), number()}; });
  test::is_lawful([](auto number) {
    composable<9> many;
    for (double& s : many.scales) s = number();
    return many;
  });
  test::is_neutral(composable{1, 0, 0});
}

TEST_CASE("composable of one concept is classifier_free") {
  for (const double s : {0.0, 0.1, 1.0, 7.5})
    CHECK(composable{s}.weights({}) == fokker::guidance::classifier_free{.scale = s}.weights({}));
}

TEST_CASE("composable refuses a scale that float does not hold, by its place") {
  test::is_refused([](double s) { return composable{s, 1}; }, "scales[0]");
  test::is_refused([](double s) { return composable{1, s}; }, "scales[1]");
}
