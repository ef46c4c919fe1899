// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <fokker/concept/noise_source.hpp>
#include <fokker/config.hpp>
#include <fokker/noise/philox.hpp>

namespace fokker::inline v0::noise {

/// Samples in pairs: sample 2 i draws the normals of `of`, and sample 2 i + 1 their negatives, at the start and in
/// every step. Each sample is distributed as without it, and what is odd in the noise is not in the mean of a pair.
/// Hammersley & Morton 1956.
template <noise_source Source = philox>
struct antithetic {
  Source of = {};

  [[nodiscard]] FOKKER_HD quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    quad four = of.normals(sample & ~1u, block, piece);
    if (sample % 2 != 0)
      for (float& z : four.z) z = -z;
    return four;
  }
  [[nodiscard]] std::size_t samples() const requires has_samples<Source> { return (of.samples() + 1) / 2 * 2; }
};
template <class Source>
antithetic(Source) -> antithetic<Source>;

}  // namespace fokker::inline v0::noise
