// SPDX-License-Identifier: MIT
// Writes the words that normals are made of, in the order of a run: for each id, each sample, each block.
#include <cstdio>

#include <fokker/noise/philox.hpp>

int main() {
  fokker::noise::words words[1024];
  for (std::uint32_t id = 0;; ++id)
    for (std::uint32_t sample = 0; sample < 64; ++sample) {
      for (std::uint32_t block = 0; block < 1024; ++block)
        words[block] = fokker::noise::philox4x32({{block, sample, id, 1}}, 42);
      if (std::fwrite(words, sizeof words, 1, stdout) != 1) return 0;
    }
}
