// SPDX-License-Identifier: MIT
//
// The updates of a run on a CUDA device against a copy from device to device in the same turns, timed by CUDA's events:
// lines of `what,elements,type,microseconds,bytes,of the copy`, medians of the turns. Ends with 77 without a device.

#include <fokker/backend/cuda.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda.cuh>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace fk = fokker;

__global__ void empty() {}

namespace {

using fk::kernel::cuda_check;

cudaStream_t stream = nullptr;
constexpr int turns = 15;

/// Microseconds of one call of `work`, from `repeats` in a row.
template <class Work>
double microseconds(int repeats, const Work& work) {
  cudaEvent_t begin, end;
  cuda_check(cudaEventCreate(&begin), "cudaEventCreate");
  cuda_check(cudaEventCreate(&end), "cudaEventCreate");
  cuda_check(cudaEventRecord(begin, stream), "cudaEventRecord");
  for (int r = 0; r < repeats; ++r) work();
  cuda_check(cudaEventRecord(end, stream), "cudaEventRecord");
  cuda_check(cudaEventSynchronize(end), "cudaEventSynchronize");
  float milliseconds = 0;
  cuda_check(cudaEventElapsedTime(&milliseconds, begin, end), "cudaEventElapsedTime");
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return 1000.0 * milliseconds / repeats;
}

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

struct step {
  const char* name;
  fk::plan::update u;
};

/// What follows a call in the middle of a run.
template <class Solver, class Guidance = fk::guidance::none>
step step_of(const char* name, const Solver& solver, const Guidance& guidance = {}) {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                  fk::grid::log_snr{.steps = 20}, solver, guidance);
  return {name, plan.calls[10].then};
}

template <class E>
void large(const char* type, std::size_t size) {
  const step steps[] = {
      step_of("ddim", fk::solver::ddim{}),
      step_of("dpmpp_2m, guided", fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 7.5}),
      step_of("unipc<3>, corrected", fk::solver::unipc<3>{}),
      step_of("ddpm, noise inside", fk::solver::ddpm{}),
  };
  std::vector<fk::backend::cuda_tensor<E>> memory;
  for (int k = 0; k < fk::plan::max_inputs + 1; ++k) {
    memory.emplace_back(fk::backend::extents{1, size}, stream);
    cuda_check(cudaMemsetAsync(memory.back().data(), 0, size * sizeof(E), stream), "cudaMemsetAsync");
  }
  const auto copy = [&] {
    cuda_check(cudaMemcpyAsync(memory[0].data(), memory[1].data(), size * sizeof(E), cudaMemcpyDeviceToDevice, stream),
               "cudaMemcpyAsync");
  };
  const int repeats = size > (std::size_t{1} << 26) ? 5 : 50;
  std::vector<double> of_copy, of_step[4], ratio[4];
  std::size_t bytes[4];
  for (int turn = 0; turn < turns + 2; ++turn) {  // the first two warm up
    const double by_copy = microseconds(repeats, copy);
    if (turn >= 2) of_copy.push_back(by_copy);
    for (int i = 0; i < 4; ++i) {
      const fk::plan::update& u = steps[i].u;
      fk::kernel::operands<E> at;
      // Rows lie on the first inputs, as results lie on what dies.
      for (int k = 0; k < u.input_count; ++k)
        at.inputs[static_cast<std::size_t>(k)] = memory[static_cast<std::size_t>(k)].data();
      for (int j = 0; j < u.row_count; ++j)
        at.rows[static_cast<std::size_t>(j)] =
            memory[static_cast<std::size_t>(j < u.input_count ? j : fk::plan::max_inputs)].data();
      at.samples = 1;
      at.size = size;
      bytes[i] = static_cast<std::size_t>(u.input_count + u.row_count) * size * sizeof(E);
      const double by_step =
          microseconds(repeats, [&] { fk::kernel::cuda{stream}.update(u, at, fk::noise::philox{}); });
      if (turn < 2) continue;
      of_step[i].push_back(by_step);
      ratio[i].push_back(static_cast<double>(bytes[i]) / by_step /
                         (2.0 * static_cast<double>(size * sizeof(E)) / by_copy));
    }
  }
  std::printf("copy,%zu,%s,%.2f,%zu,1\n", size, type, median(of_copy), 2 * size * sizeof(E));
  for (int i = 0; i < 4; ++i)
    std::printf("\"%s\",%zu,%s,%.2f,%zu,%.3f\n", steps[i].name, size, type, median(of_step[i]), bytes[i],
                median(ratio[i]));
}

