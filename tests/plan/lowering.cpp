// SPDX-License-Identifier: MIT
#include <fokker/plan/lowering.hpp>

#include <fokker/guidance/rescaled.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/traced.hpp"

namespace fk = fokker;
using fk::plan::operand;

namespace {

/// The update and the measures of the first call of a method that keeps nothing: x' lies where x did.
auto first(fk::plan::draft d) {
  fk::plan::program p;
  p.tables.clear();
  const std::vector<int> buffer(d.said.symbols.size(), 0);
  std::vector<int> rows;
  for (const int i : d.slots[1])
    if (d.is_written(fk::plan::nth(d.targets, i))) rows.push_back(i);
  return fk::plan::lowering(d, p, buffer)(0, rows, -1, {});
}

}  // namespace

TEST_CASE("a step is one row of what lies in memory and of what the network said") {
  const auto [update, measures] = first(test::carried(fk::solver::ddim{}));
  CHECK(measures.empty());
  CHECK(update.row_count == 1);
  REQUIRE(update.input_count == 2);
  CHECK(update.inputs[0] == operand{operand::buffer, 0});
  CHECK(update.inputs[1] == operand{operand::output, 0});
  CHECK(update.factors.empty());
}

TEST_CASE("numbers that are found become a measure before the update, and tables of it") {
  const auto [update, measures] =
      first(test::carried(fk::solver::ddim{}, fk::guidance::rescaled{fk::guidance::classifier_free{}}));
  REQUIRE(measures.size() == 1);
  CHECK(measures[0].form.row_count == 2);  // the guided prediction, and the conditional one
  CHECK(measures[0].tape.back().what == fk::plan::operation::store);
  CHECK(update.input_count == 3);
  CHECK_FALSE(update.factors.empty());
  for (const auto& f : update.factors) CHECK(fk::plan::nth(update.tables, f.table) == 0);
}

TEST_CASE("the start is drawn where the first update read it") {
  fk::plan::draft d = test::carried(fk::solver::ddim{});
  fk::plan::program p;
  const fk::plan::lowering lowered(d, p, {});
  const double sigma = d.said.levels.front().sigma;
  const fk::plan::update drawn = lowered.drawn(fk::plan::identity(), false);
  CHECK(drawn.input_count == 0);
  CHECK(drawn.rows[0].normals[0] == sigma);
  CHECK(drawn.normals[0].stream == fk::noise_piece::start);
  CHECK(lowered.drawn(fk::plan::identity(), true).row_count == 2);  // and is there to be read again
}

TEST_CASE("where the start was read, what stands behind it moves up, and nothing is left in its old place") {
  using fk::plan::factor;
  fk::plan::draft d = test::carried(fk::solver::ddim{});
  d.said.levels.front().sigma = 3;
  fk::plan::program p;
  const fk::plan::lowering lowered(d, p, {});
  fk::plan::update u{.input_count = fk::plan::max_inputs, .normal_count = 1, .row_count = 1};
  for (int k = 0; k < u.input_count; ++k) {
    const auto i = static_cast<std::size_t>(k);
    u.inputs[i] = {operand::given, 10 + k};
    u.rows[0].inputs[i] = 0.5 + k;
    u.factors.push_back({factor::input, 0, k, k, 2});
  }
  u.inputs[2] = {operand::buffer, 0};
  u.factors.push_back({factor::normal, 0, 0, 0, 7});
  u.normals[0] = {{fk::noise_piece::known, 5}};
  const fk::plan::update drawn = lowered.drawn(u, false);
  CHECK(drawn.input_count == fk::plan::max_inputs - 1);
  CHECK(drawn.inputs.back() == operand{});
  CHECK(drawn.rows[0].inputs.back() == 0);
  REQUIRE(drawn.normal_count == 2);
  CHECK(drawn.normals[1] == fk::plan::normal{{fk::noise_piece::start, 0}});
  CHECK(drawn.rows[0].normals[1] == 3 * 2.5);
  for (int k = 0, at = 0; k < u.input_count; ++k) {
    const factor& f = drawn.factors[static_cast<std::size_t>(k)];
    CHECK(f.table == k);
    if (k == 2) {
      CHECK(f == factor{factor::normal, 0, 1, k, 2 * 3});
      continue;
    }
    CHECK(f == factor{factor::input, 0, at, k, 2});
    CHECK(fk::plan::nth(drawn.inputs, at) == operand{operand::given, 10 + k});
    CHECK(fk::plan::nth(drawn.rows[0].inputs, at) == 0.5 + k);
    ++at;
  }
  CHECK(drawn.factors.back() == factor{factor::normal, 0, 0, 0, 7});
  const fk::plan::update lives = lowered.drawn(u, true);
  CHECK(lives.row_count == 2);
  CHECK(lives.rows[1].normals[1] == 3);
  u.normal_count = fk::plan::max_normals;
  CHECK_THROWS_WITH(lowered.drawn(u, false), Catch::Contains("needs more than 3 normals, the start among them"));
}
