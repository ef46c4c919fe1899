// SPDX-License-Identifier: MIT
#include <fokker/kernel/host.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/reference.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
using fk::plan::update;
using test::memory;
using test::random_update;

namespace {

/// The spacing of numbers of this type at 1.
template <class E>
constexpr double spacing = std::numeric_limits<E>::epsilon();
template <>
constexpr double spacing<fk::half> = 0x1p-10;
template <>
constexpr double spacing<fk::bfloat16> = 0x1p-7;

/// Whether all results lie within roundings of the reference's.
template <class E, class Network>
bool agrees(const memory<E, Network>& before, const update& u) {
  const fk::noise::philox noise{.seed = 9};
  memory<E, Network> fast = before, slow = before;
  fk::kernel::host::update(u, fast.at, noise);
  fk::kernel::reference::update(u, slow.at, noise);
  // One rounding per operand and one of its weight, half a spacing each, of partial sums that no term exceeds 2 * 6.7
  // in; earlier rows grow by 3 each. A result is rounded once more to its own type.
  const double largest = 14.0 * (u.input_count + u.normal_count + 1) * std::pow(3, u.row_count);
  double computing = spacing<fk::kernel::computed<E, Network>> * (u.input_count + u.row_count + u.normal_count);
  // A learned deviation, 1.7 at most, is a float within an ulp, and so is its product.
  if (u.normals[0].learned >= 0) computing = 1.7 * computing + 3 * spacing<float>;
  const auto close = [&](const auto& a, const auto& b, double rounding) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!(std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])) <= largest * (computing + rounding)))
        return false;
    return true;
  };
  bool all = close(fast.copy, slow.copy, spacing<Network>);
  for (std::size_t j = 0; j < slow.rows.size(); ++j) all = all && close(fast.rows[j], slow.rows[j], spacing<E>);
  return all;
}

const std::pair<std::size_t, std::size_t> shapes[] = {{1, 1}, {3, 7}, {2, 65}, {1, 1030}, {30, 2}};

}  // namespace

TEMPLATE_TEST_CASE("the host kernel agrees with the reference to rounding, for every pair of types", "",
                   (std::pair<float, float>), (std::pair<double, double>), (std::pair<fk::half, fk::half>),
                   (std::pair<fk::bfloat16, fk::bfloat16>), (std::pair<float, fk::half>),
                   (std::pair<float, fk::bfloat16>), (std::pair<double, fk::bfloat16>), (std::pair<double, float>),
                   (std::pair<float, double>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  std::mt19937 random(1);
  for (const int inputs : {0, 1, 3, fk::plan::max_inputs})
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] : shapes) {
          if (size > 1000 && inputs != 1) continue;  // longer than a chunk: once is enough
          const update u = random_update(inputs, rows, normals, random, true);
          memory<E, Network> m(u, samples, size, random);
          CHECK(agrees(m, u));
          const update t = test::tabled(u, random);
          m.give_tables(t, random);
          CHECK(agrees(m, t));
        }
}

