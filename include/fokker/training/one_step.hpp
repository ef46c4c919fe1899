// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/level.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::training {

/// The share of the noise at a level that the step from the level before it, nearer to data, has added: a network that
/// is trained on the noise of the step learns the root of it times what one trained on all noise learns. Throws
/// std::invalid_argument unless `before` is nearer to data.
[[nodiscard]] inline double step_share(const level& before, const level& at) {
  if (!towards_data(at, before))
    detail::refuse(
        "sigma/alpha before the step", before.is_noise() ? "infinite" : detail::text(before.ratio()),
        detail::joined({"less than ", at.is_noise() ? "infinite" : detail::text(at.ratio()), ", that at it"}));
  return fresh_share(at, before);
}

/// Data and two steps of noise: x at `at` from x0, by way of what `perturb` makes of it at `before`, with two targets
/// side by side: the noise of the last step alone, and all noise, so that x = alpha x0 + sigma total. Throws
/// std::invalid_argument for tensors that do not match, and as `step_share`.
template <class X, class Noise>
void one_step(const level& before, const level& at, const X& x0, const Noise& noise, X& x, X& step, X& total) {
  if constexpr (check_tensor_backend<X>() && check_noise_source<Noise>()) {
    using tensor = backend::tensor<X>;
    const backend::extents shape = detail::shape_of(x0, "x0");
    detail::require_samples(shape, "x0");
    detail::require_normals(noise, shape.samples());
    const double fresh = std::sqrt(step_share(before, at)), kept = decay(at, before);
    plan::update u{.input_count = 1, .normal_count = 2, .row_count = 3, .inputs = {}, .normals = {}, .rows = {}};
    u.normals[0] = {{noise_piece::start, 0}};
    u.normals[1] = {{noise_piece::steps, 0}};
    u.rows[0].inputs[0] = at.alpha;
    u.rows[0].normals = {at.sigma * kept, at.sigma * fresh};
    u.rows[1].normals = {0, 1};
    u.rows[2].normals = {kept, fresh};
    kernel::operands<typename tensor::element> places;
    places.samples = shape.samples();
    places.size = shape.sample_size();
    places.inputs[0] = detail::data_of(x0, "x0");
    std::size_t row = 0;
    for (X* const result : {&x, &step, &total}) {
      detail::require_shape(detail::shape_of(*result, "the result"), shape, "the result");
      places.rows[row++] = detail::data_of(*result, "the result");
    }
    tensor::space(x0).update(u, places, noise);
  }
}

}  // namespace fokker::inline v0::training
