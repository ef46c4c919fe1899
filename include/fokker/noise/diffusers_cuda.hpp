// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <fokker/noise/each.hpp>
#include <fokker/noise/torch_cuda.hpp>

namespace fokker::inline v0::noise {

/// A pipeline of diffusers with `generator=torch.Generator("cuda").manual_seed(seed)` on a device: one generator for
/// the whole batch, which draws the start and then what the scheduler asks for.
[[nodiscard]] inline torch_cuda diffusers_cuda(std::uint64_t seed, cuda_device on) { return torch_cuda(seed, on); }

/// The same with a list of generators, one for each sample.
[[nodiscard]] inline each<torch_cuda> diffusers_cuda(const std::vector<std::uint64_t>& seeds, cuda_device on) {
  return detail::of_seeds<torch_cuda>(seeds, on);
}

}  // namespace fokker::inline v0::noise
