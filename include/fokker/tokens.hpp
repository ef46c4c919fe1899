// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/batch.hpp>
#include <fokker/concept/denoiser.hpp>
#include <fokker/concept/memory_space.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/message.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/level.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/sample.hpp>
#include <fokker/stepper.hpp>

namespace fokker::inline v0 {

/// A sample whose tokens (frames, agents, regions) are at levels of their own: diffusion forcing, Chen et al. 2024.
/// A token, or several that step together, is a run with a plan of its own. In each round the network sees all tokens,
/// in the order of joining: denoiser(out, x, std::span<const level>) with a sample and a level for each. Those that
/// wait are seen where they are, those that are done, or known, as data. In any memory that can make more and copy; on
/// a device all are in one stream.
template <class Stepper>
class tokens;

template <class T, class Noise, class Network>
class tokens<stepper<T, Noise, Network>> {
  using tensor = backend::tensor<T>;
  using network = backend::tensor<Network>;
  using element = typename tensor::element;
  using space = typename detail::space_of<T>::type;
  static_assert(has_memory<space>,
                "fokker: tokens need a memory space with 'make<E>(size)' and 'copy(to, from, count)'; "
                "docs/concept/memory_space.md");

 public:
  /// What the network is given: a view of the host's memory, or of the device's.
  using view = typename detail::shared_call<Network>::view;

  /// `done` is where tokens are said to be that are done or known: data, or a level with a little noise, where networks
  /// are trained to doubt what they are given. Throws std::invalid_argument where the network cannot be told this
  /// level.
  template <prediction_type Parameterization>
  explicit tokens(const Parameterization& predicts, const level& done = {})
      : clean_(done), clean_scale_(fokker::input_scale(predicts, done)) {
    clean_.label = fokker::label(predicts, done);
    detail::require_finite("the label of what is done", clean_.label);
  }

  /// Takes a run in and returns its number: 0, 1, ... in the order of joining. Throws std::invalid_argument where its
  /// samples are not like those of the others, and for a plan of a network of two levels.
  std::size_t join(stepper<T, Noise, Network> run) {
    if (!run.done() && run.call().to) detail::refuse("the plan", "of a network of two levels", "one of one level");
    const T& x = run.x();
    return take(x, {.run = std::move(run)});
  }
  /// Takes in tokens that are known and stay what they are: a context. They must outlive the sample.
  std::size_t join(const T& known) { return take(known, {.known = detail::data_of(known, "a token's x")}); }

  /// Whether all runs are done.
  [[nodiscard]] bool done() const {
    return std::all_of(all_.begin(), all_.end(), [](const token& t) { return t.done(); });
  }
  /// Runs and contexts that have joined.
  [[nodiscard]] std::size_t size() const { return all_.size(); }

  /// One call of each branch's denoiser for all tokens, then one update of each run for which `goes(its number)` is
  /// true and that is not yet done. Nothing is called where none goes. Throws std::invalid_argument for another number
  /// of denoisers than the plans have branches.
  template <class Denoiser, class Goes>
  void advance(Denoiser&& denoiser, Goes&& goes) {
    auto&& networks = detail::as_denoisers(denoiser);
    constexpr int given = std::tuple_size_v<decltype(networks.each)>;
    bool any = false;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      token& t = all_[i];
      t.goes = !t.done() && static_cast<bool>(goes(i));
      any = any || t.goes;
      if (t.goes && t.run->branches() != given)
        detail::refuse("the number of denoisers", given,
                       detail::joined({detail::text(t.run->branches()), ", the branches of the plan"}));
    }
    if (!any) return;
    gather();
    int b = 0;
    std::apply([&](auto&... each) { (call(each, b++), ...); }, networks.each);
    for (token& t : all_)
      if (t.goes) t.run->advance();
  }
  /// The same, and all go.
  template <class Denoiser>
  void advance(Denoiser&& denoiser) {
    advance(denoiser, [](std::size_t) { return true; });
  }

 private:
  struct token {
    std::optional<stepper<T, Noise, Network>> run{};  // none of what is known
    const element* known = nullptr;
    std::size_t count = 0;  // of elements
    bool goes = false;
    [[nodiscard]] bool done() const { return !run || run->done(); }
  };

  std::size_t take(const T& x, token t) {
    const backend::extents shape = detail::shape_of(x, "a token's x");
    detail::require_samples(shape, "a token's x");
    if (!on_) {
      on_.emplace(tensor::space(x));
      shape_ = shape;
      shape_.extent[0] = 0;
    }
    backend::extents alike = shape_;
    alike.extent[0] = shape.extent[0];
    detail::require_shape(shape, alike, "a token's x");
    shape_.extent[0] += shape.extent[0];
    t.count = shape.size();
    all_.push_back(std::move(t));
    return all_.size() - 1;
  }

  /// What the network reads, and what it is told.
  void gather() {
    [[maybe_unused]] const auto entered = detail::entered(*on_);
    call_.prepare(*on_, shape_);
    levels_.clear();
    auto* to = call_.x();
    for (const token& t : all_) {
      levels_.insert(levels_.end(), t.count / shape_.sample_size(), t.done() ? clean_ : t.run->at());
      if (t.done())
        show(t, to);
      else
        on_->copy(to, network::data(t.run->input()), t.count);
      to += t.count;
    }
  }
  /// Tokens that are done, as the network reads them.
  void show(const token& t, typename network::element* to) const {
    plan::update u = plan::identity();
    u.rows[0].inputs[0] = clean_scale_;
    kernel::operands<element, typename network::element> at;
    at.inputs[0] = t.run ? tensor::data(t.run->x()) : t.known;
    at.samples = 1;
    at.size = t.count;
    if constexpr (std::is_same_v<T, Network>)
      at.rows[0] = to;
    else
      at.copy = to;
    on_->update(u, at, noise::philox{});
  }

  template <class D>
  void call(D& denoiser, int b) {
    static_assert(
        detail::takes_levels<D, view>,
        "fokker: tokens are at levels of their own, and their denoiser is to be callable as 'denoiser(out, x, "
        "std::span<const level>)'; docs/api/tokens.md");
    const auto wants = [b](const token& t) { return t.goes && t.run->wants(b); };
    if constexpr (detail::takes_levels<D, view>) {
      if (std::none_of(all_.begin(), all_.end(), wants)) return;
      [[maybe_unused]] const auto entered = detail::entered(*on_);
      call_(*on_, [&](view& out, const view& x) { denoiser(out, x, std::span<const level>(levels_)); });
      const auto* from = call_.out();
      for (token& t : all_) {
        if (wants(t)) on_->copy(network::data(t.run->output(b)), from, t.count);
        from += t.count;
      }
    }
  }

  level clean_;
  double clean_scale_;
  std::optional<space> on_;
  backend::extents shape_;  // of all tokens
  std::vector<token> all_;
  std::vector<level> levels_;
  detail::shared_call<Network> call_;
};

}  // namespace fokker::inline v0
