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
