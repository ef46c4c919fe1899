// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <fokker/config.hpp>

namespace example {

/// Where layers are computed: memory of the host, its matrices multiplied by fokker::kernel::product or, by BLAS,
/// fokker::backend::xtensor_products. That of a device is cuda_layers.
template <class Products>
struct host_layers {
  Products products{};

  template <class T>
  using memory = std::vector<T>;
  template <class T>
  [[nodiscard]] memory<T> make(std::size_t size) const {
    return memory<T>(size);
  }
  template <class T>
  [[nodiscard]] memory<T> copied(std::vector<T> values) const {
    return values;
  }
  /// f(i, j) for each i < rows and j < columns, in any order.
  template <class F>
  void each(std::size_t rows, std::size_t columns, F f) const {
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) f(i, j);
  }
  /// c = a b^T, a m x k and b n x k; `count` of them, which lie one after the other.
  void times_transposed(std::size_t count, std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b,
                        float* c) const {
    for (std::size_t i = 0; i < count; ++i)
      products.times_transposed(m, n, k, a + i * m * k, b + i * n * k, c + i * m * n);
  }
  /// The same of c = a b, b being k x n.
  void times(std::size_t count, std::size_t m, std::size_t n, std::size_t k, const float* a, const float* b,
             float* c) const {
    for (std::size_t i = 0; i < count; ++i) products.times(m, n, k, a + i * m * k, b + i * k * n, c + i * m * n);
  }
};
template <class Products>
host_layers(Products) -> host_layers<Products>;

