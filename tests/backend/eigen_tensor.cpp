// SPDX-License-Identifier: MIT
#include <fokker/backend/eigen_tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/half.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::backend::extents;
using fk::backend::tensor;
using column_major = Eigen::Tensor<float, 3>;
using row_major = Eigen::Tensor<float, 3, Eigen::RowMajor>;

static_assert(fk::tensor_backend<column_major> && fk::tensor_backend<row_major>);
static_assert(fk::tensor_backend<Eigen::TensorMap<column_major>> && fk::has_rebind<column_major, fk::half>);
static_assert(fk::has_rebind<Eigen::TensorMap<column_major>, fk::half> && fk::has_products<column_major>);
static_assert(!fk::tensor_backend<Eigen::Tensor<int, 3>> && !fk::tensor_backend<Eigen::TensorMap<const row_major>>);
static_assert(fk::copies_share_memory<Eigen::TensorMap<row_major>> && !fk::copies_share_memory<row_major>);

TEST_CASE("the samples of an Eigen::Tensor are its slowest axis") {
  CHECK(tensor<column_major>::shape(column_major(2, 5, 3)) == extents{3, 5, 2});
  CHECK(tensor<row_major>::shape(row_major(3, 5, 2)) == extents{3, 5, 2});
}

TEMPLATE_TEST_CASE("an Eigen::Tensor and a view get the bits of the same memory", "[bits]", column_major, row_major) {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                  fk::solver::dpmpp_2m{});
  constexpr fk::noise::philox noise{.seed = 3};
  std::vector<float> expected(30);
  const auto on_host = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t i = 0; i < 30; ++i) out.data[i] = in.data[i] / 2;
  };
  fk::sample(plan, on_host, noise, fk::backend::host_view{expected.data(), {3, 5, 2}});

  Eigen::VectorXf memory(30);
  auto view = tensor<Eigen::TensorMap<TestType>>::view(memory, {3, 5, 2});
  CHECK(tensor<Eigen::TensorMap<TestType>>::shape(view) == extents{3, 5, 2});
  TestType x(view.dimensions());
  const auto network = [](auto& out, const auto& in, const fk::level&) { out = in * 0.5f; };
  fk::sample(plan, network, noise, x);
  CHECK(std::equal(expected.begin(), expected.end(), x.data()));
  fk::sample(plan, network, noise, view);
  CHECK(std::equal(expected.begin(), expected.end(), memory.data()));
}
