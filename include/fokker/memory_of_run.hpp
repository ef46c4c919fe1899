// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include <fokker/concept/memory_space.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::detail {

/// Throws unless a sample has more than its own element as a quantile, where a plan asks for one of the whole sample.
inline void require_quantiles(const plan::program& p, const backend::extents& shape) {
  if (shape.sample_size() > 1) return;
  for (const plan::call& c : p.calls)
    for (const plan::measure& m : c.measures)
      for (const plan::measured& number : m.of)
        if (number.what == plan::measured::quantile && number.over == plan::axes{})
          refuse("the size of a sample of x", 1,
                 "2 or more where the plan has quantiles of a sample: a vector is a column of samples, and "
                 "one_sample(x) a single one");
}

/// The extents of a sample.
[[nodiscard]] inline std::span<const std::size_t> sample_extents(const backend::extents& shape) {
  return std::span(shape.extent.data(), static_cast<std::size_t>(shape.rank)).subspan(shape.rank > 0 ? 1 : 0);
}

/// The tensors of a run and the numbers that it finds: where the operands of its instructions lie. `Network` is the
/// tensor that the network reads and writes.
template <class T, class Network, class Noise>
struct memory_of_run {
  using tensor = backend::tensor<T>;
  using element = typename element_of<T>::type;
  using network_element = typename element_of<Network>::type;
  using computed = kernel::computed<element, network_element>;
  using operands = kernel::operands<element, network_element>;
  using space = typename space_of<T>::type;
  /// Whether the memory space can find numbers while sampling, which measures need, and with what memory.
  static constexpr bool can_measure = has_measure<space, operands, Noise, kernel::tape_memory<computed>>;
  static auto numbers_of(const T& t, const plan::program& p, const backend::extents& shape) {
    if constexpr (can_measure)
      return kernel::number_memory<space, computed>(tensor::space(t), p, shape.samples(), sample_extents(shape));
    else
      return std::nullptr_t{};
  }
  using numbers = decltype(numbers_of(std::declval<const T&>(), std::declval<const plan::program&>(), {}));
  /// The numbers of a plan that has measures. Throws std::invalid_argument where the space finds none.
  static std::optional<numbers> found_by(const plan::program& p, const T& x, const backend::extents& shape) {
    if (!p.has_measures()) return {};
    if constexpr (!can_measure)
      refuse("the plan", "with measures", "without: this memory finds no numbers while sampling");
    return numbers_of(x, p, shape);
  }

  backend::extents shape;
  std::vector<alike<T>> own;                    // buffers that are the run's
  std::vector<alike<Network>> outputs;          // by branch
  std::vector<alike<Network>> read;             // what the network reads, where it is not x itself
  std::vector<T*> buffers;                      // all of them
  std::vector<const element*> givens;           // by the plan's names
  std::vector<kernel::table<computed>> planes;  // by its tables; without values where a measure fills them
  std::optional<numbers> found;                 // where it has measures

  [[nodiscard]] operands places() const {
    operands all;
    all.samples = shape.samples();
    all.size = shape.sample_size();
    return all;
  }
  /// Where the operands of an update lie. A row that is written nowhere has no place. `copied` is the row that goes to
  /// what the network reads as well, if any.
  [[nodiscard]] operands operands_of(const plan::update& u, int copied = -1) {
    operands all = places();
    for (int k = 0; k < u.input_count; ++k) {
      const plan::operand& o = detail::nth(u.inputs, k);
      if (o.where == plan::operand::given)
        detail::nth(all.inputs, k) = detail::nth(givens, o.index);
      else if (o.where == plan::operand::buffer)
        detail::nth(all.inputs, k) = tensor::data(*detail::nth(buffers, o.index));
      else if constexpr (!std::is_same_v<T, Network>)
        detail::nth(all.outputs, k) = backend::tensor<Network>::data(detail::nth(outputs, o.index).get());
      else
        detail::nth(all.inputs, k) = tensor::data(detail::nth(outputs, o.index).get());
    }
    for (int j = 0; j < u.row_count; ++j)
      if (const int b = detail::nth(u.rows, j).buffer; b >= 0)
        detail::nth(all.rows, j) = tensor::data(*detail::nth(buffers, b));
    for (std::size_t i = 0; i < u.tables.size(); ++i) {
      all.tables[i] = detail::nth(planes, u.tables[i]);
      if constexpr (can_measure)
        if (all.tables[i].values == nullptr) all.tables[i] = (*found)[u.tables[i]];
    }
    if (copied >= 0) {
      all.copy = backend::tensor<Network>::data(read.front().get());
      all.copied = copied;
    }
    return all;
  }

  /// An update as launches, `launch(update, copied)`; the network reads buffer `next` after it (-1: it reads no more).
  template <class Launch>
  void apply(const plan::update& u, int next, Launch launch) {
    int copied = -1;
    if (!read.empty() && next >= 0)
      for (int j = 0; j < u.row_count; ++j)
        if (detail::nth(u.rows, j).buffer == next) copied = j;
    if (u.row_count > 0) launch(u, copied);
    if (!read.empty() && next >= 0 && copied < 0) {  // not written here: it is copied as it is
      plan::update same = plan::identity();
      same.inputs[0].index = next;
      same.rows[0].buffer = -1;
      launch(same, 0);
    }
  }
};

}  // namespace fokker::inline v0::detail
