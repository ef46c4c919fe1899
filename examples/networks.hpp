// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/level.hpp>

#include "layers.hpp"
#include "words.hpp"

/// The networks that examples/train makes, of the layers of layers.hpp, on the host or on a device: `Space` is
/// host_layers or cuda_layers. Each takes its weights from a `File` such as safetensors. None allocates after its
/// first call of a batch's size.
namespace example {

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

/// Blocks of attention and two layers after it, each modulated (Peebles & Xie 2023).
template <class Space>
class transformer {
 public:
  template <class File>
  transformer(const Space& on, const File& file, std::size_t depth, std::size_t width, std::size_t heads)
      : width_(width), heads_(heads) {
    for (std::size_t i = 0; i < depth; ++i) blocks_.emplace_back(on, file, "blocks." + std::to_string(i) + ".", width);
  }

  /// h, a row for each token, in place. `modulation` has six rows for each sample: shift, scale and gate of the
  /// attention, then of what follows; without it there is only what each block adds to it.
  void operator()(const Space& on, std::size_t samples, std::size_t tokens, const float* modulation, float* h) {
    for (const block& b : blocks_) pass(on, b, samples, tokens, modulation, h);
  }

 private:
  struct block {
    typename Space::template memory<float> table;  // added to the modulation
    linear<Space> qkv, mix, up, down;
    template <class File>
    block(const Space& on, const File& file, const std::string& name, std::size_t width)
        : table(on.copied(file.template get<2>(name + "table", {6, width}).values)),
          qkv(on, file, name + "qkv", width, 3 * width),
          mix(on, file, name + "mix", width, width),
          up(on, file, name + "up", width, 4 * width),
          down(on, file, name + "down", 4 * width, width) {}
  };

  void pass(const Space& on, const block& b, std::size_t samples, std::size_t tokens, const float* modulation,
            float* h) {
    const std::size_t rows = samples * tokens, width = width_, stride = modulation == nullptr ? 0 : 6 * width;
    float *local = local_(on, samples * 6 * width), *normed = normed_(on, rows * width);
    float *wide = wide_(on, rows * 4 * width), *mixed = mixed_(on, rows * width), *change = change_(on, rows * width);
    float* memory = memory_(on, layer::attention_memory(samples, tokens, width, heads_));
    if (modulation != nullptr)
      layer::sum(on, samples, 6 * width, layer::rows{modulation, stride}, layer::rows{b.table.data()}, local);
    const float* all = modulation == nullptr ? b.table.data() : local;
    const auto numbers = [&](std::size_t i) { return layer::rows{all + i * width, stride, tokens}; };
    layer::modulated_norm(on, rows, width, h, numbers(0), numbers(1), normed);
    b.qkv(on, rows, normed, wide);
    layer::attention(on, samples, tokens, width, heads_, wide, memory, mixed);
    b.mix(on, rows, mixed, change);
    layer::add_gated(on, rows, width, numbers(2), change, h);
    layer::modulated_norm(on, rows, width, h, numbers(3), numbers(4), normed);
    b.up(on, rows, normed, wide);
    layer::silu(on, rows * 4 * width, wide, wide);
    b.down(on, rows, wide, change);
    layer::add_gated(on, rows, width, numbers(5), change, h);
  }

