// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <xtensor/xtensor.hpp>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/level.hpp>
#include <fokker/model/layer.hpp>

#include "safetensors.hpp"

/// The networks that examples/train makes, of the library's layers: each reads its weights from a file. None allocates
/// after its first call of a batch's size.
namespace example {

namespace layer = fokker::model::layer;
using points = xt::xtensor<float, 2>;  ///< a row a sample

class linear {
 public:
  linear(const safetensors& file, const std::string& name)
      : weight_(file.get<2>(name + ".weight")), bias_(file.get<1>(name + ".bias")) {}
  [[nodiscard]] std::size_t outputs() const { return weight_.shape(0); }
  void operator()(std::size_t rows, const float* x, float* y) const {
    layer::linear<fokker::backend::xtensor_products>(rows, weight_.shape(1), weight_.shape(0), x, weight_.data(),
                                                     bias_.data(), y);
  }

 private:
  points weight_;
  xt::xtensor<float, 1> bias_;
};

/// A denoiser for one class, or for one of each sample: calls the network at the level's label.
template <class Network>
struct of_class {
  Network& network;
  std::vector<int> classes;  ///< one, or one a sample

  void operator()(points& out, const points& x, const fokker::level& at) const { network(x, at.label, classes, out); }
};
template <class Network>
of_class(Network&, std::vector<int>) -> of_class<Network>;

/// (x [n, 2], time, class) -> prediction [n, 2]: three residual layers.
class spiral_network {
 public:
  static constexpr int nothing = 3;  ///< the class that stands for none

  explicit spiral_network(const safetensors& file)
      : enter_(file, "enter"), name_(file.get<2>("name")), leave_(file, "leave") {
    for (const char* i : {"0", "1", "2"}) hidden_.emplace_back(file, std::string("hidden.") + i);
  }

  void operator()(const points& x, double time, const std::vector<int>& classes, points& out) {
    const std::size_t rows = x.shape(0), width = enter_.outputs();
    in_.resize(rows * inputs);
    h_.resize(rows * width);
    active_.resize(rows * width);
    change_.resize(rows * width);
    for (std::size_t i = 0; i < rows; ++i) {
      float* row = in_.data() + i * inputs;
      row[0] = x(i, 0);
      row[1] = x(i, 1);
      layer::time_features(time, octaves, row + 2);
    }
    enter_(rows, in_.data(), h_.data());
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < width; ++j)
        h_[i * width + j] += name_(static_cast<std::size_t>(classes[classes.size() == 1 ? 0 : i]), j);
    const auto activate = [&] {
      active_ = h_;
      layer::silu(active_.size(), active_.data());
    };
    for (const linear& change : hidden_) {
      activate();
      change(rows, active_.data(), change_.data());
      for (std::size_t i = 0; i < h_.size(); ++i) h_[i] += change_[i];
    }
    activate();
    leave_(rows, active_.data(), out.data());
  }

 private:
  static constexpr std::size_t octaves = 8, inputs = 2 + 2 * octaves;
  linear enter_;
  points name_;
  std::vector<linear> hidden_;
  linear leave_;
  std::vector<float> in_, h_, active_, change_;
};

/// (x [n, 784], time, class) -> velocity [n, 784]: a transformer over 49 patches of 4 x 4, its layers modulated by time
/// and class (Peebles & Xie 2023).
class fashion_network {
 public:
  static constexpr int nothing = 10;  ///< the class that stands for none

  explicit fashion_network(const safetensors& file)
      : enter_(file, "enter"),
        time1_(file, "time1"),
        time2_(file, "time2"),
        modulate_(file, "modulate"),
        last_(file, "last"),
        leave_(file, "leave"),
        place_(file.get<2>("place")),
        name_(file.get<2>("name")) {
    for (int i = 0; i < depth; ++i) blocks_.emplace_back(file, "blocks." + std::to_string(i) + ".");
  }

