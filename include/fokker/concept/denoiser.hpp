// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <utility>

#include <fokker/detail/told.hpp>
#include <fokker/level.hpp>

/// A denoiser is the user's network: any callable that writes its prediction, `denoiser(out, x, level)`, or returns it,
/// `denoiser(x, level)`. `x` is scaled as the parameterization says, and `level.label` is what the network is told.
namespace fokker {

template <class D, class T>
concept writes_prediction = requires(D& denoiser, T& out, const T& x, const level& at) {
  denoiser(out, x, at);
};
template <class D, class T>
concept returns_prediction = requires(D& denoiser, T& out, const T& x, const level& at) {
  out = denoiser(x, at);
};

template <class D, class T>
concept denoiser_of = writes_prediction<D, T> || returns_prediction<D, T>;

template <class D, class T>
consteval bool check_denoiser() {
  static_assert(
      detail::told<denoiser_of<D, T>>,
      "fokker: a denoiser needs to be callable as 'denoiser(out, x, level)', or as 'denoiser(x, level)' returning the "
      "tensor; docs/concept/denoiser.md");
  return denoiser_of<D, T>;
}

template <class T, denoiser_of<T> D>
void evaluate(D& denoiser, T& out, const T& x, const level& at) {
  if constexpr (writes_prediction<D, T>)
    denoiser(out, x, at);
  else
    out = denoiser(x, at);
}

}  // namespace fokker
