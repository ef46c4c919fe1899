// SPDX-License-Identifier: MIT
//
// The updates of a run on a CUDA device against a copy from device to device of as many bytes, in the same turns, timed
// by CUDA's events: lines of `columns`, medians of the turns.
//   bench_cuda         measures
//   bench_cuda once    runs each step once, between the start and the stop of a profiler
//   bench_cuda try     does all of it once, with few elements
// Ends with 77 without a device.

#include <cuda_profiler_api.h>

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

using fk::backend::cuda_tensor;
using fk::kernel::cuda_check;

const char* const columns = "card,by,step,elements,samples,type,microseconds,bytes,of the copy";
cudaStream_t stream = nullptr;
std::string card;
int turns = 15, warm_up = 2;
bool brief = false;

/// Microseconds of one call of `work`, from `repeats` in a row.
template <class Work>
double microseconds(int repeats, const Work& work) {
  if (brief) repeats = 1;
  cudaEvent_t begin, end;
  cuda_check(cudaEventCreate(&begin), "cudaEventCreate");
  cuda_check(cudaEventCreate(&end), "cudaEventCreate");
  cuda_check(cudaEventRecord(begin, stream), "cudaEventRecord");
  for (int r = 0; r < repeats; ++r) work();
  cuda_check(cudaEventRecord(end, stream), "cudaEventRecord");
  cuda_check(cudaEventSynchronize(end), "cudaEventSynchronize");
  float milliseconds = 0;
  cuda_check(cudaEventElapsedTime(&milliseconds, begin, end), "cudaEventElapsedTime");
  cuda_check(cudaEventDestroy(begin), "cudaEventDestroy");
  cuda_check(cudaEventDestroy(end), "cudaEventDestroy");
  return 1000.0 * milliseconds / repeats;
}

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

void print(const std::string& step, std::size_t elements, std::size_t samples, const char* type, double time,
           std::size_t bytes, const std::string& of_copy) {
  std::printf("\"%s\",fokker,\"%s\",%zu,%zu,%s,%.2f,%zu,%s\n", card.c_str(), step.c_str(), elements, samples, type,
              time, bytes, of_copy.c_str());
  std::fflush(stdout);
}

std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// Times work that moves so many elements of `memory` in turn with a copy, which reads and writes as many of the same
/// memory: its first half goes to its second one.
template <class E, class Work>
void against_copy(const std::string& step, std::size_t elements, std::size_t samples, const char* type,
                  std::size_t moved, cuda_tensor<E>& memory, const Work& work) {
  const int repeats = elements > (std::size_t{1} << 26) ? 10 : 40;
  const std::size_t bytes = moved * sizeof(E);
  const auto copy = [&] {
    cuda_check(cudaMemcpyAsync(memory.data() + moved / 2, memory.data(), bytes / 2, cudaMemcpyDeviceToDevice, stream),
               "cudaMemcpyAsync");
  };
  std::vector<double> times, ratios;
  for (int turn = -warm_up; turn < turns; ++turn) {
    const double of_copy = microseconds(repeats, copy), of_work = microseconds(repeats, work);
    if (turn < 0) continue;
    times.push_back(of_work);
    ratios.push_back(of_copy / of_work);
  }
  print(step, elements, samples, type, median(times), bytes, digits(median(ratios)));
}

struct step {
  const char* name;
  std::size_t samples;
  fk::plan::update u;
};

/// What follows a call in the middle of a run.
template <class Solver, class Guidance = fk::guidance::none>
step step_of(const char* name, std::size_t samples, const Solver& solver, const Guidance& guidance = {}) {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                  fk::grid::log_snr{.steps = 20}, solver, guidance);
  return {name, samples, plan.calls[10].then};
}

const step steps[] = {
    step_of("ddim", 1, fk::solver::ddim{}),
    step_of("dpmpp_2m, guided", 1, fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 7.5}),
    step_of("unipc<3>, corrected", 1, fk::solver::unipc<3>{}),
    step_of("ddpm, noise inside", 1, fk::solver::ddpm{}),
    step_of("ddpm, noise inside", 256, fk::solver::ddpm{}),
};

