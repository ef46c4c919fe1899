// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/guidance_rule.hpp>
#include <fokker/detail/rounded_product.hpp>

namespace fokker::inline v0::guidance {

/// none + image_scale (image - none) + scale (both - image); denoisers in the order {both, image, none}: what is given
/// both conditions, the first of them alone, and neither. Brooks et al. 2023 (InstructPix2Pix), eq. 3, where they are
/// an image and a text. Scales of 1 are the network with both conditions alone. Audio may be in the place of the image:
/// the rule is the same for any two conditions, the second on top of the first.
struct instruct_pix2pix {
  static constexpr int branches = 3;
  double scale = 7.5;
  double image_scale = 1.5;

  /// none + outer ([image + inner (both - image)] - none), the inner rule guided as a whole: inner counts outer times.
  [[nodiscard]] static instruct_pix2pix nested(double inner, double outer) {
    return {.scale = detail::rounded_product(inner, outer), .image_scale = outer};
  }
  [[nodiscard]] std::array<double, 3> weights(const level&) const {
    detail::require_scale("scale", scale);
    detail::require_scale("image_scale", image_scale);
    return {scale, image_scale - scale, 1 - image_scale};
  }
};

}  // namespace fokker::inline v0::guidance
