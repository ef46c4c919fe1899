// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

namespace detail {

/// results[j] = rows[j].data x0 + rows[j].noise z, with the normals that `sample` starts from.
template <class X, class Noise, std::size_t N>
void combine(const prediction_row (&rows)[N], const X& x0, const Noise& noise, X* const (&results)[N]) {
  using tensor = backend::tensor<X>;
  const backend::extents shape = shape_of(x0, "x0");
  require_samples(shape, "x0");
  require_normals(noise, shape.samples());
  plan::update u{
      .input_count = 1, .normal_count = 1, .row_count = static_cast<int>(N), .inputs = {}, .normals = {}, .rows = {}};
  u.normals[0] = {{plan::normal::start, 0}};
  kernel::operands<typename tensor::element> at;
  at.samples = shape.samples();
  at.size = shape.sample_size();
  at.inputs[0] = data_of(x0, "x0");
  for (std::size_t j = 0; j < N; ++j) {
    require_shape(shape_of(*results[j], "the result"), shape, "the result");
    u.rows[j].inputs[0] = rows[j].data;
    u.rows[j].normals[0] = rows[j].noise;
    at.rows[j] = data_of(*results[j], "the result");
  }
  tensor::space(x0).update(u, at, noise);
}

}  // namespace detail

/// Data in, noised data out: x = alpha x0 + sigma eps at a level. x and x0 have one shape, and may be one tensor.
template <class X, class Noise>
void perturb(const level& at, const X& x0, const Noise& noise, X& x) {
  if constexpr (check_tensor_backend<X>() && check_noise_source<Noise>())
    detail::combine({{at.alpha, at.sigma}}, x0, noise, {&x});
}

/// The same at the plan's first level: what `sample_from` starts at.
template <class X, class Noise>
void perturb(const plan::program& plan, const X& x0, const Noise& noise, X& x) {
  plan::require_calls(plan);
  perturb(plan.levels.front(), x0, noise, x);
}

/// The same with the training target of a network: target = a x0 + b eps, the parameterization's row at that level.
template <class P, class X, class Noise>
void perturb(const level& at, const P& network, const X& x0, const Noise& noise, X& x, X& target) {
  if constexpr (check_prediction_type<P>() && check_tensor_backend<X>() && check_noise_source<Noise>())
    detail::combine({{at.alpha, at.sigma}, network.row(at)}, x0, noise, {&x, &target});
}

}  // namespace fokker::inline v0
