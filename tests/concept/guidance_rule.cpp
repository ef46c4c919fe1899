// SPDX-License-Identifier: MIT
#include <fokker/concept/guidance_rule.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/none.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(guidance_rule<archetype::guidance>);
static_assert(!guidance_rule<archetype::guidance_without_branches>);
static_assert(!guidance_rule<archetype::guidance_without_weights>);
static_assert(!guidance_rule<archetype::guidance_of_another_size>);
static_assert(!guidance_rule<int>);

static_assert(guidance_rule<guidance::none> && guidance_rule<guidance::classifier_free>);

TEST_CASE("The least that a guidance rule is, is lawful") { law::guidance(archetype::guidance{}, {}); }
