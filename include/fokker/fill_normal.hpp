// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/noise_of_run.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

namespace detail {

inline void require_deviation(double deviation) {
  if (!is_finite(deviation)) refuse("deviation", deviation, "a finite number");
}

}  // namespace detail

/// Fills x with normals of a deviation, each a function of its place in its sample, the sample and `which`. Runs draw
/// from the streams below 16. Throws std::invalid_argument for an x without samples or elements, and a deviation that
/// is not finite.
template <class Noise, class X>
requires(!noise_sequence<Noise>) void fill_normal(const Noise& noise, X&& x, noise_piece which = {noise_piece::user, 0},
                                                  double deviation = 1) {
  using type = std::remove_cvref_t<X>;
  if constexpr (check_result<X>() && check_noise_source<Noise>()) {
    using tensor = backend::tensor<type>;
    const backend::extents shape = detail::shape_of(x, "x");
    detail::require_samples(shape, "x");
    detail::require_normals(noise, shape.samples());
    detail::require_deviation(deviation);
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

/// Fills x with the normals that come next in a sequence, which goes on behind them where it can be changed. Throws
/// std::invalid_argument for the same, and where the sequence draws for another number of samples.
template <class Noise, class X>
requires noise_sequence<std::remove_cvref_t<Noise>>
void fill_normal(Noise&& noise, X&& x, double deviation = 1) {
  if constexpr (std::is_const_v<std::remove_reference_t<Noise>>) {
    fill_normal(std::remove_cvref_t<Noise>(noise), static_cast<X&&>(x), deviation);
  } else if constexpr (check_result<X>()) {
    const backend::extents shape = detail::shape_of(x, "x");
    detail::require_samples(shape, "x");
    detail::require_deviation(deviation);
    detail::draw_next<std::remove_cvref_t<X>>(noise, shape, [&](const detail::drawn_normals& start) {
      fill_normal(start, static_cast<X&&>(x), {noise_piece::start, 0}, deviation);
    });
  }
}

}  // namespace fokker::inline v0
