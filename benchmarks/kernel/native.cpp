// SPDX-License-Identifier: MIT
#include "native.hpp"

namespace native {

void in_place(float* x, const float* y, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) x[i] = 0.9f * x[i] + 0.1f * y[i];
}

void cfg_dpmpp_2m(float* x, const float* cond, const float* uncond, float* history, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float data = 1.1f * x[i] - 0.5f * cond[i] + 0.3f * uncond[i];
    x[i] = 0.8f * x[i] + 0.3f * data - 0.1f * history[i];
    history[i] = data;
  }
}

}  // namespace native
