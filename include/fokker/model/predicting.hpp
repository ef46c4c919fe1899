// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fokker/concept/denoiser.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/model/operands.hpp>

namespace fokker::inline v0::model {

/// What a network of a parameterization says when it knows the data as `model` does: p = a D + b eps with
/// eps = (x - alpha D) / sigma, for the x before the parameterization's input scale. `model` is any denoiser, callable
/// as const, that predicts data. A call takes memory for one x where the parameterization scales its input. Throws
/// std::invalid_argument where D does not determine p: most predictions at sigma = 0, flow without rates. Of a
/// network that is called at data eps is 0 there, its mean.
template <class P, class Model>
struct predicting {
  P parameterization;
  Model model;

  template <class T>
  void operator()(T& out, const T& x, const level& at) const {
    if constexpr (check_tensor_backend<T>() && check_prediction_type<P>() && check_denoiser<const Model, T>()) {
      using element = typename operands<T>::element;
      const prediction_row row = parameterization.row(at);
      const bool of_data = at.is_data() && at_data(parameterization) && detail::is_finite(row.data);
      const conversion to = of_data ? conversion{0, row.data, true} : convert(at, {1, 0}, row);
      if (!to.determined)
        detail::refuse("the level of a call",
                       detail::joined({"alpha ", detail::text(at.alpha), ", sigma ", detail::text(at.sigma)}),
                       "one at which data determine " + std::string(parameterization.name));
      const operands on(out, x);
      const std::size_t count = on.samples * on.size;
      const double scale = input_scale(parameterization, at);
      if (scale == 1) {
        evaluate(model, out, x, at);
      } else {
        detail::alike<T> path(x);
        element* const to_path = backend::tensor<T>::data(path.get());
        for (std::size_t i = 0; i < count; ++i) to_path[i] = static_cast<element>(static_cast<double>(on.x[i]) / scale);
        evaluate(model, out, path.get(), at);
      }
      const operands after(out, x);  // a model that returns its prediction may have moved out
      for (std::size_t i = 0; i < count; ++i)
        after.out[i] = static_cast<element>(to.of_x / scale * static_cast<double>(after.x[i]) +
                                            to.of_p * static_cast<double>(after.out[i]));
    }
  }
};

template <class P, class Model>
predicting(P, Model) -> predicting<P, Model>;

}  // namespace fokker::inline v0::model
