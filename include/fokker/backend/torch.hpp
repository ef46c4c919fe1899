// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/bfloat16.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/half.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/level.hpp>

namespace fokker::inline v0::backend {

/// What libtorch calls an element, which is here E, bit for bit.
template <class E>
[[nodiscard]] constexpr at::ScalarType torch_type() {
  if constexpr (std::is_same_v<E, double>)
    return at::ScalarType::Double;
  else if constexpr (std::is_same_v<E, half>)
    return at::ScalarType::Half;
  else if constexpr (std::is_same_v<E, bfloat16>)
    return at::ScalarType::BFloat16;
  else
    return at::ScalarType::Float;
}

/// A tensor of libtorch whose elements are E: its type knows at run time what a run knows from the start. It refers to
/// the same memory, that of the host or, with `kernel::cuda` and its stream as `on`, of a device. There that stream is
/// to be libtorch's current one, in whose order networks and allocations are.
template <class E, class Space = kernel::host>
struct torch_tensor {
  using element = E;
  at::Tensor tensor;
  Space on = {};
};

/// What is common to at::Tensor, which is one of floats on the host, and torch_tensor.
template <class T, class E, class Space>
struct torch_tensor_of {
  using element = E;
  [[nodiscard]] static E* data(const T& t) { return static_cast<E*>(tensor_of(t).data_ptr()); }
  /// Throws std::invalid_argument where the elements are of another type, or in other memory.
  [[nodiscard]] static extents shape(const T& t) {
    const at::Tensor& x = tensor_of(t);
    if (!x.defined()) detail::refuse("a tensor of libtorch", "not defined", "one that has memory");
    constexpr bool host = std::is_same_v<Space, kernel::host>;
    if (x.is_cpu() != host)
      detail::refuse("the device of the tensor", x.device().str(),
                     host ? "cpu; on a CUDA device backend::torch_tensor<E, kernel::cuda>{x, {stream}}" : "cuda");
    if (x.scalar_type() != torch_type<E>())
      detail::refuse("the element type of the tensor", at::toString(x.scalar_type()),
                     detail::joined({at::toString(torch_type<E>()),
                                     "; Float, Double, Half and BFloat16 as backend::torch_typed(x, f) gives them"}));
    return extents(x.sizes());
  }
  [[nodiscard]] static bool is_contiguous(const T& t) { return tensor_of(t).is_contiguous(); }
  [[nodiscard]] static Space space(const T& t) {
    if constexpr (requires { t.on; })
      return t.on;
    else
      return {};
  }
  template <class F>
  using rebind = std::conditional_t<std::is_same_v<E, F>, T, torch_tensor<F, Space>>;
  template <class F = E>
  [[nodiscard]] static rebind<F> like(const T& t) {
    const at::Tensor& x = tensor_of(t);
    at::Tensor made = at::empty(x.sizes(), x.options().dtype(torch_type<F>()));
    if constexpr (std::is_same_v<rebind<F>, at::Tensor>)
      return made;
    else
      return {made, space(t)};
  }

 private:
  [[nodiscard]] static const at::Tensor& tensor_of(const T& t) {
    if constexpr (requires { t.tensor; })
      return t.tensor;
    else
      return t;
  }
};

template <>
struct tensor<at::Tensor> : torch_tensor_of<at::Tensor, float, kernel::host> {};
template <class E, class Space>
struct tensor<torch_tensor<E, Space>> : torch_tensor_of<torch_tensor<E, Space>, E, Space> {};

/// f(torch_tensor<E>) for the E that the tensor has. Throws std::invalid_argument where that is none of the library's.
template <class F, class Space = kernel::host>
auto torch_typed(const at::Tensor& x, F&& f, Space on = {}) {
  switch (x.scalar_type()) {
    case at::ScalarType::Float:
      return f(torch_tensor<float, Space>{x, on});
    case at::ScalarType::Double:
      return f(torch_tensor<double, Space>{x, on});
    case at::ScalarType::Half:
      return f(torch_tensor<half, Space>{x, on});
    case at::ScalarType::BFloat16:
      return f(torch_tensor<bfloat16, Space>{x, on});
    default:
      detail::refuse("the element type of the tensor", at::toString(x.scalar_type()),
                     "Float, Double, Half or BFloat16");
  }
}

/// Any tensor as one of libtorch's, in the same memory, which must outlive it.
template <tensor_backend T>
[[nodiscard]] at::Tensor as_torch(const T& t) {
  if constexpr (std::is_same_v<T, at::Tensor>) {
    return t;
  } else if constexpr (requires { at::Tensor(t.tensor); }) {
    return t.tensor;
  } else {
    using backend = backend::tensor<T>;
    using element = typename backend::element;
    const extents shape = backend::shape(t);
    std::array<std::int64_t, extents::max_rank> sizes{};
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = static_cast<std::int64_t>(shape.extent[i]);
    constexpr bool host = std::is_same_v<typename detail::space_of<T>::type, kernel::host>;
    return at::from_blob(const_cast<element*>(backend::data(t)),
                         at::IntArrayRef(sizes.data(), static_cast<std::size_t>(shape.rank)),
                         at::device(host ? at::kCPU : at::kCUDA).dtype(torch_type<element>()));
  }
}

/// What a module is given: x, the label of each sample, as float32 or, beside doubles, float64, and the conditions.
struct torch_inputs {
  std::vector<c10::IValue> conditions = {};

