// SPDX-License-Identifier: MIT
#pragma once

// The only file that knows where Catch2 keeps its header: version 2 here, version 3 there.
#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
#else
#include <string>

#include <catch2/catch_all.hpp>
using Catch::Approx;
namespace Catch {
using Matchers::StartsWith;
inline auto Contains(const std::string& text) { return Matchers::ContainsSubstring(text); }
}  // namespace Catch
#endif