  std::size_t width_, heads_;
  std::vector<block> blocks_;
  scratch<Space> local_, normed_, wide_, mixed_, change_, memory_;
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

/// (x [n, 2], time, class) -> prediction [n, 2]: three residual layers. That of two levels is told both their times.
template <class Space, std::size_t Levels = 1>
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
    (*this)(x, std::array{time}, classes, out);
  }
  template <class T>
  void operator()(const T& x, const std::array<double, Levels>& times, const labels<Space>& classes, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t rows = tensor::shape(x).samples(), count = rows * width;
    float *h = h_(on_, count), *active = active_(on_, count), *change = change_(on_, count);
    const float* in = tensor::data(x);
    for (std::size_t l = 0; l < Levels; ++l) {
      float* more = in_[l](on_, rows * (2 + (l + 1) * 2 * octaves));
      layer::with_time(on_, rows, 2 + l * 2 * octaves, octaves, in, times[l], more);
      in = more;
    }
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
  static constexpr std::size_t octaves = 8, inputs = 2 + Levels * 2 * octaves, width = 128;
  linear<Space> enter_, leave_;
  typename Space::template memory<float> name_;
  std::vector<linear<Space>> hidden_;
  Space on_;
  std::array<scratch<Space>, Levels> in_;
  scratch<Space> h_, active_, change_;
};

/// What networks of images have around their blocks: patches of 4 x 4 in and out, and what time and a condition say.
template <class Space>
class image_frame {
 public:
  static constexpr std::size_t patches = 49;

  template <class File>
  image_frame(const Space& on, const File& file, std::size_t width)
      : width_(width),
        enter_(on, file, "enter", patch * patch, width),
        time1_(on, file, "time1", 2 * octaves, width),
        time2_(on, file, "time2", width, width),
        modulate_(on, file, "modulate", width, 6 * width),
        last_(on, file, "last", width, 2 * width),
        leave_(on, file, "leave", width, patch * patch) {}

  /// Images -> h, a row for each patch.
  void enter(const Space& on, std::size_t samples, const float* x, float* h) {
    float* cut = patch_(on, samples * patches * patch * patch);
    layer::to_patches(on, samples, across, patch, x, cut);
    enter_(on, samples * patches, cut, h);
  }

  /// The modulation of the blocks, which is kept for `leave`: what time and the row of each sample say.
  template <class Rows>
  const float* modulation(const Space& on, std::size_t samples, double time, const Rows& condition) {
    float *features = time_(on, 2 * octaves + 2 * width_), *first = features + 2 * octaves, *second = first + width_;
    float *embedded = embedded_(on, samples * width_), *modulation = modulation_(on, samples * 6 * width_);
    layer::with_time(on, 1, 0, octaves, nullptr, time, features);
    time1_(on, 1, features, first);
    layer::silu(on, width_, first, first);
    time2_(on, 1, first, second);
    layer::sum(on, samples, width_, layer::rows{second}, condition, embedded);
    layer::silu(on, samples * width_, embedded, embedded);
    modulate_(on, samples, embedded, modulation);
    last_(on, samples, embedded, ends_(on, samples * 2 * width_));
    return modulation;
  }

  /// h, a row for each patch -> images. `normed` is memory for as many rows.
  void leave(const Space& on, std::size_t samples, const float* h, float* normed, float* out) {
    const float* ends = ends_(on, samples * 2 * width_);
    float* cut = patch_(on, samples * patches * patch * patch);
    const layer::rows shift{ends, 2 * width_, patches}, scale{ends + width_, 2 * width_, patches};
    layer::modulated_norm(on, samples * patches, width_, h, shift, scale, normed);
    leave_(on, samples * patches, normed, cut);
    layer::from_patches(on, samples, across, patch, cut, out);
  }

 private:
  static constexpr std::size_t patch = 4, across = 7, octaves = 8;
  std::size_t width_;
  linear<Space> enter_, time1_, time2_, modulate_, last_, leave_;
  scratch<Space> patch_, time_, embedded_, modulation_, ends_;
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
      : frame_(on, file, width),
        place_(on.copied(file.template get<2>("place", {patches, width}).values)),
        name_(on.copied(file.template get<2>("name", {nothing + 1, width}).values)),
        blocks_(on, file, depth, width, heads),
        on_(std::move(on)) {}
  [[nodiscard]] const Space& on() const { return on_; }

