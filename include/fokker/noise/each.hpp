// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <fokker/concept/noise_source.hpp>

namespace fokker::inline v0::noise {

/// A generator for each sample of the batch, so that each draws what it would draw alone.
template <noise_sequence G>
struct each {
  std::vector<G> generators;

  [[nodiscard]] std::size_t samples() const { return generators.size(); }
  void fill(std::span<float> z) {
    const std::size_t size = z.size() / generators.size();
    for (std::size_t s = 0; s < generators.size(); ++s) generators[s].fill(z.subspan(s * size, size));
  }
};
template <class G>
each(std::vector<G>) -> each<G>;

}  // namespace fokker::inline v0::noise
