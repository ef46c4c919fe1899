// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/level.hpp>
#include <fokker/model/layer.hpp>

/// The networks that examples/train makes, of the library's layers, on the host or on a device: `Space` is host_layers
/// or cuda_layers of fokker::model. Each takes its weights from a `File` such as safetensors. None allocates after its
/// first call of a batch's size.
namespace example {

namespace layer = fokker::model::layer;

template <class Space>
class linear {
 public:
  template <class File>
  linear(const Space& on, const File& file, const std::string& name, std::size_t in, std::size_t out)
      : in_(in),
        out_(out),
        weight_(on.copied(file.template get<2>(name + ".weight", {out, in}).values)),
        bias_(on.copied(file.template get<1>(name + ".bias", {out}).values)) {}
  void operator()(const Space& on, std::size_t rows, const float* x, float* y) const {
    layer::linear(on, rows, in_, out_, x, weight_.data(), bias_.data(), y);
  }

 private:
  std::size_t in_, out_;
  typename Space::template memory<float> weight_, bias_;
};

/// What the networks work in, made anew where more is needed.
template <class Space>
class scratch {
 public:
  float* operator()(const Space& on, std::size_t size) {
    if (memory_.size() < size) memory_ = on.template make<float>(size);
    return memory_.data();
  }

 private:
  typename Space::template memory<float> memory_;
};

/// The classes that a batch is to be of: one, or one for each sample, beside `nothing`, which stands for none.
template <class Space>
class labels {
 public:
  labels(const Space& on, const std::vector<int>& classes, int nothing) {
    for (const int c : classes)
      if (c < 0 || c > nothing)
        throw std::invalid_argument("example: a class is " + std::to_string(c) + "; allowed is 0 to " +
                                    std::to_string(nothing));
    numbers_ = on.copied(classes);
  }
  /// The rows of a table for so many samples.
  [[nodiscard]] layer::picked_rows of(const float* table, std::size_t width, std::size_t samples) const {
    if (numbers_.size() != 1 && numbers_.size() != samples)
      throw std::invalid_argument("example: the number of classes is " + std::to_string(numbers_.size()) +
                                  "; allowed is 1, or " + std::to_string(samples) + ", one for each sample");
    return {table, width, numbers_.data(), numbers_.size()};
  }

 private:
  typename Space::template memory<int> numbers_;
};

/// A denoiser for one class, or for one of each sample: calls the network at the level's label.
template <class Network>
class of_class {
 public:
  of_class(Network& network, const std::vector<int>& classes)
      : network_(&network), labels_(network.on(), classes, Network::nothing) {}

  template <class T>
  void operator()(T& out, const T& x, const fokker::level& at) const {
    (*network_)(x, at.label, labels_, out);
  }

 private:
  Network* network_;
  labels<typename Network::space> labels_;
};
template <class Network>
of_class(Network&, std::vector<int>) -> of_class<Network>;

/// (x [n, 2], time, class) -> prediction [n, 2]: three residual layers.
template <class Space>
class spiral_network {
 public:
  using space = Space;
  static constexpr int nothing = 3;

  template <class File>
  explicit spiral_network(const File& file, Space on = {})
      : enter_(on, file, "enter", inputs, width),
        leave_(on, file, "leave", width, 2),
        name_(on.copied(file.template get<2>("name", {nothing + 1, width}).values)),
        on_(std::move(on)) {
    for (const char* i : {"0", "1", "2"}) hidden_.emplace_back(on_, file, std::string("hidden.") + i, width, width);
  }
  [[nodiscard]] const Space& on() const { return on_; }

  template <class T>
  void operator()(const T& x, double time, const labels<Space>& classes, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t rows = tensor::shape(x).samples(), count = rows * width;
    float *in = in_(on_, rows * inputs), *h = h_(on_, count), *active = active_(on_, count);
    float* change = change_(on_, count);
    layer::with_time(on_, rows, 2, octaves, tensor::data(x), time, in);
    enter_(on_, rows, in, h);
    layer::sum(on_, rows, width, layer::rows{h, width}, classes.of(name_.data(), width, rows), h);
    for (const linear<Space>& next : hidden_) {
      layer::silu(on_, count, h, active);
      next(on_, rows, active, change);
      layer::sum(on_, 1, count, layer::rows{h}, layer::rows{change}, h);
    }
    layer::silu(on_, count, h, active);
    leave_(on_, rows, active, tensor::data(out));
  }

 private:
  static constexpr std::size_t octaves = 8, inputs = 2 + 2 * octaves, width = 128;
  linear<Space> enter_, leave_;
  typename Space::template memory<float> name_;
  std::vector<linear<Space>> hidden_;
  Space on_;
  scratch<Space> in_, h_, active_, change_;
};

/// (x [n, 784], time, class) -> velocity [n, 784]: a transformer over 49 patches of 4 x 4, its layers modulated by time
/// and class (Peebles & Xie 2023).
template <class Space>
class fashion_network {
 public:
  using space = Space;
  static constexpr int nothing = 10;

  template <class File>
  explicit fashion_network(const File& file, Space on = {})
      : enter_(on, file, "enter", patch * patch, width),
        time1_(on, file, "time1", 2 * octaves, width),
        time2_(on, file, "time2", width, width),
        modulate_(on, file, "modulate", width, 6 * width),
        last_(on, file, "last", width, 2 * width),
        leave_(on, file, "leave", width, patch * patch),
        place_(on.copied(file.template get<2>("place", {tokens, width}).values)),
        name_(on.copied(file.template get<2>("name", {nothing + 1, width}).values)),
        on_(std::move(on)) {
    for (int i = 0; i < depth; ++i) blocks_.emplace_back(on_, file, "blocks." + std::to_string(i) + ".");
  }
  [[nodiscard]] const Space& on() const { return on_; }

