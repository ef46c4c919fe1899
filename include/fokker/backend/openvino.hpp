// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <openvino/runtime/remote_tensor.hpp>
#include <openvino/runtime/tensor.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/bfloat16.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/half.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/level.hpp>

namespace fokker::inline v0::backend {

/// What OpenVINO calls an element, which is here E, bit for bit.
template <class E>
[[nodiscard]] ov::element::Type openvino_type() {
  if constexpr (std::is_same_v<E, double>)
    return ov::element::f64;
  else if constexpr (std::is_same_v<E, half>)
    return ov::element::f16;
  else if constexpr (std::is_same_v<E, bfloat16>)
    return ov::element::bf16;
  else
    return ov::element::f32;
}

/// A tensor of OpenVINO whose elements are E: its type knows at run time what a run knows from the start. It refers to
/// the same memory, which is the host's.
template <class E>
struct openvino_tensor {
  ov::Tensor tensor;
};

/// What is common to ov::Tensor, which is one of floats, and openvino_tensor.
template <class T, class E>
struct openvino_tensor_of {
  using element = E;
  [[nodiscard]] static E* data(const T& t) {
    ov::Tensor same = tensor_of(t);
    return static_cast<E*>(same.data());
  }
  /// Throws std::invalid_argument where the elements are of another type, or not in memory of the host.
  [[nodiscard]] static extents shape(const T& t) {
    const ov::Tensor& x = tensor_of(t);
    if (!x || x.is<ov::RemoteTensor>())
      detail::refuse("the memory of a tensor of OpenVINO", x ? "that of a device" : "none", "memory of the host");
    if (x.get_element_type() != openvino_type<E>())
      detail::refuse("the element type of the tensor", x.get_element_type().to_string(),
                     detail::joined({openvino_type<E>().to_string(),
                                     "; f32, f64, f16 and bf16 are those of backend::openvino_tensor<E>{x}"}));
    return extents(x.get_shape());
  }
  [[nodiscard]] static bool is_contiguous(const T& t) { return !tensor_of(t) || tensor_of(t).is_continuous(); }
  [[nodiscard]] static kernel::host space(const T&) { return {}; }
  template <class F>
  using rebind = std::conditional_t<std::is_same_v<E, F>, T, openvino_tensor<F>>;
  template <class F = E>
  [[nodiscard]] static rebind<F> like(const T& t) {
    return {ov::Tensor(openvino_type<F>(), tensor_of(t).get_shape())};
  }

 private:
  [[nodiscard]] static const ov::Tensor& tensor_of(const T& t) {
    if constexpr (std::is_same_v<T, ov::Tensor>)
      return t;
    else
      return t.tensor;
  }
};

template <>
struct tensor<ov::Tensor> : openvino_tensor_of<ov::Tensor, float> {};
template <class E>
struct tensor<openvino_tensor<E>> : openvino_tensor_of<openvino_tensor<E>, E> {};

/// Which inputs of a model are x and the label; what the others are given, in their order, for all calls.
struct openvino_inputs {
  std::size_t x = 0, label = 1;
  std::vector<ov::Tensor> conditions = {};
};

/// A model of OpenVINO, of static shapes, as a denoiser of any tensor of the host. It reads x and writes its prediction
/// where the run has them, without a copy. Its shape may have other dimensions than x, of as many samples and elements.
/// Throws std::invalid_argument where shapes, element types or the number of inputs do not fit. A copy would share its
/// request: it only moves.
class openvino_model {
 public:
  explicit openvino_model(ov::InferRequest request, openvino_inputs inputs = {})
      : request_(std::move(request)), model_(request_.get_compiled_model()), inputs_(std::move(inputs)) {
    const std::size_t count = model_.inputs().size(), given = inputs_.conditions.size();
    if (count != given + 2)
      detail::refuse("the number of inputs of the model", count,
                     detail::joined({detail::text(given + 2), ", which are x, the label and ", detail::text(given),
                                     " conditions that are given: the model has ", names()}));
    if (inputs_.x >= count || inputs_.label >= count || inputs_.x == inputs_.label)
      detail::refuse("the place of x or of the label", std::max(inputs_.x, inputs_.label),
                     detail::joined({"two places below ", detail::text(count)}));
    if (model_.outputs().size() != 1)
      detail::refuse("the number of outputs of the model", model_.outputs().size(), "1, the prediction");
    std::size_t next = 0;
    for (std::size_t i = 0; i < count; ++i) {
      require_static(model_.input(i), i);
      if (i != inputs_.x && i != inputs_.label) give(i, inputs_.conditions[next++]);
    }
    require_static(model_.output(0), count);
    const ov::Output<const ov::Node> port = model_.input(inputs_.label);
    constexpr std::array known{ov::element::Type_t::f32, ov::element::Type_t::f64, ov::element::Type_t::i64,
                               ov::element::Type_t::i32};
    if (std::find(known.begin(), known.end(), port.get_element_type()) == known.end())
      detail::refuse(type_of(inputs_.label), port.get_element_type().to_string(), "f32, f64, i64 or i32, for a label");
    labels_ = ov::Tensor(port.get_element_type(), port.get_shape());
    request_.set_input_tensor(inputs_.label, labels_);
  }
  explicit openvino_model(ov::CompiledModel model, openvino_inputs inputs = {})
      : openvino_model(model.create_infer_request(), std::move(inputs)) {}
  openvino_model(openvino_model&&) = default;
  openvino_model& operator=(openvino_model&&) = default;