  template <class T>
  void operator()(const T& x, double time, const labels<Space>& classes, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t samples = tensor::shape(x).samples(), count = samples * patches * width;
    float *h = h_(on_, count), *normed = normed_(on_, count);
    const float* modulation = frame_.modulation(on_, samples, time, classes.of(name_.data(), width, samples));
    frame_.enter(on_, samples, tensor::data(x), h);
    layer::sum(on_, samples, patches * width, layer::rows{h, patches * width}, layer::rows{place_.data()}, h);
    blocks_(on_, samples, patches, modulation, h);
    frame_.leave(on_, samples, h, normed, tensor::data(out));
  }

 private:
  static constexpr std::size_t patches = image_frame<Space>::patches, depth = 6, heads = 4, width = 64;

  image_frame<Space> frame_;
  typename Space::template memory<float> place_, name_;
  transformer<Space> blocks_;
  Space on_;
  scratch<Space> h_, normed_;
};

/// Descriptions such as "dark boot" for a batch, one or one for each sample, and embeddings of images, as many or none,
/// which stand for no image as "" does for no words.
template <class Space>
class condition {
 public:
  condition(const Space& on, const std::vector<std::string>& descriptions, const std::vector<float>& embeddings = {})
      : descriptions_(descriptions.size()), embeddings_(embeddings.empty() ? 1 : embeddings.size() / embedding_size) {
    if (embeddings.size() % embedding_size != 0)
      throw std::invalid_argument("example: the number of numbers of embeddings is " +
                                  std::to_string(embeddings.size()) + "; allowed is a multiple of " +
                                  std::to_string(embedding_size));
    std::vector<int> all;
    for (const std::string& d : descriptions) {
      const auto words = words_of(d);
      all.insert(all.end(), words.begin(), words.end());
    }
    words_ = on.copied(all);
    numbers_ = on.copied(embeddings.empty() ? std::vector<float>(embedding_size) : embeddings);
  }
  [[nodiscard]] std::size_t descriptions() const { return descriptions_; }
  [[nodiscard]] std::size_t embeddings() const { return embeddings_; }
  [[nodiscard]] const float* numbers() const { return numbers_.data(); }
  /// The rows of a table for the words of each description, by turns.
  [[nodiscard]] layer::picked_rows of(const float* table, std::size_t width) const {
    return {table, width, words_.data(), descriptions_ * most_words};
  }
  void require(std::size_t samples) const {
    for (const std::size_t count : {descriptions_, embeddings_})
      if (count != 1 && count != samples)
        throw std::invalid_argument("example: the number of conditions is " + std::to_string(count) +
                                    "; allowed is 1, or " + std::to_string(samples) + ", one for each sample");
  }

 private:
  std::size_t descriptions_, embeddings_;
  typename Space::template memory<int> words_;
  typename Space::template memory<float> numbers_;
};

/// A denoiser for descriptions, embeddings, or both: calls the network at the level's label.
template <class Network>
class of_words {
 public:
  of_words(Network& network, const std::vector<std::string>& descriptions, const std::vector<float>& embeddings = {})
      : network_(&network), condition_(network.on(), descriptions, embeddings) {}

  template <class T>
  void operator()(T& out, const T& x, const fokker::level& at) const {
    (*network_)(x, at.label, condition_, out);
  }

