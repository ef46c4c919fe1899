// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::training {

namespace losses {

/// Whether two tensors lie in one kind of memory, which the compiler says where they do not.
template <class X, class Y>
consteval bool check_space() {
  constexpr bool same = std::is_same_v<decltype(backend::tensor<X>::space(std::declval<const X&>())),
                                       decltype(backend::tensor<Y>::space(std::declval<const Y&>()))>;
  static_assert(same, "fokker: a loss is that of tensors in one memory space: copy one of them there");
  return same;
}

/// Target and prediction as inputs, and prediction - target as row 0, which is written nowhere.
[[nodiscard]] inline plan::update error() {
  plan::update u{.input_count = 2, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.inputs[1] = {plan::operand::output, 0};
  u.rows[0].buffer = -1;
  u.rows[0].inputs[0] = -1;
  u.rows[0].inputs[1] = 1;
  return u;
}

/// Where its operands lie. Throws std::invalid_argument for what does not match.
template <class X, class Y>
[[nodiscard]] auto operands_of(const X& prediction, const Y& target, std::span<const double> weights) {
  using E = typename backend::tensor<Y>::element;
  using Network = typename backend::tensor<X>::element;
  const backend::extents shape = detail::shape_of(prediction, "the prediction");
  detail::require_samples(shape, "the prediction");
  if (const backend::extents other = detail::shape_of(target, "the target"); !(other == shape))
    detail::refuse("the shape of the target", backend::to_string(other),
                   detail::joined({backend::to_string(shape), ", that of the prediction"}));
  if (weights.size() != shape.samples())
    detail::refuse("the number of weights", weights.size(),
                   detail::joined({detail::text(shape.samples()), ", one a sample"}));
  kernel::operands<E, Network> operands;
  operands.samples = shape.samples();
  operands.size = shape.sample_size();
  operands.inputs[0] = detail::data_of(target, "the target");
  if constexpr (std::is_same_v<E, Network>)
    operands.inputs[1] = detail::data_of(prediction, "the prediction");
  else
    operands.outputs[1] = detail::data_of(prediction, "the prediction");
  return operands;
}

}  // namespace losses

/// The mean over its elements of each sample's (prediction - target)^2, times its weight: one pass over both, in
/// double by the tree of kernel/reduction.hpp, so that a sample's loss is the same in every batch. Both lie in one
/// memory space, that of a device is waited for. Throws std::invalid_argument for tensors that do not match, and for
/// another number of weights than that of samples.
template <class X, class Y>
[[nodiscard]] std::vector<double> loss(const X& prediction, const Y& target, std::span<const double> weights) {
  if constexpr (check_tensor_backend<X>() && check_tensor_backend<Y>()) {
    if constexpr (losses::check_space<X, Y>()) {
      const auto operands = losses::operands_of(prediction, target, weights);
      using op = plan::operation;
      const plan::measure m{.form = losses::error(),
                            .of = {{.what = plan::measured::dot, .a = 0, .b = 0, .over = {}}},
                            .tape = {{.what = op::found, .index = 0},
                                     {.what = op::count, .index = 0},
                                     {.what = op::quotient, .a = 0, .b = 1, .c = 0},  // of a count, which is not 0
                                     {.what = op::load, .index = 0},
                                     {.what = op::multiply, .a = 2, .b = 3},
                                     {.what = op::keep, .a = 4, .index = 0}}};
      const auto& space = backend::tensor<Y>::space(target);
      auto sums = space.template make<double>(operands.samples), kept = space.template make<double>(operands.samples);
      space.copy(kept.data(), weights.data(), operands.samples);
      const kernel::grouping whole{operands.size, 1};
      const kernel::scalars<double> of_sums{sums.data(), 1, 1}, of_kept{kept.data(), 1, 1};
      using computed = kernel::computed<typename backend::tensor<X>::element, typename backend::tensor<Y>::element>;
      space.measure(m, operands, noise::philox{},
                    kernel::tape_memory<computed>{{&whole, 1}, {&of_sums, 1}, {&of_kept, 1}, {}, operands.size}, 0,
                    operands.samples);
      const auto found = space.on_host(kept.data(), operands.samples);
      return {&found[0], &found[0] + operands.samples};
    }
  }
  return {};
}

/// The derivative of the sum of these losses by each element of the prediction: 2 weight (prediction - target) / count,
/// which is what a library with automatic differentiation goes on from. It may lie where the target does. Throws as
/// `loss`.
template <class X, class Y>
void loss_gradient(const X& prediction, const Y& target, std::span<const double> weights, Y& gradient) {
  if constexpr (check_tensor_backend<X>() && check_tensor_backend<Y>()) {
    if constexpr (losses::check_space<X, Y>()) {
      auto operands = losses::operands_of(prediction, target, weights);
      if (const backend::extents shape = detail::shape_of(target, "the target"),
          other = detail::shape_of(gradient, "the gradient");
          !(other == shape))
        detail::refuse("the shape of the gradient", backend::to_string(other),
                       detail::joined({backend::to_string(shape), ", that of the target"}));
      operands.rows[1] = detail::data_of(gradient, "the gradient");
      plan::update u = losses::error();
      u.row_count = 2;
      u.tables = {0};
      u.factors = {{.of = plan::factor::earlier, .row = 1, .index = 0, .table = 0}};
      using computed = kernel::computed<typename backend::tensor<X>::element, typename backend::tensor<Y>::element>;
      std::vector<computed> factors;
      for (const double w : weights)
        factors.push_back(static_cast<computed>(2 * w / static_cast<double>(operands.size)));
      const auto& space = backend::tensor<Y>::space(target);
      auto memory = space.template make<computed>(operands.samples);
      space.copy(memory.data(), factors.data(), operands.samples);
      operands.tables[0] = {.values = memory.data(), .repeat = operands.size, .count = 1, .stride = 1};
      space.update(u, operands, noise::philox{});
    }
  }
}

}  // namespace fokker::inline v0::training
