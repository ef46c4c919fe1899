// SPDX-License-Identifier: MIT
#include <fokker/noise/start_and_steps.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/filled.hpp>
#include <fokker/noise/jax_threefry.hpp>
#include <fokker/noise/numpy_legacy.hpp>
#include <fokker/noise/numpy_pcg64.hpp>
#include <fokker/noise/recorded.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/noise/torch_cuda.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/perturb.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/euler_ancestral.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::noise::each;
using fk::noise::start_and_steps;
using fk::noise::torch_cpu;
using fk::noise::torch_cuda;
static_assert(fk::noise_sequence<start_and_steps<torch_cpu, torch_cuda>>);
static_assert(!fk::has_samples<start_and_steps<torch_cpu, torch_cuda>>);
static_assert(fk::has_samples<start_and_steps<torch_cpu, each<torch_cuda>>>);

namespace {

std::vector<float> drawn(auto noise, std::size_t tensors, std::size_t size) {
  std::vector<float> all(tensors * size);
  for (std::size_t t = 0; t < tensors; ++t) noise.fill(std::span(all).subspan(t * size, size));
  return all;
}

const fk::model::predicting network{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = 1, .deviation = 0.5}};

fk::plan::program ancestral() {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = 3},
                       fk::solver::euler_ancestral{});
}

}  // namespace

TEST_CASE("the start comes of one generator and the steps of the other") {
  const auto plan = ancestral();
  const std::size_t size = 20;
  std::vector<float> normals = drawn(torch_cpu(5), 1, size);
  const std::vector<float> steps = drawn(torch_cuda(5), 2, size);
  normals.insert(normals.end(), steps.begin(), steps.end());
  std::vector<float> x(size), expected(size);
  fk::sample(plan, network, fk::noise::recorded{normals}, expected);
  const start_and_steps both(torch_cpu(5), torch_cuda(5));
  fk::sample(plan, network, both, x);
  CHECK(x == expected);

  fk::sample_from(plan, network, fk::noise::recorded{steps}, expected);
  fk::sample_from(plan, network, both, x);  // the start is given: the other generator draws nothing
  CHECK(x == expected);
}

TEST_CASE("perturb takes the start, and the run goes on with the steps") {
  const auto plan = ancestral();
  std::vector<float> x0(20, 0.5f), x(20), y(20);
  start_and_steps both(torch_cpu(5), torch_cuda(6));
  fk::perturb(plan, x0, both, x);
  torch_cpu start(5);
  fk::perturb(plan, x0, start, y);
  CHECK(x == y);
  fk::sample_from(plan, network, both, x);
  fk::sample_from(plan, network, torch_cuda(6), y);
  CHECK(x == y);
}

TEST_CASE("the number of samples is that of either generator, and they agree on it") {
  const each two{std::vector{torch_cpu(1), torch_cpu(2)}};
  CHECK(start_and_steps(two, torch_cuda(1)).samples() == 2);
  CHECK(start_and_steps(torch_cuda(1), two).samples() == 2);
  CHECK(start_and_steps(two, each{std::vector{torch_cpu(3), torch_cpu(4)}}).samples() == 2);
  law::refused([&] { start_and_steps(two, each{std::vector{torch_cpu(3)}}); },
               {"the number of samples of the steps' noise is 1; allowed: 2, as many as the start's has"});
}

TEST_CASE("steps that would draw the start once more are refused") {
  const auto refused = [](const auto& start, const auto& steps) {
    law::refused(
        [&] { start_and_steps(start, steps); },
        {"the noise of the steps is that of the start; allowed: a generator of another seed, or one for both"});
  };
  refused(torch_cpu(5), torch_cpu(5));
  refused(torch_cpu(5), torch_cpu((1ull << 32) + 5));  // of which 32 bits count
  refused(torch_cuda(5), torch_cuda(5));
  refused(fk::noise::numpy_legacy(5), fk::noise::numpy_legacy(5));
  refused(fk::noise::numpy_pcg64(5), fk::noise::numpy_pcg64(5));
  refused(fk::noise::jax_threefry(5), fk::noise::jax_threefry(5));
  const std::vector<float> normals(4);
  refused(fk::noise::recorded{normals}, fk::noise::recorded{normals});

  const each pair{std::vector{torch_cpu(5), torch_cpu(6)}}, next{std::vector{torch_cpu(6), torch_cpu(7)}};
  refused(pair, pair);
  refused(pair, next);  // sample 0 would step by the start of sample 1
  refused(pair, torch_cpu(6));
  refused(torch_cpu(6), pair);
}

TEST_CASE("generators of other seeds, kinds or positions go together") {
  const auto taken = [](const auto& start, const auto& steps) { CHECK_NOTHROW(start_and_steps(start, steps)); };
  taken(torch_cpu(5), torch_cpu(6));
  taken(torch_cpu(5), torch_cuda(5));
  taken(torch_cuda(5, fk::noise::cuda_device::t4), torch_cuda(6, fk::noise::cuda_device::t4));
  torch_cpu later(5);
  std::vector<float> z(20);
  later.fill(std::span(z));
  taken(torch_cpu(5), later);
  taken(each{std::vector{torch_cpu(5), torch_cpu(6)}}, each{std::vector{torch_cpu(7), torch_cpu(8)}});
  taken(each{std::vector{torch_cpu(5), torch_cpu(5)}}, torch_cpu(6));  // one noise under two prompts
  const auto by = [](std::span<float> some) { std::fill(some.begin(), some.end(), 1.0f); };
  taken(fk::noise::filled{by}, fk::noise::filled{by});  // what a callable draws is not known
  const std::vector<float> normals(4), others(4);
  taken(fk::noise::recorded{normals}, fk::noise::recorded{others});
  taken(fk::noise::recorded{normals}, fk::noise::recorded{std::span(normals).first(3)});
}

TEST_CASE("a seed and the next one have no numbers in common") {
  const auto apart = [](const auto& of_seed) {
    std::vector<float> a = drawn(of_seed(41), 3, 4096), b = drawn(of_seed(42), 3, 4096), both;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    // Of 12,288 floats some are equal by chance: up to 21 here. A tensor in common would make it 4096.
    CHECK(both.size() < 400);
  };
  apart([](int seed) { return torch_cpu(static_cast<std::uint64_t>(seed)); });
  apart([](int seed) { return torch_cuda(static_cast<std::uint64_t>(seed)); });
  apart([](int seed) { return fk::noise::numpy_legacy(static_cast<std::uint32_t>(seed)); });
  apart([](int seed) { return fk::noise::numpy_pcg64(static_cast<std::uint64_t>(seed)); });
  apart([](int seed) { return fk::noise::jax_threefry(static_cast<std::uint64_t>(seed)); });
}
