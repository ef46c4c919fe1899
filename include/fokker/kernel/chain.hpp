// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include <fokker/detail/at.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0::kernel {

/// Whether an operand of a row is in its chain, and whether its weight has the plane as a factor.
enum class part : std::uint8_t { none, weighted, planed };

/// The weights of an update, rounded once to the type that it computes in. Each result is one chain of fma in the order
/// inputs, earlier rows, normals. It begins with -0, so that its first fma is a product to the sign of zero; a result
/// without terms is +0. An operand of weight 0 is not in the chain.
template <class C>
struct chain {
  int inputs = 0, normals = 0, rows = 0;
  C begin[plan::max_rows];
  C bound[plan::max_rows];
  bool bounded[plan::max_rows];
  C of_input[plan::max_inputs][plan::max_rows];
  C of_row[plan::max_rows][plan::max_rows];
  C of_normal[plan::max_normals][plan::max_rows];
  bool reads[plan::max_inputs] = {};  // an input that is in a chain
  part input[plan::max_inputs][plan::max_rows];
  part row[plan::max_rows][plan::max_rows];
  part normal[plan::max_normals][plan::max_rows];

  explicit chain(const plan::update& u, const plane& factors = {})
      : inputs(u.input_count), normals(u.normal_count), rows(u.row_count) {
    for (int o = 0; o < plan::max_rows; ++o) {
      const plan::row& r = detail::at(u.rows, o);
      begin[o] = 0;
      bounded[o] = r.clamp < plan::row::unclamped;
      bound[o] = bounded[o] ? static_cast<C>(r.clamp) : C{0};
      const auto take = [&](C& to, part& of, double weight, bool counts, bool has_factor) {
        to = counts ? static_cast<C>(weight) : C{0};
        of = to == 0 ? part::none : has_factor && factors.values != nullptr ? part::planed : part::weighted;
        if (to != 0) begin[o] = -C{0};
      };
      const auto bit = [o](const auto& masks, int i) { return (detail::at(masks, o) >> i & 1) != 0; };
      for (int k = 0; k < plan::max_inputs; ++k) {
        take(of_input[k][o], input[k][o], detail::at(r.inputs, k), k < inputs && o < rows, bit(factors.inputs, k));
        reads[k] = reads[k] || input[k][o] != part::none;
      }
      for (int j = 0; j < plan::max_rows; ++j)
        take(of_row[j][o], row[j][o], detail::at(r.earlier, j), j < o, bit(factors.earlier, j));
      for (int q = 0; q < plan::max_normals; ++q)
        take(of_normal[q][o], normal[q][o], detail::at(r.normals, q), q < normals, bit(factors.normals, q));
    }
  }
};

}  // namespace fokker::inline v0::kernel
