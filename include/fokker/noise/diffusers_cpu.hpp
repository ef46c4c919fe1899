// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <fokker/noise/each.hpp>
#include <fokker/noise/torch_cpu.hpp>

namespace fokker::inline v0::noise {

/// A pipeline of diffusers with `generator=torch.Generator().manual_seed(seed)`: one generator for the whole batch,
/// which draws the start and then what the scheduler asks for.
[[nodiscard]] inline torch_cpu diffusers_cpu(std::uint64_t seed) { return torch_cpu(seed); }

/// The same with a list of generators, one for each sample.
[[nodiscard]] inline each<torch_cpu> diffusers_cpu(const std::vector<std::uint64_t>& seeds) {
  return detail::of_seeds<torch_cpu>(seeds);
}

}  // namespace fokker::inline v0::noise
