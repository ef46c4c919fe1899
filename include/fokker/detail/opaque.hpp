// SPDX-License-Identifier: MIT
#pragma once

namespace fokker::inline v0::detail {

/// The same object, of which the compiler no longer knows what it holds: functions of constants it works out itself, to
/// other last digits than those of the math library.
template <class T>
[[nodiscard]] const T& opaque(const T& value) {
  const T* volatile place = &value;
  return *place;
}

}  // namespace fokker::inline v0::detail
