// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// What the page calls. Pointers are into the module's memory: pairs of floats, x and y, until the next call.
#ifdef __wasm__
#define EXPORTED(name) __attribute__((export_name(#name)))
#else
#define EXPORTED(name)
#endif

extern "C" {

enum sampler { ddim, heun, dpmpp_2m, noiseless };

EXPORTED(sample_count) int sample_count();
EXPORTED(centre_count) int centre_count();
EXPORTED(arrow_count) int arrow_count();

/// The centres of the mixture, a third of them for each class.
EXPORTED(data) const float* data();

/// Draws the noise that a run begins with. Returns how many calls of the networks it is.
EXPORTED(begin) int begin(int sampler, int steps, double eta, double scale, int wanted, std::uint32_t seed);

/// One call of the networks and its update. Returns 0 where that was the last one.
EXPORTED(advance) int advance();

EXPORTED(points) const float* points();

/// Where arrows begin, and the guided prediction there at the level of the call that is next: away from the noise.
EXPORTED(raster) const float* raster();
EXPORTED(field) const float* field();

/// The share of points whose nearest centre is of the class, their mean distance to it, and the root mean square
/// distance of the points from their mean.
EXPORTED(measures) const float* measures(int wanted);
}
