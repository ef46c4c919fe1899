// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

#include <fokker/concept/matrix_products.hpp>
#include <fokker/level.hpp>
#include <fokker/model/operands.hpp>

namespace fokker::inline v0::model {

/// The exact denoiser of a data set m_1 ... m_n, or of its rows of one class:
///     D = sum_i r_i m_i,  r the softmax of alpha x . m_i / sigma^2 - alpha^2 |m_i|^2 / (2 sigma^2), which drops |x|^2,
/// by two matrix products, those of the data's tensor type T. At alpha = 0 it is the mean of the rows, which are
/// copied. x is any tensor of T's element type whose samples have as many elements as a row. A call takes memory for
/// the scores of at most 256 samples. The softmax is in double, x . m_i in T's elements: squared distances err by a few
/// eps |x| |m| (6e-8 each for float), and rows nearer than that to a tie get wrong shares once sigma^2 is below it.
/// Throws std::invalid_argument for no rows, another number of labels, a class without rows; a call for samples of
/// another size and for sigma = 0.
template <class T>
class empirical {
 public:
  static_assert(check_tensor_backend<T>());
  using element = typename backend::tensor<T>::element;

  explicit empirical(const T& data) {
    take(data, [](std::size_t) { return true; });
  }

  /// The rows i with labels[i] == wanted; `labels` is any list of integers, one for each row.
  template <class Labels, class Label>
  empirical(const T& data, const Labels& labels, Label wanted) {
    std::vector<bool> is_wanted;
    for (const auto l : labels) is_wanted.push_back(static_cast<long long>(l) == static_cast<long long>(wanted));
    const std::size_t rows = backend::tensor<T>::shape(data).samples();
    if (is_wanted.size() != rows)
      detail::refuse("the number of labels", is_wanted.size(),
                     detail::joined({detail::text(rows), ", one for each row"}));
    if (std::find(is_wanted.begin(), is_wanted.end(), true) == is_wanted.end())
      detail::refuse("the wanted class", static_cast<long long>(wanted), "a class that some row has");
    take(data, [&](std::size_t i) { return is_wanted[i]; });
  }

  /// The number of rows that it knows.
  [[nodiscard]] std::size_t rows() const { return half_squares_.size(); }

  template <class X>
  void operator()(X& out, const X& x, const level& at) const {
    if constexpr (check_tensor_backend<X>()) {
      constexpr bool same = std::is_same_v<typename backend::tensor<X>::element, element>;
      static_assert(same, "fokker: model::empirical is called with a tensor of another element type than its data");
      if constexpr (same && has_products<T>) denoise<backend::products<T>>(operands(out, x, size_), at);
    }
  }

 private:
  static constexpr std::size_t samples_at_once = 256;

  template <class Wanted>
  void take(const T& data, Wanted wanted) {
    static_cast<void>(check_products<T>());  // refused here, where there is least above it
    const backend::extents shape = detail::shape_of(data, "the data");
    detail::require_samples(shape, "the data");
    const element* row = detail::data_of(data, "the data set");
    size_ = shape.sample_size();
    for (std::size_t i = 0; i < shape.samples(); ++i, row += size_) {
      if (!wanted(i)) continue;
      double squares = 0;
      for (std::size_t j = 0; j < size_; ++j) squares += static_cast<double>(row[j]) * static_cast<double>(row[j]);
      data_.insert(data_.end(), row, row + size_);
      half_squares_.push_back(0.5 * squares);
    }
  }

  template <class Products, class On>
  void denoise(const On& on, const level& at) const {
    if (!(at.sigma > 0)) detail::refuse("sigma of the level", at.sigma, "a number > 0");
    std::vector<element> scores((std::min)(on.samples, samples_at_once) * rows());
    for (std::size_t begin = 0; begin < on.samples; begin += samples_at_once) {
      const std::size_t count = (std::min)(samples_at_once, on.samples - begin);
      Products::times_transposed(count, rows(), size_, on.x + begin * size_, data_.data(), scores.data());
      for (std::size_t i = 0; i < count; ++i) softmax(scores.data() + i * rows(), at);
      Products::times(count, size_, rows(), scores.data(), data_.data(), on.out + begin * size_);
    }
  }

  /// From the products x . m_i the shares of the rows. |x|^2 is common to all of them and drops out.
  void softmax(element* row, const level& at) const {
    const double scale = at.alpha / at.sigma / at.sigma;
    const auto score = [&](std::size_t i) {
      return scale * (static_cast<double>(row[i]) - at.alpha * half_squares_[i]);
    };
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < rows(); ++i) largest = (std::max)(largest, score(i));
    // Shares below the smallest normal number are 0: a product of such numbers is a hundred times slower.
    const double least =
        std::log(static_cast<double>((std::numeric_limits<element>::min)()) * static_cast<double>(rows()));
    double sum = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      const double s = score(i) - largest;
      const double share = s < least ? 0 : std::exp(s);
      row[i] = static_cast<element>(share);
      sum += share;
    }
    for (std::size_t i = 0; i < rows(); ++i) row[i] = static_cast<element>(static_cast<double>(row[i]) / sum);
  }

  std::vector<element> data_;
  std::vector<double> half_squares_;  // |m_i|^2 / 2
  std::size_t size_ = 0;
};

template <class T>
empirical(const T&) -> empirical<T>;
template <class T, class Labels, class Label>
empirical(const T&, const Labels&, Label) -> empirical<T>;

}  // namespace fokker::inline v0::model
