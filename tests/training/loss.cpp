// SPDX-License-Identifier: MIT
#include <fokker/training/loss.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/half.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/perturb.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/training/levels.hpp>
#include <fokker/training/weights.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
namespace p = fk::parameterization;
namespace training = fk::training;

namespace {

const fk::noise::philox seeded{.seed = 5};

template <class E>
fk::backend::host_view<E> view(std::vector<E>& v, std::size_t samples) {
  return {v.data(), {samples, v.size() / samples}};
}
template <class E>
std::vector<E> normals(std::size_t size, std::uint64_t seed) {
  std::vector<E> list(size);
  fk::fill_normal(fk::noise::philox{.seed = seed}, list);
  return list;
}
double sum(const std::vector<double>& list) {
  double all = 0;
  for (const double each : list) all += each;
  return all;
}

}  // namespace

TEST_CASE("the loss of a sample is its weight times the mean of its squared errors") {
  std::vector<float> prediction{1, 2, 3, 4, 5, 6}, target{1, 0, 6, 4, 5, 2};
  const std::vector<double> weights{3, 0.5};
  // 3 (0 + 4 + 9)/3 and 0.5 (0 + 0 + 16)/3
  CHECK((training::loss(view(prediction, 2), view(target, 2), weights) ==
         std::vector<double>{13.0 / 3 * 3, 16.0 / 3 * 0.5}));
}

TEST_CASE("the loss of long samples is that of a plain sum, and the same in every batch") {
  for (const std::size_t size : {31U, 1024U, 5000U}) {
    auto prediction = normals<float>(3 * size, 1), target = normals<float>(3 * size, 2);
    const std::vector<double> weights{1, 2, 0};
    const auto all = training::loss(view(prediction, 3), view(target, 3), weights);
    REQUIRE(all.size() == 3);
    for (std::size_t s = 0; s < 3; ++s) {
      double mean = 0;
      for (std::size_t i = s * size; i < (s + 1) * size; ++i)
        mean += std::pow(static_cast<double>(prediction[i]) - static_cast<double>(target[i]), 2) /
                static_cast<double>(size);
      // `size` sums of positive terms in an order of their own.
      CHECK(std::abs(all[s] - weights[s] * mean) <= 2 * static_cast<double>(size) * law::u * weights[s] * mean);
      std::vector<float> one(prediction.begin() + static_cast<std::ptrdiff_t>(s * size),
                             prediction.begin() + static_cast<std::ptrdiff_t>((s + 1) * size)),
          its(target.begin() + static_cast<std::ptrdiff_t>(s * size),
              target.begin() + static_cast<std::ptrdiff_t>((s + 1) * size));
      CHECK(training::loss(view(one, 1), view(its, 1), std::span(weights).subspan(s, 1))[0] == all[s]);
    }
  }
}

TEST_CASE("a prediction in half, of a target in float, is subtracted in double") {
  std::vector<fk::half> prediction{fk::half(1.5f), fk::half(-2.0f)};
  std::vector<float> target{1.25f, -2.0f - 0x1p-12f};
  CHECK(training::loss(view(prediction, 1), view(target, 1), std::vector<double>{1})[0] == (0.0625 + 0x1p-24) / 2);
  std::vector<float> gradient(2);
  auto to = view(gradient, 1);
  training::loss_gradient(view(prediction, 1), view(target, 1), std::vector<double>{1}, to);
  CHECK((gradient == std::vector<float>{0.25f, 0x1p-12f}));
}

TEST_CASE("tensors of xtensor, and of double, have the same loss") {
  xt::xtensor<double, 2> prediction{{1, 2}, {3, 4}}, target{{0, 2}, {3, 2}};
  CHECK((training::loss(prediction, target, std::vector<double>{1, 1}) == std::vector<double>{0.5, 2}));
}

TEST_CASE("the gradient is 2 weight (prediction - target) / count, also over the target") {
  std::vector<float> prediction{1, 2, 3, 4, 5, 6}, target{1, 0, 6, 4, 5, 2}, gradient(6);
  const std::vector<double> weights{3, 0.75};
  auto to = view(gradient, 2), over = view(target, 2);
  training::loss_gradient(view(prediction, 2), over, weights, to);
  CHECK((gradient == std::vector<float>{0, 4, -6, 0, 0, 2}));
  training::loss_gradient(view(prediction, 2), over, weights, over);
  CHECK((target == gradient));
}

TEST_CASE("the loss grows along its gradient") {
  for (const std::size_t size : {7U, 5000U}) {
    auto prediction = normals<double>(2 * size, 1), target = normals<double>(2 * size, 2);
    const auto way = normals<double>(2 * size, 3);
    std::vector<double> gradient(2 * size), back(prediction), forth(prediction);
    const std::vector<double> weights{0.25, 4};
    auto to = view(gradient, 2);
    training::loss_gradient(view(prediction, 2), view(target, 2), weights, to);
    double slope = 0;
    for (std::size_t i = 0; i < 2 * size; ++i) {
      slope += gradient[i] * way[i];
      forth[i] += way[i] / 2;
      back[i] -= way[i] / 2;
    }
    // Of a parabola the central difference is the slope, but for its roundings: sums of 2 size terms.
    const double before = sum(training::loss(view(back, 2), view(target, 2), weights));
    const double after = sum(training::loss(view(forth, 2), view(target, 2), weights));
    CHECK(std::abs(after - before - slope) < 4 * static_cast<double>(size) * law::u * (after + before));
  }
}

