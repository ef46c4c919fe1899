// SPDX-License-Identifier: MIT
// The same noise from the same seed as other programs draw; the regions are the pages'.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/blend.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/a1111.hpp>
#include <fokker/noise/antithetic.hpp>
#include <fokker/noise/comfyui.hpp>
#include <fokker/noise/diffusers_cpu.hpp>
#include <fokker/noise/diffusers_cuda.hpp>
#include <fokker/noise/recorded.hpp>
#include <fokker/noise/sobol.hpp>
#include <fokker/noise/stable_diffusion_cpp.hpp>
#include <fokker/noise/start_and_steps.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler_ancestral.hpp>

namespace fk = fokker;

namespace {

using tensor = std::vector<float>;

constexpr std::size_t size = 256;  // of a picture, 4 x 8 x 8
const fk::model::predicting network{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = 1, .deviation = 0.5}};
const auto plan = fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{},
                                fk::grid::karras{.steps = 4}, fk::solver::euler_ancestral{});

// `count` pictures side by side.
fk::backend::host_view<float> pictures(tensor& x, std::size_t count) { return {x.data(), {count, 4, 8, 8}}; }

bool has(const tensor& batch, std::size_t picture, const tensor& alone) {
  return std::equal(alone.begin(), alone.end(), batch.begin() + static_cast<std::ptrdiff_t>(picture * size));
}

void as_diffusers() {
  tensor x(2 * size), y(2 * size), one(size);
  // [diffusers_cpu]
  fk::sample(plan, network, fk::noise::diffusers_cpu(42), pictures(x, 2));        // one generator for both pictures
  fk::sample(plan, network, fk::noise::diffusers_cpu({42, 43}), pictures(y, 2));  // a list of generators
  // [diffusers_cpu]
  fk::sample(plan, network, fk::noise::diffusers_cpu(43), pictures(one, 1));
  assert(has(y, 1, one) && !has(x, 1, one));

  // [diffusers_cuda]
  const auto gpu = fk::noise::cuda_device::rtx_4090;
  fk::sample(plan, network, fk::noise::diffusers_cuda(42, gpu), pictures(x, 2));
  fk::sample(plan, network, fk::noise::diffusers_cuda({42, 43}, gpu), pictures(y, 2));
  // [diffusers_cuda]
  fk::sample(plan, network, fk::noise::diffusers_cuda(43, gpu), pictures(one, 1));
  assert(has(y, 1, one) && !has(x, 1, one));
}

void as_user_interfaces() {
  tensor x(2 * size), y(size), z(3 * size), one(size);
  // [comfyui]
  const auto gpu = fk::noise::cuda_device::rtx_4090;
  fk::sample(plan, network, fk::noise::comfyui(42, gpu), pictures(x, 2));  // the network on a GPU
  fk::sample(plan, network, fk::noise::comfyui(42), pictures(y, 1));       // and on the CPU
  // [comfyui]
  fk::sample(plan, network, fk::noise::comfyui(42, gpu), pictures(one, 1));
  assert(has(x, 0, one) && one != y);  // the first of a batch is the one that it is alone; the others have no seed

  // [a1111]
  using fk::noise::a1111;
  fk::sample(plan, network, a1111(42, 3), pictures(z, 3));                        // RNG: NV
  fk::sample(plan, network, a1111(42, 3, 0, gpu), pictures(z, 3));                // RNG: GPU
  fk::sample(plan, network, a1111<fk::noise::torch_cpu>(42, 3), pictures(z, 3));  // RNG: CPU
  fk::sample(plan, network, a1111(42, 3, 31337), pictures(z, 3));                 // ENSD: 31337
  // [a1111]
  fk::sample(plan, network, a1111(44, 1, 31337), pictures(one, 1));
  assert(has(z, 2, one));
}

void as_stable_diffusion_cpp() {
  tensor x(2 * size), y(2 * size), one(size);
  // [stable_diffusion_cpp]
  using fk::noise::stable_diffusion_cpp, fk::noise::torch_cpu, fk::noise::torch_cuda;
  const auto both = stable_diffusion_cpp<torch_cpu, torch_cuda>(42, 2);
  fk::sample(plan, network, stable_diffusion_cpp(42, 2), pictures(x, 2));  // --rng cuda
  fk::sample(plan, network, both, pictures(y, 2));                         // --rng cpu --sampler-rng cuda
  // [stable_diffusion_cpp]
  fk::sample(plan, network, fk::noise::a1111(43), pictures(one, 1));
  assert(has(x, 1, one));
  fk::sample(plan, network, fk::noise::comfyui(43, fk::noise::cuda_device::rtx_4090), pictures(one, 1));
  assert(has(y, 1, one));  // what --rng cpu --sampler-rng cuda is for
}

void by_two_generators() {
  tensor x(size), y(size);
  // [start_and_steps]
  const fk::noise::start_and_steps noise(fk::noise::torch_cpu(1), fk::noise::torch_cpu(2));
  fk::sample(plan, network, noise, pictures(x, 1));
  // [start_and_steps]
  fk::sample(plan, network, fk::noise::comfyui(1), pictures(y, 1));
  assert(x == y);
}

void in_pairs() {
  tensor x(2 * size);
  // [antithetic]
  const fk::noise::antithetic noise{fk::noise::philox{.seed = 42}};
  fk::sample(plan, network, noise, pictures(x, 2));  // the second of each two has the first one's noise, negated
  // [antithetic]
  for (std::size_t e = 0; e < size; ++e) assert(std::abs(x[e] + x[size + e] - 2) < 0.02f);  // the data's mean is 1
}

void evenly() {
  constexpr std::size_t count = 256;
  const auto error = [](const auto& noise) {
    tensor x(count * 2);
    fk::sample(plan, network, noise, fk::backend::host_view{x.data(), {count, 2}});
    double sum = 0;
    for (const float v : x) sum += static_cast<double>(v) - 1;  // the data's mean
    return std::abs(sum) / static_cast<double>(x.size());
  };
  // [sobol]
  const double independent = error(fk::noise::philox{.seed = 42});  // of the mean of 256 samples
  const double even = error(fk::noise::sobol{.seed = 42});
  assert(even < independent / 2);
  // [sobol]
}

void walk() {
  const auto ode = fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{},
                                 fk::grid::karras{.steps = 4}, fk::solver::ddim{});
  tensor a(size), b(size), noise(size), x(size), first(size);
  // [blend]
  fk::noise::torch_cpu(1).fill(std::span(a));
  fk::noise::torch_cpu(2).fill(std::span(b));
  fk::blend(a, b, 0.2, noise);  // a picture like that of a, with a little of b
  fk::sample(ode, network, fk::noise::recorded{noise}, pictures(x, 1));
  // [blend]
  // [around]
  for (int frame = 0; frame <= 24; ++frame) {
    fk::blend_around(a, b, frame / 24.0, noise);
    fk::sample(ode, network, fk::noise::recorded{noise}, pictures(x, 1));
    if (frame == 0) first = x;
  }
  assert(x == first);  // frame 24 is frame 0
  // [around]
}

}  // namespace

int main() {
  as_diffusers();
  as_user_interfaces();
  as_stable_diffusion_cpp();
  by_two_generators();
  in_pairs();
  evenly();
  walk();
}
