// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fokker/concept/denoiser.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/stepper.hpp>

namespace fokker {

/// The networks of a guidance rule, in the order of its branches. What is given by name is referred to, not copied.
template <class... Ds>
struct denoisers {
  std::tuple<Ds...> each;
  explicit denoisers(Ds... ds) : each(static_cast<Ds&&>(ds)...) {}
};
template <class... Ds>
denoisers(Ds&&...) -> denoisers<Ds...>;

/// What an observer sees after each network call. `x` is on its path after division by `scale`, which differs from 1 only
/// where the parameterization scales the network's input; `preview` is the x0-prediction, null without `plan_options`.
template <class T>
struct progress {
  int step = 0;   ///< the step of the grid that this call belongs to
  int steps = 0;
  int call = 0;   ///< calls done
  int calls = 0;
  const level& at;  ///< where the network was called
  const T& x;
  double scale = 1;
  const T* preview = nullptr;
};

/// Sees nothing, stops nothing.
struct no_observer {
  template <class T>
  void operator()(const progress<T>&) const {}
};

struct sample_options {
  bool check_finite = false;  ///< throw std::runtime_error naming the step at which the network returned NaN or infinity
};

namespace detail {

template <class T>
struct is_denoisers : std::false_type {};
template <class... Ds>
struct is_denoisers<denoisers<Ds...>> : std::true_type {};

template <class T, class... Ds>
consteval bool check_denoisers(std::type_identity<denoisers<Ds...>>) {
  return (check_denoiser<std::remove_reference_t<Ds>, T>() && ...);
}

template <class T, class Noise>
void require_finite_output(stepper<T, Noise>& run, int branch) {
  const T& out = run.output(branch);
  const auto* data = backend::tensor<T>::data(run.output(branch));
  for (std::size_t i = 0; i < backend::tensor<T>::shape(out).size(); ++i)
    if (!is_finite(data[i]))
      throw std::runtime_error("fokker: denoiser " + text(branch) + " returned a number that is not finite at step " +
                               text(run.call().step) + ", time " + text(run.at().time) + ", element " + text(i));
}

template <class T, class Noise, class Denoisers, class Observer>
bool run(const plan::program& plan, stepper<T, Noise> r, Denoisers& networks, Observer& observer, sample_options options) {
  constexpr int given = std::tuple_size_v<decltype(networks.each)>;
  if (given != plan.branches)
    refuse("the number of denoisers", given, text(plan.branches) + ", the branches of the plan's guidance");
  while (!r.done()) {
    const plan::call& c = r.call();
    const auto call_one = [&](auto& network, int b) {
      if (!r.wants(b)) return;
      evaluate(network, r.output(b), r.input(), c.at);
      if (options.check_finite) require_finite_output(r, b);
    };
    std::apply([&](auto&... network) { int b = 0; (call_one(network, b++), ...); }, networks.each);
    r.advance();
    const progress<T> seen{c.step, plan.steps(), static_cast<int>(r.calls_done()), static_cast<int>(plan.calls.size()),
                           c.at, r.x(), r.scale(), r.preview()};
    if constexpr (std::is_convertible_v<decltype(observer(seen)), bool>) {
      if (!observer(seen)) return false;
    } else {
      observer(seen);
    }
  }
  return true;
}

template <class Denoiser, class Noise, class X, class Observer>
bool sample_begun(beginning from, const plan::program& plan, Denoiser&& network, const Noise& noise, X& x, Observer& observer,
                  sample_options options) {
  using D = std::remove_cvref_t<Denoiser>;
  if constexpr (!is_denoisers<D>::value) {
    denoisers<std::remove_reference_t<Denoiser>&> one(network);
    return sample_begun(from, plan, one, noise, x, observer, options);
  } else {
    constexpr bool tensors = check_tensor_backend<X>() && check_noise_source<Noise>();
    if constexpr (tensors) {
      if constexpr (check_denoisers<X>(std::type_identity<D>{}))
        return run(plan, stepper<X, Noise>(plan, noise, x, from), network, observer, options);
    }
    return false;
  }
}

}  // namespace detail

/// Fills x with the noise of the plan's first level and runs the plan: x ends as a sample of the data.
/// `network` is a denoiser, or `denoisers{...}` in the order of the guidance's branches. `observer(progress)` is called after
/// every network call and may return false to stop. Returns whether the run came to its end.
/// Throws std::invalid_argument for an empty x, a wrong number of denoisers, and an output of another shape.
template <class Denoiser, class Noise, class X, class Observer = no_observer>
bool sample(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, Observer&& observer = {},
            sample_options options = {}) {
  return detail::sample_begun(beginning::noise, plan, network, noise, x, observer, options);
}

/// Runs the plan from the given x, at the scale of the plan's first level: images to change, inversions, restarts.
template <class Denoiser, class Noise, class X, class Observer = no_observer>
bool sample_from(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, Observer&& observer = {},
                 sample_options options = {}) {
  return detail::sample_begun(beginning::given, plan, network, noise, x, observer, options);
}

}  // namespace fokker
