// SPDX-License-Identifier: MIT
#include <fokker/kernel/simd.hpp>

#include <bit>
#include <cstring>
#include <random>
#include <vector>

#include <fokker/kernel/host.hpp>
#include <fokker/kernel/portable.hpp>

#include "support/catch.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
using fk::kernel::instruction_set;

TEST_CASE("every instruction set draws the normals of the contract, to the bit", "[bits]") {
  const fk::noise::philox source{.seed = 0xfedcba9876543210u, .first_sample = 3};
  test::on_every_instruction_set([&] {
    // One normal of weight 1 is the normal itself, through the kernel: runs that end anywhere in a vector, samples of
    // every small size, and more than one chunk and piece.
    for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{1, 1},
                                        {70, 1},
                                        {70, 2},
                                        {70, 3},
                                        {70, 4},
                                        {7, 5},
                                        {3, 63},
                                        {3, 64},
                                        {3, 65},
                                        {2, 1023},
                                        {2, 1025},
                                        {1, 33000},
                                        {9000, 2}}) {
      fk::plan::update u{.input_count = 0, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
      u.normals[0] = {fk::plan::normal::steps, 21};
      u.rows[0].normals[0] = 1;
      std::vector<float> z(samples * size);
      fk::kernel::operands<float> at{.inputs = {}, .rows = {}, .samples = samples, .size = size};
      at.rows[0] = z.data();
      fk::kernel::host::update(u, at, source);
      bool same = true;
      for (std::uint32_t s = 0; s < samples; ++s)
        for (std::uint32_t e = 0; e < size; ++e)
          same = same && std::bit_cast<std::uint32_t>(z[s * size + e]) ==
                             std::bit_cast<std::uint32_t>(source.normals(s, e / 4, 21, 1).z[e % 4]);
      CHECK(same);
    }
  });
}

TEMPLATE_TEST_CASE("every instruction set gives the bits of the portable kernel", "[bits]", float, double) {
  using E = TestType;
  const fk::noise::philox source{.seed = 5};
  std::mt19937 random(11);
  for (int inputs = 0; inputs <= fk::plan::max_inputs; ++inputs)
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] :
             {std::pair<std::size_t, std::size_t>{1, 1}, {3, 7}, {2, 257}, {40, 2}, {1, 2100}}) {
          const auto u = test::random_update(inputs, rows, normals, random);
          const test::memory<E> before(u, samples, size, random);
          std::vector<std::vector<std::vector<E>>> results;
          test::on_every_instruction_set([&] {
            test::memory<E> m = before;
            if (inputs > 0) m.at.rows[0] = m.inputs[0].data();  // in place
            fk::kernel::host::update(u, m.at, source);
            if (inputs > 0) m.rows[0] = m.inputs[0];
            results.push_back(m.rows);
          });
          bool same = true;
          for (const auto& r : results)
            for (std::size_t j = 0; j < r.size(); ++j)
              same = same && std::memcmp(r[j].data(), results[0][j].data(), r[j].size() * sizeof(E)) == 0;
          CHECK(same);
        }
}

TEST_CASE("signs of zero and subnormal numbers are the same everywhere", "[bits]") {
  fk::plan::update u{.input_count = 2, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {-1, 0.5};
  u.rows[1].inputs = {0, 0};  // no term: +0
  std::vector<float> x(100, 0.0f), y(100, 0x1p-149f), a(100), b(100, 1.0f);
  for (std::size_t i = 0; i < 100; i += 2) x[i] = -0x1p-140f;
  test::on_every_instruction_set([&] {
    fk::kernel::operands<float> at{.inputs = {}, .rows = {}, .samples = 1, .size = 100};
    at.inputs[0] = x.data();
    at.inputs[1] = y.data();
    at.rows[0] = a.data();
    at.rows[1] = b.data();
    fk::kernel::host::update(u, at, fk::noise::philox{});
    for (std::size_t i = 0; i < 100; ++i) {
      CHECK(std::bit_cast<std::uint32_t>(a[i]) == std::bit_cast<std::uint32_t>(std::fma(0.5f, y[i], -1.0f * x[i])));
      CHECK(std::bit_cast<std::uint32_t>(b[i]) == 0);
    }
  });
}
