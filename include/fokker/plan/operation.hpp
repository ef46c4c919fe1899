// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <fokker/detail/nth.hpp>

namespace fokker::inline v0::plan {

using detail::nth;

/// Adjacent axes of a tensor, counted behind that of the samples, along which numbers differ: none, for one number a
/// sample; of (C, H, W) {0, 1} for one a channel and {1, 2} for one a position. What has one number is a group.
struct axes {
  int first = 0;
  int count = 0;
  friend bool operator==(const axes&, const axes&) = default;
};

/// A number that outlives its call, one for each index along some axes of each sample; under a name a run reports it.
struct kept_number {
  axes over;
  std::string name{};
  friend bool operator==(const kept_number&, const kept_number&) = default;
};

/// A number that is found of rows of an update, one a group: the sum of the products of rows a and b, the sum of row a,
/// or the q-quantile of the magnitudes of row a as it is stored.
struct measured {
  enum kind : std::uint8_t { dot, sum, quantile };
  kind what = dot;
  int a = 0, b = 0;
  axes over;
  double q = 0;
  friend bool operator==(const measured&, const measured&) = default;
};

/// One operation in double on numbers of a group; operands are the results of earlier operations, by their place in the
/// tape. Each result is rounded once. NaN spreads but from what `quotient` and `choose` do not take.
struct operation {
  enum kind : std::uint8_t {
    constant,  ///< value
    count,     ///< of the elements of a group of measured number `index`
    found,     ///< measured number `index`
    load,      ///< kept scalar `index`, as it was before the tape
    add,       ///< a + b
    subtract,  ///< a - b
    multiply,  ///< a b
    quotient,  ///< a / b, and c where b is 0 and a is a number
    root,      ///< of a; 0 where a < 0
    least,     ///< of a and b
    largest,   ///< of a and b
    choose,    ///< a < b ? c : d
    exponential,
    logarithm,
    keep,        ///< scalar `index` becomes a
    store,       ///< table `index` of the program becomes a, rounded once to the type that updates compute in
    cosine,      ///< of pi a
    sine,        ///< of pi a
    arc_cosine,  ///< of a in parts of pi, a beyond -1 and 1 taken as these
  };
  kind what = constant;
  int a = -1, b = -1, c = -1, d = -1;
  int index = -1;
  double value = 0;
  friend bool operator==(const operation&, const operation&) = default;
};

/// How many operands an operation has.
[[nodiscard]] constexpr int operand_count(operation::kind what) {
  switch (what) {
    case operation::constant:
    case operation::count:
    case operation::found:
    case operation::load:
      return 0;
    case operation::root:
    case operation::exponential:
    case operation::logarithm:
    case operation::cosine:
    case operation::sine:
    case operation::arc_cosine:
    case operation::keep:
    case operation::store:
      return 1;
    case operation::quotient:
      return 3;
    case operation::choose:
      return 4;
    default:
      return 2;
  }
}

}  // namespace fokker::inline v0::plan
