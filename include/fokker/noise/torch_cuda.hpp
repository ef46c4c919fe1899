// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <fokker/noise/box_muller.hpp>
#include <fokker/noise/philox.hpp>

namespace fokker::inline v0::noise {

/// What of a device decides which normal an element gets, where a tensor has more elements than the device has threads.
struct cuda_device {
  std::uint32_t multiprocessors = 0;
  std::uint32_t threads_each = 0;

  /// Those that torch starts at most, in blocks of 256.
  [[nodiscard]] constexpr std::uint64_t threads() const {
    return std::uint64_t{multiprocessors} * (threads_each / 256) * 256;
  }

  static const cuda_device a10, a100, b200, h100, l4, l40s, rtx_3090, rtx_4090, rtx_5090, t4, v100;
  static const cuda_device boundless;  ///< a thread for each element, as programs have it that emulate a device
};
inline constexpr cuda_device cuda_device::a10{72, 1536};
inline constexpr cuda_device cuda_device::a100{108, 2048};
inline constexpr cuda_device cuda_device::b200{148, 2048};
inline constexpr cuda_device cuda_device::h100{132, 2048};
inline constexpr cuda_device cuda_device::l4{58, 1536};
inline constexpr cuda_device cuda_device::l40s{142, 1536};
inline constexpr cuda_device cuda_device::rtx_3090{82, 1536};
inline constexpr cuda_device cuda_device::rtx_4090{128, 1536};
inline constexpr cuda_device cuda_device::rtx_5090{170, 1536};
inline constexpr cuda_device cuda_device::t4{40, 1024};
inline constexpr cuda_device cuda_device::v100{80, 2048};
inline constexpr cuda_device cuda_device::boundless{0xffffffff, 2048};

/// torch.randn of float32 on a CUDA device: each `fill` is a call, of one generator. On the boundless device it is the
/// noise that A1111 calls NV, and stable-diffusion.cpp's philox.
class torch_cuda {
 public:
  explicit torch_cuda(std::uint64_t seed, cuda_device on = cuda_device::boundless)
      : keys_(seed), seed_(seed), most_(on.threads()) {
    if (most_ == 0) detail::refuse("the number of threads of a device", 0, "256 or more, 256 to a multiprocessor");
  }

  /// Thread i counts in its own subsequence, and gives the normals of each counter to elements i, i + threads, ...
  void fill(std::span<float> z) {
    if (z.empty()) return;
    const std::size_t threads =
        static_cast<std::size_t>((std::min)((z.size() + 255) / 256 * std::uint64_t{256}, most_));
    const std::uint64_t rounds = (z.size() - 1) / (4 * threads) + 1;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const std::uint64_t count = drawn_ + round;
      const std::span<float> rest = z.subspan(static_cast<std::size_t>(4 * threads * round));
      for (std::size_t i = 0; i < (std::min)(threads, rest.size()); ++i) {
        const words w = philox4x32({{low(count), high(count), low(i), high(i)}}, keys_);
        for (std::size_t pair = 0, e = i; pair < 4 && e < rest.size(); pair += 2, e += 2 * threads) {
          const point p = normals(w.w[pair], w.w[pair + 1]);
          rest[e] = p.x;
          if (e + threads < rest.size()) rest[e + threads] = p.y;
        }
      }
    }
    drawn_ += rounds;
  }

  friend bool operator==(const torch_cuda& a, const torch_cuda& b) {
    return a.seed_ == b.seed_ && a.most_ == b.most_ && a.drawn_ == b.drawn_;
  }

 private:
  static std::uint32_t low(std::uint64_t n) { return static_cast<std::uint32_t>(n); }
  static std::uint32_t high(std::uint64_t n) { return static_cast<std::uint32_t>(n >> 32); }

  /// The sine comes first. A device's own sine errs by 2^-21.4 more.
  static point normals(std::uint32_t a, std::uint32_t b) {
    constexpr float turn = 0x1p-32f * 6.2831855f;
    const float u = detail::fma_rn(static_cast<float>(a), 0x1p-32f, 0x1p-33f);
    const float angle = detail::fma_rn(static_cast<float>(b), turn, turn / 2);
    const float radius = std::sqrt(-2.0f * std::log(u));
    return {radius * std::sin(angle), radius * std::cos(angle)};
  }

  round_keys keys_;
  std::uint64_t seed_, most_;
  std::uint64_t drawn_ = 0;  // counters of each thread
};

}  // namespace fokker::inline v0::noise
