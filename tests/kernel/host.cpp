// SPDX-License-Identifier: MIT
#include <fokker/kernel/host.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <fokker/kernel/reference.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
using fk::plan::update;
using test::memory;
using test::random_update;

namespace {

template <class E>
void agrees_with_the_reference() {
  std::mt19937 random(1);
  const fk::noise::philox noise{.seed = 9};
  for (int inputs = 0; inputs <= fk::plan::max_inputs; ++inputs)
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] :
             {std::pair<std::size_t, std::size_t>{1, 1}, {3, 7}, {2, 257}, {1, 1030}, {300, 2}}) {
          const update u = random_update(inputs, rows, normals, random);
          memory<E> fast(u, samples, size, random);
          auto slow_rows = fast.rows;
          auto slow = fast.at;
          for (std::size_t j = 0; j < slow_rows.size(); ++j) slow.rows[j] = slow_rows[j].data();
          fk::kernel::host::update(u, fast.at, noise);
          fk::kernel::reference::update(u, slow, noise);
          // One rounding per operand, of partial sums that no term exceeds 2 * 6.7 in; earlier rows grow by 3 each.
          const double bound = static_cast<double>(std::numeric_limits<E>::epsilon()) * (inputs + rows + normals) *
                               14.0 * (inputs + normals + 1) * std::pow(3, rows);
          bool close = true;
          for (std::size_t j = 0; j < slow_rows.size(); ++j)
            for (std::size_t i = 0; i < slow_rows[j].size(); ++i)
              close = close &&
                      std::abs(static_cast<double>(fast.rows[j][i]) - static_cast<double>(slow_rows[j][i])) <= bound;
          CHECK(close);
        }
}

}  // namespace

TEST_CASE("the host kernel agrees with the reference to rounding, in float and double") {
  agrees_with_the_reference<float>();
  agrees_with_the_reference<double>();
}

TEST_CASE("results may lie on operands") {
  std::mt19937 random(2);
  const fk::noise::philox noise{.seed = 9};
  const update u = random_update(3, 2, 1, random);
  memory<float> apart(u, 3, 300, random);
  auto inputs = apart.inputs;
  fk::kernel::host::update(u, apart.at, noise);
  auto at = apart.at;
  for (std::size_t k = 0; k < 3; ++k) at.inputs[k] = inputs[k].data();
  at.rows[0] = inputs[1].data();
  at.rows[1] = inputs[0].data();
  fk::kernel::host::update(u, at, noise);
  CHECK(inputs[1] == apart.rows[0]);
  CHECK(inputs[0] == apart.rows[1]);
}

TEST_CASE("an operand of weight 0 is not read") {
  update u{.input_count = 2, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs[1] = 2;
  const float x = 3, nan = std::numeric_limits<float>::quiet_NaN();
  float result = 0;
  fk::kernel::operands<float> at{.inputs = {}, .rows = {}, .samples = 1, .size = 1};
  at.inputs[0] = &nan;
  at.inputs[1] = &x;
  at.rows[0] = &result;
  fk::kernel::host::update(u, at, fk::noise::philox{});
  CHECK(result == 6);
  u.rows[0].inputs[1] = 0;
  fk::kernel::host::update(u, at, fk::noise::philox{});
  CHECK(result == 0);
}

TEST_CASE("a float update is one chain of fma in the order inputs, earlier rows, normals") {
  std::mt19937 random(3);
  const fk::noise::philox noise{.seed = 1};
  const update u = random_update(2, 2, 1, random);
  memory<float> m(u, 1, 1, random);
  fk::kernel::host::update(u, m.at, noise);
  const float z = noise.normals(0, 0, 10, 1).z[0];
  const auto w = [](const auto& weights, std::size_t k) { return static_cast<float>(weights[k]); };
  float first = w(u.rows[0].inputs, 0) * m.inputs[0][0];
  first = std::fma(w(u.rows[0].inputs, 1), m.inputs[1][0], first);
  first = std::fma(w(u.rows[0].normals, 0), z, first);
  float second = w(u.rows[1].inputs, 0) * m.inputs[0][0];
  second = std::fma(w(u.rows[1].inputs, 1), m.inputs[1][0], second);
  second = std::fma(w(u.rows[1].earlier, 0), first, second);
  second = std::fma(w(u.rows[1].normals, 0), z, second);
  CHECK(m.rows[0][0] == first);
  CHECK(m.rows[1][0] == second);
}
