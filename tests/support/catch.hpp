// SPDX-License-Identifier: MIT
#pragma once

// The only file that knows where Catch2 keeps its header: version 2 here, version 3 there.
#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;
#endif
