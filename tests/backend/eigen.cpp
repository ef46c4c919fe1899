// SPDX-License-Identifier: MIT
#include <fokker/backend/eigen.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <type_traits>
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
using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using padded = Eigen::Map<Eigen::MatrixXf, 0, Eigen::OuterStride<>>;
using spread = Eigen::Map<Eigen::VectorXd, 0, Eigen::InnerStride<>>;
using strided = Eigen::Map<Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

static_assert(fk::tensor_backend<Eigen::MatrixXf> && fk::tensor_backend<Eigen::Matrix<double, 2, 3>>);
static_assert(fk::tensor_backend<Eigen::ArrayXXd> && fk::tensor_backend<Eigen::VectorXf>);
static_assert(fk::tensor_backend<padded> && fk::tensor_backend<spread> && fk::tensor_backend<strided>);
static_assert(fk::tensor_backend<Eigen::Ref<Eigen::MatrixXf>>);
static_assert(!fk::tensor_backend<Eigen::MatrixXi> && !fk::tensor_backend<Eigen::Map<const Eigen::MatrixXf>>);
static_assert(!fk::tensor_backend<decltype(Eigen::MatrixXf().block(0, 0, 1, 1))>);
static_assert(fk::copies_share_memory<padded> && !fk::copies_share_memory<Eigen::MatrixXf>);
static_assert(std::is_const_v<tensor<Eigen::Map<const Eigen::MatrixXf>>::element>);  // so that it is told what is wrong
static_assert(std::is_const_v<tensor<Eigen::Ref<const Eigen::MatrixXf>>::element>);
static_assert(
    fk::writes_into_a_copy<void (*)(Eigen::MatrixXf, const Eigen::MatrixXf&, const fk::level&), Eigen::MatrixXf>);
static_assert(!fk::writes_into_a_copy<void (*)(Eigen::Ref<Eigen::MatrixXf>, const Eigen::MatrixXf&, const fk::level&),
                                      Eigen::MatrixXf>);
static_assert(fk::has_rebind<Eigen::MatrixXf, double> && fk::has_rebind<padded, fk::half>);

namespace {

template <class T>
extents shape(const T& t) {
  return tensor<T>::shape(t);
}

const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                fk::solver::dpmpp_2m{});
constexpr fk::noise::philox noise{.seed = 3};

/// Three samples of five elements, by memory of the host alone.
std::vector<float> expected() {
  std::vector<float> memory(15);
  const auto half = [](auto& out, const auto& x, const fk::level&) {
    for (std::size_t i = 0; i < 15; ++i) out.data[i] = x.data[i] / 2;
  };
  fk::sample(plan, half, noise, fk::backend::host_view{memory.data(), {3, 5}});
  return memory;
}
template <class T>
bool as_expected(const T& x) {
  const std::vector<float> wanted = expected();
  return std::equal(wanted.begin(), wanted.end(), x.data());
}

}  // namespace

TEST_CASE("the samples of Eigen's tensors are columns, of row-major ones rows, and a vector is one") {
  CHECK(shape(Eigen::MatrixXf(5, 3)) == extents{3, 5});
  CHECK(shape(row_major(3, 5)) == extents{3, 5});
  CHECK(shape(Eigen::ArrayXXd(5, 3)) == extents{3, 5});
  CHECK(shape(Eigen::Matrix<float, 5, 3>()) == extents{3, 5});
  CHECK(shape(Eigen::VectorXf(5)) == extents{1, 5});
  CHECK(shape(Eigen::RowVectorXf(5)) == extents{1, 5});
  CHECK(shape(Eigen::Vector2d()) == extents{1, 2});
  std::vector<float> memory(15);
  CHECK(shape(Eigen::Map<Eigen::MatrixXf>(memory.data(), 5, 3)) == extents{3, 5});
  CHECK(shape(Eigen::Map<row_major>(memory.data(), 3, 5)) == extents{3, 5});
}

TEST_CASE("Eigen's tensors get the bits of the same memory, from networks written as Eigen's users do", "[bits]") {
  const auto returns = [](const auto& x, const fk::level&) { return x / 2; };
  Eigen::MatrixXf x(5, 3);
  fk::sample(plan, returns, noise, x);
  CHECK(as_expected(x));

  using matrix = Eigen::MatrixXf;
  const auto by_reference = [](Eigen::Ref<matrix> out, const Eigen::Ref<const matrix>& in, const fk::level&) {
    out = in / 2;
  };
  x.setZero();
  fk::sample(plan, by_reference, noise, x);
  CHECK(as_expected(x));

  Eigen::Array<float, 5, 3> fixed;
  fk::sample(
      plan, [](auto& out, const auto& in, const fk::level&) { out = in / 2; }, noise, fixed);
  CHECK(as_expected(fixed));
  row_major rows(3, 5);
  fk::sample(plan, returns, noise, rows);
  CHECK(as_expected(rows));
}

TEMPLATE_TEST_CASE("views of Eigen are sampled where they lie", "[bits]", Eigen::Map<Eigen::MatrixXf>,
                   (Eigen::Map<Eigen::ArrayXXf, Eigen::Aligned16>),
                   (Eigen::Map<Eigen::MatrixXf, 0, Eigen::OuterStride<>>),
                   (Eigen::Map<Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>),
                   (Eigen::Map<Eigen::MatrixXf, 0, Eigen::Stride<5, 1>>), Eigen::Ref<Eigen::MatrixXf>,
                   (Eigen::Ref<Eigen::Matrix<float, 5, 3>>), Eigen::Map<row_major>) {
  Eigen::VectorXf memory(15);
  auto x = tensor<TestType>::view(memory, {3, 5});
  const auto network = [](TestType out, const TestType& in, const fk::level&) { out = in / 2; };
  fk::sample(plan, network, noise, x);
  CHECK(as_expected(memory));
}

