// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

// Counts what a whole program allocates: one file of it includes this. The sanitizers bring an allocator of their own;
// under them nothing is counted, and FOKKER_TEST_ALLOCATIONS is not defined.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FOKKER_TEST_SANITIZED 1
#endif
#endif
#if !defined(FOKKER_TEST_SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOKKER_TEST_ALLOCATIONS 1

namespace test {
inline std::size_t allocations = 0, allocated_bytes = 0;
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++test::allocations;
  test::allocated_bytes += size;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

#endif
