// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

// What the memory allows, and what a person writes by hand for one sampler: compiled for this very processor
// (native.cpp, -O3 -march=native), unlike the library's kernels.
namespace native {

/// A row that is a combination of `inputs` streams, from 0 to 8; it may lie where one of them does.
void combine(float* row, const float* const* in, std::size_t inputs, std::size_t count);

/// The sum of the floats of 1 to 8 streams.
float sum(const float* const* in, std::size_t inputs, std::size_t count);

/// One step of DPM-Solver++(2M) with guidance: reads x, cond, uncond and history; writes x and history.
void cfg_dpmpp_2m(float* x, const float* cond, const float* uncond, float* history, std::size_t count);

}  // namespace native
