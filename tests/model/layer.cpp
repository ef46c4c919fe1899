// SPDX-License-Identifier: MIT
#include <fokker/model/layer.hpp>

#include <cmath>
#include <random>
#include <vector>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/kernel/product.hpp>

#include "support/catch.hpp"

namespace layer = fokker::model::layer;

namespace {

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
  layer::linear<TestType>(rows, in, out, x.data(), weight.data(), bias.data(), y.data());
  std::vector<double> expected(rows * out);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < out; ++j) {
      expected[i * out + j] = bias[j];
      for (std::size_t k = 0; k < in; ++k)
        expected[i * out + j] += static_cast<double>(x[i * in + k]) * weight[j * in + k];
    }
  CHECK(near(y, expected, in + 1));
}

TEMPLATE_TEST_CASE("attention is the weighted mean of values, head by head", "", fokker::kernel::product,
                   fokker::backend::xtensor_products) {
  const std::size_t tokens = 6, heads = 2, size = 4, width = heads * size;
  const auto qkv = random_numbers(tokens * 3 * width, 4);
  std::vector<float> memory(layer::attention_memory(tokens, width)), y(tokens * width);
  layer::attention<TestType>(tokens, width, heads, qkv.data(), memory.data(), y.data());
  std::vector<double> expected(tokens * width);
  const auto at = [&](std::size_t t, std::size_t which, std::size_t j) -> double {
    return qkv[t * 3 * width + which * width + j];
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
          expected[t * width + j] += weight[u] / sum * at(u, 2, j);
    }
  // Weights err by the roundings of their exponents, a few units of 2^-24 times the largest exponent, here below 8.
  CHECK(near(y, expected, 8 * (size + tokens)));
}

TEST_CASE("a row without variance is its shift, others have mean shift and deviation 1 + scale") {
  const std::vector<float> x{3, 3, 3, 3, -1, 1, -1, 1}, shift{0.5f, 0.5f, 0.5f, 0.5f}, scale{1, 1, 1, 1};
  std::vector<float> y(8);
  layer::modulated_norm(2, 4, x.data(), shift.data(), scale.data(), y.data());
  for (std::size_t j = 0; j < 4; ++j) {
    CHECK(y[j] == 0.5f);
    CHECK(y[4 + j] == Approx((j % 2 == 0 ? -2 : 2) + 0.5).epsilon(1e-6));  // 1e-6 beside the variance: half of it
  }
}

TEST_CASE("the small layers are their formulas") {
  std::vector<float> x{-2, 0, 3};
  layer::silu(3, x.data());
  CHECK(x[0] == Approx(-2 / (1 + std::exp(2.0))));
  CHECK(x[1] == 0);
  CHECK(x[2] == Approx(3 / (1 + std::exp(-3.0))));
  std::vector<float> r{-2, 0, 3};
  layer::relu(3, r.data());
  CHECK(r == std::vector<float>{0, 0, 3});
  std::vector<float> s{1000, 1001, -1000};
  layer::softmax(1, 3, s.data());
  CHECK(s[0] == Approx(1 / (1 + std::exp(1.0))));
  CHECK(s[1] == Approx(1 / (1 + std::exp(-1.0))));
  CHECK(s[2] == 0);
  std::vector<float> sum{1, 2};
  const std::vector<float> gate{0, 2}, change{5, 5};
  layer::add_gated(1, 2, gate.data(), change.data(), sum.data());
  CHECK(sum == std::vector<float>{1, 12});
  std::vector<float> f(4);
  layer::time_features(0.25, 2, f.data());
  CHECK(f[0] == Approx(std::sqrt(0.5)));
  CHECK(f[1] == Approx(1));
  CHECK(f[2] == Approx(std::sqrt(0.5)));
  CHECK(f[3] == Approx(0).margin(1e-7));
}
