// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fokker/detail/at.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::kernel {

/// The weights of an update, rounded once to the type that it computes in. Each result is one chain of fma in the order
/// inputs, earlier rows, normals. It begins with -0, so that its first fma is a product to the sign of zero; a result
/// without terms is +0. An operand of weight 0 is not in the chain.
template <class E>
struct chain {
  int inputs = 0, normals = 0, rows = 0;
  E begin[plan::max_rows];
  E of_input[plan::max_inputs][plan::max_rows];
  E of_row[plan::max_rows][plan::max_rows];
  E of_normal[plan::max_normals][plan::max_rows];

  explicit chain(const plan::update& u) : inputs(u.input_count), normals(u.normal_count), rows(u.row_count) {
    for (int o = 0; o < plan::max_rows; ++o) {
      const plan::row& r = detail::at(u.rows, o);
      begin[o] = 0;
      const auto take = [&](E& to, double weight, bool counts) {
        to = counts ? static_cast<E>(weight) : E{0};
        if (to != 0) begin[o] = -E{0};
      };
      for (int k = 0; k < plan::max_inputs; ++k) take(of_input[k][o], detail::at(r.inputs, k), k < inputs);
      for (int j = 0; j < plan::max_rows; ++j) take(of_row[j][o], detail::at(r.earlier, j), j < o);
      for (int q = 0; q < plan::max_normals; ++q) take(of_normal[q][o], detail::at(r.normals, q), q < normals);
    }
  }
};

}  // namespace fokker::kernel
