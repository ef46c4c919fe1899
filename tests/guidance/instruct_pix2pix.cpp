// SPDX-License-Identifier: MIT
#include <fokker/guidance/instruct_pix2pix.hpp>

#include "support/guided.hpp"

using fokker::guidance::instruct_pix2pix;

TEST_CASE("instruct_pix2pix is its formula, of every prediction") {
  // Brooks et al. 2023, eq. 3
  test::is_its_formula(instruct_pix2pix{.scale = 7.5, .image_scale = 1.5}, [](const auto&, const auto& said) {
    const double both = said[0], image = said[1], neither = said[2];
    return neither + 1.5 * (image - neither) + 7.5 * (both - image);
  });
  // and with the inner rule as a whole in the place of `both`
  test::is_its_formula(instruct_pix2pix::nested(3, 2), [](const auto&, const auto& said) {
    const double both = said[0], image = said[1], neither = said[2];
    const double inner = image + 3 * (both - image);
    return neither + 2 * (inner - neither);
  });
}

TEST_CASE("instruct_pix2pix is lawful, and neutral at scales of 1") {
  test::is_lawful([](auto number) { return instruct_pix2pix{number(), number()}; });
  test::is_neutral(instruct_pix2pix{.scale = 1, .image_scale = 1});
  CHECK(instruct_pix2pix{.scale = 7.5, .image_scale = 1}.weights({}) == std::array{7.5, -6.5, 0.0});  // neither: unused
  CHECK(instruct_pix2pix{.scale = 0, .image_scale = 0}.weights({}) == std::array{0.0, 0.0, 1.0});
}

TEST_CASE("instruct_pix2pix refuses scales that float does not hold, by name") {
  test::is_refused([](double s) { return instruct_pix2pix{.scale = s}; }, "scale");
  test::is_refused([](double s) { return instruct_pix2pix{.image_scale = s}; }, "image_scale");
}
