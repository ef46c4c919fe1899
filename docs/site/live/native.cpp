// SPDX-License-Identifier: MIT
//
//   live_spiral SAMPLER STEPS ETA SCALE CLASS SEED    a line for each call of the networks: the bits of all points

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "spiral.hpp"

int main(int count, char** given) {
  if (count != 7) return std::fputs("live_spiral SAMPLER STEPS ETA SCALE CLASS SEED\n", stderr), 2;
  begin(std::atoi(given[1]), std::atoi(given[2]), std::atof(given[3]), std::atof(given[4]), std::atoi(given[5]),
        static_cast<std::uint32_t>(std::atol(given[6])));
  for (bool more = true; more;) {
    more = advance() != 0;
    for (int i = 0; i < 2 * sample_count(); ++i) std::printf("%08x", std::bit_cast<std::uint32_t>(points()[i]));
    std::printf("\n");
  }
}
