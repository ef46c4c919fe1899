// SPDX-License-Identifier: MIT
#include "../../examples/layers.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/kernel/product.hpp>

#include "support/catch.hpp"

namespace layer = example::layer;
using example::host_layers;

namespace {

const host_layers<fokker::kernel::product> on;

std::vector<float> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  std::vector<float> all(count);
  for (float& v : all) v = value(random);
  return all;
}

/// Sums of products of numbers around 1, in another order: a rounding per term.
bool near(const std::vector<float>& a, const std::vector<double>& b, std::size_t terms) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) <= 0x1p-23 * static_cast<double>(terms) * (4 + std::abs(b[i])))) return false;
  return true;
}

}  // namespace

TEMPLATE_TEST_CASE("linear is x W^T + b", "", fokker::kernel::product, fokker::backend::xtensor_products) {
  const std::size_t rows = 5, in = 7, out = 3;
  const auto x = random_numbers(rows * in, 1), weight = random_numbers(out * in, 2), bias = random_numbers(out, 3);
  std::vector<float> y(rows * out);
  layer::linear(host_layers{TestType{}}, rows, in, out, x.data(), weight.data(), bias.data(), y.data());
  std::vector<double> expected(rows * out);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < out; ++j) {
      expected[i * out + j] = bias[j];
      for (std::size_t k = 0; k < in; ++k)
        expected[i * out + j] += static_cast<double>(x[i * in + k]) * weight[j * in + k];
    }
  CHECK(near(y, expected, in + 1));
}

TEMPLATE_TEST_CASE("attention is the weighted mean of values, head by head and sample by sample", "",
                   fokker::kernel::product, fokker::backend::xtensor_products) {
  const std::size_t samples = 3, tokens = 6, heads = 2, size = 4, width = heads * size;
  const auto qkv = random_numbers(samples * tokens * 3 * width, 4);
  std::vector<float> memory(layer::attention_memory(samples, tokens, width, heads)), y(samples * tokens * width);
  layer::attention(host_layers{TestType{}}, samples, tokens, width, heads, qkv.data(), memory.data(), y.data());
  std::vector<double> expected(samples * tokens * width);
  for (std::size_t s = 0; s < samples; ++s) {
    const auto at = [&](std::size_t t, std::size_t which, std::size_t j) -> double {
      return qkv[(s * tokens + t) * 3 * width + which * width + j];
    };
    for (std::size_t h = 0; h < heads; ++h)
      for (std::size_t t = 0; t < tokens; ++t) {
        std::vector<double> weight(tokens);
        double sum = 0;
        for (std::size_t u = 0; u < tokens; ++u) {
          double product = 0;
          for (std::size_t j = h * size; j < (h + 1) * size; ++j) product += at(t, 0, j) * at(u, 1, j);
          sum += weight[u] = std::exp(product / std::sqrt(static_cast<double>(size)));
        }
        for (std::size_t u = 0; u < tokens; ++u)
          for (std::size_t j = h * size; j < (h + 1) * size; ++j)
            expected[(s * tokens + t) * width + j] += weight[u] / sum * at(u, 2, j);
      }
  }
  // Weights err by the roundings of their exponents, a few units of 2^-24 times the largest exponent, here below 8.
  CHECK(near(y, expected, 8 * (size + tokens)));
}

TEST_CASE("a row without variance is its shift, others have mean shift and deviation 1 + scale, of their sample") {
  const std::vector<float> x{3, 3, 3, 3, -1, 1, -1, 1, -1, 1, -1, 1};
  // For each two rows, four shifts and four scales.
  const std::vector<float> numbers{0.5f, 0.5f, 0.5f, 0.5f, 1, 1, 1, 1, 0, 0, 0, 4, 0, 0, 0, 2};
  std::vector<float> y(12);
  layer::modulated_norm(on, 3, 4, x.data(), {numbers.data(), 8, 2}, {numbers.data() + 4, 8, 2}, y.data());
  for (std::size_t j = 0; j < 4; ++j) {
    const double sign = j % 2 == 0 ? -1 : 1;
    CHECK(y[j] == 0.5f);
    CHECK(y[4 + j] == Approx(2 * sign + 0.5).epsilon(1e-6));  // 1e-6 beside the variance: half of it
    CHECK(y[8 + j] == Approx(j == 3 ? 3 + 4 : sign).epsilon(1e-6));
  }
}

