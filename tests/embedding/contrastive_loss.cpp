// SPDX-License-Identifier: MIT
#include <fokker/embedding/contrastive_loss.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::backend::host_view;
using fk::embedding::contrastive_gradient;
using fk::embedding::contrastive_loss;

namespace {

struct pairs {
  std::size_t count, size;
  std::vector<double> first, second;

  pairs(std::size_t n, std::size_t d) : count(n), size(d), first(n * d), second(n * d) {
    fk::fill_normal(fk::noise::philox{.seed = 1}, first);
    fk::fill_normal(fk::noise::philox{.seed = 2}, second);
  }
  host_view<double> a() { return {first.data(), {count, size}}; }
  host_view<double> b() { return {second.data(), {count, size}}; }
};

/// Radford et al., Figure 3, as it stands: similarities of normalised rows, two cross entropies, their mean.
double by_loops(pairs& p, double temperature) {
  const std::size_t n = p.count, d = p.size;
  std::vector<long double> logit(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      long double ab = 0, aa = 0, bb = 0;
      for (std::size_t k = 0; k < d; ++k) {
        const long double x = p.first[i * d + k], y = p.second[j * d + k];
        ab += x * y;
        aa += x * x;
        bb += y * y;
      }
      logit[i * n + j] = ab / std::sqrt(aa * bb) / temperature;
    }
  long double loss = 0;
  for (std::size_t i = 0; i < n; ++i) {
    long double row = 0, column = 0;
    for (std::size_t j = 0; j < n; ++j) {
      row += std::exp(logit[i * n + j]);
      column += std::exp(logit[j * n + i]);
    }
    loss += std::log(row) + std::log(column) - 2 * logit[i * n + i];
  }
  return static_cast<double>(loss / (2 * n));
}

/// A cosine rounds 2 d + 4 times, a logit is that over the temperature and a rounding more, and a loss moves by no
/// more than twice the largest change of a logit; it rounds n times on its way itself, as a number of log n.
double rounding(const pairs& p, double temperature) {
  const auto n = static_cast<double>(p.count), d = static_cast<double>(p.size);
  return law::u * (2 * (2 * d + 5) / temperature + (n + 8) * (2 / temperature + std::log(n) + 1));
}

/// Rows of the identity: each is like its partner alone.
std::vector<double> identity(std::size_t n) {
  std::vector<double> x(n * n);
  for (std::size_t i = 0; i < n; ++i) x[i * n + i] = 1;
  return x;
}

}  // namespace

TEST_CASE("the loss is that of plain loops, by plain products and by BLAS") {
  pairs p(6, 5);
  for (const double temperature : {0.05, 0.07, 1.0, 30.0}) {
    const double expected = by_loops(p, temperature), tolerance = rounding(p, temperature);
    CHECK(std::abs(contrastive_loss(p.a(), p.b(), temperature) - expected) <= tolerance);
    CHECK(std::abs(contrastive_loss(p.a(), p.b(), temperature, fk::backend::xtensor_products{}) - expected) <=
          tolerance);
    pairs g = p;
    CHECK(std::abs(contrastive_gradient(p.a(), p.b(), temperature, g.a(), g.b()).loss - expected) <= tolerance);
  }
}

TEST_CASE("of partners alike and others perpendicular the loss is log(1 + (n - 1) exp(-1/temperature))") {
  std::vector<double> two = identity(2), many = identity(8);
  const host_view pair{two.data(), {2, 2}}, eight{many.data(), {8, 8}};
  CHECK(contrastive_loss(pair, pair, 1) == Approx(0.313261687518223).epsilon(1e-14));  // log(1 + 1/e)
  // Of sharp logits also to relative accuracy: the difference of two logarithms of them would be 0. Of the exponent,
  // 100, rounding by u is 100 u of the loss.
  for (const double temperature : {2.0, 0.07, 0.01})
    CHECK(contrastive_loss(eight, eight, temperature) ==
          Approx(std::log1p(7 * std::exp(-1 / temperature))).epsilon(200 * law::u));
}

TEST_CASE("a pair alone has no loss, and the loss is the same either way") {
  pairs p(1, 3);
  CHECK(contrastive_loss(p.a(), p.b(), 0.07) == 0);
  pairs g(1, 3);
  CHECK(contrastive_gradient(p.a(), p.b(), 0.07, g.a(), g.b()).of_temperature == 0);
  CHECK(g.first == std::vector<double>(3, 0));
  pairs q(5, 4);
  CHECK(contrastive_loss(q.a(), q.b(), 0.5) == Approx(contrastive_loss(q.b(), q.a(), 0.5)).epsilon(1e-14));
}

TEST_CASE("the gradient is the closed one where partners are alike and others perpendicular") {
  const std::size_t n = 4;
  const double temperature = 0.5, scale = 1 / temperature;
  std::vector<double> x = identity(n), of_a(n * n), of_b(n * n);
  const host_view view{x.data(), {n, n}};
  const auto found =
      contrastive_gradient(view, view, temperature, host_view{of_a.data(), {n, n}}, host_view{of_b.data(), {n, n}});
  // Of each other one the share is q; sample i moves away from it by scale q / n, since rows and columns both say so,
  // and by nothing along itself. Numbers of order 1 round a few times, each by u.
  const double q = std::exp(-scale) / (1 + (n - 1) * std::exp(-scale)), near = 16 * law::u;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double expected = i == j ? 0 : scale * q / n;
      CHECK(std::abs(of_a[i * n + j] - expected) <= near);
      CHECK(std::abs(of_b[i * n + j] - expected) <= near);
    }
  CHECK(std::abs(found.of_temperature - (n - 1) * q * scale * scale) <= near * scale * scale);
}

