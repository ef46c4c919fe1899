// SPDX-License-Identifier: MIT
#include <fokker/backend/xtensor.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::backend::tensor;

static_assert(fk::tensor_backend<xt::xtensor<float, 2>>);
static_assert(fk::tensor_backend<xt::xtensor<double, 4>>);
static_assert(fk::tensor_backend<xt::xarray<float>>);
static_assert(!fk::tensor_backend<xt::xtensor_fixed<float, xt::xshape<2, 2>>>);

TEST_CASE("xtensor's tensors tell their memory and their shape") {
  xt::xtensor<float, 3> t = xt::zeros<float>({2, 3, 4});
  CHECK(tensor<xt::xtensor<float, 3>>::data(t) == &t(0, 0, 0));
  CHECK(tensor<xt::xtensor<float, 3>>::shape(t) == fk::backend::extents{2, 3, 4});
  const auto like = tensor<xt::xtensor<float, 3>>::like(t);
  CHECK(like.shape() == t.shape());
  CHECK(like.data() != t.data());
  xt::xarray<double> a = xt::zeros<double>({5});
  CHECK(tensor<xt::xarray<double>>::shape(a) == fk::backend::extents{5});
  xt::xarray<double> one = xt::zeros<double>({3, 1, 2});  // xtensor's stride of an extent 1 is 0
  CHECK(tensor<xt::xarray<double>>::shape(one) == fk::backend::extents{3, 1, 2});
}

TEST_CASE("memory that is not row by row is refused") {
  using strided = xt::xarray<float, xt::layout_type::dynamic>;
  strided columns(std::vector<std::size_t>{4, 5}, xt::layout_type::column_major);
  CHECK_THROWS_WITH(tensor<strided>::shape(columns), Catch::Contains("stride 1 of the tensor is 4; allowed: 1"));
  strided rows(std::vector<std::size_t>{4, 5}, xt::layout_type::row_major);
  CHECK(tensor<strided>::shape(rows) == fk::backend::extents{4, 5});
}