TEST_CASE("a vector with a stride and a matrix with padding are refused, a single column is not") {
  std::vector<double> memory(64);
  const auto network = [](auto& out, const auto& x, const fk::level&) { out = x; };
  const auto refused = [&](auto x) {
    CHECK_THROWS_WITH(fk::sample(plan, network, noise, x), Catch::Contains("the memory of x is not contiguous"));
  };
  refused(spread(memory.data(), 5, Eigen::InnerStride<>(2)));
  refused(strided(memory.data(), 5, 3, {6, 1}));
  refused(strided(memory.data(), 5, 3, {1, 3}));  // the transposed of what it should be
  strided column(memory.data(), 5, 1, {8, 1});
  fk::sample(plan, network, noise, column);
  CHECK(memory[0] != 0);
  CHECK(memory[5] == 0);
  const padded rest(nullptr, 5, 3, Eigen::OuterStride<>(5));
  CHECK_THROWS_WITH(fk::sample(plan, network, noise, rest), Catch::Contains("the data of x is null"));
}

TEST_CASE("a network that makes another shape of Eigen's matrix is told") {
  Eigen::MatrixXf x(5, 3);
  const auto turned = [](const Eigen::MatrixXf& in, const fk::level&) -> Eigen::MatrixXf { return in.transpose(); };
  CHECK_THROWS_WITH(fk::sample(plan, turned, noise, x), Catch::Contains("(5, 3); allowed: (3, 5), that of x"));
}

TEST_CASE("a network of half runs on Eigen's matrices and views", "[bits]") {
  const auto network = [](auto& out, const auto& in, const fk::level&) {
    for (Eigen::Index i = 0; i < in.size(); ++i) out.data()[i] = fk::half(in.data()[i] / 2);
  };
  Eigen::MatrixXf x(5, 3), memory(5, 3);
  fk::sample(plan, fk::runs_in<fk::half>(network), noise, x);
  Eigen::Map<Eigen::MatrixXf> view(memory.data(), 5, 3);
  fk::sample(plan, fk::runs_in<fk::half>(network), noise, view);
  CHECK(x == memory);
  std::vector<float> host(15);
  const auto same = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t i = 0; i < 15; ++i) out.data[i] = fk::half(in.data[i] / 2);
  };
  fk::sample(plan, fk::runs_in<fk::half>(same), noise, fk::backend::host_view{host.data(), {3, 5}});
  CHECK(std::equal(host.begin(), host.end(), x.data()));
}

TEMPLATE_TEST_CASE("Eigen's products and plain loops agree to rounding", "", float, double) {
  using E = TestType;
  using by_eigen = fk::backend::products<Eigen::Matrix<E, Eigen::Dynamic, Eigen::Dynamic>>;
  using plain = fk::kernel::product;
  const std::size_t m = 17, n = 33, k = 65;
  std::vector<E> a(m * k), b(n * k), c(m * n, std::numeric_limits<E>::quiet_NaN()), d(m * n), sizes(m * n);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<E>(std::sin(1.7 * static_cast<double>(i)));
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<E>(std::cos(2.3 * static_cast<double>(i)));
  auto size_a = a, size_b = b;
  for (E& v : size_a) v = std::abs(v);
  for (E& v : size_b) v = std::abs(v);
  // Each errs by at most k eps/2 times the sum of the terms' sizes, which is itself computed to k eps.
  const E bound = E{k} * std::numeric_limits<E>::epsilon() * (1 + E{k} * std::numeric_limits<E>::epsilon());
  const auto compare = [&] {
    for (std::size_t i = 0; i < m * n; ++i) REQUIRE(std::abs(c[i] - d[i]) <= bound * sizes[i]);
  };
  by_eigen::times_transposed(m, n, k, a.data(), b.data(), c.data());
  plain::times_transposed(m, n, k, a.data(), b.data(), d.data());
  plain::times_transposed(m, n, k, size_a.data(), size_b.data(), sizes.data());
  compare();
  by_eigen::times(m, n, k, a.data(), b.data(), c.data());
  plain::times(m, n, k, a.data(), b.data(), d.data());
  plain::times(m, n, k, size_a.data(), size_b.data(), sizes.data());
  compare();
}

TEST_CASE("Eigen's eigenvectors are rows") {
  std::vector<double> matrix{2, 1, 0, 1, 2, 0, 0, 0, 7}, values(3);
  fk::backend::eigen_products::eigen(3, matrix.data(), values.data());
  const double eps = std::numeric_limits<double>::epsilon(), expected_values[] = {1, 3, 7};
  // A backward stable method: values err by a few eps of the largest, and vectors by that over the gaps, 2 or more.
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(values[i] - expected_values[i]) <= 8 * 7 * eps);
  const double root = std::sqrt(0.5), sign = matrix[0] < 0 ? -1 : 1;
  CHECK(std::abs(sign * matrix[0] - root) <= 8 * 7 * eps);
  CHECK(std::abs(sign * matrix[1] + root) <= 8 * 7 * eps);
  CHECK(std::abs(matrix[2]) <= 8 * 7 * eps);
}

TEST_CASE("eigenvalues of NaN are refused", "[bits]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> broken{nan, nan, nan, nan}, values(2);
  CHECK_THROWS_AS(fk::backend::eigen_products::eigen(2, broken.data(), values.data()), std::runtime_error);
}
