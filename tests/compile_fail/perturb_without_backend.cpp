// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: no backend knows this tensor type

#include <fokker/perturb.hpp>

#include "support/archetypes.hpp"

void f(const fokker::level& at, archetype::tensor_without_backend& x) { fokker::perturb(at, x, archetype::noise{}, x); }
