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
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/stepper.hpp>

namespace fokker::inline v0 {

/// The networks of a guidance rule, in the order of its branches. A network that has a name is not copied, but referred
/// to; a temporary one is kept.
template <class... Ds>
struct denoisers {
  std::tuple<Ds...> each;
  explicit denoisers(Ds... ds) : each(static_cast<Ds&&>(ds)...) {}
};
template <class... Ds>
denoisers(Ds&&...) -> denoisers<Ds...>;

namespace detail {

/// Denoisers that read and write elements of type E.
template <class E, class Denoisers>
struct denoisers_in : Denoisers {
  using element = E;
};

template <class D>
struct is_denoisers : std::false_type {};
template <class... Ds>
struct is_denoisers<denoisers<Ds...>> : std::true_type {
  template <class T>
  static constexpr bool checked = (check_denoiser<std::remove_reference_t<Ds>, T>() && ...);
};
template <class E, class Denoisers>
struct is_denoisers<denoisers_in<E, Denoisers>> : is_denoisers<Denoisers> {};

/// The tensor that the denoisers read and write: that of x, or the same of other elements.
template <class Denoisers, class X>
struct network_tensor {
  using type = X;
};
template <class E, class Denoisers, class X>
requires(!std::is_same_v<E, typename element_of<X>::type>) struct network_tensor<denoisers_in<E, Denoisers>, X> {
  static_assert(holds<has_rebind<X, E>>,
                "fokker: a backend needs 'template <class F> using rebind' and 'like<F>(const T&)' for a network of "
                "other elements; docs/concept/tensor_backend.md");
  using type = typename backend::tensor<X>::template rebind<E>;
};

}  // namespace detail

/// A denoiser, or `denoisers{...}`, whose network reads and writes elements of type E, such as `half`: x and history
/// stay in the type of x, and only what the network reads is rounded.
template <class E, class Denoiser>
[[nodiscard]] auto runs_in(Denoiser&& network) {
  if constexpr (detail::is_denoisers<std::remove_cvref_t<Denoiser>>::value)
    return detail::denoisers_in<E, std::remove_cvref_t<Denoiser>>{static_cast<Denoiser&&>(network)};
  else
    return detail::denoisers_in<E, denoisers<Denoiser>>{denoisers<Denoiser>(static_cast<Denoiser&&>(network))};
}

/// What an observer sees after each network call: x as it is now, and the x0-prediction of the call. `x` is on its path
/// after division by `scale`, which differs from 1 only where the parameterization scales the network's input.
template <class T>
struct progress {
  int step = 0;  ///< the step of the grid that this call belongs to
  int steps = 0;
  int call = 0;  ///< calls done
  int calls = 0;
  const level& called_at;  ///< where the network was called
  const level& at;         ///< where x is now
  const T& x;
  double scale = 1;
  const T* preview = nullptr;  ///< null without `plan_options{.preview = true}`
};

/// Sees nothing, stops nothing.
struct no_observer {
  template <class T>
  void operator()(const progress<T>&) const {}
};

struct sample_options {
  bool check_finite =
      false;             ///< throw std::runtime_error naming the step at which the network returned NaN or infinity
  given_inputs given{};  ///< what the plan asks for by name
};

namespace detail {

/// What is said of a network that returned NaN or infinity.
[[nodiscard]] inline std::string not_finite(int branch, int step, double time) {
  return joined({"fokker: denoiser ", text(branch), " returned a number that is not finite at step ", text(step),
                 ", time ", text(time)});
}

/// Takes what a network returned at a call, and throws where it is not finite, if that is asked for.
struct finite_outputs {
  bool wanted = false;

