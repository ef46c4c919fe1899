// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/kernel/instruction_set.hpp>

#if defined(FOKKER_X86) || defined(FOKKER_NEON)

#if defined(FOKKER_X86)
#include <immintrin.h>
#else
#include <arm_neon.h>

#include <cstring>
#endif

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/known_form.hpp>
#include <fokker/kernel/portable.hpp>
#include <fokker/kernel/reduction.hpp>

// One body over a thin layer of vectors, once for each instruction set in a namespace of its own. Each function names
// its target itself, so that a plain -O2 without -march compiles it and one program holds them all; helpers are inlined
// into entry points of the same target. g++ keeps short arrays in memory unless their loops are unrolled by order.
#if defined(__CUDACC__)  // its front end does not know the pragma and passes it on
#pragma nv_diagnostic push
#pragma nv_diag_suppress 1675
#endif
#if defined(__clang__)
#define FOKKER_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FOKKER_UNROLL _Pragma("GCC unroll 16")
#endif
// g++ 12 takes the "undefined" operands of its own AVX-512 intrinsics for mistakes (its bug 105593), and the mask of -1
// of those that are macros without optimisation for one of ours.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
#define FOKKER_SIMD inline __attribute__((always_inline)) FOKKER_TARGET

#if defined(FOKKER_X86)
namespace fokker::inline v0::kernel::avx2 {
#define FOKKER_TARGET __attribute__((target("avx2,fma,f16c")))
#include <fokker/kernel/simd/avx2.inl>
#include <fokker/kernel/simd/body.inl>
#undef FOKKER_TARGET
}  // namespace fokker::inline v0::kernel::avx2

namespace fokker::inline v0::kernel::avx512 {
#define FOKKER_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#include <fokker/kernel/simd/avx512.inl>
#include <fokker/kernel/simd/body.inl>
#undef FOKKER_TARGET
}  // namespace fokker::inline v0::kernel::avx512
#else
namespace fokker::inline v0::kernel::neon {
#define FOKKER_TARGET
#include <fokker/kernel/simd/neon.inl>
// which comes first
#include <fokker/kernel/simd/body.inl>
#undef FOKKER_TARGET
}  // namespace fokker::inline v0::kernel::neon
#endif

#undef FOKKER_SIMD
#undef FOKKER_UNROLL
#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#if defined(__CUDACC__)
#pragma nv_diagnostic pop
#endif

#endif