TEST_CASE("an error that is no number is one of its sample alone") {
  std::vector<float> prediction{std::numeric_limits<float>::quiet_NaN(), 1}, target{0, 0};
  const auto losses = training::loss(view(prediction, 2), view(target, 2), std::vector<double>{1, 1});
  CHECK(fk::detail::is_nan(losses[0]));
  CHECK(losses[1] == 1);
}

TEST_CASE("tensors and weights that do not match are refused") {
  std::vector<float> prediction(6), target(4), none;
  const std::vector<double> weights{1, 1};
  law::refused([&] { (void)training::loss(view(prediction, 2), view(target, 2), weights); },
               {"the shape of the target is (2, 2); allowed: (2, 3), that of the prediction"});
  law::refused([&] { (void)training::loss(view(prediction, 3), view(prediction, 3), weights); },
               {"the number of weights is 2; allowed: 3, one a sample"});
  law::refused([&] { (void)training::loss(none, none, {}); }, {"the shape of the prediction is (0);"});
  law::refused(
      [&] {
        (void)training::loss(fk::backend::host_view<float>{nullptr, {2, 3}}, view(prediction, 2), weights);
      },
      {"the data of the prediction is null"});
}

TEST_CASE("a batch costs the same through every parameterization, by converted weights") {
  const std::size_t samples = 16, size = 40;
  const fk::schedule::vp_linear schedule;
  const auto levels = training::draw_levels(schedule, training::uniform_time{}, seeded, samples,
                                            training::low_discrepancy{.batch = 16});
  auto x0 = normals<double>(samples * size, 3), said = normals<double>(samples * size, 4);
  std::vector<double> x(x0), target(x0), prediction(x0);
  // One guess of data, `said`, told as every network would.
  const auto total = [&](const auto& network) {
    auto xs = view(x, samples), targets = view(target, samples);
    fk::perturb(levels, network, view(x0, samples), seeded, xs, targets);
    std::vector<double> weights;
    for (std::size_t s = 0; s < samples; ++s) {
      const fk::conversion c = fk::convert(levels[s], {1, 0}, network.row(levels[s]));
      for (std::size_t i = s * size; i < (s + 1) * size; ++i) prediction[i] = std::fma(c.of_x, x[i], c.of_p * said[i]);
      weights.push_back(training::weight_on(training::min_snr{}, network, levels[s]));
    }
    return sum(training::loss(view(prediction, samples), targets, weights));
  };
  const double of_data = total(p::data{});
  // An error of epsilon is a difference of numbers of alpha/sigma, up to 100, which are exact to u of themselves; the
  // first time is 10^-3 or later, where that is 95, and a network's weight undoes the factor.
  const double rounding = 1e3 * law::u;
  CHECK(total(p::epsilon{}) == Approx(of_data).epsilon(rounding));
  CHECK(total(p::velocity{}) == Approx(of_data).epsilon(rounding));
  CHECK(total(p::flow{}) == Approx(of_data).epsilon(rounding));
  CHECK(total(p::edm{}) == Approx(of_data).epsilon(rounding));
}

TEST_CASE("EDM's loss of the exact denoiser of a Gaussian is 1 at every level", "[statistics]") {
  // Data N(0, sd^2): D = alpha sd^2/(alpha^2 sd^2 + sigma^2) x, which errs by sigma^2 sd^2 over the same on average;
  const std::size_t samples = 4000, size = 50;
  const double deviation = 0.5;
  const auto levels = training::draw_levels(fk::schedule::vp_linear{}, training::log_normal{}, seeded, samples,
                                            training::stratified{4000});
  auto x0 = normals<double>(samples * size, 6);
  for (double& each : x0) each *= deviation;
  std::vector<double> x(x0), target(x0), prediction(x0);
  auto xs = view(x, samples), targets = view(target, samples);
  fk::perturb(levels, p::data{}, view(x0, samples), seeded, xs, targets);
  std::vector<double> weights;
  for (std::size_t s = 0; s < samples; ++s) {
    const double a = levels[s].alpha * deviation, r2 = a * a + levels[s].sigma * levels[s].sigma;
    for (std::size_t i = s * size; i < (s + 1) * size; ++i) prediction[i] = a * deviation / r2 * x[i];
    weights.push_back(training::weight_on(training::plain{p::edm{.sigma_data = deviation}}, p::data{}, levels[s]));
  }
  const auto losses = training::loss(view(prediction, samples), targets, weights);
  // Each is the mean of 50 squared normals: 1, with the variance 2/50.
  const double n = static_cast<double>(samples * size);
  CHECK(std::abs(sum(losses) / static_cast<double>(samples) - 1) < 4 * std::sqrt(2 / n));
  double squares = 0;
  for (const double each : losses) squares += (each - 1) * (each - 1);
  // The variance of such a mean is 0.04; its own estimate's deviation is below 0.04 sqrt(2.5/4000), of kurtosis 3 +
  // 12/50.
  CHECK(std::abs(squares / static_cast<double>(samples) - 0.04) < 4 * 0.04 * std::sqrt(2.5 / 4000));
}
