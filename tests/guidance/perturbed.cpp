// SPDX-License-Identifier: MIT
#include <fokker/guidance/perturbed.hpp>

#include <fokker/guidance/classifier_free.hpp>

#include "support/guided.hpp"

using fokker::guidance::perturbed;

TEST_CASE("perturbed is its formula, of every prediction") {
  test::is_its_formula(perturbed{.scale = 5, .perturbed_scale = 3}, [](const auto&, const auto& said) {
    const double c = said[0], other = said[1], p = said[2];
    return other + 5 * (c - other) + 3 * (c - p);
  });
}

TEST_CASE("perturbed is lawful, and neutral at 1 and 0") {
  test::is_lawful([](auto number) { return perturbed{number(), number()}; });
  test::is_neutral(perturbed{.scale = 1, .perturbed_scale = 0});
}

TEST_CASE("perturbed without one of its guidances is classifier_free with the other") {
  using fokker::guidance::classifier_free;
  for (const double s : {0.5, 3.0}) {
    // Ahn et al. 2024: c + s (c - p), of two networks
    const auto [c, other, p] = perturbed{.scale = 1, .perturbed_scale = s}.weights({});
    CHECK((other == 0 && std::array{c, p} == classifier_free::paper(s).weights({})));
    const auto [c2, other2, p2] = perturbed{.scale = s, .perturbed_scale = 0}.weights({});
    CHECK((p2 == 0 && std::array{c2, other2} == classifier_free{.scale = s}.weights({})));
  }
}

TEST_CASE("perturbed has the scale of Ahn et al. where none is given") {
  CHECK(perturbed{.scale = 1}.weights({}) == std::array{4.0, 0.0, -3.0});
  CHECK(perturbed{}.weights({}) == std::array{10.5, -6.5, -3.0});
}

TEST_CASE("perturbed refuses scales that float does not hold, by name") {
  test::is_refused([](double s) { return perturbed{.scale = s}; }, "scale");
  test::is_refused([](double s) { return perturbed{.perturbed_scale = s}; }, "perturbed_scale");
}
