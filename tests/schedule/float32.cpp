// SPDX-License-Identifier: MIT
#include <fokker/schedule/float32.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <fokker/schedule/squared_cosine.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::evenly_spaced_float32;
using fokker::schedule::float32;
using fokker::schedule::tabulated;

namespace {

tabulated ddpm(int size) { return float32(evenly_spaced_float32(1e-4, 0.02, size)); }
tabulated stable_diffusion() {
  auto betas = evenly_spaced_float32(std::sqrt(0.00085), std::sqrt(0.012), 1000);
  for (float& beta : betas) beta *= beta;
  return float32(betas);
}

struct entry {
  int time;
  float alphas_cumprod;
};
void check_bits(const tabulated& s, const std::vector<entry>& known) {
  for (const auto& [time, a] : known) {
    INFO("time " << time);
    CHECK(static_cast<float>(s.alpha(time) * s.alpha(time)) == a);
  }
}

}  // namespace

TEST_CASE("float32 makes lawful tables that preserve variance") {
  for (const tabulated& s : {ddpm(1000), stable_diffusion(), float32(fokker::schedule::squared_cosine())}) {
    law::schedule(s);
    law::variance_preserving(s);
  }
}

TEST_CASE("evenly_spaced_float32 has the bits of torch.linspace", "[bits]") {
  // torch 2.15 on a processor with FMA: begin + i step in the first half, end - (T - 1 - i) step in the second
  const auto betas = evenly_spaced_float32(1e-4, 0.02, 1000);
  CHECK(betas.size() == 1000);
  CHECK(betas[0] == 1e-4f);
  CHECK(betas[1] == 0x1.f6fb08p-14f);
  CHECK(betas[7] == 0x1.f62412p-13f);  // of two roundings the last bit is another
  CHECK(betas[972] == 0x1.3ede3ap-6f);
  CHECK(betas[499] == 0x1.48fdf6p-7f);
  CHECK(betas[500] == 0x1.49a50ep-7f);
  CHECK(betas[998] == 0x1.475a88p-6f);
  CHECK(betas[999] == 0.02f);
  CHECK(evenly_spaced_float32(0.5, 0.7, 1) == std::vector{0.5f});
  CHECK(evenly_spaced_float32(0.5, 0.7, 2) == std::vector{0.5f, 0.7f});
}

TEST_CASE("float32 has the bits of peers' alphas_cumprod", "[bits]") {
  // torch 2.15: 1 - beta in float32, the running product in double, each product rounded
  check_bits(ddpm(1000), {{0, 0x1.fff2e4p-1f},
                          {1, 0x1.ffe32cp-1f},
                          {2, 0x1.ffd0dap-1f},
                          {500, 0x1.3ea7b4p-4f},
                          {998, 0x1.59758cp-15f},
                          {999, 0x1.528cccp-15f}});
  check_bits(ddpm(1100),
             {{0, 0x1.fff2e4p-1f}, {550, 0x1.ee0ed2p-5f}, {1098, 0x1.f666f2p-17f}, {1099, 0x1.ec5aa6p-17f}});
  check_bits(
      stable_diffusion(),
      {{0, 0x1.ff9096p-1f}, {2, 0x1.feb034p-1f}, {499, 0x1.1c5560p-2f}, {998, 0x1.351d06p-8f}, {999, 0x1.31676cp-8f}});
  check_bits(float32(fokker::schedule::squared_cosine()), {{0, 0x1.fffa96p-1f},
                                                           {1, 0x1.fff48ap-1f},
                                                           {499, 0x1.f9b21ap-2f},
                                                           {998, 0x1.45fbc6p-19f},
                                                           {999, 0x1.4dcd84p-29f}});
}

TEST_CASE("float32 reproduces the full loops with noise of Diffusers' Euler and Heun schedulers") {
  // tests/schedulers/test_scheduler_euler.py and ..._heun.py, test_full_loop_with_noise: 1100 linear betas, steps 8 and
  // 9 of 10, the network x t / (t + 1). Sample and noise are the same ramp up and down, of sum 383.5, and all is linear
  // in them. The scaled sample takes the place of the sample there, as those tests have it.
  struct sums {
    double euler, heun;
  };
  const auto loop = [](const tabulated& table) -> sums {
    const tabulated s = table.interpolated(fokker::schedule::interpolation::ratio);
    const auto sigma = [&](double time) { return level_at(s, time).ratio(); };
    const double t8 = 1099 * (1 / 9.0), t9 = 0, s8 = sigma(t8), s9 = sigma(t9);
    const auto network = [](double x, double time) { return x * time / (time + 1); };
    const auto scaled = [](double x, double noise) { return x / std::sqrt(noise * noise + 1); };
    const double start = scaled(383.5 * (sigma(1099) + s8), s8), slope = network(start, t8);
    const double moved = start + (s9 - s8) * slope;
    const double again = start + (s9 - s8) * 0.5 * (slope + network(scaled(moved, s9), t9));
    const auto last = [&](double x) { return scaled(x, s9) - s9 * network(scaled(x, s9), t9); };
    return {last(moved), last(again)};
  };
  // their tolerances
  CHECK(std::abs(loop(ddpm(1100)).euler - 57062.9297) < 1e-2);
  CHECK(std::abs(loop(ddpm(1100)).heun - 75074.8906) < 1e-2);
  // which a table in double does not meet
  CHECK(std::abs(loop(fokker::schedule::linear(1e-4, 0.02, 1100)).euler - 57062.9297) > 5e-2);
  CHECK(std::abs(loop(fokker::schedule::linear(1e-4, 0.02, 1100)).heun - 75074.8906) > 2e-2);
}

TEST_CASE("float32 refuses what is no table, by name and value") {
  using list = std::vector<float>;
  const float not_a_number = std::numeric_limits<float>::quiet_NaN();
  law::refused([] { (void)float32(list{}); }, {"betas is empty"});
  law::refused([] { (void)float32(list{0.5f, -0.25f}); }, {"betas[1] is -0.25;"});
  law::refused([] { (void)float32(list{1.5f}); }, {"betas[0] is 1.5;"});
  law::refused([=] { (void)float32(list{0.5f, not_a_number}); }, {"betas[1] is nan;"});
  // 1 - 1e-9 is 1 in float32: the rounded table does not fall
  law::refused([] { (void)float32(list{1e-9f}); }, {"alphas_cumprod[0] is 1;"});
  law::refused([] { (void)evenly_spaced_float32(0, 1, 0); }, {"size is 0;"});
  law::refused([] { (void)evenly_spaced_float32(0, 1, 1'000'001); }, {"size is 1000001;"});
}

TEST_CASE("float32 keeps a last alpha of 0") {
  const tabulated s = float32(tabulated::from_betas(std::vector<double>{0.1, 1}));
  CHECK(level_at(s, 1).is_noise());
  CHECK(s.sigma(1) == 1);
}
