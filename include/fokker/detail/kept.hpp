// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <utility>

namespace fokker::inline v0::detail {

/// A value whose type is forgotten, shared by those who copy it.
template <class T>
[[nodiscard]] std::shared_ptr<const void> kept(T value) {
  const void* copy = new T(std::move(value));  // the one kind of shared pointer for all types
  return {copy, +[](const void* p) { delete static_cast<const T*>(p); }};
}

}  // namespace fokker::inline v0::detail
