// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>

namespace fokker::inline v0 {

/// A source of noise by position, or a sequence.
template <class N>
consteval bool check_noise() {
  if constexpr (noise_sequence<N>)
    return true;
  else
    return check_noise_source<N>();
}

namespace detail {

template <class T>
concept on_host = requires(const T& t, const float* memory) {
  { backend::tensor<T>::space(t).on_host(memory, std::size_t{}) } -> std::convertible_to<const float*>;
};

/// What a run draws from: a source is asked by the kernels themselves.
template <class Noise>
class noise_of_run {
 public:
  noise_of_run(Noise noise, const plan::program&, const plan::update&, const backend::extents& shape)
      : source_(std::move(noise)) {
    require_normals(source_, shape.samples());
  }
  void before(std::size_t) {}
  [[nodiscard]] const Noise& read() const { return source_; }

 private:
  Noise source_;
};

/// Throws std::invalid_argument where a sequence tells that it draws for another number of samples.
template <noise_sequence Noise>
void require_same_samples(const Noise& noise, std::size_t samples) {
  if constexpr (has_samples<Noise>)
    if (const std::size_t count = noise.samples(); count != samples)
      refuse("the number of samples of the noise", count, joined({text(samples), ", as many as x has"}));
}

/// Normals in memory, a tensor after the other, by their numbers.
struct drawn_normals {
  struct number {
    std::uint32_t stream = 0, id = 0;
  };
  std::span<const number> numbers;
  const float* values;
  std::size_t size, sample_size;  // of a tensor, of a sample

  [[nodiscard]] noise::quad normals(std::uint32_t sample, std::uint32_t block, const noise_piece& piece) const {
    const float* z = values + sample * sample_size + std::size_t{4} * block;
    for (const number& n : numbers) {
      if (n.id == piece.id && n.stream == piece.stream) return {{z[0], z[1], z[2], z[3]}};
      z += size;
    }
    return {};
  }
};

/// use(source) with the normals that come next in a sequence, as those that a run starts from.
template <class X, noise_sequence Noise, class Use>
void draw_next(Noise& noise, const backend::extents& shape, Use use) {
  static_assert(on_host<X>,
                "fokker: a sequence of noise draws in memory of the host, and x lies elsewhere; "
                "docs/concept/noise_source.md");
  require_same_samples(noise, shape.samples());
  std::vector<float> start(shape.size() + 3);
  detail::fill(noise, std::span(start).first(shape.size()), {noise_piece::start, 0});
  const drawn_normals::number first{noise_piece::start, 0};
  use(drawn_normals{{&first, 1}, start.data(), shape.size(), shape.sample_size()});
}

/// A sequence fills a tensor with each normal, those of a stream in their order, before the update that reads it first.
/// After the last one the tensor is another normal's.
template <noise_sequence Noise>
class noise_of_run<Noise> {
 public:
  /// `first` is the update that begins the run.
  noise_of_run(Noise noise, const plan::program& plan, const plan::update& first, const backend::extents& shape)
      : source_(std::move(noise)), size_(shape.size()), sample_size_(shape.sample_size()) {
    require_same_samples(source_, shape.samples());
    std::size_t time = 0;
    see(first, time);
    for (const plan::call& c : plan.calls) {
      ++time;
      for (const plan::measure& m : c.measures) see(m.form, time);
      see(c.then, time);
    }
    place();
    memory_.resize(tensors_.size() * size_ + 3);  // the last block of four may end behind the last sample
  }

  /// Draws what update `time` is the first to read: 0 begins the run, 1 follows its first call.
  void before(std::size_t time) {
    for (; next_ < draws_.size() && draws_[next_].first <= time; ++next_) {
      const draw& d = draws_[next_];
      detail::fill(source_, std::span<float>(memory_).subspan(d.tensor * size_, size_), d.piece);
      tensors_[d.tensor] = {d.piece.stream, d.piece.id};
    }
  }
  [[nodiscard]] drawn_normals read() const { return {tensors_, memory_.data(), size_, sample_size_}; }

  /// Throws std::invalid_argument where normals of a step are those of x, but for their size: a generator that drew x
  /// began anew. Less than 16 numbers could be so by chance.
  template <class E>
  void require_other_than(const E* x) const requires std::equality_comparable<Noise> {
    const std::size_t part = sample_size_ >= 16 ? sample_size_ : size_;
    for (std::size_t t = 0; t < tensors_.size() && part >= 16; ++t)
      for (std::size_t first = 0; first < size_; first += part)
        if (tensors_[t].stream != noise_piece::start && multiples(x + first, &memory_[t * size_ + first], part))
          refuse("the noise of the first step", "that of x",
                 "normals that were not drawn before: go on with the generator that drew x, or take another seed");
  }

 private:
  template <class E>
  static bool multiples(const E* x, const float* z, std::size_t count) {
    const auto given = [x](std::size_t i) { return static_cast<double>(static_cast<float>(x[i])); };
    const double size = given(0) / static_cast<double>(z[0]);
    for (std::size_t i = 0; i < count; ++i)
      if (!(std::abs(std::fma(-size, static_cast<double>(z[i]), given(i))) <= 0x1p-6 * std::abs(given(i))))
        return false;
    return size != 0;
  }

  struct draw {
    noise_piece piece;
    std::size_t first, last;  // update that reads it
    std::size_t tensor = 0;
  };

  void see(const plan::update& u, std::size_t time) {
    for (int q = 0; q < u.normal_count; ++q) {
      const plan::normal& z = nth(u.normals, q);
      const auto known = std::find_if(draws_.rbegin(), draws_.rend(),
                                      [&](const draw& d) { return d.piece.id == z.id && d.piece.stream == z.stream; });
      if (known == draws_.rend())
        draws_.push_back({z, time, time});
      else
        known->last = time;
    }
  }

  /// Orders the draws, and gives each a tensor that is free.
  void place() {
    const auto by = [](auto of) { return [of](const draw& a, const draw& b) { return of(a) < of(b); }; };
    std::sort(draws_.begin(), draws_.end(), by([](const draw& d) { return std::pair(d.piece.stream, d.piece.id); }));
    for (std::size_t d = draws_.size(); d-- > 1;)
      if (draws_[d - 1].piece.stream == draws_[d].piece.stream)
        draws_[d - 1].first = (std::min)(draws_[d - 1].first, draws_[d].first);
    std::sort(draws_.begin(), draws_.end(),
              by([](const draw& d) { return std::tuple(d.first, d.piece.id, d.piece.stream); }));
    std::vector<std::size_t> last;  // reads of each tensor
    for (draw& d : draws_) {
      const auto free = std::find_if(last.begin(), last.end(), [&](std::size_t time) { return time < d.first; });
      d.tensor = static_cast<std::size_t>(free - last.begin());
      if (free == last.end()) last.emplace_back();
      last[d.tensor] = d.last;
    }
    tensors_.resize(last.size());
  }

  Noise source_;
  std::size_t size_, sample_size_;
  std::vector<draw> draws_;
  std::size_t next_ = 0;
  std::vector<drawn_normals::number> tensors_;
  std::vector<float> memory_;
};

}  // namespace detail
}  // namespace fokker::inline v0
