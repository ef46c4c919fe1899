// SPDX-License-Identifier: MIT
#pragma once

// What the backends of engines are compared on: a guided run of networks that any memory can have.

#include <cstddef>
#include <type_traits>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

namespace test {

namespace fk = fokker;

inline fk::plan::program guided() {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = 6},
                       fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 3});
}
inline const fk::noise::philox seeded{.seed = 42};
inline const fk::level a_level{.time = 0.5, .alpha = 0.6, .sigma = 0.8, .label = 7};

/// x over Share: elementwise and of one rounding, so that it has the bits of the same by an engine.
template <int Share>
const auto net = [](auto& out, const auto& x, const fk::level&) {
  using tensor = fk::backend::tensor<std::remove_cvref_t<decltype(x)>>;
  using element = typename tensor::element;
  for (std::size_t i = 0; i < tensor::shape(x).size(); ++i)
    tensor::data(out)[i] = static_cast<element>(tensor::data(x)[i] * (element(1.0f) / element(float{Share})));
};

}  // namespace test
