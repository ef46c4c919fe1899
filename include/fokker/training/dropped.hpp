// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fokker/detail/message.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/training/numbers.hpp>

namespace fokker::inline v0::training {

/// Whether a sample is trained without its condition, which classifier-free guidance asks for (Ho & Salimans 2022): of
/// all samples a share is, each by its id. Conditions that are dropped by themselves, such as the embedding and the
/// words of a decoder, are numbered. Throws std::invalid_argument for what is no share.
struct dropped {
  double share = 0.1;
  std::uint32_t which = 0;
  [[nodiscard]] bool operator()(const noise::philox& source, std::uint32_t sample) const {
    detail::require_within("share", share, 0, 1);
    return number(source, sample, condition + which) < share;
  }
};

}  // namespace fokker::inline v0::training
