// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include <fokker/concept/noise_source.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/noise/each.hpp>

namespace fokker::inline v0 {
namespace detail {

/// Whether two sequences go on with the same normals, as far as they tell.
template <class A, class B>
[[nodiscard]] bool draw_alike(const A& a, const B& b) {
  if constexpr (requires { a.generators; })
    return std::any_of(a.generators.begin(), a.generators.end(), [&](const auto& one) { return draw_alike(one, b); });
  else if constexpr (requires { b.generators; })
    return draw_alike(b, a);
  else if constexpr (std::same_as<A, B> && requires { a == b; })
    return a == b;
  return false;
}

}  // namespace detail

namespace noise {

/// One sequence for the start of a run, and another for all that is drawn after it. Throws std::invalid_argument where
/// the steps would draw a start once more, since noise that is in x already must not be added again.
template <noise_sequence Start, noise_sequence Steps>
class start_and_steps {
 public:
  start_and_steps(Start start, Steps steps) : start_(std::move(start)), steps_(std::move(steps)) {
    if constexpr (has_samples<Start> && has_samples<Steps>)
      if (steps_.samples() != start_.samples())
        detail::refuse("the number of samples of the steps' noise", steps_.samples(),
                       detail::joined({detail::text(start_.samples()), ", as many as the start's has"}));
    if (detail::draw_alike(start_, steps_))
      detail::refuse("the noise of the steps", "that of the start", "a generator of another seed, or one for both");
  }

  void fill(std::span<float> z, const noise_piece& piece) {
    if (piece.stream == noise_piece::start)
      detail::fill(start_, z, piece);
    else
      detail::fill(steps_, z, piece);
  }

  [[nodiscard]] std::size_t samples() const requires(has_samples<Start> || has_samples<Steps>) {
    if constexpr (has_samples<Start>)
      return start_.samples();
    else
      return steps_.samples();
  }

  friend bool operator==(const start_and_steps&, const start_and_steps&) requires(
      std::equality_comparable<Start>&& std::equality_comparable<Steps>) = default;

 private:
  Start start_;
  Steps steps_;
};

}  // namespace noise
}  // namespace fokker::inline v0
