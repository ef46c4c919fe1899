// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

#include <fokker/kernel/chain.hpp>
#include <fokker/kernel/reduction.hpp>

namespace fokker::inline v0::kernel::known {

/// How the rows of a measure are formed, as a number, where code without branches exists for it: which inputs each row
/// has, a bit each, and `leads` where the weight of the first of these is 1; and the sums that are asked for, see
/// reduction::fused_dot. 0: any other.
using form = std::uint64_t;
inline constexpr int inputs = 4, bits = inputs + 1;
inline constexpr unsigned leads = 1u << inputs;

[[nodiscard]] constexpr form make(unsigned sums, unsigned first, unsigned second, unsigned third = 0,
                                  unsigned fourth = 0) {
  const unsigned rows[] = {first, second, third, fourth};
  form all = sums;
  for (int o = reduction::fused_rows; o-- > 0;) all = all << bits | rows[o];
  return all;
}
[[nodiscard]] constexpr unsigned row(form f, int o) {
  return static_cast<unsigned>(f >> o * bits) & ((1u << bits) - 1);
}
[[nodiscard]] constexpr unsigned sums(form f) { return static_cast<unsigned>(f >> reduction::fused_rows * bits); }
[[nodiscard]] constexpr int rows(form f) {
  int count = 0;
  while (count < reduction::fused_rows && row(f, count) != 0) ++count;
  return count;
}

[[nodiscard]] inline form form_of(const chain<double>& c, unsigned sums) {
  if (c.rows > reduction::fused_rows || c.inputs > inputs || c.tabled()) return 0;
  unsigned rows[reduction::fused_rows] = {};
  for (int o = 0; o < c.rows; ++o) {
    for (int j = 0; j < o; ++j)
      if (c.row[j][o] != part::none) return 0;
    for (int q = 0; q < c.normals; ++q)
      if (c.normal[q][o] != part::none) return 0;
    for (int k = c.inputs; k-- > 0;)
      if (c.input[k][o] != part::none)
        rows[o] = (rows[o] & (leads - 1)) | 1u << k | (c.of_input[k][o] == 1 ? leads : 0);
    if (c.bounded[o] || rows[o] == 0) return 0;
  }
  return make(sums, rows[0], rows[1], rows[2], rows[3]);
}

/// What rules ask for: the lengths, products or deviations of two inputs, or of what is made of two to four; and what
/// guidance::log_ratio_gain does, where networks predict epsilon or velocity.
template <form... Forms>
struct list {
  [[nodiscard]] static constexpr bool has(form f) { return (... || (f == Forms)); }
};
inline constexpr unsigned lengths = 0b10100, deviations = 0b10111, with_product = 0b11100;
inline constexpr unsigned input0 = leads | 0b1, input1 = leads | 0b10, difference = leads | 0b11;
inline constexpr unsigned gains =
    1u << reduction::fused_dot(4, 0, 1) | 1u << reduction::fused_dot(4, 1, 2) | 1u << reduction::fused_dot(4, 2, 3);
using forms = list<make(0b11000, input0, input1), make(with_product, input0, input1), make(lengths, input0, 0b11),
                   make(deviations, input0, 0b11), make(lengths, difference, input1), make(0b01100, difference, 0b110),
                   make(lengths, difference, 0b111), make(with_product, 0b111, 0b1010),
                   make(gains, input0, input1, 0b1100, 0b1110)>;

}  // namespace fokker::inline v0::kernel::known
