// SPDX-License-Identifier: MIT
// Any text is refused by std::invalid_argument, or is a plan that can be printed, checked, written and run, and whose
// run does not depend on what its memory held before.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fokker/fokker.hpp>

#include "../support/fresh.hpp"

namespace fk = fokker;

namespace {

void require(bool true_now) {
  if (!true_now) std::abort();
}

void use(const fk::plan::program& plan) {
  require(!fk::plan::to_string(plan).empty());
  (void)fk::plan::check(plan);
  const auto text = fk::plan::to_text(plan);
  require(fk::plan::to_text(fk::plan::from_text(text)) == text);
  require(test::reads_what_was_written(plan));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    use(fk::plan::from_text({reinterpret_cast<const char*>(data), size}));
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