/// Of a single sample of numbers that differ, which are to be read once.
void reductions(std::size_t size) {
  fk::backend::cuda_tensor<float> x({1, size}, stream), to({1, size}, stream);
  const fk::backend::cuda_tensor<double> result({1}, stream);
  auto* found = const_cast<double*>(result.data());
  fk::fill_normal(fk::noise::philox{.seed = 1}, x);
  const fk::kernel::cuda space{stream};
  std::vector<double> of_norm, of_quantile, norm_ratio, quantile_ratio;
  for (int turn = 0; turn < turns + 2; ++turn) {
    const double by_copy = microseconds(50, [&] {
      cuda_check(cudaMemcpyAsync(to.data(), x.data(), size * sizeof(float), cudaMemcpyDeviceToDevice, stream),
                 "cudaMemcpyAsync");
    });
    const double by_norm = microseconds(50, [&] { space.norm(x.data(), 1, size, found); });
    const double by_quantile = microseconds(50, [&] { space.quantile(x.data(), 1, size, 0.995, found); });
    if (turn < 2) continue;
    of_norm.push_back(by_norm);
    of_quantile.push_back(by_quantile);
    norm_ratio.push_back(by_copy / 2 / by_norm);
    quantile_ratio.push_back(by_copy / 2 / by_quantile);
  }
  std::printf("norm,%zu,float,%.2f,%zu,%.3f\n", size, median(of_norm), size * sizeof(float), median(norm_ratio));
  std::printf("\"quantile, read three times\",%zu,float,%.2f,%zu,%.3f\n", size, median(of_quantile),
              size * sizeof(float), median(quantile_ratio));
}

struct nothing {
  template <class T>
  void operator()(T&, const T&, const fk::level&) const {}
};

/// A latent of Stable Diffusion: a step against the launch of an empty kernel, and 25 steps in a graph.
void small() {
  const std::size_t size = 4 * 64 * 64;
  fk::backend::cuda_tensor<float> x({1, size}, stream), other({1, size}, stream);
  cuda_check(cudaMemsetAsync(x.data(), 0, size * sizeof(float), stream), "cudaMemsetAsync");
  cuda_check(cudaMemsetAsync(other.data(), 0, size * sizeof(float), stream), "cudaMemsetAsync");
  const step one = step_of("ddim", fk::solver::ddim{});
  fk::kernel::operands<float> at;
  at.inputs = {x.data(), other.data()};
  at.rows = {x.data()};
  at.samples = 1;
  at.size = size;
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                  fk::grid::log_snr{.steps = 25}, fk::solver::dpmpp_2m{});
  const fk::cuda_graph graph(plan, nothing{}, fk::noise::philox{}, x);
  std::vector<double> of_launch, of_step, of_graph, ratio;
  for (int turn = 0; turn < turns + 2; ++turn) {
    const double by_launch = microseconds(1000, [&] { empty<<<1, 32, 0, stream>>>(); });
    const double by_step = microseconds(1000, [&] { fk::kernel::cuda{stream}.update(one.u, at, fk::noise::philox{}); });
    const double by_graph = microseconds(100, [&] { graph.launch(); });
    if (turn < 2) continue;
    of_launch.push_back(by_launch);
    of_step.push_back(by_step);
    of_graph.push_back(by_graph);
    ratio.push_back(by_step / by_launch);
  }
  std::printf("an empty kernel,0,none,%.2f,0,\n", median(of_launch));
  std::printf("\"ddim, of an empty kernel %.3f\",%zu,float,%.2f,%zu,\n", median(ratio), size, median(of_step),
              3 * size * sizeof(float));
  std::printf("\"25 steps of dpmpp_2m in a graph, %.2f a step\",%zu,float,%.2f,,\n", median(of_graph) / 25, size,
              median(of_graph));
}

}  // namespace

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  std::puts("what,elements,type,microseconds,bytes,of the copy");
  for (const std::size_t size : {std::size_t{1} << 24, std::size_t{1} << 28}) {
    large<float>("float", size);
    large<fk::half>("half", size);
  }
  for (const std::size_t size : {std::size_t{3} << 20, std::size_t{1} << 24}) reductions(size);
  small();
  cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}