  template <class T>
  void operator()(const T& x, double time, const labels<Space>& classes, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t samples = tensor::shape(x).samples(), rows = samples * tokens;
    float *in_patches = patch_(on_, rows * patch * patch), *h = h_(on_, rows * width);
    float *normed = normed_(on_, rows * width), *modulation = modulation_(on_, samples * 6 * width);
    float* ends = ends_(on_, samples * 2 * width);
    const float* embedded = embed(time, classes, samples);
    layer::to_patches(on_, samples, across, patch, tensor::data(x), in_patches);
    enter_(on_, rows, in_patches, h);
    layer::sum(on_, samples, tokens * width, layer::rows{h, tokens * width}, layer::rows{place_.data()}, h);
    modulate_(on_, samples, embedded, modulation);
    for (const block& b : blocks_) pass(b, samples, modulation, h);
    last_(on_, samples, embedded, ends);
    layer::modulated_norm(on_, rows, width, h, {ends, 2 * width, tokens}, {ends + width, 2 * width, tokens}, normed);
    leave_(on_, rows, normed, in_patches);
    layer::from_patches(on_, samples, across, patch, in_patches, tensor::data(out));
  }

 private:
  static constexpr std::size_t patch = 4, across = 7, tokens = across * across;
  static constexpr std::size_t octaves = 8, heads = 4, width = 64;
  static constexpr int depth = 6;

  struct block {
    typename Space::template memory<float> table;  // added to the modulation: shift, scale and gate of the attention,
    linear<Space> qkv, mix, up, down;              // then of what follows
    template <class File>
    block(const Space& on, const File& file, const std::string& name)
        : table(on.copied(file.template get<2>(name + "table", {6, width}).values)),
          qkv(on, file, name + "qkv", width, 3 * width),
          mix(on, file, name + "mix", width, width),
          up(on, file, name + "up", width, 4 * width),
          down(on, file, name + "down", 4 * width, width) {}
  };

  /// What time and class say of each sample, after a silu.
  const float* embed(double time, const labels<Space>& classes, std::size_t samples) {
    float *features = time_(on_, 2 * octaves + 2 * width), *first = features + 2 * octaves, *second = first + width;
    float* embedded = embedded_(on_, samples * width);
    layer::with_time(on_, 1, 0, octaves, nullptr, time, features);
    time1_(on_, 1, features, first);
    layer::silu(on_, width, first, first);
    time2_(on_, 1, first, second);
    layer::sum(on_, samples, width, layer::rows{second}, classes.of(name_.data(), width, samples), embedded);
    layer::silu(on_, samples * width, embedded, embedded);
    return embedded;
  }

  void pass(const block& b, std::size_t samples, const float* modulation, float* h) {
    const std::size_t rows = samples * tokens;
    float *local = local_(on_, samples * 6 * width), *normed = normed_(on_, rows * width);
    float *wide = wide_(on_, rows * 4 * width), *mixed = mixed_(on_, rows * width),
          *change = change_(on_, rows * width);
    float* memory = memory_(on_, layer::attention_memory(samples, tokens, width, heads));
    const auto numbers = [&](std::size_t i) { return layer::rows{local + i * width, 6 * width, tokens}; };
    layer::sum(on_, samples, 6 * width, layer::rows{modulation, 6 * width}, layer::rows{b.table.data()}, local);
    layer::modulated_norm(on_, rows, width, h, numbers(0), numbers(1), normed);
    b.qkv(on_, rows, normed, wide);
    layer::attention(on_, samples, tokens, width, heads, wide, memory, mixed);
    b.mix(on_, rows, mixed, change);
    layer::add_gated(on_, rows, width, numbers(2), change, h);
    layer::modulated_norm(on_, rows, width, h, numbers(3), numbers(4), normed);
    b.up(on_, rows, normed, wide);
    layer::silu(on_, rows * 4 * width, wide, wide);
    b.down(on_, rows, wide, change);
    layer::add_gated(on_, rows, width, numbers(5), change, h);
  }

  linear<Space> enter_, time1_, time2_, modulate_, last_, leave_;
  typename Space::template memory<float> place_, name_;
  std::vector<block> blocks_;
  Space on_;
  scratch<Space> h_, normed_, mixed_, change_, patch_, wide_, embedded_, modulation_, local_, ends_, memory_, time_;
};

/// Images [n, 784] -> features [n, 64] -> logits [n, 10].
template <class Space>
class classifier {
 public:
  static constexpr std::size_t classes = 10, feature_size = 64;

  template <class File>
  explicit classifier(const File& file, Space on = {})
      : first_(on, file, "first", 784, width),
        second_(on, file, "second", width, feature_size),
        out_(on, file, "out", feature_size, classes),
        on_(std::move(on)) {}

  template <class T>
  void features(const T& x, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t rows = tensor::shape(x).samples();
    float* hidden = hidden_(on_, rows * width);
    first_(on_, rows, tensor::data(x), hidden);
    layer::relu(on_, rows * width, hidden, hidden);
    second_(on_, rows, hidden, tensor::data(out));
    layer::relu(on_, rows * feature_size, tensor::data(out), tensor::data(out));
  }
  template <class T>
  void logits(const T& features, T& out) const {
    using tensor = fokker::backend::tensor<T>;
    out_(on_, tensor::shape(features).samples(), tensor::data(features), tensor::data(out));
  }

 private:
  static constexpr std::size_t width = 256;
  linear<Space> first_, second_, out_;
  Space on_;
  scratch<Space> hidden_;
};

}  // namespace example