 private:
  Network* network_;
  condition<typename Network::space> condition_;
};
template <class Network>
of_words(Network&, std::vector<std::string>) -> of_words<Network>;
template <class Network>
of_words(Network&, std::vector<std::string>, std::vector<float>) -> of_words<Network>;

namespace detail {

/// For each sample the rows of `a`, of which it has `count_a`, then those of `b`.
template <class A, class B>
struct joined_rows {
  A a;
  B b;
  std::size_t count_a, count_b;
  FOKKER_HD const float* operator()(std::size_t i) const {
    const std::size_t sample = i / (count_a + count_b), token = i % (count_a + count_b);
    return token < count_a ? a(sample * count_a + token) : b(sample * count_b + token - count_a);
  }
};

/// The first `kept` rows of the `all` that each sample has.
struct first_rows {
  const float* x;
  std::size_t width, kept, all;
  FOKKER_HD const float* operator()(std::size_t i) const { return x + (i / kept * all + i % kept) * width; }
};

/// Each row times what makes its length 1.
struct to_units {
  std::size_t width;
  float* x;
  FOKKER_HD void operator()(std::size_t i, std::size_t) const {
    float *row = x + i * width, squares = 0;
    for (std::size_t j = 0; j < width; ++j) squares += row[j] * row[j];
    const float length = std::sqrt(squares);
    for (std::size_t j = 0; j < width; ++j) row[j] /= length;
  }
};

/// The means of `count` rows each.
struct means {
  std::size_t count, width;
  const float* x;
  float* y;
  FOKKER_HD void operator()(std::size_t i, std::size_t j) const {
    float sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += x[(i * count + k) * width + j];
    y[i * width + j] = sum / static_cast<float>(count);
  }
};

}  // namespace detail

/// Images [n, 784] and descriptions -> embeddings [n, 64] of length 1, near each other where they belong together
/// (Radford et al. 2021): three layers for images, a transformer over words, their order of no account.
template <class Space>
class clip_network {
 public:
  template <class File>
  explicit clip_network(const File& file, Space on = {})
      : first_(on, file, "first", 784, 512),
        second_(on, file, "second", 512, 256),
        third_(on, file, "third", 256, embedding_size),
        leave_(on, file, "leave", width, embedding_size),
        word_(on.copied(file.template get<2>("word", {vocabulary.size(), width}).values)),
        zero_(on.copied(std::vector<float>(width))),
        blocks_(on, file, 2, width, 4),
        temperature_(std::exp(file.template get<1>("temperature", {1}).values[0])),
        on_(std::move(on)) {}
  /// What cosines are divided by.
  [[nodiscard]] double temperature() const { return temperature_; }

  template <class T>
  void of_images(const T& x, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t rows = tensor::shape(x).samples();
    float *wide = wide_(on_, rows * 512), *narrow = h_(on_, rows * 256);
    first_(on_, rows, tensor::data(x), wide);
    layer::relu(on_, rows * 512, wide, wide);
    second_(on_, rows, wide, narrow);
    layer::relu(on_, rows * 256, narrow, narrow);
    third_(on_, rows, narrow, tensor::data(out));
    on_.each(rows, 1, detail::to_units{embedding_size, tensor::data(out)});
  }

  /// `out` has a row for each description.
  template <class T>
  void of_words(const std::vector<std::string>& descriptions, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const condition<Space> told(on_, descriptions);
    const std::size_t samples = descriptions.size(), rows = samples * most_words;
    float *h = h_(on_, rows * width), *wide = wide_(on_, rows * width);
    layer::sum(on_, rows, width, told.of(word_.data(), width), layer::rows{zero_.data()}, h);
    blocks_(on_, samples, most_words, nullptr, h);
    layer::modulated_norm(on_, rows, width, h, layer::rows{zero_.data()}, layer::rows{zero_.data()}, wide);
    on_.each(samples, width, detail::means{most_words, width, wide, h});
    leave_(on_, samples, h, tensor::data(out));
    on_.each(samples, 1, detail::to_units{embedding_size, tensor::data(out)});
  }

 private:
  static constexpr std::size_t width = 64;
  linear<Space> first_, second_, third_, leave_;
  typename Space::template memory<float> word_, zero_;
  transformer<Space> blocks_;
  double temperature_;
  Space on_;
  scratch<Space> h_, wide_;
};

/// (z [n, 64], time, an embedding of words) -> prior_spread times the embedding of an image [n, 64]: the prior of
/// unCLIP (Ramesh et al. 2022), three residual layers. Its condition is told as embeddings, without words.
template <class Space>
class prior_network {
 public:
  using space = Space;

  template <class File>
  explicit prior_network(const File& file, Space on = {})
      : enter_(on, file, "enter", inputs, width),
        word_(on, file, "word", embedding_size, width),
        leave_(on, file, "leave", width, embedding_size),
        on_(std::move(on)) {
    for (const char* i : {"0", "1", "2"}) hidden_.emplace_back(on_, file, std::string("hidden.") + i, width, width);
  }
  [[nodiscard]] const Space& on() const { return on_; }