  void operator()(const points& x, double time, const std::vector<int>& classes, points& out) {
    const std::size_t samples = x.shape(0), rows = samples * tokens, width = enter_.outputs();
    reserve(samples, width);
    embed(time, classes, samples, width);
    patches(samples, x.data(), patch_.data(), true);
    enter_(rows, patch_.data(), h_.data());
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < width; ++j) h_[i * width + j] += place_(i % tokens, j);
    for (const block& b : blocks_) pass(b, samples, width);
    last_(samples, embedded_.data(), ends_.data());
    for (std::size_t s = 0; s < samples; ++s)
      layer::modulated_norm(tokens, width, h_.data() + s * tokens * width, ends_.data() + s * 2 * width,
                            ends_.data() + (s * 2 + 1) * width, normed_.data() + s * tokens * width);
    leave_(rows, normed_.data(), patch_.data());
    patches(samples, out.data(), patch_.data(), false);
  }

 private:
  static constexpr std::size_t side = 28, patch = 4, across = side / patch, tokens = across * across;
  static constexpr std::size_t octaves = 8, heads = 4;
  static constexpr int depth = 6;

  struct block {
    points table;  // 6 x width, added to the modulation: shift, scale, gate of the attention, then of what follows
    linear qkv, mix, up, down;
    block(const safetensors& file, const std::string& name)
        : table(file.get<2>(name + "table")),
          qkv(file, name + "qkv"),
          mix(file, name + "mix"),
          up(file, name + "up"),
          down(file, name + "down") {}
  };

  void reserve(std::size_t samples, std::size_t width) {
    const std::size_t rows = samples * tokens;
    for (std::vector<float>* v : {&h_, &normed_, &mixed_, &change_}) v->resize(rows * width);
    patch_.resize(rows * patch * patch);
    wide_.resize(rows * 4 * width);
    embedded_.resize(samples * width);
    modulation_.resize(samples * 6 * width);
    local_.resize(samples * 6 * width);
    ends_.resize(samples * 2 * width);
    memory_.resize(layer::attention_memory(tokens, width));
    time_.resize(2 * octaves + 2 * width);
  }

  /// What time and class say, once a sample: silu(embedding), and the modulation that all blocks share.
  void embed(double time, const std::vector<int>& classes, std::size_t samples, std::size_t width) {
    float *features = time_.data(), *first = features + 2 * octaves, *second = first + width;
    layer::time_features(time, octaves, features);
    time1_(1, features, first);
    layer::silu(width, first);
    time2_(1, first, second);
    for (std::size_t s = 0; s < samples; ++s)
      for (std::size_t j = 0; j < width; ++j)
        embedded_[s * width + j] = second[j] + name_(static_cast<std::size_t>(classes[classes.size() == 1 ? 0 : s]), j);
    layer::silu(embedded_.size(), embedded_.data());
    modulate_(samples, embedded_.data(), modulation_.data());
  }

  /// Images to rows of patches, or back.
  static void patches(std::size_t samples, auto* image, float* row, bool from_image) {
    for (std::size_t i = 0; i < samples * side * side; ++i) {
      const std::size_t x = i % side, y = i / side % side, s = i / (side * side);
      float& in_patch = row[((s * tokens + y / patch * across + x / patch) * patch + y % patch) * patch + x % patch];
      if (from_image)
        in_patch = image[i];
      else if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(image)>>)
        image[i] = in_patch;
    }
  }

  void pass(const block& b, std::size_t samples, std::size_t width) {
    const std::size_t rows = samples * tokens;
    for (std::size_t i = 0; i < local_.size(); ++i) local_[i] = modulation_[i] + b.table.data()[i % (6 * width)];
    const auto numbers = [&](std::size_t s, std::size_t i) { return local_.data() + (s * 6 + i) * width; };
    const auto norm = [&](std::size_t first) {
      for (std::size_t s = 0; s < samples; ++s)
        layer::modulated_norm(tokens, width, h_.data() + s * tokens * width, numbers(s, first), numbers(s, first + 1),
                              normed_.data() + s * tokens * width);
    };
    const auto add = [&](std::size_t gate) {
      for (std::size_t s = 0; s < samples; ++s)
        layer::add_gated(tokens, width, numbers(s, gate), change_.data() + s * tokens * width,
                         h_.data() + s * tokens * width);
    };
    norm(0);
    b.qkv(rows, normed_.data(), wide_.data());
    for (std::size_t s = 0; s < samples; ++s)
      layer::attention<fokker::backend::xtensor_products>(tokens, width, heads, wide_.data() + s * tokens * 3 * width,
                                                          memory_.data(), mixed_.data() + s * tokens * width);
    b.mix(rows, mixed_.data(), change_.data());
    add(2);
    norm(3);
    b.up(rows, normed_.data(), wide_.data());
    layer::silu(rows * 4 * width, wide_.data());
    b.down(rows, wide_.data(), change_.data());
    add(5);
  }

  linear enter_, time1_, time2_, modulate_, last_, leave_;
  points place_, name_;
  std::vector<block> blocks_;
  std::vector<float> h_, normed_, mixed_, change_, patch_, wide_, embedded_, modulation_, local_, ends_, memory_, time_;
};

/// Images [n, 784] -> features [n, 64] -> logits [n, 10].
class classifier {
 public:
  explicit classifier(const safetensors& file) : first_(file, "first"), second_(file, "second"), out_(file, "out") {}

  [[nodiscard]] points features(const points& x) const {
    const std::size_t rows = x.shape(0);
    points hidden = points::from_shape({rows, first_.outputs()}), found = points::from_shape({rows, second_.outputs()});
    first_(rows, x.data(), hidden.data());
    layer::relu(hidden.size(), hidden.data());
    second_(rows, hidden.data(), found.data());
    layer::relu(found.size(), found.data());
    return found;
  }
  [[nodiscard]] points logits(const points& features) const {
    points found = points::from_shape({features.shape(0), out_.outputs()});
    out_(features.shape(0), features.data(), found.data());
    return found;
  }
  [[nodiscard]] std::vector<int> classes(const points& x) const {
    const points l = logits(features(x));
    std::vector<int> best;
    for (std::size_t i = 0; i < l.shape(0); ++i) {
      std::size_t most = 0;
      for (std::size_t c = 1; c < l.shape(1); ++c)
        if (l(i, c) > l(i, most)) most = c;
      best.push_back(static_cast<int>(most));
    }
    return best;
  }

 private:
  linear first_, second_, out_;
};

}  // namespace example