TEST_CASE("rows are summed with one of all, with those of their sample, and with those of a table") {
  const std::vector<float> x{1, 2, 3, 4, 5, 6, 7, 8}, table{10, 20, 30, 40, 50, 60};
  std::vector<float> y(8);
  layer::sum(on, 4, 2, layer::rows{x.data(), 2}, layer::rows{table.data()}, y.data());
  CHECK(y == std::vector<float>{11, 22, 13, 24, 15, 26, 17, 28});
  layer::sum(on, 4, 2, layer::rows{x.data(), 2}, layer::rows{table.data() + 1, 3, 2}, y.data());
  CHECK(y == std::vector<float>{21, 32, 23, 34, 55, 66, 57, 68});
  const std::vector<int> numbers{2, 0};
  layer::sum(on, 4, 2, layer::rows{x.data(), 2}, layer::picked_rows{table.data(), 2, numbers.data(), 2}, y.data());
  CHECK(y == std::vector<float>{51, 62, 13, 24, 55, 66, 17, 28});
}

TEST_CASE("the small layers are their formulas") {
  std::vector<float> x{-2, 0, 3};
  layer::silu(on, 3, x.data(), x.data());
  CHECK(x[0] == Approx(-2 / (1 + std::exp(2.0))));
  CHECK(x[1] == 0);
  CHECK(x[2] == Approx(3 / (1 + std::exp(-3.0))));
  std::vector<float> r{-2, 0, 3};
  layer::relu(on, 3, r.data(), r.data());
  CHECK(r == std::vector<float>{0, 0, 3});
  std::vector<float> s{1000, 1001, -1000};
  layer::softmax(on, 1, 3, s.data());
  CHECK(s[0] == Approx(1 / (1 + std::exp(1.0))));
  CHECK(s[1] == Approx(1 / (1 + std::exp(-1.0))));
  CHECK(s[2] == 0);
  std::vector<float> sum{1, 2};
  const std::vector<float> gate{0, 2}, change{5, 5};
  layer::add_gated(on, 1, 2, {gate.data()}, change.data(), sum.data());
  CHECK(sum == std::vector<float>{1, 12});
}

TEST_CASE("time stands behind each row by its sines and cosines") {
  const std::vector<float> x{7, 8};
  std::vector<float> y(10);
  layer::with_time(on, 2, 1, 2, x.data(), 0.25, y.data());
  for (std::size_t i = 0; i < 2; ++i) {
    const float* f = y.data() + 5 * i;
    CHECK(f[0] == x[i]);
    CHECK(f[1] == Approx(std::sqrt(0.5)));
    CHECK(f[2] == Approx(1));
    CHECK(f[3] == Approx(std::sqrt(0.5)));
    CHECK(f[4] == Approx(0).margin(1e-7));
  }
}

TEST_CASE("patches are rows of neighbours, and go back to where they were") {
  std::vector<float> x(32), y(32), back(32);
  for (std::size_t i = 0; i < 32; ++i) x[i] = static_cast<float>(i);
  layer::to_patches(on, 2, 2, 2, x.data(), y.data());
  CHECK(std::vector<float>(y.begin() + 4, y.begin() + 8) == std::vector<float>{2, 3, 6, 7});
  CHECK(std::vector<float>(y.begin() + 24, y.begin() + 28) == std::vector<float>{24, 25, 28, 29});
  layer::from_patches(on, 2, 2, 2, y.data(), back.data());
  CHECK(back == x);
}
