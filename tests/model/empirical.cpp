// SPDX-License-Identifier: MIT
#include <fokker/model/empirical.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/mixture.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::level;
using fk::backend::host_view;
using fk::model::empirical;

namespace {

/// Numbers in [-1, 1).
template <class E>
std::vector<E> numbers(std::size_t count, std::uint32_t seed) {
  std::vector<E> list;
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    list.push_back(static_cast<E>(static_cast<double>(seed >> 8) * 0x1p-23 - 1));
  }
  return list;
}

template <class E>
xt::xtensor<E, 2> matrix(std::size_t rows, std::size_t columns, std::uint32_t seed) {
  xt::xtensor<E, 2> m = xt::empty<E>({rows, columns});
  const auto list = numbers<E>(m.size(), seed);
  std::copy(list.begin(), list.end(), m.data());
  return m;
}

struct silence {
  struct four {
    float z[4];
  };
  four normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) const { return {}; }
};

}  // namespace

TEMPLATE_TEST_CASE("a data set is the mixture of points at its rows", "", float, double) {
  using E = TestType;
  const std::size_t n = 12, d = 5, samples = 260;  // more than are taken at once
  auto data = numbers<E>(n * d, 7);
  std::vector<std::vector<double>> means;
  for (std::size_t i = 0; i < n; ++i)
    means.emplace_back(data.begin() + static_cast<long>(i * d), data.begin() + static_cast<long>((i + 1) * d));
  const fk::model::mixture points(std::vector<double>(n, 1), means, std::vector<double>(n, 0));
  const empirical model{host_view{data.data(), {n, d}}};
  CHECK(model.rows() == n);
  auto x = numbers<E>(samples * d, 8);
  std::vector<E> memory(samples * d), expected_memory(samples * d);
  const host_view in{x.data(), {samples, d}};
  host_view out{memory.data(), {samples, d}}, expected{expected_memory.data(), {samples, d}};
  for (const level& at : {level{.alpha = 0, .sigma = 1},
                          {.alpha = 0.1, .sigma = 0.99},
                          {.alpha = 0.6, .sigma = 0.8},
                          {.alpha = 1, .sigma = 30},
                          {.alpha = 0.95, .sigma = 0.3},
                          {.alpha = 1, .sigma = 0.05}}) {
    model(out, in, at);
    points(expected, in, at);
    // x . m has 5 products of numbers below 1 and so errs by 5 eps 5 at most; a score by alpha/sigma^2 of that, and
    // in double by as much again (distances up to 20 there); such shares move D, of size 1, by twice that. n + 3
    // roundings follow.
    const double eps = std::numeric_limits<E>::epsilon();
    const double bound =
        2 * at.alpha / (at.sigma * at.sigma) * (25 * eps + 200 * 0x1p-52) + eps * static_cast<double>(n + 3);
    double worst = 0;
    for (std::size_t i = 0; i < memory.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(memory[i]) - static_cast<double>(expected_memory[i])));
    INFO("alpha " << at.alpha << " sigma " << at.sigma);
    CHECK(worst <= bound);
  }
}

TEST_CASE("at noise it is the mean, close to data the nearest row") {
  const auto data = matrix<float>(50, 4, 3);
  const empirical model{data};
  auto x = data, out = data;
  model(out, x, {.alpha = 0, .sigma = 1});
  for (std::size_t j = 0; j < 4; ++j) {
    double mean = 0;
    for (std::size_t i = 0; i < 50; ++i) mean += static_cast<double>(data(i, j)) / 50;
    // 50 equal shares and 50 sums of numbers below 1.
    CHECK(std::abs(static_cast<double>(out(17, j)) - mean) <=
          51 * static_cast<double>(std::numeric_limits<float>::epsilon()));
  }
  model(out, x, {.alpha = 1, .sigma = 1e-3});
  CHECK((out == data));  // the other rows' shares are 0, and 1 times a row is the row
  model(out, x, {.alpha = 1, .sigma = 1e-30});
  CHECK((out == data));
}

TEST_CASE("by class it is the data set of that class alone, to the bit") {
  const auto data = matrix<double>(7, 3, 5);
  const std::vector<int> labels{2, 0, 2, 1, 1, 2, 0};
  xt::xtensor<double, 2> rows = xt::empty<double>({3, 3});
  for (const auto& [to, from] : {std::pair{0u, 0u}, {1u, 2u}, {2u, 5u}})
    for (std::size_t j = 0; j < 3; ++j) rows(to, j) = data(from, j);
  const auto x = matrix<double>(4, 3, 6);
  auto expected = x, out = x;
  const level at{.alpha = 0.6, .sigma = 0.8};
  empirical{rows}(expected, x, at);
  const empirical model{data, labels, 2};
  CHECK(model.rows() == 3);
  model(out, x, at);
  CHECK((out == expected));

  const std::vector<std::uint8_t> bytes(labels.begin(), labels.end());
  xt::xtensor<long, 1> tensor{2, 0, 2, 1, 1, 2, 0};
  enum animal { cat, dog, ferret };
  empirical{data, bytes, ferret}(out, x, at);
  CHECK((out == expected));
  empirical{data, tensor, std::size_t{2}}(out, x, at);
  CHECK((out == expected));
}