  template <class T>
  void operator()(const T& x, double time, const condition<Space>& told, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t rows = tensor::shape(x).samples(), count = rows * width;
    told.require(rows);
    float *in = in_(on_, rows * inputs), *h = h_(on_, count), *active = active_(on_, count);
    float* change = change_(on_, count);
    layer::with_time(on_, rows, embedding_size, octaves, tensor::data(x), time, in);
    enter_(on_, rows, in, h);
    word_(on_, told.embeddings(), told.numbers(), change);
    layer::sum(on_, rows, width, layer::rows{h, width}, layer::rows{change, told.embeddings() == 1 ? 0 : width}, h);
    for (const linear<Space>& next : hidden_) {
      layer::silu(on_, count, h, active);
      next(on_, rows, active, change);
      layer::sum(on_, 1, count, layer::rows{h}, layer::rows{change}, h);
    }
    layer::silu(on_, count, h, active);
    leave_(on_, rows, active, tensor::data(out));
  }

 private:
  static constexpr std::size_t octaves = 8, inputs = embedding_size + 2 * octaves, width = 256;
  linear<Space> enter_, word_, leave_;
  std::vector<linear<Space>> hidden_;
  Space on_;
  scratch<Space> in_, h_, active_, change_;
};

/// (x [n, 784], time, words and an embedding of an image) -> velocity [n, 784] on the straight path: a transformer as
/// that of fashion_network, in which the embedding is added to that of time and words are tokens beside the patches.
template <class Space>
class decoder_network {
 public:
  using space = Space;

  template <class File>
  explicit decoder_network(const File& file, Space on = {})
      : frame_(on, file, width),
        image_(on, file, "image", embedding_size, width),
        word_(on.copied(file.template get<2>("word", {vocabulary.size(), width}).values)),
        blocks_(on, file, depth, width, heads),
        on_(std::move(on)) {
    std::vector<float> place = file.template get<2>("place", {patches, width}).values;
    place.resize(tokens * width);  // words have none
    place_ = on_.copied(place);
  }
  [[nodiscard]] const Space& on() const { return on_; }

  template <class T>
  void operator()(const T& x, double time, const condition<Space>& told, T& out) {
    using tensor = fokker::backend::tensor<T>;
    const std::size_t samples = tensor::shape(x).samples(), rows = samples * patches;
    told.require(samples);
    float *entered = entered_(on_, rows * width), *h = h_(on_, samples * tokens * width);
    float* seen = seen_(on_, told.embeddings() * width);
    image_(on_, told.embeddings(), told.numbers(), seen);
    const layer::rows of_image{seen, told.embeddings() == 1 ? 0 : width};
    const float* modulation = frame_.modulation(on_, samples, time, of_image);
    frame_.enter(on_, samples, tensor::data(x), entered);
    const layer::rows zero{place_.data() + patches * width};
    const detail::joined_rows<layer::rows, layer::picked_rows> joined{
        {entered, width}, told.of(word_.data(), width), patches, most_words};
    layer::sum(on_, samples * tokens, width, joined, zero, h);
    layer::sum(on_, samples, tokens * width, layer::rows{h, tokens * width}, layer::rows{place_.data()}, h);
    blocks_(on_, samples, tokens, modulation, h);
    layer::sum(on_, rows, width, detail::first_rows{h, width, patches, tokens}, zero, entered);
    frame_.leave(on_, samples, entered, h, tensor::data(out));
  }

 private:
  static constexpr std::size_t patches = image_frame<Space>::patches, tokens = patches + most_words;
  static constexpr std::size_t depth = 6, heads = 3, width = 96;

  image_frame<Space> frame_;
  linear<Space> image_;
  typename Space::template memory<float> word_, place_;
  transformer<Space> blocks_;
  Space on_;
  scratch<Space> h_, entered_, seen_;
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
