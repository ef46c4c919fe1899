// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/concept/denoiser.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/stepper.hpp>

namespace fokker::inline v0 {

namespace detail {

/// results[s] = the sum of a b over sample s, on the host.
template <class T>
void dots(const T& a, const T& b, std::vector<double>& results) {
  const backend::extents shape = shape_of(a, "x");
  const auto space = backend::tensor<T>::space(a);
  auto sums = space.template make<double>(shape.samples());
  space.dot(data_of(a, "x"), data_of(b, "the product"), shape.samples(), shape.sample_size(), sums.data());
  const auto found = space.on_host(sums.data(), shape.samples());
  results.assign(&found[0], &found[0] + shape.samples());
}

/// Throws unless a plan is nothing but the flow of one network: the same for each element, and without noise. Measures
/// act by tables alone.
inline void require_flow(const plan::program& p) {
  if (p.branches != 1) refuse("the number of branches", p.branches, "1: guidance within the denoiser");
  bool plain = p.tables.empty() && p.givens.empty();
  const auto look = [&plain](const plan::update& u) {
    plain = plain && u.normal_count == 0;
    for (int j = 0; j < u.row_count; ++j) plain = plain && nth(u.rows, j).clamp == plan::row::unclamped;
  };
  look(p.enter);
  for (const plan::call& c : p.calls) {
    look(c.then);
    plain = plain && !c.to;  // an average over a step, whose determinant is not that of its trace
  }
  if (!plain)
    refuse("the plan", "with noise, limits, measures, calls of two levels or what a run is given",
           "the flow of one network alone");
}

}  // namespace detail

/// The trace of a Jacobian by Hutchinson 1990: the mean of v^T J v over random directions v, times the elements of a
/// sample. Exact where J is a multiple of 1. `product(out, v, x, at)` writes v^T J, or J v, J being the Jacobian of
/// the network in what it reads. The directions are those of `which` and the next ones, the same at all calls.
template <class Product, class Noise>
struct hutchinson {
  Product product;
  Noise noise;
  int directions = 1;
  noise_piece which{noise_piece::user, 0};

  template <class T>
  void operator()(std::span<double> traces, const T& x, const level& at) const {
    if (directions < 1) detail::refuse("directions", directions, "1 or more");
    detail::alike<T> v(x), out(x);
    const auto size = static_cast<double>(detail::shape_of(x, "x").sample_size());
    std::vector<double> with, itself;
    for (double& t : traces) t = 0;
    noise_piece piece = which;
    for (int k = 0; k < directions; ++k, ++piece.id) {
      fill_normal(noise, v.get(), piece);
      product(out.get(), std::as_const(v.get()), x, at);
      detail::dots(v.get(), out.get(), with);
      detail::dots(v.get(), v.get(), itself);
      for (std::size_t s = 0; s < traces.size(); ++s) traces[s] += with[s] / itself[s] * size / directions;
    }
  }
};
template <class Product, class Noise>
hutchinson(Product, Noise) -> hutchinson<Product, Noise>;
template <class Product, class Noise>
hutchinson(Product, Noise, int) -> hutchinson<Product, Noise>;
template <class Product, class Noise>
hutchinson(Product, Noise, int, noise_piece) -> hutchinson<Product, Noise>;

/// The same trace exactly, by as many products as a sample has elements.
template <class Product>
struct exact_trace {
  Product product;

