// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fokker/concept/denoiser.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/sample.hpp>

namespace fokker::inline v0 {

/// The branches of a guidance rule by one call of the network: `network(out, x, level)` on a batch that holds x once
/// for each branch, in their order, so that of 2 B samples the first B are those of branch 0. It stands where
/// `denoisers` do. `wide` is a tensor of so many samples; it and a network given by name are referred to, and must
/// outlive it. The prediction has memory of its own, taken once: a call allocates nothing. A branch whose weight is 0
/// is evaluated with the others, unless all of them are. Throws std::invalid_argument, when it is called, where `wide`
/// has another number of samples.
template <class Network, class T, int Branches = 2>
class batched_branches {
  static_assert(check_tensor_backend<T>() && check_denoiser<std::remove_reference_t<Network>, T>());
  using tensor = backend::tensor<T>;
  static constexpr bool two_levels = takes_two_levels<std::remove_reference_t<Network>, T>;

  struct shared {
    Network network;
    T& x;
    detail::alike<T> out;
    bool called = false;
  };
  template <int B>
  struct branch {
    shared* all;
    void operator()(T& out, const T& x, const level& at) const requires(!two_levels) { said(*all, B, out, x, at); }
    void operator()(T& out, const T& x, const level& at, const level& to) const requires(two_levels) {
      said(*all, B, out, x, at, to);
    }
  };
  template <int... B>
  static auto branches_of(shared* all, std::integer_sequence<int, B...>) {
    return std::tuple(branch<B>{all}...);
  }

 public:
  batched_branches(Network&& network, T& wide)
      : all_(new shared{static_cast<Network&&>(network), wide, detail::alike<T>(wide)}),
        each(branches_of(all_.get(), std::make_integer_sequence<int, Branches>())) {}

  /// What the network said before is no longer asked for.
  void begin_call() const { all_->called = false; }

 private:
  static void said(shared& all, int b, T& out, const T& x, const level& at, const std::optional<level>& to = {}) {
    const std::size_t count = tensor::shape(x).size();
    if (!all.called) {
      backend::extents wide = tensor::shape(x);
      wide.extent[0] *= Branches;
      if (!(detail::shape_of(all.x, "the batch of all branches") == wide))
        detail::refuse("the shape of the batch of all branches", backend::to_string(tensor::shape(all.x)),
                       backend::to_string(wide));
      for (std::size_t i = 0; i < Branches; ++i) copy(tensor::data(x), tensor::data(all.x) + i * count, count, all.x);
      evaluate(all.network, all.out.get(), std::as_const(all.x), at, to);
      detail::require_shape(detail::shape_of(all.out.get(), "the network's output"), wide, "the network's output");
      all.called = true;
    }
    copy(tensor::data(std::as_const(all.out).get()) + static_cast<std::size_t>(b) * count, tensor::data(out), count,
         out);
  }
  static void copy(const typename tensor::element* from, typename tensor::element* to, std::size_t count,
                   const T& space) {
    kernel::operands<typename tensor::element> at;
    at.inputs[0] = from;
    at.rows[0] = to;
    at.samples = 1;
    at.size = count;
    tensor::space(space).update(plan::identity(), at, noise::philox{});
  }

  std::shared_ptr<shared> all_;

 public:
  decltype(branches_of(nullptr, std::make_integer_sequence<int, Branches>())) each;  ///< a denoiser for each branch
};
template <class Network, class T>
batched_branches(Network&&, T&) -> batched_branches<Network, T>;

namespace detail {

template <class Network, class T, int Branches>
struct is_denoisers<batched_branches<Network, T, Branches>> : std::true_type {
  template <class Read>
  static constexpr bool checked = std::is_same_v<Read, T>;
};

}  // namespace detail
}  // namespace fokker::inline v0
