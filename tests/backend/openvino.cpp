// SPDX-License-Identifier: MIT
#include <fokker/backend/openvino.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include <openvino/opsets/opset13.hpp>
#include <openvino/runtime/core.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/sample.hpp>

#include "support/catch.hpp"
#include "support/engines.hpp"

namespace fk = fokker;
namespace backend = fk::backend;
using backend::openvino_model;
using backend::openvino_tensor;
using test::guided, test::a_level, test::net, test::seeded;

static_assert(fk::tensor_backend<ov::Tensor>);
static_assert(fk::tensor_backend<openvino_tensor<double>>);
static_assert(fk::tensor_backend<openvino_tensor<fk::bfloat16>>);
static_assert(fk::has_rebind<ov::Tensor, fk::half>);
static_assert(fk::copies_share_memory<ov::Tensor>);
static_assert(!std::is_copy_constructible_v<openvino_model>);

namespace {

namespace op = ov::opset13;
using parts = std::vector<std::shared_ptr<op::Parameter>>;

std::shared_ptr<op::Parameter> input(const char* name, const ov::PartialShape& shape,
                                     ov::element::Type type = ov::element::f32) {
  const auto made = std::make_shared<op::Parameter>(type, shape);
  made->output(0).set_names({name});
  return made;
}
std::shared_ptr<ov::Node> number(float value) { return op::Constant::create(ov::element::f32, {}, {value}); }

ov::CompiledModel compiled(const ov::OutputVector& results, const parts& inputs) {
  static ov::Core core;
  return core.compile_model(std::make_shared<ov::Model>(results, inputs), "CPU",
                            ov::hint::inference_precision(ov::element::f32), ov::inference_num_threads(1));
}
/// x * share + 0 * label, which has one rounding.
ov::CompiledModel scaled(const ov::PartialShape& shape, const ov::PartialShape& label, float share,
                         ov::element::Type type = ov::element::f32) {
  const parts inputs{input("x", shape, type), input("label", label)};
  const auto product =
      std::make_shared<op::Multiply>(std::make_shared<op::Convert>(inputs[0], ov::element::f32), number(share));
  const auto nothing = std::make_shared<op::Multiply>(
      std::make_shared<op::ReduceSum>(inputs[1], op::Constant::create(ov::element::i64, {1}, {0})), number(0));
  return compiled({std::make_shared<op::Convert>(std::make_shared<op::Add>(product, nothing), type)}, inputs);
}

}  // namespace

TEMPLATE_TEST_CASE("a tensor of OpenVINO gets the bits that memory of the host gets", "", float, double, fk::half,
                   fk::bfloat16) {
  using E = TestType;
  std::vector<E> memory(2 * 3 * 4 * 4, E(0.0f));
  CHECK(fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, backend::host_view{memory.data(), {2, 3, 4, 4}}));
  const openvino_tensor<E> x{ov::Tensor(backend::openvino_type<E>(), {2, 3, 4, 4})};
  CHECK(fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, x));
  const E* data = backend::tensor<openvino_tensor<E>>::data(x);
  for (std::size_t i = 0; i < memory.size(); ++i) CHECK(static_cast<double>(data[i]) == static_cast<double>(memory[i]));
}

