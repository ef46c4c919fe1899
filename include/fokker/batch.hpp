// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/concept/memory_space.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/stepper.hpp>

namespace fokker::inline v0 {
namespace detail {

/// What several runs have together for one call of a network: its input and its output. It takes memory when there are
/// more samples than ever before.
template <class Network>
class shared_call {
  using element = typename backend::tensor<Network>::element;
  using space = typename space_of<Network>::type;

 public:
  /// What the network is given: a view of the host's memory, or of the device's.
  using view = decltype(backend::view_in<space>::of(std::declval<element*>(), backend::extents(), space()));

  void prepare(const space& on, const backend::extents& shape) {
    shape_ = shape;
    if (shape.samples() <= most_) return;
    most_ = shape.samples();
    x_ = on.template make<element>(shape.size());
    out_ = on.template make<element>(shape.size());
  }
  [[nodiscard]] element* x() { return x_.data(); }
  [[nodiscard]] const element* out() { return out_.data(); }

  /// call(out, x). Throws std::invalid_argument where it points `out` elsewhere, or gives it another shape.
  template <class Call>
  void operator()(const space& on, Call&& call) {
    view out = backend::view_in<space>::of(out_.data(), shape_, on);
    const view x = backend::view_in<space>::of(x_.data(), shape_, on);
    call(out, x);
    require_shape(backend::tensor<view>::shape(out), shape_, "the network's output");
    if (backend::tensor<view>::data(out) != out_.data())
      refuse("the network's output", "in other memory", "that which out.data points to when it is called");
  }

 private:
  backend::extents shape_;
  std::size_t most_ = 0;  // samples that there is memory for
  decltype(space().template make<element>(0)) x_, out_;
};

}  // namespace detail

/// Requests of different plans, lengths, seeds and scales that share one call of the network: every round evaluates
/// what each of them wants next. A request gets what it would get alone, to the bit, if a sample of the network's
/// output depends on that sample alone. Requests join and leave between rounds. In any memory that can make more and
/// copy; all requests are to be in one, and on a device in one stream. It takes memory when the batch is larger than
/// ever before.
template <class Stepper>
class batch;

template <class T, class Noise, class Network>
class batch<stepper<T, Noise, Network>> {
  using network = backend::tensor<Network>;
  using element = typename network::element;
  using space = typename detail::space_of<Network>::type;
  static_assert(has_memory<space>,
                "fokker: batch needs a memory space with 'make<E>(size)' and 'copy(to, from, count)'; "
                "docs/concept/memory_space.md");

 public:
  /// What the network is given: a view of the host's memory, or of the device's.
  using view = typename detail::shared_call<Network>::view;

  /// What a sample of the network's batch is: whose, for which branch of that plan's guidance, and where on its path;
  /// of a plan for networks of two levels also where it goes.
  struct item {
    std::size_t request = 0;
    int branch = 0;
    level at;
    std::optional<level> to{};
  };

  /// Takes a request in and returns its number: 0, 1, ... in the order of joining. Throws std::invalid_argument where
  /// its samples are not like those of the others.
  std::size_t join(stepper<T, Noise, Network> run) {
    const backend::extents shape = backend::tensor<T>::shape(run.x());
    if (!shape_.rank) shape_ = shape;
    backend::extents alike = shape;
    alike.extent[0] = shape_.extent[0];
    detail::require_shape(alike, shape_, "a request's x");
    if (!run.done()) running_.push_back({joined_, std::move(run)});
    return joined_++;
  }

  [[nodiscard]] bool done() const { return running_.empty(); }
  /// Requests that are not yet done.
  [[nodiscard]] std::size_t size() const { return running_.size(); }

  /// One call for all: network(out, x, items) with out and x as `view`, an item a sample, and none where nobody wants
  /// one. Then one update of each request; those that are done leave.
  template <class Call>
  void advance(Call&& call) {
    if (done()) return;
    const space on = network::space(running_.front().run.input());
    [[maybe_unused]] const auto entered = detail::entered(on);
    items_.clear();
    const std::size_t size = shape_.sample_size();
    each_part([&](auto& one, int b, std::size_t, std::size_t count) {
      items_.insert(items_.end(), count / size, {one.request, b, one.run.at(), one.run.call().to});
    });
    if (!items_.empty()) evaluate(on, call);
    for (auto& r : running_) r.run.advance();
    std::erase_if(running_, [](const auto& r) { return r.run.done(); });
  }

 private:
  struct joined {
    std::size_t request;
    stepper<T, Noise, Network> run;
  };

  /// What all want, by one call.
  template <class Call>
  void evaluate(const space& on, Call& call) {
    backend::extents shape = shape_;
    shape.extent[0] = items_.size();
    call_.prepare(on, shape);
    each_part([&](auto& one, int, std::size_t at, std::size_t count) {
      on.copy(call_.x() + at, static_cast<const element*>(network::data(one.run.input())), count);
    });
    call_(on, [&](view& out, const view& x) { call(out, x, std::span<const item>(items_)); });
    each_part([&](auto& one, int b, std::size_t at, std::size_t count) {
      on.copy(network::data(one.run.output(b)), call_.out() + at, count);
    });
  }

  /// Visits what each request has in the batch: whose, the branch, where it begins, how many elements.
  template <class Visit>
  void each_part(Visit visit) {
    std::size_t at = 0;
    for (joined& one : running_)
      for (int b = 0; b < one.run.branches(); ++b)
        if (const std::size_t count = network::shape(one.run.input()).size(); one.run.wants(b))
          visit(one, b, std::exchange(at, at + count), count);
  }

  backend::extents shape_;  // of one sample, behind the first extent
  std::vector<joined> running_;
  std::size_t joined_ = 0;
  std::vector<item> items_;
  detail::shared_call<Network> call_;
};

}  // namespace fokker::inline v0