  template <class T>
  requires std::is_same_v<typename detail::space_of<T>::type, kernel::host>
  void operator()(T& out, const T& x, const level& at) { call(out, x, std::span(&at, 1)); }
  /// The label of each sample, where the model takes as many.
  template <class T>
  requires std::is_same_v<typename detail::space_of<T>::type, kernel::host>
  void operator()(T& out, const T& x, std::span<const level> each) { call(out, x, each); }

 private:
  [[nodiscard]] std::string name(std::size_t i) const {
    if (i == model_.inputs().size()) return "the model's output";
    const auto& named = model_.input(i).get_names();
    return detail::joined({"the model's input ", named.empty() ? detail::text(i) : *named.begin()});
  }
  [[nodiscard]] std::string names() const {
    std::string all;
    for (const auto& port : model_.inputs())
      all += (all.empty() ? "" : ", ") + (port.get_names().empty() ? "one without a name" : *port.get_names().begin());
    return all;
  }
  [[nodiscard]] std::string type_of(std::size_t i) const { return detail::joined({"the element type of ", name(i)}); }
  [[nodiscard]] std::string shape_of(std::size_t i) const { return detail::joined({"the shape of ", name(i)}); }

  void require_static(const ov::Output<const ov::Node>& port, std::size_t i) const {
    if (port.get_partial_shape().is_dynamic())
      detail::refuse(shape_of(i), port.get_partial_shape().to_string(),
                     "a static one, as OpenVINO copies what is dynamic: call reshape before compile_model");
  }
  void give(std::size_t i, const ov::Tensor& condition) {
    const ov::Output<const ov::Node> port = model_.input(i);
    if (!condition || condition.get_element_type() != port.get_element_type())
      detail::refuse(type_of(i), port.get_element_type().to_string(),
                     condition ? detail::joined({condition.get_element_type().to_string(), ", that of the condition"})
                               : "that of a condition with memory");
    if (condition.get_shape() != port.get_shape())
      detail::refuse(shape_of(i), port.get_shape().to_string(),
                     detail::joined({condition.get_shape().to_string(), ", that of the condition"}));
    request_.set_input_tensor(i, condition);
  }

  /// The port i as a tensor of memory that is not its own.
  template <class E>
  [[nodiscard]] ov::Tensor bound(const ov::Output<const ov::Node>& port, std::size_t i, E* memory,
                                 const extents& shape) const {
    if (port.get_element_type() != openvino_type<E>())
      detail::refuse(type_of(i), port.get_element_type().to_string(),
                     detail::joined({openvino_type<E>().to_string(), ", that of x"}));
    const ov::Shape& wanted = port.get_shape();
    if (wanted.empty() || wanted[0] != shape.samples() || ov::shape_size(wanted) != shape.size())
      detail::refuse(shape_of(i), wanted.to_string(),
                     detail::joined({to_string(shape), ", that of x, or as many samples and elements"}));
    return {port.get_element_type(), wanted, memory};
  }
  void write_labels(std::span<const level> each) {
    const std::size_t count = labels_.get_size();
    if (each.size() != 1 && each.size() != count)
      detail::refuse(shape_of(inputs_.label), labels_.get_shape().to_string(),
                     detail::joined({detail::text(each.size()), ", a label for each sample"}));
    const auto write = [&]<class N>(N* to) {
      for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<N>(each[each.size() == 1 ? 0 : i].label);
    };
    switch (labels_.get_element_type()) {
      case ov::element::Type_t::f64:
        return write(static_cast<double*>(labels_.data()));
      case ov::element::Type_t::i64:
        return write(static_cast<std::int64_t*>(labels_.data()));
      case ov::element::Type_t::i32:
        return write(static_cast<std::int32_t*>(labels_.data()));
      default:
        return write(static_cast<float*>(labels_.data()));
    }
  }
  template <class T>
  void call(T& out, const T& x, std::span<const level> each) {
    using backend = backend::tensor<T>;
    using element = typename backend::element;
    auto* const from = const_cast<element*>(backend::data(x));
    auto* const to = backend::data(out);
    const extents shape = backend::shape(x);
    if (from != from_ || to != to_ || !(shape == shape_) || openvino_type<element>() != type_) {  // else bound before
      const std::size_t result = model_.inputs().size();
      const ov::Tensor read = bound(model_.input(inputs_.x), inputs_.x, from, shape);
      const ov::Tensor written = bound(model_.output(0), result, to, shape);
      from_ = nullptr;
      request_.set_input_tensor(inputs_.x, read);
      request_.set_output_tensor(0, written);
      from_ = from, to_ = to, shape_ = shape, type_ = openvino_type<element>();
    }
    write_labels(each);
    request_.infer();
  }

  ov::InferRequest request_;
  ov::CompiledModel model_;
  openvino_inputs inputs_;
  ov::Tensor labels_;
  const void *from_ = nullptr, *to_ = nullptr;
  extents shape_;
  ov::element::Type type_;
};

}  // namespace fokker::inline v0::backend
