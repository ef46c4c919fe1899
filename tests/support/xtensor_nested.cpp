// SPDX-License-Identifier: MIT
// Compiled against the include paths of xtensor 0.26: the backend must find them by itself.
#include <fokker/backend/xtensor.hpp>
#include <fokker/backend/xtensor_blas.hpp>

static_assert(FOKKER_TEST_XTENSOR_NESTED == 1);
static_assert(fokker::tensor_backend<xt::xtensor<float, 2>>);
