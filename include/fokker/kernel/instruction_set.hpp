// SPDX-License-Identifier: MIT
#pragma once

/// Which instructions the host kernels use, chosen once per process by what the processor has. Every choice gives the
/// same bits. Written for x86-64 and 64-bit ARM with g++ or clang; anything else runs the portable code.
#if defined(__x86_64__) && defined(__GNUC__)
#define FOKKER_X86 1
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__AARCH64EL__) && defined(__GNUC__)
#define FOKKER_NEON 1  // every such processor has it
#endif

namespace fokker::inline v0::kernel {

enum class instruction_set { portable, neon, avx2, avx512 };

/// The best that this processor has.
[[nodiscard]] inline instruction_set best_instruction_set() {
#if defined(FOKKER_X86)
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;  // conversions of half: clang 14 does not know their name
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_F16C) == 0) return instruction_set::portable;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return instruction_set::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return instruction_set::avx2;
#elif defined(FOKKER_NEON)
  return instruction_set::neon;
#endif
  return instruction_set::portable;
}

/// What the kernels use: the best, unless a test or a comparison sets another that the processor has.
[[nodiscard]] inline instruction_set& used_instruction_set() {
  static instruction_set used = best_instruction_set();
  return used;
}

}  // namespace fokker::inline v0::kernel
