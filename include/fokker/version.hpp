// SPDX-License-Identifier: MIT
#pragma once

/// The three numbers of this version; CMakeLists.txt reads them from here.
namespace fokker::inline v0::version {
inline constexpr int major = 0;
inline constexpr int minor = 1;
inline constexpr int patch = 0;
}  // namespace fokker::inline v0::version
