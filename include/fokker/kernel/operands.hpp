// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>

#include <fokker/plan/program.hpp>

namespace fokker::kernel {

/// Where the operands of an update lie: `samples` times `size` contiguous elements each.
template <class E>
struct operands {
  std::array<const E*, plan::max_inputs> inputs{};
  std::array<E*, plan::max_rows> rows{};
  std::size_t samples = 0;
  std::size_t size = 0;
};

}  // namespace fokker::kernel
