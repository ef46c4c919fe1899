// SPDX-License-Identifier: MIT
// One program of files that were compiled with different flags: the same bits from each. With "haswell" as argument:
// skipped where the processor has not what -march=haswell uses.
#include <cstdio>
#include <string_view>

#include "sampled.hpp"

namespace {

bool has_haswell() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}

bool same(const char* name, const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
  if (lines.size() != expected.size()) std::printf("%s: another number of lines\n", name);
  bool all = lines.size() == expected.size();
  for (std::size_t i = 0; i < lines.size() && i < expected.size(); ++i)
    if (lines[i] != expected[i]) {
      std::printf("%s: line %zu differs\n", name, i);
      all = false;
    }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == std::string_view("haswell") && !has_haswell()) {
    std::puts("skipped: this processor has not what -march=haswell uses");
    return 77;
  }
  const auto expected = sampled_alone();
  const bool plain = same("plain", sampled_plain(), expected), other = same("other", sampled_other(), expected);
  return plain && other && !expected.empty() ? 0 : 1;
}
