// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <fokker/noise/philox.hpp>

namespace fokker::inline v0::noise {

/// A seed and an id of its own for each sample of a batch, so that each draws what it would draw alone:
/// sample s draws as the first sample of `each[s]`. What `each` points to must outlive the run.
struct per_sample {
  std::span<const philox> each;

  [[nodiscard]] std::size_t samples() const { return each.size(); }
  [[nodiscard]] quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    return each[sample].normals(0, block, piece);
  }
};

}  // namespace fokker::inline v0::noise
