// SPDX-License-Identifier: MIT
#include <fokker/concept/denoiser.hpp>

#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

namespace {

/// A handle: its copies have one memory.
struct handle {
  std::shared_ptr<float[]> memory;
};

}  // namespace

template <>
struct fokker::backend::tensor<handle> {
  using element = float;
  static float* data(const handle& h) { return h.memory.get(); }
};

static_assert(writes_prediction<archetype::writing_denoiser, archetype::tensor>);
static_assert(!returns_prediction<archetype::writing_denoiser, archetype::tensor>);
static_assert(denoiser_of<archetype::writing_denoiser, archetype::tensor>);
static_assert(!denoiser_of<archetype::writing_denoiser, std::vector<float>>);

static_assert(returns_prediction<archetype::returning_denoiser, std::vector<float>>);
static_assert(!writes_prediction<archetype::returning_denoiser, std::vector<float>>);
static_assert(denoiser_of<archetype::returning_denoiser, std::vector<float>>);
static_assert(!denoiser_of<archetype::returning_denoiser, archetype::tensor>);

static_assert(!denoiser_of<archetype::no_denoiser, archetype::tensor>);
static_assert(!denoiser_of<int, archetype::tensor>);

namespace {

using vector = std::vector<float>;
using view = backend::host_view<float>;
constexpr auto by_value = [](vector out, const vector& x, const level&) { out = x; };
constexpr auto by_span = [](std::span<float> out, std::span<const float> x, const level&) { out[0] = x[0]; };
constexpr auto unwritable = [](std::span<const float>, const vector&, const level&) {};
constexpr auto any_by_value = [](auto out, const auto& x, const level&) { out = x; };
constexpr auto all_by_value = [](auto out, auto x, auto) { out = x; };
constexpr auto any = [](auto& out, const auto& x, const level&) { out = x; };
constexpr auto counting = [n = 0](auto out, const auto& x, const auto&) mutable { out = x, ++n; };
/// What it calls takes no rvalue, which nothing may try.
constexpr auto passing_on = [](auto&&... all) { return any(std::forward<decltype(all)>(all)...); };
using function = void(vector&, const vector&, const level&);
using copying_function = void(vector, const vector&, const level&);
static_assert(writes_into_a_copy<decltype(by_value), vector> && !denoiser_of<decltype(by_value), vector>);
static_assert(writes_into_a_copy<decltype(any_by_value), vector> && !denoiser_of<decltype(any_by_value), vector>);
static_assert(writes_into_a_copy<decltype(all_by_value), vector>);
static_assert(writes_into_a_copy<std::remove_const_t<decltype(counting)>, vector>);
static_assert(writes_into_a_copy<decltype(unwritable), vector>);
static_assert(writes_into_a_copy<copying_function*, vector>);
static_assert(writes_into_a_copy<std::function<void(vector, const vector&, level)>, vector>);
static_assert(denoiser_of<decltype(by_span), vector> && denoiser_of<decltype(any), vector>);
static_assert(denoiser_of<decltype(passing_on), vector> && denoiser_of<function*, vector>);
static_assert(denoiser_of<std::function<void(vector&, const vector&, const level&)>, vector>);
// A copy of these writes where the original would.
static_assert(denoiser_of<decltype(any_by_value), view> && denoiser_of<decltype(by_span), std::span<float>>);
static_assert(denoiser_of<decltype(any_by_value), handle> && !copies_share_memory<vector>);

auto two_steps() {
  return make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{}, archetype::solver{});
}

/// Both: it writes, and what it returns is of no use.
struct both {
  int written = 0;
  void operator()(std::vector<float>& out, const std::vector<float>&, const level&) {
    ++written, out.assign(out.size(), 0);
  }
  std::vector<float> operator()(const std::vector<float>& x, const level&) { return x; }
};

}  // namespace

TEST_CASE("The least that a denoiser is, samples: one that writes and one that returns") {
  const auto p = two_steps();
  archetype::tensor x(3);
  archetype::writing_denoiser writing;
  CHECK(sample(p, writing, archetype::noise{}, x));
  CHECK(x.memory == std::vector<float>(3, 0.25f));

  std::vector<float> y(3);
  const archetype::returning_denoiser returning;
  CHECK(sample(p, returning, archetype::noise{}, y));
  CHECK(y == std::vector<float>(3, 0.25f));
}

TEST_CASE("A denoiser that can do both writes") {
  both network;
  std::vector<float> out(2), x(2);
  evaluate(network, out, x, level{});
  CHECK(network.written == 1);
}
