// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <type_traits>

#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/holds.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/level.hpp>

/// A denoiser is the user's network: any callable that writes its prediction, `denoiser(out, x, level)`, or returns it,
/// `denoiser(x, level)`. `x` is scaled as the parameterization says, and `level.label` is what the network is told. One
/// that cannot be called so may take two levels, `denoiser(out, x, from, to)`: where x is, and where it goes.
namespace fokker::inline v0 {

template <class D, class T>
concept writes_prediction = requires(D& denoiser, T& out, const T& x, const level& at) {
  denoiser(out, x, at);
};
template <class D, class T>
concept returns_prediction = requires(D& denoiser, T& out, const T& x, const level& at) {
  out = denoiser(x, at);
};
template <class D, class T>
concept takes_two_levels = !writes_prediction<D, T> && !returns_prediction<D, T> &&
                           requires(D & denoiser, T& out, const T& x, const level& from, const level& to) {
  denoiser(out, x, from, to);
};

namespace detail {

/// A network that is told a level for each sample.
template <class D, class T>
concept takes_levels = requires(D& network, T& out, const T& x, std::span<const level> each) {
  network(out, x, each);
};

template <class D, class Result, class Out, class X, class At>
concept has_signature = requires {
  static_cast<Result (D::*)(Out, X, At)>(&D::operator());
}
|| requires { static_cast<Result (D::*)(Out, X, At) const>(&D::operator()); };
template <class D>
concept has_one_signature = !std::is_class_v<D> || requires {
  &D::operator();
};
/// Nothing but a copy, or what cannot be written, can be made of an rvalue; where there is one signature.
template <class D, class T, class At>
concept takes_rvalue = requires(D& denoiser, T& out, const T& x, const At& at) {
  denoiser(out, x, at);
  denoiser(static_cast<T&&>(out), x, at);
};
/// Of a template it is asked for the signature, so that no body is compiled but that of the call.
template <class D, class T, class At>
concept copies_in_template = requires(D& denoiser, T& out, const T& x, const At& at) {
  denoiser(out, x, at);
  requires has_signature < std::remove_cv_t<D>,
  decltype(denoiser(out, x, at)), T, T,
      At > || has_signature<std::remove_cv_t<D>, decltype(denoiser(out, x, at)), T, T, const At&> ||
          has_signature<std::remove_cv_t<D>, decltype(denoiser(out, x, at)), T, const T&, At> ||
          has_signature<std::remove_cv_t<D>, decltype(denoiser(out, x, at)), T, const T&, const At&>;
};

template <class D, class T>
concept copies_with_two_levels = has_one_signature<D> && takes_two_levels<D, T> &&
    requires(D& denoiser, T& out, const T& x, const level& at) {
  denoiser(static_cast<T&&>(out), x, at, at);
};

}  // namespace detail

/// Whether what `denoiser(out, x, at)` writes is lost, `out` being a copy of the tensor.
template <class D, class T, class At = level>
concept writes_into_a_copy =
    !copies_share_memory<T> && ((detail::has_one_signature<D> && detail::takes_rvalue<D, T, At>) ||
                                (!detail::has_one_signature<D> && detail::copies_in_template<D, T, At>) ||
                                (std::is_same_v<At, level> && detail::copies_with_two_levels<D, T>));

template <class D, class T>
concept denoiser_of = (writes_prediction<D, T> || returns_prediction<D, T> ||
                       takes_two_levels<D, T>)&&!writes_into_a_copy<D, T>;

/// `At` is what the denoiser is told; of a batch whose samples step by themselves a level for each.
template <class D, class T, class At = level>
consteval bool check_denoiser() {
  constexpr bool callable = returns_prediction<D, T> || requires(D & denoiser, T & out, const T& x, const At& at) {
    denoiser(out, x, at);
  }
  || (std::is_same_v<At, level> && takes_two_levels<D, T>);
  static_assert(
      detail::holds<callable>,
      "fokker: a denoiser needs to be callable as 'denoiser(out, x, level)', or as 'denoiser(x, level)' returning the "
      "tensor, for tensors of the type that the run is given and a 'const fokker::level&', whose label is the "
      "timestep; docs/concept/denoiser.md");
  static_assert(
      detail::holds<!writes_into_a_copy<D, T, At>>,
      "fokker: this denoiser takes 'out' by value and writes into a copy that nobody reads: take a reference, 'auto& "
      "out'; docs/concept/denoiser.md");
  return callable && !writes_into_a_copy<D, T, At>;
}

namespace detail {

/// Throws std::invalid_argument where a denoiser takes two levels and is told one, or the other way round.
template <class D, class T>
void require_told(bool two_levels) {
  if (takes_two_levels<D, T> != two_levels)
    refuse("the number of levels that a denoiser takes", takes_two_levels<D, T> ? 2 : 1,
           two_levels ? "2, as the plan tells where x goes" : "1: the plan does not tell where x goes");
}

}  // namespace detail

/// Calls a denoiser. Throws std::invalid_argument where it takes two levels and is told one, or the other way round.
template <class T, denoiser_of<T> D>
void evaluate(D& denoiser, T& out, const T& x, const level& at, const std::optional<level>& to = {}) {
  detail::require_told<D, T>(to.has_value());
  if constexpr (takes_two_levels<D, T>)
    denoiser(out, x, at, *to);
  else if constexpr (writes_prediction<D, T>)
    denoiser(out, x, at);
  else
    out = denoiser(x, at);
}

}  // namespace fokker::inline v0
