// SPDX-License-Identifier: MIT
//
// A network of PyTorch, saved as TorchScript, samples tensors of libtorch, guided.

#include <algorithm>
#include <cassert>
#include <sstream>
#include <vector>

#include <torch/script.h>

#include <fokker/backend/torch.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

/// What torch.jit.script(network).save("network.pt") writes in Python: here the exact denoiser of normal data, each
/// class of its own mean.
torch::jit::Module loaded() {
  torch::jit::Module network("network");
  network.register_buffer("mean_of_class", at::tensor({0.0f, 0.0f, -2.0f, 1.0f, 2.0f, 1.0f}).view({3, 2}));
  network.define(R"(
    def forward(self, x, sigma, label):
        noise = sigma.unsqueeze(1) ** 2
        return (0.25 * x + noise * self.mean_of_class[label]) / (0.25 + noise)
  )");
  std::stringstream file;
  network.save(file);
  return torch::jit::load(file);
}

/// Whether the samples are of these means, to 6 deviations of what 4096 samples of deviation 0.5 have, and 0.01.
bool around(const at::Tensor& x, double first, double second) {
  const at::Tensor mean = at::tensor({first, second}, at::kDouble);
  return (x.to(at::kDouble).mean(0) - mean).abs().max().item<double>() < 6 * 0.5 / 64 + 0.01;
}

}  // namespace

int main() {
  // [sample]
  const torch::jit::Module network = loaded();  // forward(x, sigma, label); torch::jit::load("network.pt")
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 20},
                                  fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 1.5});
  const auto of_class = [&](long label) {
    return fk::backend::torch_module(network, fk::backend::torch_inputs{{at::tensor(label)}});
  };
  at::Tensor x = at::empty({4096, 2});
  fk::sample(plan, fk::denoisers{of_class(2), of_class(1)}, fk::noise::philox{.seed = 42}, x);
  // [sample]
  assert(around(x, 4, 1));  // -2 + 1.5 (2 - -2)

  // [typed]
  at::Tensor y = at::empty({4096, 2}, at::kDouble);
  fk::backend::torch_typed(y, [&](auto typed) {
    fk::sample(plan, fk::denoisers{of_class(2), of_class(1)}, fk::noise::philox{.seed = 42}, typed);
  });
  // [typed]
  assert(around(y, 4, 1));

  // [host]
  // The same network of memory that is not libtorch's.
  std::vector<float> memory(4096 * 2);
  fk::sample(plan, fk::denoisers{of_class(2), of_class(1)}, fk::noise::philox{.seed = 42},
             fk::backend::host_view{memory.data(), {4096, 2}});
  // [host]
  assert(std::equal(memory.begin(), memory.end(), x.data_ptr<float>()));

  // [inputs]
  // A network with inputs of its own: timesteps as integers, and x beside a picture.
  torch::jit::Module other("other");
  other.define(R"(
    def forward(self, x, timestep, picture):
        assert not timestep.is_floating_point()
        return torch.cat([x, picture], 1)[:, :2] * 0 + picture
  )");
  const at::Tensor picture = at::ones({4, 2});
  const auto inputs = [picture](const at::Tensor& in, const fk::level& at) -> std::vector<c10::IValue> {
    return {in, at::full({in.size(0)}, at.label, at::kLong), picture};
  };
  at::Tensor z = at::empty({4, 2});
  const auto of_steps = fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::data{},
                                      fk::grid::trailing{.steps = 10}, fk::solver::ddim{});
  fk::sample(of_steps, fk::backend::torch_module(other, inputs), fk::noise::philox{.seed = 1}, z);
  // [inputs]
  assert(at::allclose(z, picture));
}
