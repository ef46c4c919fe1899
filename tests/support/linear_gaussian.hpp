// SPDX-License-Identifier: MIT
// Data N(m, C) of three elements that are seen as y = A x0 + s n: what a network, a likelihood and the posterior say is
// known in closed form.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/sample.hpp>

#include "support/catch.hpp"

namespace test {

namespace fk = fokker;
using vec = std::array<double, 3>;
using mat = std::array<vec, 3>;

inline double inner(const vec& a, const vec& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline vec times(const mat& m, const vec& v) { return {inner(m[0], v), inner(m[1], v), inner(m[2], v)}; }

/// What a run draws from, or a posterior: a mean and a covariance.
struct normal_law {
  vec mean{};
  mat covariance{};
};

struct linear_gaussian {
  vec mean{0.3, -0.2, 0.5};
  vec axis{1, 0, 0};       ///< C is that of `variances` mirrored at the plane across it; a unit vector
  vec variances{1, 1, 1};  ///< in mirrored coordinates
  std::array<vec, 2> A{{{1, 0, 0}, {0, 1, 0}}};
  std::array<double, 2> y{1, -1};
  double noise = 0.3;

  /// f(C), for a function of its eigenvalues.
  template <class F>
  [[nodiscard]] mat of_C(F f) const {
    mat m{};
    const auto mirror = [this](std::size_t i, std::size_t k) { return (i == k ? 1.0 : 0.0) - 2 * axis[i] * axis[k]; };
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        for (std::size_t k = 0; k < 3; ++k) m[i][j] += mirror(i, k) * f(variances[k]) * mirror(j, k);
    return m;
  }
  /// The slope of D, and the covariance of data given x.
  [[nodiscard]] mat slope(const fk::level& at) const {
    return of_C([&](double c) { return at.alpha * c / (at.alpha * at.alpha * c + at.sigma * at.sigma); });
  }
  [[nodiscard]] mat spread(const fk::level& at) const {
    return of_C([&](double c) { return at.sigma * at.sigma * c / (at.alpha * at.alpha * c + at.sigma * at.sigma); });
  }
  [[nodiscard]] vec data(const vec& x, const fk::level& at) const {
    const mat J = slope(at);
    vec off, D;
    for (std::size_t i = 0; i < 3; ++i) off[i] = x[i] - at.alpha * mean[i];
    const vec moved = times(J, off);
    for (std::size_t i = 0; i < 3; ++i) D[i] = mean[i] + moved[i];
    return D;
  }
  [[nodiscard]] std::array<double, 2> residual(const vec& D) const {
    return {y[0] - inner(A[0], D), y[1] - inner(A[1], D)};
  }
  /// A^T r.
  [[nodiscard]] vec back(const std::array<double, 2>& r) const {
    vec v;
    for (std::size_t i = 0; i < 3; ++i) v[i] = A[0][i] * r[0] + A[1][i] * r[1];
    return v;
  }
  /// (A V A^T + noise^2)^-1 r.
  [[nodiscard]] std::array<double, 2> weighed(const mat& V, const std::array<double, 2>& r) const {
    const vec a = times(V, A[0]), b = times(V, A[1]);
    const double p = inner(A[0], a) + noise * noise, q = inner(A[0], b), s = inner(A[1], b) + noise * noise;
    const double det = p * s - q * q;
    return {(s * r[0] - q * r[1]) / det, (p * r[1] - q * r[0]) / det};
  }
  [[nodiscard]] normal_law posterior() const {
    const mat C = of_C([](double c) { return c; });
    normal_law m;
    const vec moved = times(C, back(weighed(C, residual(mean))));
    for (std::size_t i = 0; i < 3; ++i) m.mean[i] = mean[i] + moved[i];
    for (std::size_t j = 0; j < 3; ++j) {
      const vec taken = times(C, back(weighed(C, {inner(A[0], C[j]), inner(A[1], C[j])})));
      for (std::size_t i = 0; i < 3; ++i) m.covariance[i][j] = C[i][j] - taken[i];
    }
    return m;
  }

  /// A callable that writes says(x, level), for each sample: of what the network reads over its scale, with the factor
  /// that makes a gradient with respect to it.
  template <class Network, class Says>
  [[nodiscard]] static auto writes(const Network& network, bool gradient, Says says) {
    return [=](fk::backend::host_view<double>& out, const fk::backend::host_view<double>& in, const fk::level& at) {
      const double c = fk::input_scale(network, at);
      for (std::size_t s = 0; s < in.shape.samples(); ++s) {
        const double* x = in.data + 3 * s;
        const vec v = says(vec{x[0] / c, x[1] / c, x[2] / c}, at);
        for (std::size_t i = 0; i < 3; ++i) out.data[3 * s + i] = gradient ? v[i] / c : v[i];
      }
    };
  }
  /// The exact network of a parameterization.
  template <class Network>
  [[nodiscard]] auto network(const Network& of) const {
    return writes(of, false, [=, *this](const vec& x, const fk::level& at) {
      const fk::prediction_row row = of.row(at);
      vec p = data(x, at);
      for (std::size_t i = 0; i < 3; ++i) p[i] = row.data * p[i] + row.noise * (x[i] - at.alpha * p[i]) / at.sigma;
      return p;
    });
  }
  /// J^T A^T S^-1 (y - A D), S the exact A V A^T + noise^2: the gradient of log p(y | x).
  template <class Network>
  [[nodiscard]] auto likelihood(const Network& of) const {
    return writes(of, true, [=, *this](const vec& x, const fk::level& at) {
      return times(slope(at), back(weighed(spread(at), residual(data(x, at)))));
    });
  }
  /// J^T A^T (y - A D).
  template <class Network>
  [[nodiscard]] auto pulled_back(const Network& of) const {
    return writes(of, true, [=, *this](const vec& x, const fk::level& at) {
      return times(slope(at), back(residual(data(x, at))));
    });
  }
};

/// What a deterministic solver makes of normals: where everything is linear it is an affine map, which four samples
/// tell.
template <class Denoisers>
normal_law mapped(const fk::plan::program& plan, Denoisers&& networks, const fk::given_inputs& given = {}) {
  const double start = plan.levels.front().sigma;
  std::vector<double> x(12);
  for (std::size_t i = 0; i < 3; ++i) x[3 * (i + 1) + i] = start;
  fk::sample_from(plan, networks, fk::noise::philox{}, fk::backend::host_view<double>{x.data(), {4, 3}},
                  fk::no_observer{}, {.given = given});
  normal_law m{{x[0], x[1], x[2]}, {}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 1; k <= 3; ++k) m.covariance[i][j] += (x[3 * k + i] - x[i]) * (x[3 * k + j] - x[j]);
  return m;
}

/// What `samples` samples say.
template <class Denoisers>
normal_law drawn(const fk::plan::program& plan, Denoisers&& networks, std::size_t samples,
                 const fk::given_inputs& given = {}) {
  std::vector<double> x(3 * samples);
  fk::sample(plan, networks, fk::noise::philox{.seed = 9}, fk::backend::host_view<double>{x.data(), {samples, 3}},
             fk::no_observer{}, {.given = given});
  const auto n = static_cast<double>(samples);
  normal_law m;
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t i = 0; i < 3; ++i) m.mean[i] += x[3 * s + i] / n;
  for (std::size_t s = 0; s < samples; ++s)
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        m.covariance[i][j] += (x[3 * s + i] - m.mean[i]) * (x[3 * s + j] - m.mean[j]) / (n - 1);
  return m;
}

/// Both are as expected up to `error`, and up to five deviations of what `samples` samples say of them (0: exactly
/// known). Those of a mean are sqrt(C_ii / n), of a covariance sqrt((C_ii C_jj + C_ij^2) / (n - 1)).
inline void are(const normal_law& found, const normal_law& expected, double error, std::size_t samples = 0) {
  const double of_mean = samples == 0 ? 0 : 5 / std::sqrt(static_cast<double>(samples));
  const double of_covariance = samples == 0 ? 0 : 5 / std::sqrt(static_cast<double>(samples - 1));
  const mat& C = expected.covariance;
  for (std::size_t i = 0; i < 3; ++i) {
    INFO("element " << i);
    CHECK(found.mean[i] == Approx(expected.mean[i]).epsilon(0).margin(error + of_mean * std::sqrt(C[i][i])));
    for (std::size_t j = 0; j < 3; ++j)
      CHECK(found.covariance[i][j] == Approx(C[i][j]).epsilon(0).margin(
                                          error + of_covariance * std::sqrt(C[i][i] * C[j][j] + C[i][j] * C[i][j])));
  }
}

}  // namespace test
