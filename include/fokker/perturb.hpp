// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/noise_of_run.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

namespace detail {

/// results[j] = data x0 + noise z by row j of each sample's, with the normals that `sample` starts from:
/// `row(s, j)`, the same of all samples where `count` is 1.
template <class X, class Noise, std::size_t N, class Row>
void combine(std::size_t count, const Row& row, const X& x0, const Noise& noise, X* const (&results)[N]) {
  using tensor = backend::tensor<X>;
  using computed = kernel::computed<typename tensor::element>;
  const backend::extents shape = shape_of(x0, "x0");
  require_samples(shape, "x0");
  require_normals(noise, shape.samples());
  plan::update u{
      .input_count = 1, .normal_count = 1, .row_count = static_cast<int>(N), .inputs = {}, .normals = {}, .rows = {}};
  u.normals[0] = {{plan::normal::start, 0}};
  kernel::operands<typename tensor::element> operands;
  operands.samples = shape.samples();
  operands.size = shape.sample_size();
  operands.inputs[0] = data_of(x0, "x0");
  for (std::size_t j = 0; j < N; ++j) {
    require_shape(shape_of(*results[j], "the result"), shape, "the result");
    operands.rows[j] = data_of(*results[j], "the result");
    if (count > 1) continue;
    const prediction_row all = row(0, j);
    u.rows[j].inputs[0] = all.data;
    u.rows[j].normals[0] = all.noise;
  }
  const auto& space = tensor::space(x0);
  if (count == 1) return space.update(u, operands, noise);
  if (count != operands.samples)
    refuse("the number of levels", count, joined({"1, or ", text(operands.samples), ", one a sample"}));
  std::vector<computed> weights(2 * N * count);  // a table for the data and one for the noise of each row
  for (std::size_t j = 0; j < N; ++j) {
    for (const auto of : {plan::factor::input, plan::factor::normal}) {
      const int table = static_cast<int>(u.tables.size());
      u.tables.push_back(table);
      u.factors.push_back({.of = of, .row = static_cast<int>(j), .table = table});
    }
    for (std::size_t s = 0; s < count; ++s) {
      const prediction_row mine = row(s, j);
      weights[2 * j * count + s] = static_cast<computed>(mine.data);
      weights[(2 * j + 1) * count + s] = static_cast<computed>(mine.noise);
    }
  }
  auto memory = space.template make<computed>(weights.size());
  space.copy(memory.data(), weights.data(), weights.size());
  for (std::size_t t = 0; t < u.tables.size(); ++t)
    operands.tables[t] = {.values = memory.data() + t * count, .repeat = operands.size, .count = 1, .stride = 1};
  space.update(u, operands, noise);
}

/// What a network should answer at a level.
template <class P>
prediction_row target_row(const P& network, const level& at) {
  const prediction_row row = network.row(at);
  if (!(is_finite(row.data) && is_finite(row.noise)))
    refuse(joined({"the target at time ", text(at.time)}), "not finite",
           joined({"levels at which a prediction of ", network.name,
                   " is: a flow needs a schedule that tells its rates, and what divides by sigma one above 0"}));
  return row;
}

}  // namespace detail

/// Data in, noised data out: x = alpha x0 + sigma eps at a level, or at one for each sample. x and x0 have one shape,
/// and may be one tensor. Levels of samples take memory for their numbers. Throws std::invalid_argument for tensors
/// that do not match, and for another number of levels than 1 or that of samples.
template <class X, class Noise>
void perturb(std::span<const level> levels, const X& x0, const Noise& noise, X& x) {
  if constexpr (check_tensor_backend<X>() && check_noise_source<Noise>())
    detail::combine(levels.size(),
                    [levels](std::size_t s, std::size_t) {
                      return prediction_row{levels[s].alpha, levels[s].sigma};
                    },
                    x0, noise, {&x});
}
template <class X, class Noise>
void perturb(const level& at, const X& x0, const Noise& noise, X& x) {
  perturb(std::span(&at, 1), x0, noise, x);
}

/// The same at the plan's first level: what `sample_from` starts at.
template <class X, class Noise>
void perturb(const plan::program& plan, const X& x0, const Noise& noise, X& x) {
  plan::require_calls(plan);
  perturb(plan.levels.front(), x0, noise, x);
}

/// The same with the normals that come next in a sequence, from which the run goes on.
template <class X, noise_sequence Noise>
void perturb(const plan::program& plan, const X& x0, Noise& noise, X& x) {
  const backend::extents shape = detail::shape_of(x0, "x0");
  detail::require_shape(detail::shape_of(x, "the result"), shape, "the result");
  plan::require_calls(plan);
  detail::draw_next<X>(noise, shape, [&](const detail::drawn_normals& start) { perturb(plan, x0, start, x); });
}

/// The same with the training target of a network: target = a x0 + b eps, the parameterization's row at that level.
/// Throws std::invalid_argument where that is not finite, as of a flow on a schedule that tells no rates.
template <class P, class X, class Noise>
void perturb(std::span<const level> levels, const P& network, const X& x0, const Noise& noise, X& x, X& target) {
  if constexpr (check_prediction_type<P>() && check_tensor_backend<X>() && check_noise_source<Noise>())
    detail::combine(
        levels.size(),
        [&](std::size_t s, std::size_t j) {
          return j == 0 ? prediction_row{levels[s].alpha, levels[s].sigma} : detail::target_row(network, levels[s]);
        },
        x0, noise, {&x, &target});
}
template <class P, class X, class Noise>
void perturb(const level& at, const P& network, const X& x0, const Noise& noise, X& x, X& target) {
  perturb(std::span(&at, 1), network, x0, noise, x, target);
}

}  // namespace fokker::inline v0
