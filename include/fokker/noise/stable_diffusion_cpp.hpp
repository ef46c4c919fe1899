// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fokker/noise/each.hpp>
#include <fokker/noise/start_and_steps.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/noise/torch_cuda.hpp>

namespace fokker::inline v0::noise {

/// stable-diffusion.cpp: picture b of a batch has a generator of seed + b. `Rng` is its --rng, `torch_cuda` or
/// `torch_cpu`, and draws the start; `Sampler` its --sampler-rng. One that is left out, or the same, is no generator of
/// its own: the one goes on with the steps. Another one draws them from the same seed.
template <noise_sequence Rng = torch_cuda, noise_sequence Sampler = Rng>
[[nodiscard]] auto stable_diffusion_cpp(std::uint64_t seed, std::size_t pictures = 1) {
  if constexpr (std::same_as<Rng, Sampler>)
    return detail::of_seeds_from<Rng>(seed, pictures);
  else
    return start_and_steps(detail::of_seeds_from<Rng>(seed, pictures), detail::of_seeds_from<Sampler>(seed, pictures));
}

}  // namespace fokker::inline v0::noise
