// SPDX-License-Identifier: MIT
#include <fokker/noise/a1111.hpp>

#include <fokker/noise/torch_cpu.hpp>
#include <span>
#include <vector>

#include "noise/drawn.hpp"
#include "noise/drawn/profiles.hpp"
#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise::a1111;
static_assert(fk::noise_sequence<a1111<>> && fk::has_samples<a1111<>>);

TEST_CASE("each picture has a generator of its seed, on the CPU, the GPU, or as if on one") {
  for (const auto& real : test::a1111_nv) CHECK(test::furthest(real, a1111(real.seed, 2), test::apart) <= test::turned);
  for (const auto& real : test::a1111_gpu)
    CHECK(test::furthest(real, a1111(real.seed, 2, 0, fk::noise::cuda_device{2, 256}), test::apart) <= test::turned);
  for (const auto& real : test::a1111_cpu)
    CHECK(test::furthest(real, a1111<fk::noise::torch_cpu>(real.seed, 2), test::apart) <= test::turned);
  CHECK(a1111(7).samples() == 1);
}

TEST_CASE("with an eta noise seed delta the steps have generators of their own") {
  for (const auto& real : test::a1111_ensd)
    CHECK(test::furthest(real, a1111(real.seed, 2, 31337), test::apart) <= test::turned);
  // By a delta of 1 the steps of a picture draw the start of the next one: as there, and not refused.
  for (const auto& real : test::a1111_ensd_1)
    CHECK(test::furthest(real, a1111<fk::noise::torch_cpu>(real.seed, 2, 1), test::apart) <= test::turned);
}

TEST_CASE("a picture of a batch has the noise that it has alone") {
  a1111 batch(7, 3, 31337), alone(9, 1, 31337);
  for (const auto stream : {fk::noise_piece::start, fk::noise_piece::steps}) {
    std::vector<float> all(3 * 20), one(20);
    batch.fill(all, {stream, 0});
    alone.fill(one, {stream, 0});
    CHECK(std::vector<float>(all.end() - 20, all.end()) == one);
  }
}
