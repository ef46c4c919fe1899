// SPDX-License-Identifier: MIT
#include <fokker/embedding/normalise.hpp>

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/half.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

TEST_CASE("samples are divided by their lengths, in place, whatever their elements") {
  xt::xtensor<float, 2> x{{3, 4}, {0, -2}};
  fk::embedding::normalise(x);
  CHECK((x == xt::xtensor<float, 2>{{0.6f, 0.8f}, {0, -1}}));  // the nearest floats
  std::vector<fk::half> halves{fk::half(3.0f), fk::half(4.0f)};
  fk::embedding::normalise(fk::backend::one_sample(halves));
  CHECK(halves[0].bits == fk::half(0.6f).bits);
  CHECK(halves[1].bits == fk::half(0.8f).bits);
  xt::xtensor<double, 2> ones{{1, 0, 0}};
  fk::embedding::normalise(ones);
  CHECK((ones == xt::xtensor<double, 2>{{1, 0, 0}}));
}

TEST_CASE("a sample of zeros is refused before anything is written") {
  xt::xtensor<float, 2> x{{3, 4}, {0, 0}};
  law::refused([&] { fk::embedding::normalise(x); }, {"the length of row 1 of x is 0; allowed: above 0"});
  CHECK(x(0, 0) == 3);
}