/// Tensors in one memory of numbers that differ: those that a step reads, and then those that it writes. So nothing
/// grows, however often it runs.
template <class E>
cuda_tensor<E> tensors(std::size_t count, std::size_t size) {
  cuda_tensor<E> memory({count, size}, stream);
  fk::fill_normal(fk::noise::philox{.seed = 1}, memory);
  return memory;
}
std::size_t tensors_of(const fk::plan::update& u) {
  return static_cast<std::size_t>(u.input_count) + static_cast<std::size_t>(u.row_count);
}
std::size_t most_tensors() {
  std::size_t most = 0;
  for (const step& s : steps) most = std::max(most, tensors_of(s.u));
  return most;
}

template <class E>
void run(const step& s, std::size_t size, cuda_tensor<E>& memory) {
  fk::kernel::operands<E> at;
  E* next = memory.data();
  for (int k = 0; k < s.u.input_count; ++k, next += size) at.inputs[static_cast<std::size_t>(k)] = next;
  for (int j = 0; j < s.u.row_count; ++j, next += size) at.rows[static_cast<std::size_t>(j)] = next;
  at.samples = s.samples;
  at.size = size / s.samples;
  fk::kernel::cuda{stream}.update(s.u, at, fk::noise::philox{});
}

template <class E>
void large(const char* type, std::size_t size) {
  auto memory = tensors<E>(most_tensors(), size);
  for (const step& s : steps)
    against_copy(s.name, size, s.samples, type, tensors_of(s.u) * size, memory, [&] { run(s, size, memory); });
}

void reductions(std::size_t samples, std::size_t size) {
  auto x = tensors<float>(samples, size);
  cuda_tensor<double> found({samples}, stream);
  const fk::kernel::cuda space{stream};
  const std::size_t all = samples * size;
  against_copy("norm", all, samples, "float", all, x, [&] { space.norm(x.data(), samples, size, found.data()); });
  against_copy("quantile, read three times", all, samples, "float", all, x,
               [&] { space.quantile(x.data(), samples, size, 0.995, found.data()); });
}

struct nothing {
  template <class T>
  void operator()(T&, const T&, const fk::level&) const {}
};

/// A latent of Stable Diffusion: a step and the launch of an empty kernel, and 25 steps in a graph.
void small() {
  const std::size_t size = brief ? 64 : 4 * 64 * 64;
  auto memory = tensors<float>(3, size);
  cuda_tensor<float> x({1, size}, stream);
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                  fk::grid::log_snr{.steps = 25}, fk::solver::dpmpp_2m{});
  const fk::cuda_graph graph(plan, nothing{}, fk::noise::philox{}, x);
  std::vector<double> of_launch, of_step, of_graph;
  for (int turn = -warm_up; turn < turns; ++turn) {
    const double by_launch = microseconds(1000, [&] { empty<<<1, 32, 0, stream>>>(); });
    const double by_step = microseconds(1000, [&] { run(steps[0], size, memory); });
    const double by_graph = microseconds(100, [&] { graph.launch(); });
    if (turn < 0) continue;
    of_launch.push_back(by_launch);
    of_step.push_back(by_step);
    of_graph.push_back(by_graph / 25);
  }
  print("an empty kernel", 0, 1, "none", median(of_launch), 0, "");
  print("ddim, small", size, 1, "float", median(of_step), 3 * size * sizeof(float), "");
  print("a step of 25 in a graph", size, 1, "float", median(of_graph), 4 * size * sizeof(float), "");
}

/// The first four steps, where a profiler sees no other kernel.
void once(std::size_t size) {
  auto memory = tensors<float>(most_tensors(), size);
  cuda_check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  cuda_check(cudaProfilerStart(), "cudaProfilerStart");
  for (int i = 0; i < 4; ++i) run(steps[i], size, memory);
  cuda_check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  cuda_check(cudaProfilerStop(), "cudaProfilerStop");
}

void measure() {
  const std::size_t sizes[] = {std::size_t{1} << (brief ? 10 : 26), std::size_t{1} << (brief ? 11 : 28)};
  std::puts(columns);
  for (const std::size_t size : sizes) {
    large<float>("float", size);
    large<fk::half>("half", size);
  }
  reductions(1, sizes[0]);
  reductions(64, sizes[0] / 64);
  small();
}

}  // namespace

int main(int count, char** arguments) {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: no CUDA device");
    return 77;
  }
  cudaDeviceProp device;
  cuda_check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  card = device.name;
  cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  const std::string mode = count > 1 ? arguments[1] : "";
  brief = mode == "try";
  if (brief) turns = 1, warm_up = 0;
  if (mode != "once") measure();
  if (mode == "once" || brief) once(std::size_t{1} << (brief ? 10 : 26));
  cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}
