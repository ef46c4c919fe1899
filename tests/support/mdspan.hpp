// SPDX-License-Identifier: MIT
#pragma once

// std::mdspan, where the standard library has one; __cpp_lib_mdspan says so.
#if __has_include(<mdspan>)
#include <mdspan>
#endif
