// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <utility>

namespace fokker::inline v0::noise {

/// What a callable writes into memory of floats: `filled{[&](std::span<float> z) { generator.fill(z); }}`. A run copies
/// it; what it refers to goes on from run to run.
template <class F>
struct filled {
  F by;
  void fill(std::span<float> z) { by(z); }
};
template <class F>
filled(F) -> filled<F>;

}  // namespace fokker::inline v0::noise
