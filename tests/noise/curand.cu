// SPDX-License-Identifier: MIT
// The normals of cuRAND's own functions, as torch asks for them: those of its header, compiled for the host, in the
// loop of torch's kernels, as pytorch #196613 describes it. drawn.py torch_cuda builds and calls it:
//   curand SEED THREADS SIZE...
#define QUALIFIERS static inline __host__ __device__
#include <curand_kernel.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  const std::uint64_t seed = std::strtoull(argv[1], nullptr, 10), most = std::strtoull(argv[2], nullptr, 10);
  std::uint64_t offset = 0;
  for (int a = 3; a < argc; ++a) {
    const std::uint64_t n = std::strtoull(argv[a], nullptr, 10), threads = std::min((n + 255) / 256 * 256, most);
    const std::uint64_t rounded = ((n - 1) / (threads * 4) + 1) * threads * 4;
    std::vector<float> z(n);
    for (std::uint64_t thread = 0; thread < threads; ++thread) {
      curandStatePhilox4_32_10_t state;
      curand_init(seed, thread, offset, &state);
      for (std::uint64_t at = thread; at < rounded; at += threads * 4) {
        const float4 four = curand_normal4(&state);
        const float each[4] = {four.x, four.y, four.z, four.w};
        for (std::uint64_t i = 0; i < 4; ++i)
          if (at + threads * i < n) z[at + threads * i] = each[i];
      }
    }
    offset += rounded / threads;
    std::fwrite(z.data(), sizeof(float), n, stdout);
  }
}
