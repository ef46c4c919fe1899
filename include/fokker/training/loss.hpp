// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::training {

/// The mean over its elements of each sample's (prediction - target)^2, times its weight: one pass over both, in
/// double by the tree of kernel/reduction.hpp, so that a sample's loss is the same in every batch. Both lie in one
/// memory space, that of a device is waited for. Throws std::invalid_argument for tensors that do not match, and for
/// another number of weights than that of samples.
template <class X, class Y>
[[nodiscard]] std::vector<double> loss(const X& prediction, const Y& target, std::span<const double> weights) {
  std::vector<double> losses;
  if constexpr (check_tensor_backend<X>() && check_tensor_backend<Y>()) {
    using E = typename backend::tensor<Y>::element;
    using Network = typename backend::tensor<X>::element;
    const auto space = backend::tensor<Y>::space(target);
    constexpr bool same = std::is_same_v<decltype(space), decltype(backend::tensor<X>::space(prediction)) const>;
    static_assert(same, "fokker: a loss is that of tensors in one memory space: copy one of them there");
    if constexpr (same) {
      const backend::extents shape = detail::shape_of(prediction, "the prediction");
      detail::require_samples(shape, "the prediction");
      const backend::extents of_target = detail::shape_of(target, "the target");
      if (!(of_target == shape))
        detail::refuse("the shape of the target", backend::to_string(of_target),
                       detail::joined({backend::to_string(shape), ", that of the prediction"}));
      if (weights.size() != shape.samples())
        detail::refuse("the number of weights", weights.size(),
                       detail::joined({detail::text(shape.samples()), ", one a sample"}));

      using op = plan::operation;
      plan::measure m;  // of e = prediction - target, in double: weight e.e / count
      m.form.input_count = 2;
      m.form.row_count = 1;
      m.form.inputs[1] = {plan::operand::output, 0};
      m.form.rows[0].buffer = -1;
      m.form.rows[0].inputs[0] = -1;
      m.form.rows[0].inputs[1] = 1;
      m.of = {{.what = plan::measured::dot, .a = 0, .b = 0, .over = {}}};
      m.tape = {{.what = op::found, .index = 0},
                {.what = op::count, .index = 0},
                {.what = op::quotient, .a = 0, .b = 1, .c = 0},  // of a count, which is not 0
                {.what = op::load, .index = 0},
                {.what = op::multiply, .a = 2, .b = 3},
                {.what = op::keep, .a = 4, .index = 0}};
      kernel::operands<E, Network> at;
      at.samples = shape.samples();
      at.size = shape.sample_size();
      at.inputs[0] = detail::data_of(target, "the target");
      if constexpr (std::is_same_v<E, Network>)
        at.inputs[1] = detail::data_of(prediction, "the prediction");
      else
        at.outputs[1] = detail::data_of(prediction, "the prediction");

      auto sums = space.template make<double>(at.samples), kept = space.template make<double>(at.samples);
      space.copy(kept.data(), weights.data(), at.samples);
      const kernel::grouping whole{at.size, 1};
      const kernel::scalars<double> of_sums{sums.data(), 1, 1}, of_kept{kept.data(), 1, 1};
      space.measure(
          m, at, noise::philox{},
          kernel::tape_memory<kernel::computed<E, Network>>{{&whole, 1}, {&of_sums, 1}, {&of_kept, 1}, {}, at.size}, 0,
          at.samples);
      const auto found = space.on_host(kept.data(), at.samples);
      losses.assign(&found[0], &found[0] + at.samples);
    }
  }
  return losses;
}

}  // namespace fokker::inline v0::training
