// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <fokker/detail/message.hpp>

namespace fokker::inline v0::noise {

/// Normals that were drawn before, in the order in which they are asked for. What `normals` points to must outlive the
/// run. `fill` throws std::invalid_argument where fewer are left.
struct recorded {
  std::span<const float> normals;

  void fill(std::span<float> z) {
    if (z.size() > normals.size())
      detail::refuse("the number of recorded normals that are left", normals.size(),
                     detail::joined({detail::text(z.size()), " or more, as many as x has elements"}));
    std::copy_n(normals.begin(), z.size(), z.begin());
    normals = normals.subspan(z.size());
  }
  friend bool operator==(const recorded& a, const recorded& b) {
    return a.normals.data() == b.normals.data() && a.normals.size() == b.normals.size();
  }
};

}  // namespace fokker::inline v0::noise
