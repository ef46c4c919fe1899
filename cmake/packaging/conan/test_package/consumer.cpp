// SPDX-License-Identifier: MIT
#include <iostream>

#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  std::cout << fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 5},
                             fk::solver::dpmpp_2m{});
}
