// SPDX-License-Identifier: MIT
#include <fokker/plan/program.hpp>

#include <type_traits>

#include <fokker/solver/ddim.hpp>

#include "support/members.hpp"

namespace fk = fokker;

TEST_CASE("what an update is made of are flat numbers that any memory space can be handed") {
  static_assert(std::is_trivially_copyable_v<fk::plan::row>);
  static_assert(std::is_standard_layout_v<fk::plan::row>);
  static_assert(std::is_trivially_copyable_v<fk::plan::normal>);
  static_assert(std::is_trivially_copyable_v<fk::plan::operand>);
  static_assert(std::is_trivially_copyable_v<fk::plan::factor>);
  static_assert(std::is_trivially_copyable_v<fk::plan::operation>);
  static_assert(std::is_trivially_copyable_v<fk::level>);
  static_assert(std::is_copy_constructible_v<fk::plan::program>);
}

TEST_CASE("N steps are N + 1 levels and the plan counts N") {
  for (const int steps : {1, 2, 61, 1000})
    CHECK(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = steps},
                        fk::solver::ddim{})
              .steps() == steps);
}
