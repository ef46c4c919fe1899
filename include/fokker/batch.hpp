// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/stepper.hpp>

namespace fokker::inline v0 {

/// Requests of different plans, lengths, seeds and scales that share one call of the network: every round evaluates
/// what each of them wants next. A request gets what it would get alone, to the bit, if a sample of the network's
/// output depends on that sample alone. Requests join and leave between rounds; memory of the host.
template <class Stepper>
class batch;

template <class T, class Noise, class Network>
class batch<stepper<T, Noise, Network>> {
  using network = backend::tensor<Network>;
  using element = typename network::element;

 public:
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

  /// One call for all: network(out, x, items) with out and x as host_view, an item a sample. Then one update of each
  /// request; those that are done leave.
  template <class Call>
  void advance(Call&& call) {
    items_.clear();
    const std::size_t size = shape_.sample_size();
    each_part([&](auto& one, int b, std::size_t, std::size_t count) {
      items_.insert(items_.end(), count / size, {one.request, b, one.run.at(), one.run.call().to});
    });
    x_.resize(items_.size() * size);
    out_.resize(x_.size());
    each_part([&](auto& one, int, std::size_t at, std::size_t count) {
      std::copy_n(network::data(one.run.input()), count, x_.data() + at);
    });
    backend::extents shape = shape_;
    shape.extent[0] = items_.size();
    backend::host_view<element> out{out_.data(), shape};
    const backend::host_view<element> x{x_.data(), shape};
    call(out, x, std::span<const item>(items_));
    detail::require_shape(out.shape, shape, "the network's output");
    if (out.data != out_.data())
      detail::refuse("the network's output", "in other memory", "that which out.data points to when it is called");
    each_part([&](auto& one, int b, std::size_t at, std::size_t count) {
      std::copy_n(out_.data() + at, count, network::data(one.run.output(b)));
    });
    for (auto& r : running_) r.run.advance();
    std::erase_if(running_, [](const auto& r) { return r.run.done(); });
  }

 private:
  struct joined {
    std::size_t request;
    stepper<T, Noise, Network> run;
  };

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
  std::vector<element> x_, out_;
};

}  // namespace fokker::inline v0