TEST_CASE("a model denoises tensors of OpenVINO and memory of the host alike") {
  const ov::CompiledModel half = scaled({2, 5}, {1}, 0.5f), quarter = scaled({2, 5}, {2}, 0.25f);
  std::vector<float> memory(2 * 5), wanted(2 * 5);
  ov::Tensor x(ov::element::f32, {2, 5});
  fk::denoisers models{openvino_model(half), openvino_model(quarter)};
  CHECK(fk::sample(guided(), models, seeded, x));
  CHECK(fk::sample(guided(), models, seeded, backend::host_view{memory.data(), {2, 5}}));
  CHECK(fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, backend::host_view{wanted.data(), {2, 5}}));
  CHECK(memory == wanted);
  CHECK(std::vector<float>(x.data<float>(), x.data<float>() + 10) == wanted);
  // A network in half precision beside x in float, and one whose samples are pictures beside rows.
  const ov::CompiledModel rounded = scaled({2, 1, 5, 1}, {2}, 0.5f, ov::element::f16);
  CHECK(fk::sample(guided(), fk::runs_in<fk::half>(fk::denoisers{openvino_model(rounded), openvino_model(rounded)}),
                   seeded, x));
  CHECK(fk::sample(guided(), fk::runs_in<fk::half>(fk::denoisers{net<2>, net<2>}), seeded,
                   backend::host_view{wanted.data(), {2, 5}}));
  CHECK(std::vector<float>(x.data<float>(), x.data<float>() + 10) == wanted);
}

TEST_CASE("a model reads and writes where the run has x and its prediction") {
  ov::InferRequest request = scaled({2, 3}, {2}, 0.5f).create_infer_request();
  openvino_model model(request);
  std::vector<float> x(6, 3), out(6), later(6, 5), other(6);
  const auto call = [&](std::vector<float>& to, std::vector<float>& from) {
    backend::host_view<float> written{to.data(), {2, 3}};
    model(written, backend::host_view<float>{from.data(), {2, 3}}, a_level);
    CHECK(request.get_input_tensor(0).data() == from.data());
    CHECK(request.get_output_tensor(0).data() == to.data());
  };
  call(out, x);
  CHECK(out == std::vector<float>(6, 1.5f));
  call(other, later);
  CHECK(other == std::vector<float>(6, 2.5f));
  CHECK(out == std::vector<float>(6, 1.5f));
  later.assign(6, 8);
  call(other, later);
  CHECK(other == std::vector<float>(6, 4));
}

TEST_CASE("a model is told the label of each sample, and what else the user has") {
  for (const auto type : {ov::element::f32, ov::element::f64, ov::element::i32, ov::element::i64}) {
    // In another order: the condition, the label, x.
    const parts inputs{input("shift", {2, 1}), input("label", {2, 1}, type), input("x", {2, 3})};
    const auto sum = std::make_shared<op::Add>(
        inputs[2], std::make_shared<op::Add>(inputs[0], std::make_shared<op::Convert>(inputs[1], ov::element::f32)));
    ov::Tensor shift(ov::element::f32, {2, 1});
    shift.data<float>()[0] = 100;
    shift.data<float>()[1] = 200;
    openvino_model model(compiled({sum}, inputs), {.x = 2, .label = 1, .conditions = {shift}});
    ov::Tensor x(ov::element::f32, {2, 3}), out(ov::element::f32, {2, 3});
    std::fill_n(x.data<float>(), 6, 1.0f);
    model(out, x, a_level);
    CHECK(std::vector<float>(out.data<float>(), out.data<float>() + 6) ==
          std::vector<float>{108, 108, 108, 208, 208, 208});
    std::vector<fk::level> each{a_level, a_level};
    each[1].label = 999;
    model(out, x, std::span<const fk::level>(each));
    CHECK(std::vector<float>(out.data<float>(), out.data<float>() + 6) ==
          std::vector<float>{108, 108, 108, 1200, 1200, 1200});
  }
}

