// SPDX-License-Identifier: MIT
#include <fokker/kernel/simd.hpp>

#include <bit>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/kernel/portable.hpp>

#include "support/catch.hpp"
#include "support/same_bits.hpp"
#include "support/updates.hpp"

namespace fk = fokker;

TEST_CASE("every instruction set draws the normals of the contract, to the bit", "[bits]") {
  for (const std::uint64_t first : {0u, 64u, 0xfffffffcu}) {
    const fk::noise::philox source{.seed = 0xfedcba9876543210u, .first_sample = 3, .first_element = first};
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
        fk::plan::update u{
            .input_count = 0, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
        u.normals[0] = {{fk::plan::normal::steps, 21}};
        u.rows[0].normals[0] = 1;
        std::vector<float> z(samples * size);
        fk::kernel::operands<float> at;
        at.samples = samples;
        at.size = size;
        at.rows[0] = z.data();
        fk::kernel::host::update(u, at, source);
        bool same = true;
        for (std::uint32_t s = 0; s < samples; ++s)
          for (std::uint32_t e = 0; e < size; ++e)
            same = same && std::bit_cast<std::uint32_t>(z[s * size + e]) ==
                               std::bit_cast<std::uint32_t>(source.normals(s, e / 4, {1, 21}).z[e % 4]);
        CHECK(same);
      }
    });
  }
}

TEMPLATE_TEST_CASE("every instruction set gives the bits of the portable kernel", "[bits]", (std::pair<float, float>),
                   (std::pair<double, double>), (std::pair<fk::half, fk::half>),
                   (std::pair<fk::bfloat16, fk::bfloat16>), (std::pair<float, fk::half>),
                   (std::pair<float, fk::bfloat16>), (std::pair<double, fk::half>), (std::pair<double, fk::bfloat16>),
                   (std::pair<float, double>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  const fk::noise::philox source{.seed = 5};
  std::mt19937 random(11);
  for (const int inputs : {0, 1, 3, fk::plan::max_inputs})
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{3, 7}, {2, 65}, {40, 2}, {1, 1030}}) {
          if (size > 1000 && inputs != 1) continue;  // longer than a chunk: once is enough
          auto u = test::random_update(inputs, rows, normals, random, true);
          if (random() % 2 == 0) u = test::tabled(u, random);
          test::memory<E, Network> before(u, samples, size, random);
          before.give_tables(u, random);
          std::vector<std::vector<std::vector<E>>> results;
          std::vector<std::vector<Network>> copies;
          test::on_every_instruction_set([&] {
            test::memory<E, Network> m = before;
            if (inputs > 0) m.at.rows[0] = m.inputs[0].data();  // in place
            fk::kernel::host::update(u, m.at, source);
            if (inputs > 0) m.rows[0] = m.inputs[0];
            results.push_back(m.rows);
            copies.push_back(m.copy);
          });
          bool same = true;
          for (std::size_t set = 1; set < results.size(); ++set) {
            same = same && test::same_bits(copies[set], copies[0]);
            for (std::size_t j = 0; j < results[set].size(); ++j)
              same = same && test::same_bits(results[set][j], results[0][j]);
          }
          CHECK(same);
        }
}

TEMPLATE_TEST_CASE("16 bits are read and written alike by every instruction set: all of them, and what lies between",
                   "[bits]", fk::half, fk::bfloat16) {
  using E = TestType;
  // Every number of 16 bits as floats see it, with its neighbours, the points half way to the next and theirs.
  std::vector<float> floats;
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    const E stored = std::bit_cast<E>(static_cast<std::uint16_t>(i));
    const auto wide = std::bit_cast<std::uint32_t>(static_cast<float>(stored));
    const std::uint32_t to_half_way = std::is_same_v<E, fk::half> ? 0x1000 : 0x8000;
    for (const std::uint32_t b :
         {wide, wide - 1, wide + 1, wide + to_half_way, wide + to_half_way - 1, wide + to_half_way + 1})
      floats.push_back(std::bit_cast<float>(b));
  }
  fk::plan::update u{.input_count = 1, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs[0] = 1;
  test::on_every_instruction_set([&] {
    std::vector<E> stored(floats.size());
    std::vector<float> kept(floats.size()), back(floats.size());
    fk::kernel::operands<float, E> at;
    at.samples = floats.size();
    at.size = 1;
    at.inputs[0] = floats.data();
    at.rows[0] = kept.data();
    at.copy = stored.data();
    fk::kernel::host::update(u, at, fk::noise::philox{});
    at.inputs[0] = nullptr;
    at.outputs[0] = stored.data();
    at.rows[0] = back.data();
    at.copy = nullptr;
    fk::kernel::host::update(u, at, fk::noise::philox{});
    bool same = true;
    for (std::size_t i = 0; i < floats.size(); ++i) {
      same = same && stored[i].bits == E(floats[i]).bits;
      const float read = stored[i];
      same = same &&
             (fk::detail::is_nan(read) ? fk::detail::is_nan(back[i])
                                       : std::bit_cast<std::uint32_t>(back[i]) == std::bit_cast<std::uint32_t>(read));
    }
    CHECK(same);
  });
}

TEST_CASE("signs of zero and subnormal numbers are the same everywhere", "[bits]") {
  fk::plan::update u{.input_count = 2, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {-1, 0.5};
  u.rows[1].inputs = {0, 0};  // no term: +0
  std::vector<float> x(100, 0.0f), y(100, 0x1p-149f), a(100), b(100, 1.0f);
  for (std::size_t i = 0; i < 100; i += 2) x[i] = -0x1p-140f;
  test::on_every_instruction_set([&] {
    fk::kernel::operands<float> at;
    at.samples = 1;
    at.size = 100;
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
