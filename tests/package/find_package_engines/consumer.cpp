// SPDX-License-Identifier: MIT
// A user's program with libtorch and OpenVINO: tensors of both end in the same bits.
#include <algorithm>
#include <cstdio>

#include <torch/script.h>
#include <openvino/runtime/core.hpp>

#include <fokker/backend/openvino.hpp>
#include <fokker/backend/torch.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 5}, fk::solver::heun{});
  torch::jit::Module network("network");
  network.define("def forward(self, x, time):\n  return x * 0.5\n");
  const fk::backend::torch_module denoiser(network);
  at::Tensor x = at::empty({10, 4});
  ov::Tensor y(ov::element::f32, {10, 4});
  fk::sample(plan, denoiser, fk::noise::philox{.seed = 1}, x);
  fk::sample(plan, denoiser, fk::noise::philox{.seed = 1}, y);
  std::printf("with OpenVINO %s\n", ov::get_openvino_version().buildNumber);
  return std::equal(x.data_ptr<float>(), x.data_ptr<float>() + 40, y.data<float>()) ? 0 : 1;
}
