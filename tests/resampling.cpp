// SPDX-License-Identifier: MIT
#include <fokker/resampling.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/fokker.hpp>
#include <fokker/guidance/by_name.hpp>

#include "support/laws.hpp"

namespace fk = fokker;

TEST_CASE("each particle goes on as often as its share says, rounded one way or the other") {
  const std::vector<double> weights{0.1, 0.4, 0.05, 0.3, 0.15};
  std::vector<double> logs;
  for (const double w : weights) logs.push_back(std::log(w) + 700);  // only what they are to each other counts
  std::vector<double> mean(5);
  for (int k = 0; k < 1000; ++k) {
    const auto parents = fk::systematic_resampling(logs, (k + 0.5) / 1000);
    std::vector<int> copies(5);
    for (const std::size_t p : parents) {
      CHECK(parents[p] == p);
      ++copies[p];
    }
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(copies[i] >= std::floor(5 * weights[i]));
      CHECK(copies[i] <= std::ceil(5 * weights[i]));
      mean[i] += copies[i] / 1000.0;
    }
  }
  for (std::size_t i = 0; i < 5; ++i) CHECK(mean[i] == Approx(5 * weights[i]).margin(2e-3));  // by the middle rule
}

TEST_CASE("equal weights change nothing, and one that is alone is everybody's parent") {
  CHECK((fk::systematic_resampling(std::vector<double>{-3, -3, -3}, 0.2) == std::vector<std::size_t>{0, 1, 2}));
  const double none = -std::numeric_limits<double>::infinity();
  CHECK((fk::systematic_resampling(std::vector<double>{none, 5, none}, 0.9) == std::vector<std::size_t>{1, 1, 1}));
  // The last place rounds to the sum of the weights, which is not beyond the last one that has a weight.
  CHECK((fk::systematic_resampling(std::vector<double>{0, 0, none}, 1 - law::u) == std::vector<std::size_t>{0, 1, 1}));
  law::refused([] { (void)fk::systematic_resampling({}, 0.5); }, {"the number of weights is 0;"});
  law::refused(
      [] {
        (void)fk::systematic_resampling(std::vector<double>{0, std::nan("")}, 0.5);
      },
      {"a weight is nan;"});
  law::refused([=] { (void)fk::systematic_resampling(std::vector<double>{none}, 0.5); }, {"the weights is -inf;"});
  law::refused([] { (void)fk::systematic_resampling(std::vector<double>{0}, 1); }, {"u is 1;"});
}

TEST_CASE("steering by a reward samples the tilted mixture") {
  // Data are -1 or 1 with deviation 0.3 each; the reward r(x0) = x0 tilts the weights of the two by e^(2 r). Particles
  // are weighed by the change of e^(2 D), D the x0-prediction, at each step: the last one is the reward of the sample.
  const double deviation = 0.3, tilt = 2;
  const auto data_of = [=](double x, const fk::level& at) {
    const double v = at.alpha * at.alpha * deviation * deviation + at.sigma * at.sigma;
    const double right = 1 / (1 + std::exp(-2 * at.alpha * x / v)), mean = 2 * right - 1;
    return mean + at.alpha * deviation * deviation / v * (x - at.alpha * mean);
  };
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::log_snr{.steps = 60, .sigma_min = 0.01, .sigma_max = 50},
                                  fk::solver::ddpm{}, {.preview = true});
  std::vector<double> x(20000), reward(x.size(), 0), weights(x.size());
  const fk::noise::philox noise{.seed = 9};
  fk::stepper run(plan, noise, x);
  int step = 0;
  while (!run.done()) {
    for (std::size_t i = 0; i < x.size(); ++i) run.output(0)[i] = data_of(run.input()[i], run.at());
    std::vector<double> now(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) now[i] = tilt * run.output(0)[i];
    run.advance();
    if (run.done())
      for (std::size_t i = 0; i < x.size(); ++i) now[i] = tilt * x[i];
    for (std::size_t i = 0; i < x.size(); ++i) weights[i] = now[i] - reward[i];
    // The fresh number of a step: a stream of the user's.
    const double u = std::fmod(0.5 + 0.6180339887498949 * ++step, 1.0);
    const auto parents = fk::systematic_resampling(weights, u);
    run.take(parents);
    for (std::size_t i = 0; i < x.size(); ++i) reward[i] = now[parents[i]];
  }
  double right = 0, mean_right = 0;
  for (const double v : x)
    if (v > 0) right += 1, mean_right += v;
  const double expected = 1 / (1 + std::exp(-2 * tilt));  // 0.982
  // Each part is a normal whose mean moves by tilt deviation^2.
  CHECK(right / static_cast<double>(x.size()) == Approx(expected).margin(0.02));
  CHECK(mean_right / right == Approx(1 + tilt * deviation * deviation).margin(0.03));
}

TEST_CASE("a particle takes along what rules remember of its parent", "[bits]") {
  for (const char* name :
       {"apg", "every", "feedback", "momentum", "skipped", "sliding_mode", "superposed", "until_alike"}) {
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                    fk::grid::uniform{.steps = 5}, fk::solver::dpmpp_2m{}, fk::guidance::by_name(name));
    constexpr std::size_t samples = 4, size = 6;
    using view = fk::backend::host_view<float>;
    const auto ran = [&](std::size_t at, const std::vector<std::size_t>& parents) {
      std::vector<float> x(samples * size);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.3f * static_cast<float>(i) - 4;
      view all{x.data(), {samples, size}};
      fk::stepper run(plan, fk::noise::philox{}, all, fk::beginning::given);
      while (!run.done()) {
        if (run.calls_done() == at) run.take(parents);
        for (int b = 0; b < run.branches(); ++b)
          for (std::size_t i = 0; i < x.size(); ++i)
            run.output(b).data[i] = std::sin(run.input().data[i] + 0.7f * static_cast<float>(b));
        run.advance();
      }
      return x;
    };
    const std::vector<std::size_t> themselves{0, 1, 2, 3}, parents{1, 1, 2, 2};
    const auto alone = ran(0, themselves);
    INFO(name);
    for (std::size_t at = 0; at < plan.calls.size(); ++at) {
      const auto taken = ran(at, parents);
      for (std::size_t s = 0; s < samples; ++s)
        for (std::size_t e = 0; e < size; ++e) CHECK(taken[s * size + e] == alone[parents[s] * size + e]);
    }
    for (std::size_t e = 0; e < size; ++e) CHECK(alone[e] != alone[size + e]);
  }
}

TEST_CASE("take refuses parents that are not their own") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 2}, fk::solver::ddim{});
  std::vector<double> x(3);
  const fk::noise::philox noise{};
  fk::stepper run(plan, noise, x);
  law::refused([&] { run.take(std::vector<std::size_t>{0, 1}); }, {"the number of parents is 2;"});
  law::refused([&] { run.take(std::vector<std::size_t>{1, 2, 0}); }, {"a parent is 1;"});
  law::refused([&] { run.take(std::vector<std::size_t>{0, 1, 7}); }, {"a parent is 7;"});
}
