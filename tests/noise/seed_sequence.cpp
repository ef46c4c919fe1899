// SPDX-License-Identifier: MIT
#include <fokker/noise/seed_sequence.hpp>

#include <array>
#include <cstdint>

#include "support/catch.hpp"

using fokker::noise::seed_sequence;

// Numbers of numpy 2.4.6: SeedSequence(entropy, spawn_key=key, pool_size=n).generate_state(6).
TEST_CASE("the words of a seed are those of numpy's SeedSequence") {
  using words = std::array<std::uint32_t, 6>;
  CHECK(seed_sequence<>(0u).words<6>() ==
        words{0xb0f478be, 0xdb2cd7e7, 0x2c71ba49, 0xabf4641a, 0x9d7b8d41, 0x20c6ed6d});
  CHECK(seed_sequence<>(42u).words<6>() ==
        words{0xcd540ab7, 0x9f1e2e6d, 0x79fb94b6, 0xd57873dc, 0x64d420b7, 0x7d282a1b});
  CHECK(seed_sequence<>(4294967296u).words<6>() ==
        words{0xec53f444, 0x50ff846c, 0xe8278562, 0x7a4918db, 0x362e2b19, 0x3bff9f6c});
  CHECK(seed_sequence<>(18446744073709551615u).words<6>() ==
        words{0x928cad0d, 0xaebca151, 0x8638dc7a, 0x119c3044, 0x59e642a7, 0x1bbb1556});
  CHECK(seed_sequence<>(42u, std::array{1u}).words<6>() ==
        words{0xf3e63cba, 0x1dcb763, 0x15de6f6e, 0x6aee7dd6, 0xdbd3217f, 0x3e2df752});
  CHECK(seed_sequence<>(1099511627783u, std::array{3u, 5u}).words<6>() ==
        words{0x2a8fe6e3, 0x8a0ed05b, 0x7334150d, 0x5b2cb3b0, 0x56e9a575, 0x9b322207});
  CHECK(seed_sequence<24>(42u).words<6>() ==
        words{0x171c9ae3, 0x97323715, 0xf31e2760, 0x78a086b5, 0x757fc927, 0x2cf534a});
  CHECK(seed_sequence<24>(42u, std::array{6u, 2u}).words<6>() ==
        words{0xaf7d21ac, 0x26f230dd, 0x96a84e18, 0x3fbd4e73, 0xc1f1129a, 0x78535700});
  CHECK(seed_sequence<24>(0u, std::array{4294967295u}).words<6>() ==
        words{0x537cff88, 0x882d6cec, 0x1bd670fb, 0x749f4951, 0x650de55c, 0x16d23c3c});
}
