// SPDX-License-Identifier: MIT
// Any text is refused by std::invalid_argument, or is a plan that can be printed, checked, written and run.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fokker/fokker.hpp>

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

  const fk::noise::philox noise{.seed = 1};
  for (const auto from : {fk::beginning::noise, fk::beginning::given}) {
    std::vector<float> x{0.5f, -1, 2};
    fk::stepper run(plan, noise, x, from);
    while (!run.done()) {
      for (int b = 0; b < plan.branches; ++b)
        if (run.wants(b)) run.output(b) = run.input();
      run.advance();
      if (run.preview()) require(run.preview()->size() == x.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    use(fk::plan::from_text({reinterpret_cast<const char*>(data), size}));
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