TEST_CASE("tensors and models that do not fit are refused") {
  using Catch::Contains;
  const auto run = [&](ov::Tensor tensor) { fk::sample(guided(), fk::denoisers{net<2>, net<4>}, seeded, tensor); };
  CHECK_THROWS_WITH(run(ov::Tensor(ov::element::f64, {2, 3})),
                    "fokker: the element type of the tensor is f64; allowed: f32; f32, f64, f16 and bf16 are those of "
                    "backend::openvino_tensor<E>{x}");
  CHECK_THROWS_WITH(run(ov::Tensor(ov::Tensor(ov::element::f32, {4, 6}), {0, 0}, {4, 3})),
                    Contains("fokker: the memory of x is not contiguous"));
  CHECK_THROWS_WITH(run({}), "fokker: the memory of a tensor of OpenVINO is none; allowed: memory of the host");
  CHECK_THROWS_WITH(run(ov::Tensor(ov::element::f32, {})), Contains("the shape of x is (); allowed: at least one"));

  CHECK_THROWS_WITH(openvino_model(scaled({-1, 3}, {1}, 1)),
                    "fokker: the shape of the model's input x is [?,3]; allowed: a static one, as OpenVINO copies what "
                    "is dynamic: call reshape before compile_model");
  CHECK_THROWS_WITH(openvino_model(scaled({2, 3}, {1}, 1), {.conditions = {ov::Tensor(ov::element::f32, {1})}}),
                    "fokker: the number of inputs of the model is 2; allowed: 3, which are x, the label and 1 "
                    "conditions that are given: the model has x, label");
  CHECK_THROWS_WITH(openvino_model(scaled({2, 3}, {1}, 1), {.label = 2}), Contains("allowed: two places below 2"));
  const auto given = [](ov::Tensor condition) {
    const parts inputs{input("x", {2, 3}), input("label", {2}), input("text", {2, 1})};
    const auto sum = std::make_shared<op::Add>(inputs[0], inputs[2]);
    openvino_model(compiled({sum, inputs[1]}, inputs), {.conditions = {condition}});
  };
  CHECK_THROWS_WITH(given(ov::Tensor(ov::element::f32, {2, 1})),
                    "fokker: the number of outputs of the model is 2; allowed: 1, the prediction");
  const auto conditioned = [](ov::Tensor condition, ov::element::Type type = ov::element::f32) {
    const parts inputs{input("x", {2, 3}), input("label", {2}, type), input("text", {2, 1})};
    openvino_model(compiled({std::make_shared<op::Add>(inputs[0], inputs[2])}, inputs), {.conditions = {condition}});
  };
  CHECK_THROWS_WITH(conditioned(ov::Tensor(ov::element::f64, {2, 1})),
                    "fokker: the element type of the model's input text is f32; allowed: f64, that of the condition");
  CHECK_THROWS_WITH(conditioned(ov::Tensor(ov::element::f32, {4, 1})),
                    "fokker: the shape of the model's input text is [2,1]; allowed: [4,1], that of the condition");
  CHECK_THROWS_WITH(conditioned({}), Contains("allowed: that of a condition with memory"));
  CHECK_THROWS_WITH(conditioned(ov::Tensor(ov::element::f32, {2, 1}), ov::element::u8),
                    "fokker: the element type of the model's input label is u8; allowed: f32, f64, i64 or i32, for a "
                    "label");

  std::vector<float> x(8), out(8);
  const auto call = [&](const ov::CompiledModel& compiled, backend::extents shape, bool each = false) {
    openvino_model model(compiled);
    backend::host_view<float> to{out.data(), shape};
    const std::vector<fk::level> levels(2, a_level);
    if (each)
      model(to, backend::host_view<float>{x.data(), shape}, std::span<const fk::level>(levels));
    else
      model(to, backend::host_view<float>{x.data(), shape}, a_level);
  };
  CHECK_THROWS_WITH(call(scaled({2, 3}, {1}, 1), {2, 4}),
                    "fokker: the shape of the model's input x is [2,3]; allowed: (2, 4), that of x, or as many samples "
                    "and elements");
  CHECK_THROWS_WITH(call(scaled({2, 3}, {1}, 1), {3, 2}), Contains("allowed: (3, 2), that of x"));
  CHECK_THROWS_WITH(call(scaled({2, 3}, {1}, 1, ov::element::f16), {2, 3}),
                    "fokker: the element type of the model's input x is f16; allowed: f32, that of x");
  CHECK_THROWS_WITH(call(scaled({2, 3}, {1}, 1), {2, 3}, true),
                    "fokker: the shape of the model's input label is [1]; allowed: 2, a label for each sample");
}
