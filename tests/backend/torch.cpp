// SPDX-License-Identifier: MIT
#include <fokker/backend/torch.hpp>

#include <torch/script.h>

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/sample.hpp>
#include <fokker/sample_adaptively.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/bosh3.hpp>

#undef CHECK  // libtorch has one, too
#include "support/catch.hpp"
#include "support/engines.hpp"

namespace fk = fokker;
namespace backend = fk::backend;
using backend::torch_module;
using backend::torch_tensor;
using test::guided, test::a_level, test::net, test::seeded;

static_assert(fk::tensor_backend<at::Tensor>);
static_assert(fk::tensor_backend<torch_tensor<double>>);
static_assert(fk::tensor_backend<torch_tensor<fk::bfloat16>>);
static_assert(fk::has_rebind<at::Tensor, fk::half>);
static_assert(fk::copies_share_memory<at::Tensor>);

struct elsewhere {  // stands for kernel::cuda
  int stream = 0;
};
static_assert(fk::tensor_backend<torch_tensor<float, elsewhere>>);

namespace {

torch::jit::Module module(const char* source) {
  torch::jit::Module m("network");
  m.register_parameter("weight", at::full({}, 0.5, at::kFloat), false);
  m.define(std::string(source) + "\n");
  return m;
}

}  // namespace

TEMPLATE_TEST_CASE("a tensor of libtorch gets the bits that memory of the host gets", "", float, double, fk::half,
                   fk::bfloat16) {
  using E = TestType;
  std::vector<E> memory(2 * 3 * 4 * 4, E(0.0f));
  CHECK(fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, backend::host_view{memory.data(), {2, 3, 4, 4}}));
  at::Tensor x = at::zeros({2, 3, 4, 4}, backend::torch_type<E>());
  const bool done = backend::torch_typed(x, [](auto typed) {
    return fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, typed);
  });
  CHECK(done);
  const E* data = static_cast<const E*>(x.data_ptr());
  for (std::size_t i = 0; i < memory.size(); ++i) CHECK(static_cast<double>(data[i]) == static_cast<double>(memory[i]));
}

TEST_CASE("a module denoises tensors of libtorch and memory of the host alike") {
  const torch::jit::Module half = module("def forward(self, x, label):\n  return x * self.weight");
  const torch::jit::Module quarter = module("def forward(self, x, label):\n  return x * (self.weight * self.weight)");
  const fk::denoisers modules{torch_module(half), torch_module(quarter)};
  std::vector<float> memory(2 * 5), wanted(2 * 5);
  at::Tensor x = at::empty({2, 5});
  CHECK(fk::sample(guided(), modules, seeded, x));
  CHECK(fk::sample(guided(), modules, seeded, backend::host_view{memory.data(), {2, 5}}));
  CHECK(fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, backend::host_view{wanted.data(), {2, 5}}));
  CHECK(memory == wanted);
  CHECK(std::vector<float>(x.data_ptr<float>(), x.data_ptr<float>() + 10) == wanted);
  // A network in half precision beside x in float.
  torch::jit::Module rounded = half;
  rounded.to(at::kHalf);
  at::Tensor y = at::empty({2, 5});
  const auto plan = guided();
  CHECK(
      fk::sample(plan, fk::runs_in<fk::half>(fk::denoisers{torch_module(rounded), torch_module(rounded)}), seeded, y));
  CHECK(fk::sample(plan, fk::runs_in<fk::half>(fk::denoisers{net<2>, net<2>}), seeded,
                   backend::host_view{wanted.data(), {2, 5}}));
  CHECK(std::vector<float>(y.data_ptr<float>(), y.data_ptr<float>() + 10) == wanted);
}

TEST_CASE("what a module returns becomes the output, and is copied where somebody else holds it") {
  const at::Tensor x = at::ones({2, 3});
  at::Tensor out = at::empty({2, 3});
  const void* const before = out.data_ptr();
  torch::jit::Module trained = module("def forward(self, x, label):\n  return x * self.weight");
  for (at::Tensor weight : trained.parameters()) weight.requires_grad_(true);
  torch_module{trained}(out, x, a_level);
  CHECK(out.data_ptr() != before);
  CHECK_FALSE(out.requires_grad());
  CHECK(out.equal(at::full({2, 3}, 0.5)));
  for (const char* source :
       {"def forward(self, x, label):\n  return x", "def forward(self, x, label):\n  return x.view(2, 3)",
        "def forward(self, x, label):\n  return self.weight.expand(2, 3) * 2",
        "def forward(self, x, label):\n  return (x * 2).t().contiguous().t() / 2"}) {
    at::Tensor other = at::empty({2, 3});
    torch_module{module(source)}(other, x, a_level);
    CHECK(other.data_ptr() != x.data_ptr());
    CHECK(other.is_contiguous());
    CHECK(other.equal(x));
  }
}

