// SPDX-License-Identifier: MIT
#include <fokker/kernel/instruction_set.hpp>

#include "support/catch.hpp"

namespace kernel = fokker::kernel;

TEST_CASE("the best instruction set is used, unless another is set") {
  const auto best = kernel::best_instruction_set();
  CHECK(kernel::used_instruction_set() == best);
  kernel::used_instruction_set() = kernel::instruction_set::portable;
  CHECK(kernel::used_instruction_set() == kernel::instruction_set::portable);
  kernel::used_instruction_set() = best;
}
