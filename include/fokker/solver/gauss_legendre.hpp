// SPDX-License-Identifier: MIT
#pragma once

namespace fokker::inline v0::solver {

/// Gauss and Legendre's rule of 16 points on [0, 1]: `visit(share, weight)` for each of them.
template <class Visit>
void gauss_legendre(Visit visit) {
  constexpr double points[][2] = {
      {0.0052995325041750337019, 0.013576229705877047426}, {0.027712488463383711961, 0.031126761969323946431},
      {0.06718439880608412806, 0.047579255841246392405},   {0.12229779582249848305, 0.062314485627766936026},
      {0.19106187779867812578, 0.074797994408288366041},   {0.27099161117138630683, 0.084578259697501269095},
      {0.35919822461037054338, 0.091301707522461794433},   {0.45249374508118127991, 0.094725305227534248143}};
  for (const auto& [share, weight] : points) {
    visit(share, weight);
    visit(1 - share, weight);
  }
}

}  // namespace fokker::inline v0::solver
