// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

/// Fills x with normals of a deviation, each a function of its place in its sample, the sample and `which`. Runs draw
/// from the streams below 16. Throws std::invalid_argument for an x without samples or elements, and a deviation that
/// is not finite.
template <class Noise, class X>
void fill_normal(const Noise& noise, X&& x, noise_piece which = {noise_piece::user, 0}, double deviation = 1) {
  using type = std::remove_cvref_t<X>;
  if constexpr (check_result<X>() && check_noise_source<Noise>()) {
    using tensor = backend::tensor<type>;
    const backend::extents shape = detail::shape_of(x, "x");
    detail::require_samples(shape, "x");
    detail::require_normals(noise, shape.samples());
    if (!detail::is_finite(deviation)) detail::refuse("deviation", deviation, "a finite number");
    plan::update u{.input_count = 0, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
    u.normals[0] = {which};
    u.rows[0].normals[0] = deviation;
    kernel::operands<typename tensor::element> at;
    at.samples = shape.samples();
    at.size = shape.sample_size();
    at.rows[0] = detail::data_of(x, "x");
    tensor::space(x).update(u, at, noise);
  }
}

}  // namespace fokker::inline v0
