// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/noise/start_and_steps.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/noise/torch_cuda.hpp>

namespace fokker::inline v0::noise {

/// ComfyUI where the network runs on a GPU: the start of the whole batch is drawn on the CPU, the noise of its steps on
/// the GPU, of the same seed.
[[nodiscard]] inline start_and_steps<torch_cpu, torch_cuda> comfyui(std::uint64_t seed, cuda_device on) {
  return {torch_cpu(seed), torch_cuda(seed, on)};
}

/// ComfyUI on the CPU: the steps have the next seed, and so draw what the start of the next seed's pictures is.
[[nodiscard]] inline start_and_steps<torch_cpu, torch_cpu> comfyui(std::uint64_t seed) {
  return {torch_cpu(seed), torch_cpu(seed + 1)};
}

}  // namespace fokker::inline v0::noise
