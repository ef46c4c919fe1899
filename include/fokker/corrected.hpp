// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <type_traits>

#include <fokker/concept/denoiser.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

/// A network whose data are changed before guidance and the solver see them: what it predicts is converted to data,
/// `change(data, level)` changes the tensor in place, and it is converted back. With data + A^+ (y - A data) it is DDNM
/// for any linear operator A of the caller's. Network and change are referred to where they are given by name, else
/// callable as const. At sigma = 0, where x are the data, nothing is changed. The parameterization is that of the plan.
/// Throws std::invalid_argument where the prediction does not determine data, as those of epsilon at alpha = 0.
template <class P, class Network, class Change>
class corrected {
 public:
  corrected(const P& parameterization, Network&& network, Change&& change)
      : parameterization_(parameterization),
        network_(static_cast<Network&&>(network)),
        change_(static_cast<Change&&>(change)) {}

  template <class T>
  void operator()(T& out, const T& x, const level& at) const {
    if constexpr (check_tensor_backend<T>() && check_prediction_type<P>() &&
                  check_denoiser<std::remove_reference_t<const Network&>, T>()) {
      evaluate(network_, out, x, at);
      if (at.is_data()) return;
      const prediction_row row = parameterization_.row(at);
      const conversion there = convert(at, row, {1, 0}), back = convert(at, {1, 0}, row);
      if (!there.determined || !back.determined)
        detail::refuse("the level of a call",
                       detail::joined({"alpha ", detail::text(at.alpha), ", sigma ", detail::text(at.sigma)}),
                       "one at which a prediction of " + std::string(parameterization_.name) + " determines data");
      combine(there, out, x, at);
      change_(out, at);
      combine(back, out, x, at);
    }
  }

 private:
  /// out = of_x x + of_p out, x before the parameterization's scale.
  template <class T>
  void combine(const conversion& q, T& out, const T& x, const level& at) const {
    using tensor = backend::tensor<T>;
    const backend::extents shape = detail::shape_of(x, "x");
    detail::require_shape(detail::shape_of(out, "the network's output"), shape, "the network's output");
    if (q.of_x == 0 && q.of_p == 1) return;
    plan::update u = plan::identity();
    u.input_count = 2;
    u.rows[0].inputs[0] = q.of_p;
    u.rows[0].inputs[1] = q.of_x / input_scale(parameterization_, at);
    kernel::operands<typename tensor::element> with;
    with.samples = shape.samples();
    with.size = shape.sample_size();
    with.inputs[0] = with.rows[0] = detail::data_of(out, "the network's output");
    with.inputs[1] = detail::data_of(x, "x");
    tensor::space(x).update(u, with, noise::philox{});
  }

  P parameterization_;
  Network network_;
  Change change_;
};
template <class P, class Network, class Change>
corrected(const P&, Network&&, Change&&) -> corrected<P, Network, Change>;

}  // namespace fokker::inline v0