  template <class T, class Noise, class Network>
  void operator()(stepper<T, Noise, Network>& run, int branch) const {
    if (!wanted) return;
    using tensor = backend::tensor<Network>;
    const Network& output = run.output(branch);
    const std::size_t size = shape_of(output, "the network's output").size();
    const auto space = tensor::space(output);
    if constexpr (!on_host<Network> && requires(double* to) {
                    space.largest(tensor::data(output), size, size, to);
                    space.template make<double>(size).data();
                  }) {
      const auto found = space.template make<double>(1);  // what comes to the host where all are finite
      space.largest(tensor::data(output), 1, size, found.data());
      if (is_finite(space.on_host(found.data(), 1)[0])) return;
    }
    const auto data = space.on_host(tensor::data(output), size);
    for (std::size_t i = 0; i < size; ++i)
      if (!is_finite(data[i]))
        throw std::runtime_error(joined({not_finite(branch, run.call().step, run.at().time), ", element ", text(i)}));
  }
};
/// Takes it as it is.
struct any_outputs {
  template <class Run>
  void operator()(Run&, int) const {}
};

/// Throws unless a plan has as many branches as there are networks, which are told as many levels as they take.
template <class Network, class Denoisers>
void require_networks(const plan::program& plan, Denoisers& networks) {
  constexpr int given = std::tuple_size_v<decltype(networks.each)>;
  if (given != plan.branches)
    refuse("the number of denoisers", given, joined({text(plan.branches), ", the branches of the plan"}));
  const auto require_levels = [&]<class D>(D&, int b) {
    for (const plan::call& c : plan.calls)
      if (plan.wants(c, b)) require_told<D, Network>(c.to.has_value());
  };
  std::apply(
      [&](auto&... network) {
        int b = 0;
        (require_levels(network, b++), ...);
      },
      networks.each);
}

/// Calls the networks whose outputs are read at this call, each of which goes to take(run, branch).
template <class T, class Noise, class Network, class Denoisers, class Take = any_outputs>
void call_networks(stepper<T, Noise, Network>& r, Denoisers& networks, Take&& take = {}) {
  [[maybe_unused]] const auto here = entered(backend::tensor<T>::space(r.x()));
  if constexpr (requires { networks.begin_call(); }) networks.begin_call();
  const plan::call& c = r.call();
  const auto call_one = [&](auto& network, int b) {
    if (!r.wants(b)) return;
    evaluate(network, r.output(b), r.input(), c.at, c.to);
    take(r, b);
  };
  std::apply(
      [&](auto&... network) {
        int b = 0;
        (call_one(network, b++), ...);
      },
      networks.each);
}

template <class T, class Noise, class Network, class Denoisers, class Observer, class Take>
bool run(const plan::program& plan, stepper<T, Noise, Network> r, Denoisers& networks, Observer& observer, Take& take) {
  require_networks<Network>(plan, networks);
  while (!r.done()) {
    const plan::call& c = r.call();
    call_networks(r, networks, take);
    r.advance();
    const progress<T> seen{c.step,
                           plan.steps(),
                           static_cast<int>(r.calls_done()),
                           static_cast<int>(plan.calls.size()),
                           c.at,
                           r.done() ? plan.levels.back() : r.at(),
                           r.x(),
                           r.scale(),
                           r.preview()};
    constexpr bool callable = requires { observer(seen); };
    static_assert(callable,
                  "fokker: an observer needs to be callable as 'observer(progress)', with a 'const "
                  "fokker::progress<X>&' where x is an X; docs/api/sample.md");
    if constexpr (!callable) {
      return false;
    } else if constexpr (std::is_convertible_v<decltype(observer(seen)), bool>) {
      if (!observer(seen)) return false;
    } else {
      observer(seen);
    }
  }
  return true;
}

/// One denoiser as a list of one.
template <class D>
decltype(auto) as_denoisers(D& network) {
  if constexpr (is_denoisers<std::remove_const_t<D>>::value)
    return static_cast<D&>(network);
  else
    return denoisers<D&>(network);
}

template <class Denoisers, class Noise, class X, class Observer, class Take>
bool sample_begun(beginning from, const plan::program& plan, Denoisers&& networks, const Noise& noise, X&& x,
                  Observer& observer, const given_inputs& given, Take&& take) {
  using tensor = std::remove_cvref_t<X>;
  if constexpr (std::is_const_v<std::remove_reference_t<X>> && copies_share_memory<tensor>) {
    tensor view = x;
    return sample_begun(from, plan, networks, noise, view, observer, given, take);
  } else if constexpr (noise_source<tensor>) {
    static_assert(!noise_source<tensor>,
                  "fokker: the arguments of sample are a plan, a denoiser, noise, x, an observer, options, in this "
                  "order; docs/api/sample.md");
  } else if constexpr (check_result<X>() && check_noise<Noise>()) {
    using network = typename network_tensor<std::remove_cvref_t<Denoisers>, tensor>::type;
    if constexpr (check_tensor_backend<network>() &&
                  is_denoisers<std::remove_cvref_t<Denoisers>>::template checked<network>)
      return run(plan, stepper<tensor, Noise, network>(plan, noise, x, from, given), networks, observer, take);
  }
  return false;
}

}  // namespace detail

/// Fills x with the noise of the plan's first level and runs the plan: x ends as a sample of the data.
/// `network` is a denoiser, or `denoisers{...}` in the order of the guidance's branches. `observer(progress)` is called
/// after every network call and may return false to stop. Returns whether the run came to its end. Throws
/// std::invalid_argument for an empty x, a wrong number of denoisers, an output of another shape, and a plan that
/// begins at data, which has no noise to draw.
template <class Denoiser, class Noise, class X, class Observer = no_observer>
bool sample(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, Observer&& observer = {},
            sample_options options = {}) {
  return detail::sample_begun(beginning::noise, plan, detail::as_denoisers(network), noise, static_cast<X&&>(x),
                              observer, options.given, detail::finite_outputs{options.check_finite});
}
/// The same with options and without an observer.
template <class Denoiser, class Noise, class X>
bool sample(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, sample_options options) {
  return fokker::sample(plan, static_cast<Denoiser&&>(network), noise, static_cast<X&&>(x), no_observer{},
                        std::move(options));
}

/// Runs the plan from the given x, at the scale of the plan's first level: images to change, inversions, restarts.
template <class Denoiser, class Noise, class X, class Observer = no_observer>
bool sample_from(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, Observer&& observer = {},
                 sample_options options = {}) {
  return detail::sample_begun(beginning::given, plan, detail::as_denoisers(network), noise, static_cast<X&&>(x),
                              observer, options.given, detail::finite_outputs{options.check_finite});
}
template <class Denoiser, class Noise, class X>
bool sample_from(const plan::program& plan, Denoiser&& network, const Noise& noise, X&& x, sample_options options) {
  return fokker::sample_from(plan, static_cast<Denoiser&&>(network), noise, static_cast<X&&>(x), no_observer{},
                             std::move(options));
}
/// The same for a plan that draws no noise. Throws std::invalid_argument for one that does.
template <class Denoiser, class X>
bool sample_from(const plan::program& plan, Denoiser&& network, X&& x, sample_options options = {}) {
  if (plan::normals(plan) > 0) detail::refuse("the noise of the run", "not given", "given: the plan draws normals");
  return fokker::sample_from(plan, static_cast<Denoiser&&>(network), noise::philox{}, static_cast<X&&>(x),
                             std::move(options));
}

}  // namespace fokker::inline v0
