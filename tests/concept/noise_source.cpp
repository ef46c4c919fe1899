// SPDX-License-Identifier: MIT
#include <fokker/concept/noise_source.hpp>

#include <cstdint>

#include <fokker/noise/per_sample.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(noise_source<archetype::noise>);
static_assert(!noise_source<archetype::noise_without_normals>);
static_assert(!noise_source<int>);
static_assert(!has_samples<archetype::noise> && !has_samples<noise::philox> && has_samples<noise::per_sample>);

namespace {

struct drawn {
  float z[4];
};
struct changing {
  drawn normals(std::uint32_t, std::uint32_t, const noise_piece&) { return {}; }
};
struct of_four_words {
  drawn normals(std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) const { return {}; }
};
static_assert(!noise_source<changing>);
static_assert(!noise_source<of_four_words>);

}  // namespace

TEST_CASE("The least that a noise source is, fills x in blocks of four") {
  // flow: the first level is noise of deviation 1, the network's constant 0.25 is reached from anywhere
  const auto plan =
      make_plan(archetype::schedule{}, archetype::parameterization{}, archetype::grid{}, archetype::solver{});
  archetype::tensor x(5);
  std::vector<float> first;
  archetype::writing_denoiser network;
  const auto keep = [&](const progress<archetype::tensor>& seen) {
    if (seen.call == 1) first = seen.x.memory;
  };
  CHECK(sample(plan, network, archetype::noise{}, x, keep));
  CHECK(x.memory == std::vector<float>(5, 0.25f));
  // x of the second level is half the data and half the noise; a sample is one element, the first normal of its block
  REQUIRE(first.size() == 5);
  for (const float value : first) CHECK(value == 0.5f * 0.25f + 0.5f * 0.5f);
}
