// SPDX-License-Identifier: MIT
#include "native.hpp"

#include <utility>

namespace native {

namespace {

template <std::size_t... K>
void combine(float* row, const float* const* in, std::size_t count, std::index_sequence<K...>) {
  [[maybe_unused]] const float* const of[] = {in[K]..., nullptr};
  constexpr float share = -1.0f / static_cast<float>(sizeof...(K) + 1);
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) row[i] = ((share * of[K][i]) + ... + share);
}

template <std::size_t... N>
void combine(float* row, const float* const* in, std::size_t inputs, std::size_t count, std::index_sequence<N...>) {
  ((N == inputs ? combine(row, in, count, std::make_index_sequence<N>()) : void()), ...);
}

template <std::size_t... K>
float sum(const float* const* in, std::size_t count, std::index_sequence<K...>) {
  constexpr std::size_t lanes = 64;
  const float* const of[] = {in[K]...};
  float sums[lanes] = {};
  for (std::size_t i = 0; i + lanes <= count; i += lanes)
    for (std::size_t l = 0; l < lanes; ++l) sums[l] += (of[K][i + l] + ...);
  float all = 0;
  for (const float s : sums) all += s;
  return all;
}

template <std::size_t... N>
float sum(const float* const* in, std::size_t inputs, std::size_t count, std::index_sequence<N...>) {
  float all = 0;
  ((N + 1 == inputs ? void(all = sum(in, count, std::make_index_sequence<N + 1>())) : void()), ...);
  return all;
}

}  // namespace

void combine(float* row, const float* const* in, std::size_t inputs, std::size_t count) {
  combine(row, in, inputs, count, std::make_index_sequence<9>());
}

float sum(const float* const* in, std::size_t inputs, std::size_t count) {
  return sum(in, inputs, count, std::make_index_sequence<8>());
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
