// SPDX-License-Identifier: MIT
#include <fokker/guidance/ltx2.hpp>

#include "support/guided.hpp"

using fokker::guidance::ltx2;

TEST_CASE("ltx2 is its formula, of every prediction") {
  test::is_its_formula(ltx2{.scale = 3.5, .perturbed_scale = 1.25, .modality_scale = 3},
                       [](const auto&, const auto& said) {
                         const double c = said[0], other = said[1], p = said[2], apart = said[3];
                         return c + 2.5 * (c - other) + 1.25 * (c - p) + 2 * (c - apart);
                       });
}

TEST_CASE("ltx2 is lawful, and neutral at 1, 0 and 1") {
  test::is_lawful([](auto number) { return ltx2{number(), number(), number()}; });
  test::is_neutral(ltx2{.scale = 1, .perturbed_scale = 0, .modality_scale = 1});
  CHECK(ltx2{}.weights({}) == std::array{6.0, -2.0, -1.0, -2.0});
  CHECK(ltx2{.scale = 1, .perturbed_scale = 0}.weights({}) == std::array{3.0, 0.0, 0.0, -2.0});
}

TEST_CASE("ltx2 refuses scales that float does not hold, by name") {
  test::is_refused([](double s) { return ltx2{.scale = s}; }, "scale");
  test::is_refused([](double s) { return ltx2{.perturbed_scale = s}; }, "perturbed_scale");
  test::is_refused([](double s) { return ltx2{.modality_scale = s}; }, "modality_scale");
}
