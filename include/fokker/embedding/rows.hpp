// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>

namespace fokker::inline v0::embedding {

/// Whether the memory of X is read where it lies.
template <class X>
concept on_host = requires(const X& x, const typename backend::tensor<X>::element* data) {
  { backend::tensor<X>::space(x).on_host(data, 1) } -> std::same_as<const typename backend::tensor<X>::element*>;
};

template <class X>
consteval bool check_on_host() {
  if constexpr (check_tensor_backend<X>())
    static_assert(detail::holds<on_host<X>>,
                  "fokker: embeddings are read in memory of the host: copy them there; docs/embedding/index.md");
  return tensor_backend<X> && on_host<X>;
}

/// Rows in double, one after the other.
struct rows {
  std::size_t count = 0, size = 0;
  std::vector<double> values;

  [[nodiscard]] std::span<double> operator[](std::size_t i) { return std::span(values).subspan(i * size, size); }
  [[nodiscard]] std::span<const double> operator[](std::size_t i) const {
    return std::span(values).subspan(i * size, size);
  }
};

/// A copy of the samples of x. Throws std::invalid_argument for a tensor without samples or memory, and for a number
/// that is not finite.
template <class X>
[[nodiscard]] rows rows_of(const X& x, std::string_view name) {
  rows r;
  if constexpr (check_on_host<X>()) {
    const backend::extents shape = detail::shape_of(x, name);
    detail::require_samples(shape, name);
    const auto* const data = detail::data_of(x, name);
    r = {shape.samples(), shape.sample_size(), std::vector<double>(shape.size())};
    for (std::size_t k = 0; k < r.values.size(); ++k) {
      r.values[k] = static_cast<double>(data[k]);
      if (!detail::is_finite(r.values[k]))
        detail::refuse(detail::joined({"a number of ", name, ", row ", detail::text(k / r.size)}), r.values[k],
                       "finite ones");
    }
  }
  return r;
}

/// Makes the length of each row 1 and returns what it was; also of numbers whose squares are beyond double. Throws
/// std::invalid_argument for a row of zeros, which has no direction.
[[nodiscard]] inline std::vector<double> make_units(rows& r, std::string_view name) {
  std::vector<double> lengths;
  for (std::size_t i = 0; i < r.count; ++i) {
    double largest = 0, squares = 0;
    for (const double v : r[i]) largest = (std::max)(largest, std::abs(v));
    if (largest == 0)
      detail::refuse(detail::joined({"the length of row ", detail::text(i), " of ", name}), 0, "above 0");
    const double scale = std::scalbn(1.0, -(std::clamp)(std::ilogb(largest), -1000, 1000));
    for (double& v : r[i]) {
      v *= scale;
      squares = std::fma(v, v, squares);
    }
    const double length = std::sqrt(squares);
    for (double& v : r[i]) v /= length;
    lengths.push_back(length / scale);
  }
  return lengths;
}

/// The samples of x as rows of length 1.
template <class X>
[[nodiscard]] rows units_of(const X& x, std::string_view name) {
  rows r = rows_of(x, name);
  (void)make_units(r, name);
  return r;
}

/// Writes rows to x, which has as many numbers.
template <class X>
void write(const rows& r, X&& x) {
  using tensor = backend::tensor<std::remove_cvref_t<X>>;
  std::transform(r.values.begin(), r.values.end(), tensor::data(x),
                 [](double v) { return static_cast<typename tensor::element>(v); });
}

/// Throws std::invalid_argument unless x has memory for `count` rows of `size` numbers.
template <class X>
void require_rows(X& x, std::size_t count, std::size_t size, std::string_view name) {
  if constexpr (check_on_host<std::remove_const_t<X>>()) {
    const backend::extents shape = detail::shape_of(x, name);
    if (shape.samples() != count || shape.sample_size() != size)
      detail::refuse(detail::joined({"the shape of ", name}), to_string(shape),
                     detail::joined({detail::text(count), " by ", detail::text(size), " numbers"}));
    (void)detail::data_of(x, name);
  }
}

inline void require_size(const rows& r, const rows& first, std::string_view name, std::string_view first_name) {
  if (r.size != first.size)
    detail::refuse(detail::joined({"the size of a sample of ", name}), r.size,
                   detail::joined({detail::text(first.size), ", that of ", first_name}));
}

/// The cosines of the angles between rows of length 1, a line for each of a.
template <class Products>
[[nodiscard]] std::vector<double> cosines(const rows& a, const rows& b, const Products& products) {
  std::vector<double> all(a.count * b.count);
  products.times_transposed(a.count, b.count, a.size, a.values.data(), b.values.data(), all.data());
  for (double& c : all) c = (std::clamp)(c, -1.0, 1.0);  // what is beyond is rounding
  return all;
}

/// The mean of rows, a row itself.
[[nodiscard]] inline rows mean(const rows& r) {
  rows m{1, r.size, std::vector<double>(r.size)};
  for (std::size_t i = 0; i < r.count; ++i)
    for (std::size_t k = 0; k < r.size; ++k) m.values[k] += r[i][k];
  for (double& v : m.values) v /= static_cast<double>(r.count);
  return m;
}

inline void require_temperature(double temperature) { detail::require_within("temperature", temperature, 1e-30, 1e30); }

}  // namespace fokker::inline v0::embedding
