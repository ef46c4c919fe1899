// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <fokker/concept/noise_source.hpp>
#include <fokker/noise/each.hpp>
#include <fokker/noise/torch_cuda.hpp>

namespace fokker::inline v0::noise {

/// A1111: picture i of a batch has a generator of seed + i, which draws its start and then its steps. `G` is where they
/// are drawn: `torch_cuda` for its settings NV, and GPU with the device behind the arguments; `torch_cpu` for CPU. With
/// an eta noise seed delta the steps are those of new generators, of seed + i + delta. Where that is another picture's
/// seed they draw its start, here as there.
template <noise_sequence G = torch_cuda>
class a1111 {
 public:
  template <class... Device>
  explicit a1111(std::uint64_t seed, std::size_t pictures = 1, std::uint64_t eta_noise_seed_delta = 0,
                 const Device&... on)
      : generators_(detail::of_seeds_from<G>(seed, pictures, on...)) {
    if (eta_noise_seed_delta != 0) of_steps_ = detail::of_seeds_from<G>(seed + eta_noise_seed_delta, pictures, on...);
  }

  void fill(std::span<float> z, const noise_piece& piece) {
    (piece.stream == noise_piece::start || !of_steps_ ? generators_ : *of_steps_).fill(z);
  }
  [[nodiscard]] std::size_t samples() const { return generators_.samples(); }
  friend bool operator==(const a1111&, const a1111&) requires std::equality_comparable<G>
  = default;

 private:
  each<G> generators_;
  std::optional<each<G>> of_steps_;
};

}  // namespace fokker::inline v0::noise
