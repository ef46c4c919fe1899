// SPDX-License-Identifier: MIT
#include <fokker/kernel/reference.hpp>

#include <vector>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {
/// Normals that tell their position.
struct positions {
  struct four {
    float z[4];
  };
  four normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece& piece) const {
    const float at = 1000.0f * static_cast<float>(sample) + 4.0f * static_cast<float>(block) +
                     0.25f * static_cast<float>(piece.id) + 0.125f * static_cast<float>(piece.stream);
    return {{at, at + 1, at + 2, at + 3}};
  }
};
}  // namespace

TEST_CASE("the oracle is the sum that an update stands for: inputs, earlier rows and normals by position") {
  fk::plan::update u{
      .input_count = 2, .normal_count = 1, .row_count = 2, .inputs = {}, .normals = {{{{1, 2}}}}, .rows = {}};
  u.rows[0].inputs = {2};  // the second input has weight 0 here
  u.rows[1].inputs = {1, 3};
  u.rows[1].earlier = {10};
  u.rows[1].normals = {1};
  std::vector<double> x(10), y(10), first(10);  // two samples of five
  for (std::size_t i = 0; i < 10; ++i) x[i] = 0.5 * static_cast<double>(i), y[i] = 100;
  const auto before = x;
  fk::kernel::operands<double> at;
  at.inputs = {x.data(), y.data()};
  at.rows = {first.data(), x.data()};
  at.samples = 2;
  at.size = 5;
  fk::kernel::reference::update(u, at, positions{});
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(first[i] == 2 * before[i]);
    const double normal = 1000.0 * static_cast<double>(i / 5) + static_cast<double>(i % 5) + 0.5 + 0.125;
    CHECK(x[i] == before[i] + 300 + 20 * before[i] + normal);  // written onto its own operand
  }
}

TEST_CASE("the oracle does not read an operand of weight 0") {
  fk::plan::update u{.input_count = 1, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  float result = 7;
  fk::kernel::operands<float> at;
  at.rows[0] = &result;
  at.samples = at.size = 1;
  fk::kernel::reference::update(u, at, positions{});
  CHECK(result == 0);
}
