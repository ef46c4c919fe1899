// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <fokker/backend/host.hpp>

/// A matrix as libraries of networks have it: a handle of counted memory, which permuting and expanding only reads
/// in other strides.
struct strided {
  std::shared_ptr<std::vector<float>> memory;
  std::size_t rows = 0, columns = 0, row_stride = 0, column_stride = 0;

  strided() = default;
  strided(std::size_t n, std::size_t m)
      : memory(std::make_shared<std::vector<float>>(n * m)), rows(n), columns(m), row_stride(m), column_stride(1) {}
  [[nodiscard]] strided clone() const {  // contiguous
    strided copy(rows, columns);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        (*copy.memory)[i * columns + j] = (*memory)[i * row_stride + j * column_stride];
    return copy;
  }
  [[nodiscard]] strided transposed() const {
    strided t = *this;
    std::swap(t.rows, t.columns);
    std::swap(t.row_stride, t.column_stride);
    return t;
  }
  /// Its first column, over and over.
  [[nodiscard]] strided expanded() const {
    strided t = *this;
    t.column_stride = 0;
    return t;
  }
};

template <>
struct fokker::backend::tensor<strided> {
  using element = float;
  static float* data(const strided& t) { return t.memory->data(); }
  static extents shape(const strided& t) { return {t.rows, t.columns}; }
  static bool is_contiguous(const strided& t) { return t.column_stride == 1 && t.row_stride == t.columns; }
  static kernel::host space(const strided&) { return {}; }
  static strided like(const strided& t) { return {t.rows, t.columns}; }
};