TEST_CASE("its type is that of its data") {
  std::vector<float> column{1, 2, 3};
  xt::xarray<double> array = xt::ones<double>({2, 3, 2, 2});
  STATIC_REQUIRE(std::is_same_v<decltype(empirical{column}), empirical<std::vector<float>>>);
  STATIC_REQUIRE(std::is_same_v<decltype(empirical{column, std::vector<int>{}, 1}), empirical<std::vector<float>>>);
  STATIC_REQUIRE(std::is_same_v<decltype(empirical{array}), empirical<xt::xarray<double>>>);
  std::vector<float> x{2.75f}, out{0};
  empirical{column}(out, x, {.alpha = 1, .sigma = 0.01});
  CHECK(out[0] == 3);
}

TEST_CASE("one row is the answer to everything") {
  auto row = matrix<float>(1, 3, 9);
  const empirical model{row};
  const auto x = matrix<float>(5, 3, 10);
  auto out = x;
  for (const level& at : {level{.alpha = 0, .sigma = 1}, {.alpha = 1, .sigma = 80}, {.alpha = 1, .sigma = 1e-20}}) {
    model(out, x, at);
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t j = 0; j < 3; ++j) CHECK(out(i, j) == row(0, j));
  }
}

TEMPLATE_TEST_CASE("one data point is reached in one step of ddim, whatever is predicted", "", float, double) {
  using E = TestType;
  const auto row = matrix<E>(1, 3, 9);
  const auto start = matrix<E>(4, 3, 11);
  const auto check = [&](const auto& schedule, const auto& parameterization) {
    const auto plan = fk::make_plan(schedule, parameterization, fk::grid::uniform{.steps = 1}, fk::solver::ddim{});
    const level& at = plan.levels.front();
    const auto& c = plan.calls.front();
    auto x = start;
    for (E& value : x) value *= static_cast<E>(at.sigma * c.input_scale);
    fk::sample_from(plan, fk::model::predicting{parameterization, empirical{row}}, silence{}, x);
    // p is rounded once, and the way back to data takes it times `back.of_p`; that way is two terms, each rounded
    // with its coefficient (twice, with the input scale), and the input of the network was rounded twice before.
    const auto back = fk::convert(at, parameterization.row(at), {1, 0});
    const double path = at.sigma + at.alpha;  // |x| on the path, for data and noise below 1
    const double said =
        std::abs(parameterization.row(at).data) + std::abs(parameterization.row(at).noise) * path / at.sigma * 2;
    const double bound =
        std::numeric_limits<E>::epsilon() * (4 * std::abs(back.of_p) * said + 4 * std::abs(back.of_x) * path + 1);
    INFO(plan.predicts.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK(std::abs(static_cast<double>(x.data()[i] - row.data()[i % 3])) <= bound);
  };
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::vp_linear{}, fk::parameterization::score{});
  check(fk::schedule::vp_linear{}, fk::parameterization::data{});
  check(fk::schedule::vp_linear{}, fk::parameterization::edm{});
  check(fk::schedule::vp_linear{}, fk::parameterization::flow{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
  check(fk::schedule::edm{}, fk::parameterization::epsilon{});
  check(fk::schedule::cosine{}, fk::parameterization::velocity{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
  check(fk::schedule::flow_linear{}, fk::parameterization::velocity{});
}

TEST_CASE("a data set refuses what does not fit it, with both numbers") {
  using Catch::Contains;
  const auto data = matrix<float>(4, 3, 1);
  auto x = matrix<float>(2, 5, 2), out = x, narrow = matrix<float>(2, 3, 2);
  const level at{.alpha = 0.6, .sigma = 0.8};
  const empirical model{data};
  CHECK_THROWS_WITH(model(out, x, at), Contains("is 5") && Contains("allowed: 3"));
  CHECK_THROWS_WITH(model(out, narrow, at), Contains("(2, 5)") && Contains("(2, 3)"));
  out = narrow;
  CHECK_THROWS_WITH(model(out, narrow, level{.alpha = 1, .sigma = 0}), Contains("sigma"));
  const std::vector<int> labels{0, 1, 0, 1}, few{0, 1};
  CHECK_THROWS_WITH((empirical{data, labels, 2}), Contains("the wanted class is 2"));
  CHECK_THROWS_WITH((empirical{data, few, 1}), Contains("the number of labels is 2") && Contains("allowed: 4"));
  const xt::xtensor<float, 2> none = xt::empty<float>({0, 3});
  CHECK_THROWS_WITH(empirical{none}, Contains("the shape of the data is (0, 3)"));
}
