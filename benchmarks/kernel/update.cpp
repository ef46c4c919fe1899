// SPDX-License-Identifier: MIT
// Updates against what the memory allows (limit/), a loop by hand (hand/), tensor expressions as a user first writes
// them (xtensor/), and noise from the standard library (separate/). All in one program, to be run interleaved.
#include <benchmark/benchmark.h>

#include <random>

#include <xtensor/xmath.hpp>

#include "measured.hpp"

namespace {

namespace fk = fokker;
using namespace measured;

void update_cfg_dpmpp_2m(benchmark::State& state) { run(state, cfg_dpmpp_2m()); }
BENCHMARK(update_cfg_dpmpp_2m)->Name("update/cfg_dpmpp_2m")->Arg(1 << 14)->Arg(1 << 24);

/// The same with a network that reads and writes half: x and history stay float.
void update_cfg_dpmpp_2m_half(benchmark::State& state) { run<fk::half>(state, cfg_dpmpp_2m()); }
BENCHMARK(update_cfg_dpmpp_2m_half)->Name("update/cfg_dpmpp_2m_half")->Arg(1 << 14)->Arg(1 << 24);

void limit_cfg_dpmpp_2m(benchmark::State& state) { run_limit(state, cfg_dpmpp_2m()); }
BENCHMARK(limit_cfg_dpmpp_2m)->Name("limit/cfg_dpmpp_2m")->Arg(1 << 14)->Arg(1 << 24);

void hand_cfg_dpmpp_2m(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  tensor x = filled(count, 0.5f), cond = filled(count, 0.25f), uncond = filled(count, 0.25f),
         history = filled(count, 0.5f);
  for (auto _ : state) {
    native::cfg_dpmpp_2m(x.data(), cond.data(), uncond.data(), history.data(), count);
    benchmark::ClobberMemory();
  }
  count_floats(state, 6);
}
BENCHMARK(hand_cfg_dpmpp_2m)->Name("hand/cfg_dpmpp_2m")->Arg(1 << 14)->Arg(1 << 24);

void xtensor_cfg_dpmpp_2m(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  tensor x = filled(count, 0.5f), cond = filled(count, 0.25f), uncond = filled(count, 0.25f),
         history = filled(count, 0.5f);
  const float w = 7.5f, alpha = 0.9f, sigma = 0.4f, next_alpha = 0.95f, next_sigma = 0.3f, half_ratio = 0.4f,
              decay = 0.3f;
  for (auto _ : state) {
    const tensor guided = uncond + w * (cond - uncond);
    const tensor data = (x - sigma * guided) / alpha;
    x = next_sigma / sigma * x + next_alpha * decay * (data + half_ratio * (data - history));
    history = data;
    benchmark::ClobberMemory();
  }
  count_floats(state, 6);
}
BENCHMARK(xtensor_cfg_dpmpp_2m)->Name("xtensor/cfg_dpmpp_2m")->Arg(1 << 14)->Arg(1 << 24);

void update_ddpm(benchmark::State& state) { run(state, middle(fk::solver::ddpm{}, fk::guidance::none{})); }
BENCHMARK(update_ddpm)->Name("update/ddpm")->Arg(1 << 14)->Arg(1 << 24);

void limit_ddpm(benchmark::State& state) { run_limit(state, middle(fk::solver::ddpm{}, fk::guidance::none{})); }
BENCHMARK(limit_ddpm)->Name("limit/ddpm")->Arg(1 << 14)->Arg(1 << 24);

/// The step that first fills a tensor with the standard library's normals.
void separate_ddpm_std(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  tensor x = filled(count, 0.5f), eps = filled(count, 0.25f), noise = filled(count, 0);
  std::mt19937_64 generator(1);
  std::normal_distribution<float> normal;
  for (auto _ : state) {
    for (float& z : noise) z = normal(generator);
    x = 0.9f * x - 0.2f * eps + 0.1f * noise;
    benchmark::ClobberMemory();
  }
  count_floats(state, 3);
}
BENCHMARK(separate_ddpm_std)->Name("separate/ddpm_std")->Arg(1 << 14)->Arg(1 << 24);

void normal_philox(benchmark::State& state) {
  fk::plan::update u{.input_count = 0, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].normals[0] = 1;
  run(state, u);
}
BENCHMARK(normal_philox)->Name("normal/philox")->Arg(1 << 14)->Arg(1 << 24);

void normal_philox_avx2(benchmark::State& state) {
  if (fk::kernel::best_instruction_set() < fk::kernel::instruction_set::avx2) {
    state.SkipWithError("this processor has no AVX2");
    return;
  }
  fk::kernel::used_instruction_set() = fk::kernel::instruction_set::avx2;
  normal_philox(state);
  fk::kernel::used_instruction_set() = fk::kernel::best_instruction_set();
}
BENCHMARK(normal_philox_avx2)->Name("normal/philox_avx2")->Arg(1 << 14)->Arg(1 << 24);

void normal_std(benchmark::State& state) {
  tensor noise = filled(static_cast<std::size_t>(state.range(0)), 0);
  std::mt19937_64 generator(1);
  std::normal_distribution<float> normal;
  for (auto _ : state) {
    for (float& z : noise) z = normal(generator);
    benchmark::ClobberMemory();
  }
  count_floats(state, 1);
}
BENCHMARK(normal_std)->Name("normal/std")->Arg(1 << 14)->Arg(1 << 24);

}  // namespace