TEMPLATE_TEST_CASE("tables give the same bits by element, folded into chains, and in any batch", "[bits]",
                   (std::pair<float, float>), (std::pair<double, double>), (std::pair<float, fk::half>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  using C = fk::kernel::computed<E, Network>;
  std::mt19937 random(7);
  const auto same = [](const auto& a, const auto& b, std::size_t from, std::size_t count) {
    return count == 0 || std::memcmp(a.data(), b.data() + from, count * sizeof a[0]) == 0;
  };
  for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{5, 1},
                                      {300, 2},
                                      {7, 300},
                                      {3, 1030},
                                      {2, 3 * 256},
                                      {2, 3 * 260},
                                      {2, 3 * 257},
                                      {1, 16384 + 1024}})
    for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
      for (int rows = 1; rows <= fk::plan::max_rows; rows += 3) {
        update u = test::tabled(random_update(3, rows, normals, random), random);
        u.tables.resize(3);
        for (auto& f : u.factors) f.table %= 3;
        memory<E, Network> m(u, samples, size, random);
        m.give_table(0, 1, 1, true, random);
        m.give_table(1, 3, (size + 2) / 3, random() % 2 == 0, random);
        m.give_table(2, 1, 1, false, random);
        memory<E, Network> spread = m;
        for (std::size_t i = 0; i < 3; ++i) {
          const auto& t = m.at.tables[i];
          std::vector<C> all;
          for (std::size_t n = 0; n < samples * size; ++n)
            all.push_back(m.tables[i][n / size * t.stride + n % size / t.repeat % t.count]);
          spread.give_table(i, size, 1, true, random);
          spread.at.tables[i].stride = size;
          spread.tables[i] = all;
          spread.at.tables[i].values = spread.tables[i].data();
        }
        test::on_every_instruction_set([&, samples = samples, size = size] {
          const fk::noise::philox noise{.seed = 9};
          fk::kernel::host::update(u, m.at, noise);
          fk::kernel::host::update(u, spread.at, noise);
          bool all = same(m.copy, spread.copy, 0, m.copy.size());
          for (std::size_t j = 0; j < m.rows.size(); ++j)
            all = all && same(m.rows[j], spread.rows[j], 0, samples * size);
          CHECK(all);
          memory<E, Network> alone = m;  // the last sample
          const std::size_t last = samples - 1;
          alone.at.samples = 1;
          for (std::size_t k = 0; k < 3; ++k) {
            if (alone.at.inputs[k] != nullptr) alone.at.inputs[k] += last * size;
            if (alone.at.outputs[k] != nullptr) alone.at.outputs[k] += last * size;
            alone.at.tables[k].values += last * alone.at.tables[k].stride;
          }
          fk::kernel::host::update(u, alone.at,
                                   fk::noise::philox{.seed = 9, .first_sample = static_cast<std::uint32_t>(last)});
          for (std::size_t j = 0; j < m.rows.size(); ++j) CHECK(same(alone.rows[j], m.rows[j], last * size, size));
        });
      }
}

TEST_CASE("a weight that has a table is fma(by, t, weight), and counts also where it is 0", "[bits]") {
  update u{.input_count = 2, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {0.7, 0};
  u.rows[1].earlier = {-0.3};
  u.tables = {4, 2};
  u.factors = {{.of = fk::plan::factor::input, .row = 0, .index = 0, .table = 0, .by = 0.1},
               {.of = fk::plan::factor::input, .row = 0, .index = 1, .table = 1, .by = -1.1},
               {.of = fk::plan::factor::earlier, .row = 1, .index = 0, .table = 0, .by = 2.1}};
  std::mt19937 random(5);
  for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{9, 3}, {2, 300}}) {
    memory<float> m(u, samples, size, random);
    m.give_table(0, 1, 1, true, random);
    m.give_table(1, 1, 1, true, random);
    m.inputs[0][0] = -0.0f;
    m.inputs[1][0] = m.tables[1][0] > 0 ? 0.0f : -0.0f;
    m.inputs[1][1] = std::numeric_limits<float>::quiet_NaN();
    test::on_every_instruction_set([&, samples = samples, size = size] {
      fk::kernel::host::update(u, m.at, fk::noise::philox{});
      bool same = true;
      for (std::size_t n = 0; n < samples * size; ++n) {
        const float s = m.tables[0][n / size * m.at.tables[0].stride],
                    t = m.tables[1][n / size * m.at.tables[1].stride];
        const float first = std::fma(-1.1f * t, m.inputs[1][n], std::fma(0.1f, s, 0.7f) * m.inputs[0][n]);
        const float second = std::fma(2.1f, s, -0.3f) * first;
        if (n == 1) {
          same = same && fk::detail::is_nan(m.rows[0][n]) && fk::detail::is_nan(m.rows[1][n]);
        } else {
          same = same && std::bit_cast<std::uint32_t>(m.rows[0][n]) == std::bit_cast<std::uint32_t>(first);
          same = same && std::bit_cast<std::uint32_t>(m.rows[1][n]) == std::bit_cast<std::uint32_t>(second);
        }
      }
      CHECK(same);
    });
  }
}

