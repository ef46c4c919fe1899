// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/bfloat16.hpp>
#include <fokker/half.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::kernel {

/// What an update of these elements computes in: double where one of them is double, else float.
template <class... Es>
using computed = std::conditional_t<(std::is_same_v<Es, double> || ...), double, float>;

/// Factors of weights that differ within a sample, one for all samples: a mask, a number for each channel or token.
/// Element e has values[e / repeat % count]; bit k of `inputs[o]` says that the weight of input k in row o has it.
struct plane {
  const float* values = nullptr;  ///< null: there is none
  std::size_t count = 1;
  std::size_t repeat = 1;
  std::array<std::uint8_t, plan::max_rows> inputs{}, earlier{}, normals{};
};

/// Where the operands of an update lie: `samples` times `size` contiguous elements each. `Network` is the type of the
/// network's input and outputs where that is another.
template <class E, class Network = E>
struct operands {
  std::array<const E*, plan::max_inputs> inputs{};
  std::array<const Network*, plan::max_inputs> outputs{};  ///< in the place of an input that is null
  std::array<E*, plan::max_rows> rows{};
  Network* copy = nullptr;  ///< row `copied` goes here as well
  int copied = 0;
  kernel::plane plane{};
  std::size_t samples = 0;
  std::size_t size = 0;
};

/// A run of elements for the innermost loop, with their normals and factors.
template <class E, class Network>
struct run {
  const E* inputs[plan::max_inputs];
  const Network* outputs[plan::max_inputs];
  const float* normals[plan::max_normals];
  const float* plane;
  E* rows[plan::max_rows];
  Network* copy;
  int copied;
};

}  // namespace fokker::inline v0::kernel
