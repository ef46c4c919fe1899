// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace fokker::inline v0::detail {

/// The hash FNV-1a of bytes that are added one by one. A change of one byte always changes it.
struct fnv1a {
  std::uint64_t value = 0xcbf29ce484222325u;

  constexpr void add(unsigned char byte) { value = (value ^ byte) * 0x100000001b3u; }
};

}  // namespace fokker::inline v0::detail
