// SPDX-License-Identifier: MIT
// at most 30 lines
// expected: fokker: tokens are at levels of their own

#include <fokker/tokens.hpp>

using view = fokker::backend::host_view<float>;

void f(fokker::tokens<fokker::stepper<view, fokker::noise::philox>>& all) {
  all.advance([](view& out, const view& x, const fokker::level&) { out = x; });
}
