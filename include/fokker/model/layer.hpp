// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

/// The layers of small networks, in float, on row-major memory of the host: a row is a sample or a token. None of them
/// allocates. `Products` multiplies matrices: kernel::product, or backend::xtensor_products by BLAS.
namespace fokker::model::layer {

/// y = x weight^T + bias: x is rows x in, weight out x in.
template <class Products>
void linear(std::size_t rows, std::size_t in, std::size_t out, const float* x, const float* weight, const float* bias,
            float* y) {
  Products::times_transposed(rows, out, in, x, weight, y);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < out; ++j) y[i * out + j] += bias[j];
}

/// x / (1 + e^-x), in place (Hendrycks & Gimpel 2016).
inline void silu(std::size_t count, float* x) {
  for (std::size_t i = 0; i < count; ++i) x[i] /= 1 + std::exp(-x[i]);
}

inline void relu(std::size_t count, float* x) {
  for (std::size_t i = 0; i < count; ++i) x[i] = std::max(x[i], 0.0f);
}

/// y = (x - mean) / sqrt(variance + 1e-6), times 1 + scale, plus shift: of each row (Ba et al. 2016; Peebles & Xie
/// 2023).
inline void modulated_norm(std::size_t rows, std::size_t width, const float* x, const float* shift, const float* scale,
                           float* y) {
  for (std::size_t i = 0; i < rows; ++i, x += width, y += width) {
    float mean = 0, square = 0;
    for (std::size_t j = 0; j < width; ++j) mean += x[j];
    mean /= static_cast<float>(width);
    for (std::size_t j = 0; j < width; ++j) square += (x[j] - mean) * (x[j] - mean);
    const float factor = 1 / std::sqrt(square / static_cast<float>(width) + 1e-6f);
    for (std::size_t j = 0; j < width; ++j) y[j] = (x[j] - mean) * factor * (1 + scale[j]) + shift[j];
  }
}

/// x += gate * y, of each row.
inline void add_gated(std::size_t rows, std::size_t width, const float* gate, const float* y, float* x) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < width; ++j) x[i * width + j] += gate[j] * y[i * width + j];
}

/// Each row to weights that sum to 1, in place.
inline void softmax(std::size_t rows, std::size_t width, float* x) {
  for (std::size_t i = 0; i < rows; ++i, x += width) {
    const float largest = *std::max_element(x, x + width);
    float sum = 0;
    for (std::size_t j = 0; j < width; ++j) sum += x[j] = std::exp(x[j] - largest);
    for (std::size_t j = 0; j < width; ++j) x[j] /= sum;
  }
}

/// The floats that `attention` works in.
[[nodiscard]] constexpr std::size_t attention_memory(std::size_t tokens, std::size_t width) {
  return tokens * tokens + 4 * tokens * width;
}

/// y = softmax(q k^T / sqrt(width / heads)) v for each head (Vaswani et al. 2017): qkv is tokens x 3 width, y tokens x
/// width, one sample; the heads lie side by side.
template <class Products>
void attention(std::size_t tokens, std::size_t width, std::size_t heads, const float* qkv, float* memory, float* y) {
  const std::size_t size = width / heads;
  float *weights = memory, *q = weights + tokens * tokens, *k = q + tokens * size, *v = k + tokens * size,
        *mixed = v + tokens * size;
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t j = 0; j < size; ++j) {
        const float* row = qkv + t * 3 * width + h * size + j;
        q[t * size + j] = scale * row[0];
        k[t * size + j] = row[width];
        v[t * size + j] = row[2 * width];
      }
    Products::times_transposed(tokens, tokens, size, q, k, weights);
    softmax(tokens, tokens, weights);
    Products::times(tokens, size, tokens, weights, v, mixed);
    for (std::size_t t = 0; t < tokens; ++t) std::copy_n(mixed + t * size, size, y + t * width + h * size);
  }
}

/// sin and cos of 2^k pi time for k < octaves: `octaves` sines, then as many cosines.
inline void time_features(double time, std::size_t octaves, float* y) {
  constexpr float pi = 0x1.921fb6p+1f;
  for (std::size_t k = 0; k < octaves; ++k) {
    const float angle = static_cast<float>(time) * pi * static_cast<float>(std::size_t{1} << k);
    y[k] = std::sin(angle);
    y[octaves + k] = std::cos(angle);
  }
}

}  // namespace fokker::model::layer