/// The layers of small networks, in float, on row-major memory of where they are computed, `on`: a row is a sample or a
/// token. None allocates or waits. y may be x, unless a product is in between.
namespace layer {

/// Rows which lie `stride` apart, 0 being one row for all; the next one begins after `each`.
struct rows {
  const float* x;
  std::size_t stride = 0, each = 1;
  FOKKER_HD const float* operator()(std::size_t i) const { return x + i / each * stride; }
};

/// Rows of a table by their numbers, of which there are `count`, by turns.
struct picked_rows {
  const float* x;
  std::size_t stride;
  const int* numbers;
  std::size_t count;
  FOKKER_HD const float* operator()(std::size_t i) const {
    return x + static_cast<std::size_t>(numbers[i % count]) * stride;
  }
};

namespace detail {

template <class A, class B>
struct sum {
  A a;
  B b;
  std::size_t width;
  float* y;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const { y[i * width + j] = a(i)[j] + b(i)[j]; }
};

struct add_gated {
  rows gate;
  std::size_t width;
  const float* y;
  float* x;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const { x[i * width + j] += gate(i)[j] * y[i * width + j]; }
};

struct silu {
  const float* x;
  float* y;
  FOKKER_HD void operator()(std::size_t, std::size_t j) const { y[j] = x[j] / (1 + std::exp(-x[j])); }
};

struct relu {
  const float* x;
  float* y;
  FOKKER_HD void operator()(std::size_t, std::size_t j) const { y[j] = x[j] < 0 ? 0 : x[j]; }
};

struct modulated_norm {
  std::size_t width;
  const float* from;
  rows shift, scale;
  float* to;
  FOKKER_HD void operator()(std::size_t i, std::size_t) const {
    const float *x = from + i * width, *b = shift(i), *a = scale(i);
    float *y = to + i * width, mean = 0, square = 0;
    for (std::size_t j = 0; j < width; ++j) mean += x[j];
    mean /= static_cast<float>(width);
    for (std::size_t j = 0; j < width; ++j) square += (x[j] - mean) * (x[j] - mean);
    const float factor = 1 / std::sqrt(square / static_cast<float>(width) + 1e-6f);
    for (std::size_t j = 0; j < width; ++j) y[j] = (x[j] - mean) * factor * (1 + a[j]) + b[j];
  }
};

struct softmax {
  std::size_t width;
  float* all;
  FOKKER_HD void operator()(std::size_t i, std::size_t) const {
    float *x = all + i * width, largest = x[0], sum = 0;
    for (std::size_t j = 1; j < width; ++j) largest = x[j] > largest ? x[j] : largest;
    for (std::size_t j = 0; j < width; ++j) sum += x[j] = std::exp(x[j] - largest);
    for (std::size_t j = 0; j < width; ++j) x[j] /= sum;
  }
};

/// Row i of a head is row t of sample s: i counts tokens within heads within samples.
struct heads {
  std::size_t tokens, width, count;
  [[nodiscard]] FOKKER_HD std::size_t size() const { return width / count; }
  [[nodiscard]] FOKKER_HD std::size_t row(std::size_t i) const { return i / (tokens * count) * tokens + i % tokens; }
  [[nodiscard]] FOKKER_HD std::size_t column(std::size_t i) const { return i / tokens % count * size(); }
};

struct split_heads {
  heads of;
  const float* qkv;
  float scale, *q, *k, *v;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const {
    const float* from = qkv + of.row(i) * 3 * of.width + of.column(i) + j;
    const std::size_t to = i * of.size() + j;
    q[to] = scale * from[0];
    k[to] = from[of.width];
    v[to] = from[2 * of.width];
  }
};

struct join_heads {
  heads of;
  const float* mixed;
  float* y;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const {
    y[of.row(i) * of.width + of.column(i) + j] = mixed[i * of.size() + j];
  }
};

struct with_time {
  std::size_t size, octaves;
  const float* x;
  float time, *y;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const {
    constexpr float pi = 0x1.921fb6p+1f;
    const std::size_t k = j < size ? 0 : (j - size) % octaves;
    const float angle = time * pi * static_cast<float>(std::size_t{1} << k);
    y[i * (size + 2 * octaves) + j] = j < size             ? x[i * size + j]
                                      : j < size + octaves ? std::sin(angle)
                                                           : std::cos(angle);
  }
};

/// Square images of one channel, and a row for each square patch of them, which are `across` x `across`.
struct patches {
  std::size_t across, patch;
  const float* from;
  float* to;
  bool to_rows;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const {  // i: image, and row of it; j: column
    const std::size_t side = across * patch, image = i / side, y = i % side;
    const std::size_t row = (image * across + y / patch) * across + j / patch;
    const std::size_t in_row = (row * patch + y % patch) * patch + j % patch, in_image = i * side + j;
    to[to_rows ? in_row : in_image] = from[to_rows ? in_image : in_row];
  }
};

}  // namespace detail

/// y_i = a_i + b_i: a and b are `rows` or `picked_rows` of `width` numbers.
template <class Space, class A, class B>
void sum(const Space& on, std::size_t rows, std::size_t width, A a, B b, float* y) {
  on.each(rows, width, detail::sum<A, B>{a, b, width, y});
}

/// y = x weight^T + bias: x is rows x in, weight out x in.
template <class Space>
void linear(const Space& on, std::size_t rows, std::size_t in, std::size_t out, const float* x, const float* weight,
            const float* bias, float* y) {
  on.times_transposed(1, rows, out, in, x, weight, y);
  sum(on, rows, out, layer::rows{y, out}, layer::rows{bias}, y);
}

/// y = x / (1 + e^-x) (Hendrycks & Gimpel 2016).
template <class Space>
void silu(const Space& on, std::size_t count, const float* x, float* y) {
  on.each(1, count, detail::silu{x, y});
}

template <class Space>
void relu(const Space& on, std::size_t count, const float* x, float* y) {
  on.each(1, count, detail::relu{x, y});
}

/// y = (x - mean) / sqrt(variance + 1e-6), times 1 + scale, plus shift: of each row, scale and shift being such of
/// `rows` (Ba et al. 2016; Peebles & Xie 2023).
template <class Space>
void modulated_norm(const Space& on, std::size_t rows, std::size_t width, const float* x, layer::rows shift,
                    layer::rows scale, float* y) {
  on.each(rows, 1, detail::modulated_norm{width, x, shift, scale, y});
}

/// x += gate * y, of each row.
template <class Space>
void add_gated(const Space& on, std::size_t rows, std::size_t width, layer::rows gate, const float* y, float* x) {
  on.each(rows, width, detail::add_gated{gate, width, y, x});
}

/// Each row to weights that sum to 1, in place.
template <class Space>
void softmax(const Space& on, std::size_t rows, std::size_t width, float* x) {
  on.each(rows, 1, detail::softmax{width, x});
}

/// The floats that `attention` works in.
[[nodiscard]] constexpr std::size_t attention_memory(std::size_t samples, std::size_t tokens, std::size_t width,
                                                     std::size_t heads) {
  return samples * tokens * (heads * tokens + 4 * width);
}

/// y = softmax(q k^T / sqrt(width / heads)) v for each head of each sample (Vaswani et al. 2017): qkv is samples x
/// tokens x 3 width, y samples x tokens x width; the heads lie side by side.
template <class Space>
void attention(const Space& on, std::size_t samples, std::size_t tokens, std::size_t width, std::size_t heads,
               const float* qkv, float* memory, float* y) {
  const std::size_t count = samples * heads, rows = count * tokens, size = width / heads;
  float *weights = memory, *q = weights + rows * tokens, *k = q + rows * size, *v = k + rows * size,
        *mixed = v + rows * size;
  const detail::heads of{tokens, width, heads};
  on.each(rows, size, detail::split_heads{of, qkv, 1 / std::sqrt(static_cast<float>(size)), q, k, v});
  on.times_transposed(count, tokens, tokens, size, q, k, weights);
  softmax(on, rows, tokens, weights);
  on.times(count, tokens, size, tokens, weights, v, mixed);
  on.each(rows, size, detail::join_heads{of, mixed, y});
}

/// Each row of x, of `size` numbers, then sin and cos of 2^k pi time for k < octaves: `octaves` sines, as many cosines.
template <class Space>
void with_time(const Space& on, std::size_t rows, std::size_t size, std::size_t octaves, const float* x, double time,
               float* y) {
  on.each(rows, size + 2 * octaves, detail::with_time{size, octaves, x, static_cast<float>(time), y});
}

/// y has a row for each patch of patch x patch pixels of the square images x, of across x across patches.
template <class Space>
void to_patches(const Space& on, std::size_t images, std::size_t across, std::size_t patch, const float* x, float* y) {
  on.each(images * across * patch, across * patch, detail::patches{across, patch, x, y, true});
}

/// And back.
template <class Space>
void from_patches(const Space& on, std::size_t images, std::size_t across, std::size_t patch, const float* x,
                  float* y) {
  on.each(images * across * patch, across * patch, detail::patches{across, patch, x, y, false});
}

}  // namespace layer
}  // namespace example