  template <class T>
  void operator()(std::span<double> traces, const T& x, const level& at) const {
    using tensor = backend::tensor<T>;
    detail::alike<T> v(x), out(x);
    const backend::extents shape = detail::shape_of(x, "x");
    std::vector<typename tensor::element> unit(shape.size());
    std::vector<double> entry;
    for (double& t : traces) t = 0;
    for (std::size_t i = 0; i < shape.sample_size(); ++i) {
      for (std::size_t n = 0; n < unit.size(); ++n)
        unit[n] = static_cast<typename tensor::element>(n % shape.sample_size() == i ? 1.0f : 0.0f);
      tensor::space(x).copy(tensor::data(v.get()), unit.data(), unit.size());
      product(out.get(), std::as_const(v.get()), x, at);
      detail::dots(v.get(), out.get(), entry);
      for (std::size_t s = 0; s < traces.size(); ++s) traces[s] += entry[s];
    }
  }
};
template <class Product>
exact_trace(Product) -> exact_trace<Product>;

/// Runs a plan without noise from the given x, and tells by how much it stretches space: for each sample the logarithm
/// of the determinant of its map, the integral of the divergence of the flow. `divergence(traces, x, at)` writes the
/// trace of the network's Jacobian for each sample, at what the network reads. The integral is one more element on the
/// way, whose flow is that divergence: the solver takes it at its own order. Throws std::invalid_argument for a plan
/// that is not the flow of one network alone, and for a level at which the network does not determine the flow.
template <class Denoiser, class Divergence, class X>
std::vector<double> log_determinant(const plan::program& plan, Denoiser&& network, Divergence&& divergence, X&& x) {
  using type = std::remove_cvref_t<X>;
  std::vector<double> volume;
  if constexpr (std::is_const_v<std::remove_reference_t<X>> && copies_share_memory<type>) {
    type view = x;
    return log_determinant(plan, network, divergence, view);
  } else if constexpr (check_result<X>() && check_denoiser<std::remove_reference_t<Denoiser>, type>()) {
    detail::require_flow(plan);
    const noise::philox none;
    stepper run(plan, none, x, beginning::given);
    const backend::extents shape = detail::shape_of(x, "x");
    volume.assign(shape.samples(), 0.0);
    std::vector<double> traces(shape.samples());
    stepper along(plan, none, volume, beginning::given);
    for (; !run.done(); run.advance(), along.advance()) {
      const plan::call& c = run.call();
      const prediction_row flow{c.at.alpha_rate, c.at.sigma_rate};
      const conversion to = convert(c.at, c.predicts, flow), back = convert(c.at, flow, c.predicts);
      if (!to.determined || !back.determined)
        detail::refuse("the flow at a level", "not determined by the network there",
                       "one at a level inside of the path");
      evaluate(network, run.output(0), run.input(), c.at);
      divergence(std::span<double>(traces), run.input(), c.at);
      const double of_x = static_cast<double>(shape.sample_size()) * to.of_x, of_trace = to.of_p * c.input_scale;
      const double of_volume = back.of_x / c.input_scale;
      for (std::size_t s = 0; s < traces.size(); ++s)
        along.output(0)[s] = std::fma(of_volume, along.input()[s], back.of_p * std::fma(of_trace, traces[s], of_x));
    }
  }
  return volume;
}

/// The logarithm of the density of the data under the flow, for each sample, all elements of it. A plan towards noise
/// (solver::inverted) runs from data x, and x becomes their noise; one towards data runs from noise x, and x becomes
/// the data that it tells of. Noise is N(0, sigma^2) at its level. Throws what log_determinant throws.
template <class Denoiser, class Divergence, class X>
std::vector<double> log_likelihood(const plan::program& plan, Denoiser&& network, Divergence&& divergence, X&& x) {
  plan::require_calls(plan);
  const bool upwards = towards_data(plan.levels.back(), plan.levels.front());
  const double deviation = (upwards ? plan.levels.back() : plan.levels.front()).sigma;
  std::vector<double> squares;
  if (!upwards) detail::dots(x, x, squares);
  std::vector<double> volume = log_determinant(plan, network, divergence, x);
  if (upwards) detail::dots(x, x, squares);
  const auto size = static_cast<double>(detail::shape_of(x, "x").sample_size());
  for (std::size_t s = 0; s < volume.size(); ++s) {
    const double noise = detail::log_normal_density(squares[s], size, deviation);
    volume[s] = upwards ? noise + volume[s] : noise - volume[s];
  }
  return volume;
}

}  // namespace fokker::inline v0
