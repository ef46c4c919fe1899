// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fokker/detail/message.hpp>
#include <fokker/noise/philox.hpp>

/// Numbers between 0 and 1 by counting, one for each sample of a run: a function of the seed and of the sample's id,
/// `first_sample` plus its place, alone. So shards of a batch draw what the whole batch draws. Samples of a run are
/// numbered through: batch k of B begins at first_sample = k B.
namespace fokker::inline v0::training {

/// What a sample draws numbers for; conditions that are dropped have the ids from `condition` on.
enum draw : std::uint32_t { level_of_sample = 0, level_of_batch = 1, condition = 2 };

/// Number `what` of a sample: one of the 2^52 odd multiples of 2^-53 between 0 and 1.
[[nodiscard]] inline double number(const noise::philox& source, std::uint32_t sample, std::uint32_t what) {
  const noise::words words =
      noise::philox4x32({{0, source.first_sample + sample, what, noise_piece::training}}, source.seed);
  const std::uint64_t bits = std::uint64_t{words.w[0]} << 20 | words.w[1] >> 12;
  return static_cast<double>(2 * bits + 1) * 0x1p-53;
}

/// A number of each sample's own.
struct independent {
  [[nodiscard]] double operator()(const noise::philox& source, std::uint32_t sample) const {
    return number(source, sample, level_of_sample);
  }
};

namespace spread {

struct place {
  std::uint32_t in_batch = 0;
  double shared = 0;  ///< the number that all of the batch share
};
/// Where a sample is in its batch.
[[nodiscard]] inline place place_of(const noise::philox& source, std::uint32_t sample, std::uint32_t batch) {
  if (batch == 0) detail::refuse("batch", batch, "1 or more");
  const std::uint32_t id = source.first_sample + sample;
  return {id % batch, number({.seed = source.seed}, id / batch, level_of_batch)};
}
/// A number that rounding left at an end of 0 to 1, moved inside.
[[nodiscard]] inline double inside(double u) { return (std::min)((std::max)(u, 0x1p-53), 1 - 0x1p-53); }

}  // namespace spread

/// One number in each of `batch` equal parts of 0 to 1, which part is whose turning from batch to batch.
struct stratified {
  std::uint32_t batch = 1;
  [[nodiscard]] double operator()(const noise::philox& source, std::uint32_t sample) const {
    const auto [i, shared] = spread::place_of(source, sample, batch);
    const auto turn = static_cast<std::uint64_t>(shared * batch);
    const auto part = static_cast<double>((i + turn) % batch);
    return spread::inside((part + number(source, sample, level_of_sample)) / batch);
  }
};

/// u, u + 1/batch, u + 2/batch ... modulo 1, with one u for each batch. Kingma et al. 2021 (VDM), appendix I.1.
struct low_discrepancy {
  std::uint32_t batch = 1;
  [[nodiscard]] double operator()(const noise::philox& source, std::uint32_t sample) const {
    const auto [i, shared] = spread::place_of(source, sample, batch);
    const double u = shared + static_cast<double>(i) / batch;
    return spread::inside(u < 1 ? u : u - 1);
  }
};

}  // namespace fokker::inline v0::training
