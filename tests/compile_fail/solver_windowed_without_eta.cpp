// SPDX-License-Identifier: MIT
// at most 30 lines
// expected: fokker: this solver has no eta to be 0 outside of its window

#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/windowed.hpp>

const fokker::solver::windowed solver{fokker::solver::ddpm{}, 2};
