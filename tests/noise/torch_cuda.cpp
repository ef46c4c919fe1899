// SPDX-License-Identifier: MIT
#include <fokker/noise/torch_cuda.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/noise/philox.hpp>

#include "noise/drawn.hpp"
#include "noise/drawn/torch_cuda.hpp"
#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::noise::cuda_device;
using fk::noise::torch_cuda;
static_assert(fk::noise_sequence<torch_cuda> && !fk::noise_source<torch_cuda>);

TEST_CASE("normals are those of cuRAND's functions, whatever the number of threads") {
  for (const auto& real : test::torch_cuda_boundless)
    CHECK(test::furthest(real, torch_cuda(real.seed), test::apart) <= test::turned);
  for (const auto& real : test::torch_cuda_t4)
    CHECK(test::furthest(real, torch_cuda(real.seed, cuda_device::t4), test::apart) <= test::turned);
  for (const auto& real : test::torch_cuda_small)
    CHECK(test::furthest(real, torch_cuda(real.seed, {2, 256 + 255}), test::apart) <= test::turned);
}

TEST_CASE("normals are those that torch printed on a GPU") {
  // torch.manual_seed(0); torch.randn(8, 8, device='cuda')
  const float seed_0[64] = {
      -0.9247f, -0.4253f, -2.6438f, 0.1452f,  -0.1209f, -0.5797f, -0.6229f, -0.3284f, -1.0745f, -0.3631f, -1.6711f,
      2.2655f,  0.3117f,  -0.1842f, 1.2866f,  1.1820f,  -0.1271f, 1.2169f,  1.4353f,  1.0605f,  -0.4941f, -1.4244f,
      -0.7244f, -1.2973f, 0.0697f,  -0.0074f, 1.8969f,  0.6878f,  -0.0779f, -0.8373f, 1.3506f,  -0.2879f, -0.5965f,
      -0.3283f, -0.9086f, -0.8059f, -0.7407f, -0.0504f, 0.5435f,  1.5150f,  0.0141f,  0.4532f,  1.6349f,  0.7124f,
      -0.1806f, 1.0252f,  -1.4622f, -0.7554f, -0.1836f, 0.3824f,  0.3918f,  -0.0830f, 0.8971f,  -1.1123f, 0.1116f,
      0.4863f,  -0.5499f, -0.3231f, -0.5469f, 0.9049f,  0.2837f,  0.1210f,  0.4730f,  -1.0823f};
  std::vector<float> z(64);
  torch_cuda(0, cuda_device::a100).fill(z);
  for (std::size_t i = 0; i < 64; ++i) CHECK(std::abs(z[i] - seed_0[i]) < 5e-5 + 2 * test::turned);
}

TEST_CASE("a word of an angle is the middle of its interval") {
  struct one {
    std::uint64_t seed;
    std::uint32_t element;
  };
  for (const auto& [seed, element] : {one{467110, 151}, one{1629878, 188}}) {
    // cuRAND's (b + 1/2) 2^-32 turns: the half is seen where b is small, as it is in one of 2^28 words.
    const fk::noise::words w = fk::noise::philox4x32({{0, 0, element, 0}}, seed);
    REQUIRE(w.w[1] < 16);
    const double u = (w.w[0] + 0.5) * 0x1p-32, angle = 2 * std::numbers::pi * (w.w[1] + 0.5) * 0x1p-32;
    std::vector<float> z(element + 1);
    torch_cuda(seed).fill(z);
    // u, of 0.9, is rounded by 2^-25 and its logarithm so by 2^-21.8, of which a root has half; the others round by
    // 2^-24.
    CHECK(z[element] == Approx(std::sqrt(-2 * std::log(u)) * std::sin(angle)).epsilon(0x1p-20));
  }
}

TEST_CASE("tensors with no more elements than threads are the same on every device, larger ones are not") {
  std::vector<float> few(40000), many(40961), other(40961);
  torch_cuda(3, cuda_device::t4).fill(few);
  torch_cuda(3, cuda_device::t4).fill(many);
  torch_cuda(3, cuda_device::h100).fill(other);
  CHECK(std::equal(few.begin(), few.end(), other.begin()));
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
  CHECK(many.back() != other.back());
}

// torch counts (elements - 1) / (4 threads) + 1 of a thread's counters for a tensor; here are 256 threads.
TEST_CASE("a tensor of four elements to each thread takes one counter, one element more takes another") {
  const auto next = [](std::size_t size) {
    torch_cuda noise(3, {1, 256});
    std::vector<float> z(size);
    noise.fill(z);
    return noise;
  };
  CHECK(next(1024) == next(1));
  CHECK(next(1023) == next(1));
  CHECK(next(1025) == next(2048));
  CHECK(next(1025) != next(1));
}

TEST_CASE("a device without threads is refused") {
  law::refused([] { torch_cuda(1, {3, 255}); }, {"the number of threads of a device is 0; allowed: 256 or more"});
}
