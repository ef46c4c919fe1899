// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

namespace detail {

/// y = of_a a + of_b b.
template <class X>
void combine_two(const X& a, double of_a, const X& b, double of_b, X& y) {
  if constexpr (check_tensor_backend<X>()) {
    using tensor = backend::tensor<X>;
    const backend::extents shape = shape_of(a, "a");
    require_samples(shape, "a");
    require_shape(shape_of(b, "b"), shape, "b");
    require_shape(shape_of(y, "the result"), shape, "the result");
    plan::update u{.input_count = 2, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
    u.rows[0].inputs[0] = of_a;
    u.rows[0].inputs[1] = of_b;
    kernel::operands<typename tensor::element> operands;
    operands.samples = shape.samples();
    operands.size = shape.sample_size();
    operands.inputs[0] = data_of(a, "a");
    operands.inputs[1] = data_of(b, "b");
    operands.rows[0] = data_of(y, "the result");
    tensor::space(y).update(u, operands, noise::philox{});
  }
}

}  // namespace detail

/// y = sqrt(1 - share^2) a + share b: of independent normals a normal, which shares that much with b. y may be a or b.
/// Throws std::invalid_argument for a share outside of -1 to 1, and for shapes that differ.
template <class X>
void blend(const X& a, const X& b, double share, X& y) {
  detail::require_within("share", share, -1, 1);
  detail::combine_two(a, std::sqrt((1 - share) * (1 + share)), b, share, y);
}

/// y = cos(2 pi turns) a + sin(2 pi turns) b: of independent normals normals, on a circle that closes after each whole
/// turn, to the bit. y may be a or b. Throws std::invalid_argument for turns that are not finite, and for shapes that
/// differ.
template <class X>
void blend_around(const X& a, const X& b, double turns, X& y) {
  detail::require_finite("turns", turns);
  const double rest = turns - std::floor(turns), part = rest < 1 ? rest : 0;  // 1 of what is a rounding below 0
  const double quarter = std::floor(4 * part), angle = part - quarter / 4;
  const double cosine = std::cos(2 * std::numbers::pi * angle), sine = std::sin(2 * std::numbers::pi * angle);
  const double sign = quarter == 1 || quarter == 2 ? -1 : 1;
  if (quarter == 0 || quarter == 2) return detail::combine_two(a, sign * cosine, b, sign * sine, y);
  detail::combine_two(a, sign * sine, b, -sign * cosine, y);
}

}  // namespace fokker::inline v0
