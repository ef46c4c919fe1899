// SPDX-License-Identifier: MIT
#include <fokker/backend/host.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::backend::tensor;

static_assert(fk::tensor_backend<std::vector<float>>);
static_assert(fk::tensor_backend<std::span<double>>);
static_assert(fk::tensor_backend<fk::backend::host_view<float>>);
static_assert(!fk::tensor_backend<std::vector<bool>::reference>);

TEST_CASE("vectors and spans are columns of samples, views have the shape they are given") {
  std::vector<float> v(6);
  CHECK(tensor<std::vector<float>>::shape(v) == fk::backend::extents{6});
  std::span<float> s(v);
  CHECK(tensor<std::span<float>>::data(s) == v.data());
  const fk::backend::host_view view{v.data(), {2, 3}};
  CHECK(tensor<fk::backend::host_view<float>>::shape(view).samples() == 2);
  CHECK(tensor<fk::backend::host_view<float>>::shape(view).sample_size() == 3);
}

TEST_CASE("one_sample looks at a vector or a span as a single sample, in its own memory") {
  std::vector<double> v(6);
  const fk::backend::host_view<double> one = fk::backend::one_sample(v);
  CHECK(one.data == v.data());
  CHECK(one.shape == fk::backend::extents{1, 6});
  CHECK(fk::backend::one_sample(std::span(v).first(2)).shape == fk::backend::extents{1, 2});
}

TEST_CASE("shapes have at most eight extents, and an empty one has no sample") {
  CHECK_THROWS_WITH((fk::backend::extents{1, 1, 1, 1, 1, 1, 1, 1, 1}), Catch::Contains("the rank of a tensor"));
  CHECK(fk::backend::extents{}.size() == 0);
  CHECK(fk::backend::to_string(fk::backend::extents{2, 3}) == "(2, 3)");
}