TEST_CASE("a result is clamped, its copy and later rows with it, and NaN is not hidden") {
  update u{.input_count = 1, .normal_count = 0, .row_count = 2, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {2};
  u.rows[0].clamp = 1;
  u.rows[1].earlier = {10};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{0.25f, 3, -0.5f, -8, nan};
  test::on_every_instruction_set([&] {
    std::vector<float> y(5), z(5);
    std::vector<fk::half> copy(5);
    fk::kernel::operands<float, fk::half> at;
    at.inputs[0] = x.data();
    at.rows = {y.data(), z.data()};
    at.copy = copy.data();
    at.samples = 5;
    at.size = 1;
    fk::kernel::host::update(u, at, fk::noise::philox{});
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(y[i] == std::min(std::max(2 * x[i], -1.0f), 1.0f));
      CHECK(z[i] == 10 * y[i]);
      CHECK(float(copy[i]) == y[i]);
    }
    CHECK(fk::detail::is_nan(y[4]));
    CHECK(fk::detail::is_nan(float(copy[4])));
  });
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
  fk::kernel::operands<float> at;
  at.samples = 1;
  at.size = 1;
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
  update u = random_update(2, 2, 1, random);
  for (auto& r : u.rows) r.clamp = fk::plan::row::unclamped;
  memory<float> m(u, 1, 1, random);
  fk::kernel::host::update(u, m.at, noise);
  const float z = noise.normals(0, 0, {1, 10}).z[0];
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

TEMPLATE_TEST_CASE("an update tells how large its error is, without writing it", "[bits]", float, double, fk::half,
                   fk::bfloat16) {
  std::mt19937 random(8);
  for (const std::size_t size : {1u, 7u, 33u, 1024u, 1030u, 70001u}) {
    update u = random_update(3, 2, 0, random);
    u.rows[0].clamp = u.rows[1].clamp = fk::plan::row::unclamped;
    if (size % 2 == 0) u = test::tabled(u, random);
    memory<TestType> m(u, 1, size, random);
    m.give_tables(u, random);
    memory<TestType> plain = m;
    const fk::kernel::tolerance within{.absolute = 0.1, .relative = 0.3};
    fk::kernel::host::update(u, plain.at, fk::noise::philox{});
    double squares = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const double from = static_cast<double>(m.inputs[0][i]), to = static_cast<double>(plain.rows[1][i]);
      const double share = static_cast<double>(plain.rows[0][i]) / (0.1 + 0.3 * std::max(std::abs(from), std::abs(to)));
      squares += share * share;
    }
    const std::vector<TestType> untouched = m.rows[0];
    std::vector<double> told;
    test::on_every_instruction_set([&] {
      memory<TestType> mine = m;
      told.push_back(-1);
      const fk::kernel::own<update, TestType> one{&u, &mine.at, 0, mine.inputs[0].data(), mine.rows[1].data()};
      fk::kernel::host::update(std::span(&one, 1), {0, within, &told.back()});
      CHECK(std::equal(untouched.begin(), untouched.end(), mine.rows[0].begin(),
                       [](auto a, auto b) { return static_cast<double>(a) == static_cast<double>(b); }));
      for (std::size_t i = 0; i < size; ++i)
        CHECK(static_cast<double>(mine.rows[1][i]) == static_cast<double>(plain.rows[1][i]));
    });
    for (const double t : told) CHECK(t == told[0]);
    // Sums in another order: 2^-53 of the sum for each term at most.
    CHECK(told[0] ==
          Approx(std::sqrt(squares / static_cast<double>(size))).epsilon(0x1p-53 * static_cast<double>(size + 8)));
  }
}
