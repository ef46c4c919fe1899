// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <fokker/detail/holds.hpp>
#include <fokker/detail/message.hpp>

/// A noise source is a function of position: the same (sample, block, piece) is the same four normals, whoever asks and
/// in whatever order. Block b holds elements 4 b ... 4 b + 3 of a sample. The optional member `samples` says how many
/// samples it has normals for.
namespace fokker::inline v0 {

/// One standard normal of an element, by its number and by its place. `stream` and `id` name it in its plan. `from` and
/// `to` are the ends of its span on the clock of a Brownian path, in the order of the steps, and `visit` the path: two
/// pieces of one stream and visit have nothing of their spans in common. With W the path, the normal is (W(to) -
/// W(from)) / sqrt(|to - from|), in every plan whatever its steps. Where from == to it stands alone, of no path.
struct noise_piece {
  enum : std::uint32_t { start = 0, steps = 1, known = 2, second = 3, training = 4, user = 16 };  ///< streams
  std::uint32_t stream = steps;
  std::uint32_t id = 0;
  std::uint32_t visit = 0;
  double from = 0, to = 0;
  friend bool operator==(const noise_piece&, const noise_piece&) = default;
};

template <class N>
concept has_normals = requires(const N& n, std::uint32_t word, const noise_piece& piece) {
  { n.normals(word, word, piece).z[3] } -> std::convertible_to<float>;
};

template <class N>
concept noise_source = has_normals<N>;

template <class N>
concept fills = requires(N& n, std::span<float> z) {
  n.fill(z);
};
template <class N>
concept fills_a_piece = requires(N& n, std::span<float> z, const noise_piece& piece) {
  n.fill(z, piece);
};

/// Noise in an order, that of other programs' generators: each `fill` writes the normals that come next, and may ask
/// which normal of the plan they are. A value, whose copy goes on as it would.
template <class N>
concept noise_sequence = !has_normals<N> && std::copy_constructible<N> && (fills<N> || fills_a_piece<N>);

template <class N>
consteval bool check_noise_source() {
  static_assert(
      detail::holds<has_normals<N>>,
      "fokker: a noise source needs 'normals(sample, block, piece) const' that returns four floats 'z[4]', as "
      "'noise::philox{.seed = 42}' has; docs/concept/noise_source.md");
  return noise_source<N>;
}

template <class N>
concept has_samples = requires(const N& n) {
  { n.samples() } -> std::convertible_to<std::size_t>;
};

namespace detail {

/// The normals that come next in a sequence, which are this one of the plan.
template <noise_sequence N>
void fill(N& noise, std::span<float> z, const noise_piece& piece) {
  if constexpr (fills_a_piece<N>)
    noise.fill(z, piece);
  else
    noise.fill(z);
}

/// Throws std::invalid_argument where a source tells that it has normals for fewer samples.
template <noise_source N>
void require_normals(const N& noise, std::size_t samples) {
  if constexpr (has_samples<N>)
    if (const std::size_t most = noise.samples(); most < samples)
      refuse("the number of samples of the noise", most, joined({text(samples), " or more, as many as x has"}));
}

}  // namespace detail
}  // namespace fokker::inline v0