  [[nodiscard]] std::vector<c10::IValue> operator()(const at::Tensor& x, const level& at) const {
    return with(x, at::full({x.size(0)}, at.label, of_labels(x)));
  }
  [[nodiscard]] std::vector<c10::IValue> operator()(const at::Tensor& x, std::span<const level> each) const {
    std::vector<double> labels;
    for (const level& at : each) labels.push_back(at.label);
    return with(x, at::tensor(labels, at::kDouble).to(of_labels(x)));
  }

 private:
  [[nodiscard]] static at::TensorOptions of_labels(const at::Tensor& x) {
    return x.options().dtype(x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
  }
  [[nodiscard]] std::vector<c10::IValue> with(const at::Tensor& x, const at::Tensor& labels) const {
    std::vector<c10::IValue> all{x, labels};
    all.insert(all.end(), conditions.begin(), conditions.end());
    return all;
  }
};

/// A TorchScript module as a denoiser of any tensor. Its `forward` takes what `inputs(x, level)` gives and returns the
/// prediction, whose memory becomes that of `out` where both are libtorch's and nobody else holds it, and is copied
/// where not. No gradient is recorded. Throws std::invalid_argument where the module takes another number of inputs, or
/// returns anything but a tensor of the shape, type and device of x.
template <class Inputs = torch_inputs>
class torch_module {
 public:
  explicit torch_module(torch::jit::Module module, Inputs inputs = {})
      : module_(std::move(module)), inputs_(std::move(inputs)) {}

  template <class T, class At>
  requires requires(const Inputs& inputs, const at::Tensor& x, const At& at) { inputs(x, at); }
  void operator()(T& out, const T& x, const At& at) const {
    const at::NoGradGuard no_gradient;
    const at::Tensor read = as_torch(x);
    write(out, said(read, inputs_(read, at)));
  }
  /// Of two levels: where x is, and where it goes.
  template <class T>
  requires requires(const Inputs& inputs, const at::Tensor& x, const level& at) { inputs(x, at, at); }
  void operator()(T& out, const T& x, const level& from, const level& to) const {
    const at::NoGradGuard no_gradient;
    const at::Tensor read = as_torch(x);
    write(out, said(read, inputs_(read, from, to)));
  }

 private:
  [[nodiscard]] at::Tensor said(const at::Tensor& x, std::vector<c10::IValue> inputs) const {
    const torch::jit::Method forward = module_.get_method("forward");
    const auto& arguments = forward.function().getSchema().arguments();
    std::size_t needed = 0;
    std::string names;
    for (std::size_t i = 1; i < arguments.size(); ++i) {  // 0 is the module itself
      needed += arguments[i].default_value() ? 0 : 1;
      names += (i > 1 ? ", " : "") + arguments[i].name();
    }
    if (inputs.size() < needed || inputs.size() + 1 > arguments.size())
      detail::refuse("the number of inputs", inputs.size(),
                     detail::joined({detail::text(needed), ", those of the module: ", names}));
    c10::IValue value = forward(std::move(inputs));
    if (!value.isTensor())
      detail::refuse("what the module returns", value.tagKind(), "a tensor: wrap a module that returns more");
    at::Tensor result = std::move(value).toTensor();
    if (result.scalar_type() != x.scalar_type())
      detail::refuse("the element type of what the module returns", at::toString(result.scalar_type()),
                     detail::joined({at::toString(x.scalar_type()), ", that of x"}));
    if (result.device() != x.device())
      detail::refuse("the device of what the module returns", result.device().str(),
                     detail::joined({x.device().str(), ", that of x"}));
    detail::require_shape(extents(result.sizes()), extents(x.sizes()), "what the module returns");
    return result;
  }
  template <class T>
  static void write(T& out, at::Tensor&& result) {
    const bool alone = result.use_count() == 1 && result.storage().use_count() == 1 && result.is_contiguous();
    if constexpr (std::is_same_v<T, at::Tensor>) {
      if (alone) return static_cast<void>(out = std::move(result));
    } else if constexpr (requires { at::Tensor(out.tensor); }) {
      if (alone) return static_cast<void>(out.tensor = std::move(result));
    }
    as_torch(out).copy_(result);
  }

  torch::jit::Module module_;
  Inputs inputs_;
};

}  // namespace fokker::inline v0::backend
