// SPDX-License-Identifier: MIT
// Where xtensor 0.26 and later keeps this header, for the version that is installed.
#pragma once
#define FOKKER_TEST_XTENSOR_NESTED 1
#include <xtensor/xarray.hpp>
