// SPDX-License-Identifier: MIT
#include <fokker/concept/matrix_products.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>

static_assert(fokker::has_products<std::vector<float>>);
static_assert(fokker::has_products<fokker::backend::host_view<double>>);
static_assert(fokker::has_products<xt::xtensor<float, 2>>);
static_assert(!fokker::has_products<int>);
