// SPDX-License-Identifier: MIT
#include <fokker/concept/denoiser.hpp>

#include <vector>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

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