TEST_CASE("a module is told the label of each sample, and what else the user has") {
  const torch::jit::Module network =
      module("def forward(self, x, label, shift, scale: float):\n  return x * 0 + label.unsqueeze(1) * scale + shift");
  const torch_module denoiser(network, backend::torch_inputs{{at::full({2, 3}, 0.5), 2.0}});
  at::Tensor out = at::empty({2, 3});
  const at::Tensor x = at::ones({2, 3});
  denoiser(out, x, a_level);
  CHECK(out.equal(at::full({2, 3}, 14.5)));
  fk::level later = a_level;
  later.label = 1000.001953125;  // float32 holds it
  const std::vector<fk::level> each{a_level, later};
  denoiser(out, x, std::span<const fk::level>(each));
  CHECK(out.equal(at::tensor({14.5f, 14.5f, 14.5f, 2000.50390625f, 2000.50390625f, 2000.50390625f}).view({2, 3})));

  // Labels stay exact beside an x of few bits.
  const torch_module rounded(module("def forward(self, x, label):\n  return x * 0 + (label.unsqueeze(1) - 750).to(x)"));
  torch_tensor<fk::bfloat16> few{at::ones({2, 3}, at::kBFloat16)}, said{at::empty({2, 3}, at::kBFloat16)};
  later.label = 751;
  rounded(said, few, later);
  CHECK(said.tensor.equal(few.tensor));

  // Inputs by a function of the user's: timesteps as integers, and levels where a network takes two.
  const auto integers = [](const at::Tensor& in, const fk::level& level) {
    return std::vector<c10::IValue>{in, at::full({1}, static_cast<std::int64_t>(level.label), at::kLong)};
  };
  torch_module(module("def forward(self, x, t):\n  return x * 0 + t // 2"), integers)(out, x, a_level);
  CHECK(out.equal(at::full({2, 3}, 3.0)));
  const auto both = [](const at::Tensor& in, const fk::level& from, const fk::level& to) {
    return std::vector<c10::IValue>{in, from.label, to.label};
  };
  const torch_module mean(module("def forward(self, x, s: float, t: float):\n  return x * (s - t)"), both);
  static_assert(fk::takes_two_levels<const decltype(mean), at::Tensor>);
  mean(out, x, later, a_level);
  CHECK(out.equal(at::full({2, 3}, 744.0)));
}

TEST_CASE("samples that step by themselves are told levels of their own") {
  const torch_module denoiser(
      module("def forward(self, x, label):\n  return x * self.weight + 0 * label.unsqueeze(1)"));
  const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 6},
                          fk::solver::bosh3{});
  at::Tensor x = at::empty({3, 4});
  std::vector<float> memory(3 * 4);
  fk::sample_adaptively(plan, denoiser, seeded, x);
  fk::sample_adaptively(plan, denoiser, seeded, backend::host_view{memory.data(), {3, 4}});
  CHECK(std::vector<float>(x.data_ptr<float>(), x.data_ptr<float>() + 12) == memory);
}

TEST_CASE("tensors and modules that do not fit are refused") {
  using Catch::Contains;
  at::Tensor x = at::ones({2, 3}), out = at::empty({2, 3});
  const auto run = [&](at::Tensor tensor) { fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, tensor); };
  CHECK_THROWS_WITH(run(x.t()),
                    "fokker: the memory of x is not contiguous; allowed: elements that lie row by row: copy "
                    "it into such memory");
  CHECK_THROWS_WITH(run(x.to(at::kDouble)),
                    "fokker: the element type of the tensor is Double; allowed: Float; Float, Double, Half and "
                    "BFloat16 as backend::torch_typed(x, f) gives them");
  CHECK_THROWS_WITH(run({}), "fokker: a tensor of libtorch is not defined; allowed: one that has memory");
  CHECK_THROWS_WITH(run(at::ones({})), Contains("the shape of x is (); allowed: at least one sample"));
  CHECK_THROWS_WITH(backend::torch_typed(x.to(at::kLong), [](auto) {}),
                    "fokker: the element type of the tensor is Long; allowed: Float, Double, Half or BFloat16");
  const torch_tensor<float, elsewhere> far{x, {7}};
  CHECK(backend::tensor<torch_tensor<float, elsewhere>>::space(far).stream == 7);
  CHECK_THROWS_WITH((backend::tensor<torch_tensor<float, elsewhere>>::shape(far)),
                    "fokker: the device of the tensor is cpu; allowed: cuda");
  CHECK_THROWS_WITH(run(at::empty({2, 3}, at::device(at::kMeta))), Contains("the device of the tensor is meta"));

  const auto call = [&](const char* source, std::vector<c10::IValue> conditions = {}) {
    torch_module(module(source), backend::torch_inputs{std::move(conditions)})(out, x, a_level);
  };
  CHECK_THROWS_WITH(call("def forward(self, x, label, text):\n  return x + text"),
                    "fokker: the number of inputs is 2; allowed: 3, those of the module: x, label, text");
  CHECK_THROWS_WITH(call("def forward(self, x):\n  return x", {1.0}), Contains("allowed: 1, those of the module: x"));
  CHECK_NOTHROW(call("def forward(self, x, label, scale: float = 1.0):\n  return x * scale"));
  CHECK_THROWS_WITH(call("def forward(self, x, label):\n  return x, label"),
                    "fokker: what the module returns is Tuple; allowed: a tensor: wrap a module that returns more");
  CHECK_THROWS_WITH(call("def forward(self, x, label):\n  return x.double()"),
                    "fokker: the element type of what the module returns is Double; allowed: Float, that of x");
  CHECK_THROWS_WITH(call("def forward(self, x, label):\n  return x[0]"),
                    "fokker: the shape of what the module returns is (3); allowed: (2, 3), that of x");
}
