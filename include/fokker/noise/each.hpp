// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
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
  friend bool operator==(const each&, const each&) requires std::equality_comparable<G>
  = default;
};
template <class G>
each(std::vector<G>) -> each<G>;

}  // namespace fokker::inline v0::noise

namespace fokker::inline v0::detail {

/// A generator for each of the seeds.
template <class G, class... Rest>
[[nodiscard]] noise::each<G> of_seeds(std::span<const std::uint64_t> seeds, const Rest&... rest) {
  noise::each<G> all;
  for (const std::uint64_t seed : seeds) all.generators.emplace_back(seed, rest...);
  return all;
}

/// The same for `count` seeds, from the first on.
template <class G, class... Rest>
[[nodiscard]] noise::each<G> of_seeds_from(std::uint64_t first, std::size_t count, const Rest&... rest) {
  noise::each<G> all;
  for (std::size_t i = 0; i < count; ++i) all.generators.emplace_back(first + i, rest...);
  return all;
}

}  // namespace fokker::inline v0::detail