TEST_CASE("the gradient is that of central differences, by each number and by the temperature") {
  pairs p(5, 4), g(5, 4);
  const double temperature = 0.4;
  const double found = contrastive_gradient(p.a(), p.b(), temperature, g.a(), g.b()).of_temperature;
  // Differences at h and h/2, of which the h^2 term is removed: what is left is below a thousandth of their distance,
  // h being small against what the loss varies over, and the loss rounds.
  const double h = 0x1p-10;
  const auto compare = [&](double& number, double temperature_share, double derivative) {
    const auto loss_at = [&](double step) {
      const double before = number;
      number += step;
      const double loss = contrastive_loss(p.a(), p.b(), std::fma(temperature_share, step, temperature));
      number = before;
      return loss;
    };
    const double coarse = (loss_at(h) - loss_at(-h)) / (2 * h), fine = (loss_at(h / 2) - loss_at(-h / 2)) / h;
    const double tolerance = 1e-3 * std::abs(coarse - fine) + 4 * rounding(p, temperature) / h;
    CHECK(tolerance < 1e-8);
    CHECK(std::abs((4 * fine - coarse) / 3 - derivative) <= tolerance);
  };
  for (std::size_t k = 0; k < p.first.size(); ++k) {
    compare(p.first[k], 0, g.first[k]);
    compare(p.second[k], 0, g.second[k]);
  }
  double nothing = 0;
  compare(nothing, 1, found);
}

TEST_CASE("the gradient is at right angles to each sample, falls with its length, and may lie on the samples") {
  pairs p(4, 6), g(4, 6), longer = p, of_longer(4, 6);
  (void)contrastive_gradient(p.a(), p.b(), 0.1, g.a(), g.b());
  for (double& v : longer.first) v *= 8;
  (void)contrastive_gradient(longer.a(), longer.b(), 0.1, of_longer.a(), of_longer.b());
  for (std::size_t k = 0; k < g.first.size(); ++k) {
    CHECK(of_longer.first[k] == g.first[k] / 8);
    CHECK(of_longer.second[k] == g.second[k]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    double along = 0;
    for (std::size_t k = 0; k < 6; ++k) along += p.first[i * 6 + k] * g.first[i * 6 + k];
    CHECK(std::abs(along) <= 100 * law::u / 0.1);  // sums of six numbers up to 1/temperature, before and after
  }
  (void)contrastive_gradient(p.a(), p.b(), 0.1, p.a(), p.b());
  CHECK(p.first == g.first);
  CHECK(p.second == g.second);
}

TEST_CASE("tensors of a library give the same as views") {
  pairs p(3, 2), g(3, 2);
  const xt::xtensor<double, 2> a{{p.first[0], p.first[1]}, {p.first[2], p.first[3]}, {p.first[4], p.first[5]}};
  auto of_a = xt::xtensor<double, 2>::from_shape({3, 2});
  const auto found = contrastive_gradient(a, p.b(), 0.3, of_a, g.b());
  const auto expected = contrastive_gradient(p.a(), p.b(), 0.3, g.a(), g.b());
  CHECK(std::abs(found.loss - expected.loss) <= 2 * rounding(p, 0.3));
  // A derivative is a sum of shares, as uncertain as the loss, over the temperature and the length of its sample.
  for (std::size_t k = 0; k < 6; ++k) {
    const double length = std::hypot(p.first[k / 2 * 2], p.first[k / 2 * 2 + 1]);
    CHECK(std::abs(of_a.data()[k] - g.first[k]) <= 2 * rounding(p, 0.3) / 0.3 / length);
  }
}

TEST_CASE("what does not pair, zeros, and temperatures that are none are refused, before anything is written") {
  pairs p(3, 2), two(2, 2), wide(3, 3), g(3, 2);
  const std::vector<double> before = g.first;
  law::refused([&] { (void)contrastive_loss(p.a(), two.b(), 1); },
               {"the number of samples of b is 2;", "3, that of a"});
  law::refused([&] { (void)contrastive_loss(p.a(), wide.b(), 1); }, {"the size of a sample of b is 3;"});
  for (const double bad :
       {0.0, -1.0, 1e-31, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)contrastive_gradient(p.a(), p.b(), bad, g.a(), g.b()); },
                 {"temperature is ", "1e-30 to 1e+30"});
  law::refused([&] { (void)contrastive_gradient(p.a(), p.b(), 1, g.a(), two.b()); },
               {"the shape of the gradient of b is (2, 2);"});
  p.second[2] = p.second[3] = 0;
  law::refused([&] { (void)contrastive_gradient(p.a(), p.b(), 1, g.a(), g.b()); }, {"the length of row 1 of b is 0;"});
  CHECK(g.first == before);
}
