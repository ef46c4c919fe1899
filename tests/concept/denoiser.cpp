// SPDX-License-Identifier: MIT
#include <fokker/concept/denoiser.hpp>

#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/plan/text.hpp>

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

namespace {

/// The mean of the labels of where x is and where it goes.
constexpr auto of_two = [](auto& out, const auto&, const level& from, const level& to) {
  for (float& value : out) value = static_cast<float>((from.label + to.label) / 2);
};
constexpr auto of_two_by_value = [](vector, const vector&, const level&, const level&) {};
static_assert(takes_two_levels<decltype(of_two), vector> && denoiser_of<decltype(of_two), vector>);
static_assert(!takes_two_levels<decltype(passing_on), vector> && !takes_two_levels<both, vector>);
static_assert(writes_into_a_copy<decltype(of_two_by_value), vector>);

}  // namespace

TEST_CASE("A network of two levels is told where x goes, by a plan that tells it") {
  auto plan = two_steps();
  vector x(3);
  const auto refused = [&](const auto& network, const char* what) {
    x.assign(3, 7);
    law::refused([&] { sample_from(plan, network, archetype::noise{}, x); }, {what});
    CHECK(x == vector(3, 7));
  };
  const char* of_one = "the number of levels that a denoiser takes is 2; allowed: 1: the plan does not tell";
  refused(of_two, of_one);
  for (auto& c : plan.calls) c.to = plan.levels[static_cast<std::size_t>(c.step) + 1];
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    plan.calls[i].at.label = static_cast<double>(i);
    plan.calls[i].to->label = static_cast<double>(i) + 5;
  }
  plan::require_valid(plan);
  refused(any, "the number of levels that a denoiser takes is 1; allowed: 2, as the plan tells where x goes");

  // The straight path from noise: x + (t - s) v, what the network says being its velocity.
  std::vector<double> told;
  const auto network = [&](vector& out, const vector& in, const level& from, const level& to) {
    told.push_back(from.label), told.push_back(to.label);
    of_two(out, in, from, to);
  };
  x.assign(3, 0);
  CHECK(sample_from(plan, network, archetype::noise{}, x));
  CHECK(told == std::vector<double>{0, 5, 1, 6});
  const plan::program read = plan::from_text(plan::to_text(plan));
  REQUIRE(read.calls[1].to);
  CHECK(read.calls[1].to->label == 6);
  vector again(3);
  CHECK(sample_from(read, network, archetype::noise{}, again));
  CHECK(again == x);
  CHECK(plan::to_text(read) == plan::to_text(plan));
  plan.calls[1].to.reset();
  refused(of_two, of_one);
}

TEST_CASE("A denoiser that can do both writes") {
  both network;
  std::vector<float> out(2), x(2);
  evaluate(network, out, x, level{});
  CHECK(network.written == 1);
}
