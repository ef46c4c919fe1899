// SPDX-License-Identifier: MIT
#pragma once

namespace fokker::inline v0::detail {

/// A concept's answer without its reasons: a static_assert on it says its own sentence, and no compiler adds twenty
/// lines.
template <bool B>
inline constexpr bool holds = B;

}  // namespace fokker::inline v0::detail
