// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/noise_of_run.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

/// Fills x with normals of a deviation, each a function of its place in its sample, the sample and `which`. Runs draw
/// from the streams below 16. Of a sequence they are those that come next, whatever `which` is: it goes on behind them,
/// and one that is const is copied. Throws std::invalid_argument for an x without samples or elements, a deviation that
/// is not finite, and a source of fewer samples, or a sequence of another number.
template <class Noise, class X>
void fill_normal(Noise&& noise, X&& x, noise_piece which = {noise_piece::user, 0}, double deviation = 1) {
  using source = std::remove_cvref_t<Noise>;
  using type = std::remove_cvref_t<X>;
  if constexpr (check_result<X>() && check_noise<source>()) {
    using tensor = backend::tensor<type>;
    const backend::extents shape = detail::shape_of(x, "x");
    detail::require_samples(shape, "x");
    detail::require_finite("deviation", deviation);
    if constexpr (noise_sequence<source>) {
      std::conditional_t<std::is_const_v<std::remove_reference_t<Noise>>, source, Noise&> drawn = noise;
      detail::draw_next<type>(drawn, shape, [&](const detail::drawn_normals& next) {
        fill_normal(next, static_cast<X&&>(x), {noise_piece::start, 0}, deviation);
      });
    } else {
      detail::require_normals(noise, shape.samples());
      plan::update u{.input_count = 0, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
      u.normals[0] = {which};
      u.rows[0].normals[0] = deviation;
      kernel::operands<typename tensor::element> operands;
      operands.samples = shape.samples();
      operands.size = shape.sample_size();
      operands.rows[0] = detail::data_of(x, "x");
      tensor::space(x).update(u, operands, noise);
    }
  }
}

}  // namespace fokker::inline v0
