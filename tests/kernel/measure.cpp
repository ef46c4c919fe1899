// SPDX-License-Identifier: MIT
// What kernel::host::measure finds of the rows of a form, and what its tape makes of it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/host.hpp>
#include <fokker/kernel/reference.hpp>
#include <fokker/noise/per_sample.hpp>

#include "support/catch.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
using fk::kernel::grouping;
using fk::kernel::host;
using fk::kernel::reference;
using fk::plan::measured;
using fk::plan::operation;
using test::memory;

namespace {

const fk::noise::philox source{.seed = 9, .first_sample = 2};

/// Memory for what a measure finds, keeps and stores.
template <class C>
struct numbers {
  std::vector<grouping> over;
  std::vector<std::vector<double>> found, kept;
  std::vector<std::vector<C>> tables;
  std::vector<fk::kernel::scalars<double>> found_at, kept_at;
  std::vector<fk::kernel::scalars<C>> tables_at;
  std::size_t size;

  numbers(std::vector<grouping> groups, std::size_t samples, std::size_t elements,
          const std::vector<std::size_t>& keeps = {}, const std::vector<std::size_t>& stores = {})
      : over(std::move(groups)), size(elements) {
    const auto make = [samples](auto& memory, auto& at, std::size_t count) {
      memory.emplace_back(samples * count, -1);
      at.push_back({memory.back().data(), count, count});
    };
    for (const grouping& g : over) make(found, found_at, g.count);
    for (const std::size_t count : keeps) make(kept, kept_at, count);
    for (const std::size_t count : stores) make(tables, tables_at, count);
  }
  [[nodiscard]] fk::kernel::tape_memory<C> at() const { return {over, found_at, kept_at, tables_at, size}; }
};

fk::plan::update form_of(int inputs, int rows) {
  return {.input_count = inputs,
          .normal_count = 0,
          .row_count = rows,
          .inputs = {},
          .normals = {},
          .rows = {},
          .tables = {},
          .factors = {}};
}
measured dot(int a, int b) { return {.what = measured::dot, .a = a, .b = b, .over = {}, .q = 0}; }
measured sum(int a) { return {.what = measured::sum, .a = a, .b = 0, .over = {}, .q = 0}; }
measured quantile(int a, double q) { return {.what = measured::quantile, .a = a, .b = 0, .over = {}, .q = q}; }

/// Rows that are not asked to be written.
template <class E, class Network>
void write_nowhere(memory<E, Network>& m) {
  m.at.rows.fill(nullptr);
  m.at.copy = nullptr;
}

/// What divides samples of so many elements: the whole, all ends of a list of axes, and single elements.
using shape = test::grouped_samples;
const shape shapes[] = {{1, 1, 1, 1},    {300, 1, 1, 2},  {7, 1, 1, 5},    {3, 1, 3, 33}, {5, 1, 3, 7},
                        {20, 1, 1, 70},  {2, 3, 150, 1},  {2, 40, 5, 1},   {3, 2, 3, 5},  {2, 1, 64, 1},
                        {2, 1, 2, 1500}, {1, 1100, 2, 1}, {1, 1, 1, 70001}};

}  // namespace

TEMPLATE_TEST_CASE("measures agree with the reference to rounding", "", (std::pair<float, float>),
                   (std::pair<double, double>), (std::pair<fk::half, float>), (std::pair<float, fk::bfloat16>),
                   (std::pair<double, fk::half>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  using C = fk::kernel::computed<E, Network>;
  std::mt19937 random(3);
  for (const shape& s : shapes)
    for (const int normals : {0, 2}) {
      const int inputs = 1 + static_cast<int>(random() % 4), rows = 1 + static_cast<int>(random() % 3);
      if (s.size() > 5000 && (normals > 0 || !std::is_same_v<E, float>)) continue;
      fk::plan::measure m;
      m.form = test::random_update(inputs, rows, normals, random);
      if (random() % 2 == 0) m.form = test::tabled(m.form, random);
      m.of = {dot(0, rows - 1), sum(0), dot(rows - 1, rows - 1), dot(0, 0)};
      m.tape = {{.what = operation::found, .index = 2},
                {.what = operation::count, .index = 2},
                {.what = operation::constant, .value = 3},
                {.what = operation::quotient, .a = 0, .b = 1, .c = 2},
                {.what = operation::root, .a = 3},
                {.what = operation::found, .index = 3},
                {.what = operation::root, .a = 5},
                {.what = operation::keep, .a = 6, .index = 0},
                {.what = operation::store, .a = 4, .index = 0}};
      memory<E, Network> at(m.form, s.samples, s.size(), random);
      at.give_tables(m.form, random);
      write_nowhere(at);
      const std::vector<grouping> over{s.groups(), s.groups(), s.groups(), {s.size(), 1}};
      numbers<C> fast(over, s.samples, s.size(), {1}, {s.count}), slow(over, s.samples, s.size(), {1}, {s.count});
      host::measure(m, at.at, source, fast.at(), 0, s.samples);
      reference::measure(m, at.at, source, slow.at());
      // Weights are 2 at most, numbers 6.7: a term is less than 14, and an earlier row less than 2 times itself. A row
      // rounds once a term, a dot once an addition: 32 in a lane, 5 + 17 in the trees, and once more.
      const double terms = inputs + normals + rows, row = 14 * terms * std::pow(3, rows);
      const double bound = 0x1p-53 * row * row * (2 * terms + 56);
      bool all = true;
      for (std::size_t i = 0; i < fast.found.size(); ++i)
        for (std::size_t k = 0; k < fast.found[i].size(); ++k)
          all = all && std::abs(fast.found[i][k] - slow.found[i][k]) <=
                           bound * static_cast<double>(s.size() / fast.over[i].count);
      // A root of a mean that is off by so much is off by no more than its root; nothing is far from 0 for sure.
      for (std::size_t k = 0; k < slow.tables[0].size(); ++k)
        all = all && std::abs(static_cast<double>(fast.tables[0][k]) - static_cast<double>(slow.tables[0][k])) <=
                         std::sqrt(bound) + std::numeric_limits<C>::epsilon() * static_cast<double>(slow.tables[0][k]);
      for (std::size_t k = 0; k < s.samples; ++k)
        all = all && std::abs(fast.kept[0][k] - slow.kept[0][k]) <= std::sqrt(bound * static_cast<double>(s.size()));
      CHECK(all);
    }
}

TEST_CASE("rows in double keep the digits of a dot where alpha is small") {
  // The data that two outputs say, (x - sigma c) / alpha, and what is between them.
  const std::size_t size = 16384;
  const double alpha = 1e-3, sigma = std::sqrt(1 - alpha * alpha);
  std::mt19937 random(5);
  fk::plan::measure m;
  m.form = form_of(3, 2);
  m.form.rows[0].inputs = {1 / alpha, -sigma / alpha, 0};
  m.form.rows[1].inputs = {0, -sigma / alpha, sigma / alpha};
  m.of = {dot(1, 1), dot(1, 0)};
  memory<float> at(m.form, 1, size, random);
  for (std::size_t i = 0; i < size; ++i) {
    at.inputs[1][i] = at.inputs[0][i] + 1e-3f * at.inputs[1][i];
    at.inputs[2][i] = at.inputs[1][i] + 0.5f * (at.inputs[0][i] - at.inputs[1][i]);  // so that <d, D> does not vanish
  }
  write_nowhere(at);
  numbers<float> found({{size, 1}, {size, 1}}, 1, size);
  host::measure(m, at.at, source, found.at(), 0, 1);
  long double dd = 0, dx = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const long double a = 1 / alpha, b = -sigma / alpha, x = at.inputs[0][i], c = at.inputs[1][i], u = at.inputs[2][i];
    dd += (b * c - b * u) * (b * c - b * u);
    dx += (b * c - b * u) * (a * x + b * c);
  }
  CHECK(std::abs(found.found[0][0] - dd) <= 1e-13L * std::abs(dd));
  CHECK(std::abs(found.found[1][0] - dx) <= 1e-13L * std::abs(dx));
}

TEMPLATE_TEST_CASE("a measure of rows that are operands has the bits of the reductions", "[bits]", float, fk::half,
                   double) {
  std::mt19937 random(6);
  for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{1, 1},
                                      {5, 2},
                                      {300, 4},
                                      {100, 12},
                                      {70, 16},
                                      {3, 31},
                                      {2, 32},
                                      {20, 100},
                                      {2, 33},
                                      {2, 1024},
                                      {2, 5000},
                                      {1, 70001},
                                      {1, 64 * 64 * 1024 + 3000}}) {
    if (size > 100000 && !std::is_same_v<TestType, float>) continue;  // once is enough
    fk::plan::measure m;
    m.form = form_of(2, 2);
    m.form.rows[0].inputs = {1, 0};
    m.form.rows[1].inputs = {0, 1};
    m.of = {dot(0, 1)};
    for (int i = 0; i < 9; ++i) m.of.push_back(dot(1, 1));      // more than one pass finds
    memory<float, TestType> at(m.form, samples, size, random);  // where types differ, operand 1 is an output
    write_nowhere(at);
    const auto reduce = [&, samples = samples, size = size](const auto& p, const auto& q, std::vector<double>& to) {
      host::dot(p.data(), q.data(), samples, size, to.data());
    };
    std::vector<double> a(samples), b(samples);
    if constexpr (std::is_same_v<TestType, float>)
      reduce(at.inputs[0], at.inputs[1], a), reduce(at.inputs[1], at.inputs[1], b);
    else
      reduce(at.inputs[0], at.outputs[1], a), reduce(at.outputs[1], at.outputs[1], b);
    numbers<fk::kernel::computed<float, TestType>> found(std::vector<grouping>(m.of.size(), grouping{size, 1}), samples,
                                                         size);
    host::measure(m, at.at, source, found.at(), 0, samples);
    CHECK(found.found[0] == a);
    for (std::size_t i = 1; i < m.of.size(); ++i) CHECK(found.found[i] == b);
  }
}

TEST_CASE("what is found has the same bits for every instruction set, in every batch, and of samples one by one",
          "[bits]") {
  std::mt19937 random(7);
  for (const shape& s : shapes)
    for (const int normals : {0, 1}) {
      if (s.size() > 5000 && normals > 0) continue;
      fk::plan::measure m;
      m.form = test::tabled(test::random_update(3, 3, normals, random), random);
      if (normals > 0) m.form.normals[0] = {{.id = 4}, 2, 0.2, -0.4};
      m.of = {dot(0, 1), sum(2), quantile(1, 0.7), dot(2, 2)};
      m.tape = {{.what = operation::found, .index = 0},        {.what = operation::found, .index = 2},
                {.what = operation::load, .index = 0},         {.what = operation::multiply, .a = 0, .b = 1},
                {.what = operation::add, .a = 3, .b = 2},      {.what = operation::keep, .a = 4, .index = 0},
                {.what = operation::keep, .a = 2, .index = 1}, {.what = operation::store, .a = 4, .index = 0}};
      memory<float> at(m.form, s.samples, s.size(), random);
      at.give_tables(m.form, random);
      float* const row = at.at.rows[1];
      write_nowhere(at);
      at.at.rows[1] = row;
      const std::vector<grouping> over{s.groups(), s.groups(), s.groups(), {s.size(), 1}};
      const auto fresh = [&] { return numbers<float>(over, s.samples, s.size(), {s.count, s.count}, {s.count}); };
      std::vector<numbers<float>> all;
      const auto own = [&] {  // a generator for each sample that says the same
        std::vector<fk::noise::philox> seeds(s.samples, source);
        for (std::uint32_t k = 0; k < s.samples; ++k) seeds[k].first_sample += k;
        return seeds;
      }();
      test::on_every_instruction_set([&] {
        host::measure(m, at.at, source, all.emplace_back(fresh()).at(), 0, s.samples);
        host::measure(m, at.at, fk::noise::per_sample{own}, all.emplace_back(fresh()).at(), 0, s.samples);
        const auto parts = all.emplace_back(fresh()).at();
        for (std::size_t k = s.samples; k-- > 0;) host::measure(m, at.at, source, parts, k, 1);
        const auto own_parts = all.emplace_back(fresh()).at();
        const std::size_t half = s.samples / 2;
        host::measure(m, at.at, fk::noise::per_sample{own}, own_parts, half, s.samples - half);
        host::measure(m, at.at, fk::noise::per_sample{own}, own_parts, 0, half);
      });
      bool same = true;
      for (const auto& n : all)
        same = same && n.found == all[0].found && n.kept == all[0].kept && n.tables == all[0].tables;
      CHECK(same);
      // The row is written as an update writes it, and its quantile is that of the reductions.
      if (s.outer == 1) {
        memory<float> updated = at;
        updated.at.rows = {};
        updated.at.rows[1] = updated.rows[1].data();
        host::update(m.form, updated.at, source);
        CHECK(updated.rows[1] == at.rows[1]);
        std::vector<double> q(s.samples * s.count);
        host::quantile(at.rows[1].data(), s.samples * s.count, s.repeat, 0.7, q.data());
        CHECK(q == all[0].found[2]);
      }
    }
}

TEST_CASE("forms of inputs alone have the same bits for every instruction set, whatever is asked of them", "[bits]") {
  std::mt19937 random(12);
  const std::vector<measured> dots{dot(0, 0), dot(1, 0), dot(1, 1)}, own{sum(0), dot(0, 0), sum(1), dot(1, 1)};
  const std::vector<measured> asked[] = {dots, own, {dot(0, 1)}, {dot(1, 1), sum(0)}, {sum(1), dot(0, 1), dot(0, 0)}};
  for (int inputs = 1; inputs <= 5; ++inputs)
    for (const auto& of : asked)
      for (const std::size_t size : {7u, 1024u, 2085u}) {
        fk::plan::measure m;
        m.form = test::random_update(inputs, 2, 0, random);
        for (fk::plan::row& r : m.form.rows) r.earlier = {}, r.clamp = fk::plan::row::unclamped;
        m.of = of;
        memory<float> at(m.form, 3, size, random);
        write_nowhere(at);
        std::vector<numbers<float>> all;
        test::on_every_instruction_set([&] {
          const std::vector<grouping> over(of.size(), grouping{size, 1});
          host::measure(m, at.at, source, all.emplace_back(numbers<float>(over, 3, size)).at(), 0, 3);
        });
        INFO(inputs << " inputs, " << of.size() << " numbers, " << size << " elements");
        bool same = true;
        for (const auto& n : all) same = same && n.found == all[0].found;
        CHECK(same);
      }
}

TEMPLATE_TEST_CASE("forms that rules ask for have the same bits for every instruction set", "[bits]",
                   (std::pair<float, float>), (std::pair<float, fk::half>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  std::mt19937 random(13);
  struct asked {
    std::vector<std::vector<double>> rows;
    std::vector<measured> of;
  };
  const std::vector<measured> lengths{dot(0, 0), dot(1, 1)}, all{dot(0, 0), dot(0, 1), dot(1, 1)};
  const std::vector<measured> deviations{sum(0), dot(0, 0), sum(1), dot(1, 1)}, gains{dot(0, 1), dot(1, 2), dot(3, 2)};
  const asked rules[] = {{{{1, 0}, {7.5, -6.5}}, deviations},
                         {{{1, 0}, {7.5, -6.5}}, lengths},
                         {{{0.9, 0}, {7.5, -6.5}}, lengths},
                         {{{1, 0}, {0, 1}}, {dot(0, 1), dot(1, 1)}},
                         {{{1, 0}, {0, 1}}, all},
                         {{{1, 0}, {0, -1}}, all},
                         {{{1, -1}, {0, 1}}, lengths},
                         {{{1, -1, 0}, {0, -1, 1}}, {dot(0, 1), dot(0, 0)}},
                         {{{1, -1, 0}, {0, 1, -1}}, {dot(0, 1), dot(0, 0)}},
                         {{{1, -1, 0}, {-0.9, 0.9, 5}}, lengths},
                         {{{-0.5, -0.9, 0.9, 0}, {0, -0.9, 0, 1.4}}, all},
                         {{{1, -0.9, 0.9, 0}, {0, -0.9, 0, 1.4}}, all},
                         {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, -14, 14}, {0, 29, -14, -14}}, gains},
                         {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, -1}, {0, 0, 1, 1}}, gains},
                         {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, -1}, {0, 0, 1, 1}}, {dot(0, 1), dot(3, 2)}},
                         {{{1, 0, 0}, {0, -14, 14}, {29, -14, -14}}, {dot(0, 1), dot(2, 1)}}};
  for (const asked& rule : rules)
    for (const std::size_t size : {33u, 1024u, 2085u, 20002u}) {
      fk::plan::measure m;
      const std::size_t inputs = rule.rows[0].size();
      m.form = form_of(static_cast<int>(inputs), static_cast<int>(rule.rows.size()));
      for (std::size_t o = 0; o < rule.rows.size(); ++o)
        std::copy(rule.rows[o].begin(), rule.rows[o].end(), m.form.rows[o].inputs.begin());
      m.of = rule.of;
      memory<E, Network> at(m.form, 2, size, random);
      write_nowhere(at);
      using all_numbers = std::vector<numbers<fk::kernel::computed<E, Network>>>;
      const auto found_of = [&](const grouping& groups) {
        all_numbers each;
        test::on_every_instruction_set([&] {
          const std::vector<grouping> over(rule.of.size(), groups);
          host::measure(m, at.at, source, each.emplace_back(over, 2, size).at(), 0, 2);
        });
        return each;
      };
      const auto same = [](const all_numbers& each) {
        return std::all_of(each.begin(), each.end(), [&](const auto& n) { return n.found == each[0].found; });
      };
      const all_numbers found = found_of({size, 1});
      INFO(rule.rows.size() << " rows, " << inputs << " inputs, " << rule.of.size() << " numbers, " << size
                            << " elements");
      CHECK(same(found));
      for (const std::size_t members : {2u, 3u, 64u})  // which lie apart
        if (size % members == 0) CHECK(same(found_of({1, size / members})));
      // And those of the rows by themselves, which the reductions find.
      std::vector<std::vector<double>> rows(rule.rows.size(), std::vector<double>(2 * size));
      std::vector<double> alone(2);
      fk::kernel::operands<double, double> whole{};
      whole.samples = 2;
      whole.size = size;
      std::vector<std::vector<double>> wide;
      for (std::size_t i = 0; i < inputs; ++i) {
        wide.emplace_back();
        for (std::size_t e = 0; e < 2 * size; ++e)
          wide.back().push_back(at.at.inputs[i] != nullptr ? static_cast<double>(at.at.inputs[i][e])
                                                           : static_cast<double>(at.at.outputs[i][e]));
      }
      for (std::size_t i = 0; i < wide.size(); ++i) whole.inputs[i] = wide[i].data();
      for (std::size_t o = 0; o < rows.size(); ++o) whole.rows[o] = rows[o].data();
      host::update(m.form, whole, source);
      for (std::size_t i = 0; i < rule.of.size(); ++i) {
        if (rule.of[i].what != measured::dot) continue;
        const auto row = [&](int o) { return rows[static_cast<std::size_t>(o)].data(); };
        host::dot(row(rule.of[i].a), row(rule.of[i].b), 2, size, alone.data());
        CHECK(found[0].found[i] == alone);
      }
    }
}

TEST_CASE("groups whose members lie apart have the bits of the same members side by side", "[bits]") {
  std::mt19937 random(8);
  for (const shape& s : {shape{2, 3, 300, 1},
                         {2, 40, 5, 1},
                         {1, 2000, 3, 1},
                         {1, 3000, 130, 1},
                         {3, 2, 3, 5},
                         {1, 50, 2, 30},
                         {2, 32, 2, 1},
                         {2, 33, 2, 1}}) {
    fk::plan::measure m;
    m.form = test::random_update(3, 2, 0, random);
    m.of = {dot(0, 1), sum(1), quantile(0, 0.3)};
    memory<float> apart(m.form, s.samples, s.size(), random), together = apart;
    const std::size_t n = s.size();
    for (std::size_t k = 0; k < apart.inputs.size(); ++k)
      for (std::size_t i = 0; i < s.samples * n; ++i) {
        const std::size_t e = i % n, r = e % s.repeat, g = e / s.repeat % s.count, o = e / s.repeat / s.count;
        together.inputs[k][i - e + (g * s.outer + o) * s.repeat + r] = apart.inputs[k][i];
      }
    const auto of = [&](memory<float>& at, std::size_t repeat) {
      at.at.rows[1] = nullptr;
      const grouping over{repeat, s.count};
      numbers<float> found({over, over, over}, s.samples, n);
      host::measure(m, at.at, source, found.at(), 0, s.samples);
      return found.found;
    };
    test::on_every_instruction_set([&] { CHECK(of(apart, s.repeat) == of(together, s.repeat * s.outer)); });
  }
}

TEST_CASE("groups side by side have the bits of the same groups one by one, in every number and of every size",
          "[bits]") {
  std::mt19937 random(11);
  for (const std::size_t members : {1u, 2u, 3u, 4u, 7u, 16u, 31u, 33u, 70u, 1025u})
    for (const std::size_t count : {2u, 31u, 32u, 33u, 47u, 129u, 1025u, 1061u}) {
      if (members > 4 && count > 129) continue;
      for (const int rows : {1, 2}) {
        fk::plan::measure m;
        m.form = test::random_update(3, rows, 0, random);
        m.of = {dot(rows - 1, rows - 1), sum(0), dot(0, rows - 1), sum(rows - 1), dot(rows - 1, rows - 1)};
        memory<float, fk::half> at(m.form, 2, members * count, random), alone(m.form, 2 * count, members, random);
        const auto move = [&](auto& all, auto& to) {
          for (std::size_t k = 0; k < all.size(); ++k)
            for (std::size_t i = 0; i < all[k].size(); ++i) {
              const std::size_t s = i / (members * count), j = i / count % members, g = i % count;
              to[k][(s * count + g) * members + j] = all[k][i];
            }
        };
        move(at.inputs, alone.inputs), move(at.outputs, alone.outputs);
        write_nowhere(at), write_nowhere(alone);
        const std::vector<grouping> over(m.of.size(), grouping{1, count}), whole(m.of.size(), grouping{members, 1});
        test::on_every_instruction_set([&] {
          numbers<float> fast(over, 2, members * count), plain(whole, 2 * count, members);
          host::measure(m, at.at, source, fast.at(), 0, 2);
          host::measure(m, alone.at, source, plain.at(), 0, 2 * count);
          CHECK(fast.found == plain.found);
        });
      }
    }
}

TEST_CASE("a measure that leaves nothing makes of its groups what one with memory makes", "[bits]") {
  std::mt19937 random(12);
  for (const shape& s : shapes) {
    fk::plan::measure m;
    m.form = test::random_update(2, 2, 0, random);
    m.of = {dot(0, 0), dot(0, 1), sum(1)};
    m.tape = {{.what = operation::found, .index = 0},        {.what = operation::found, .index = 1},
              {.what = operation::found, .index = 2},        {.what = operation::count, .index = 1},
              {.what = operation::load, .index = 0},         {.what = operation::quotient, .a = 1, .b = 0, .c = 3},
              {.what = operation::add, .a = 5, .b = 4},      {.what = operation::multiply, .a = 6, .b = 2},
              {.what = operation::keep, .a = 7, .index = 0}, {.what = operation::store, .a = 6, .index = 0}};
    memory<float> at(m.form, s.samples, s.size(), random);
    write_nowhere(at);
    const std::vector<grouping> over(3, s.groups());
    numbers<float> left(over, s.samples, s.size(), {s.count}, {s.count}), none = left;
    const bool needed = host::leaves(m, left.at());
    CHECK(needed == (s.count == 1 || s.outer == 1 ? s.repeat > 32 : s.repeat > 1));
    if (needed) continue;
    test::on_every_instruction_set([&] {
      numbers<float> a(over, s.samples, s.size(), {s.count}, {s.count}),
          b(over, s.samples, s.size(), {s.count}, {s.count});
      for (auto& place : b.found_at) place.values = nullptr;
      for (int call = 0; call < 2; ++call) {
        host::measure(m, at.at, source, a.at(), 0, s.samples);
        for (std::size_t k = s.samples; k-- > 0;) host::measure(m, at.at, source, b.at(), k, 1);
      }
      CHECK(a.kept == b.kept);
      CHECK(a.tables == b.tables);
    });
  }
}

TEST_CASE("a number of the whole sample beside those of groups needs all that is found") {
  fk::plan::measure m;
  m.form = form_of(1, 1);
  m.of = {dot(0, 0)};
  m.tape = {{.what = operation::found, .index = 0}, {.what = operation::keep, .a = 0, .index = 0}};
  CHECK_FALSE(host::leaves(m, numbers<float>({{1, 8}}, 1, 32, {8}).at()));
  CHECK(host::leaves(m, numbers<float>({{1, 8}}, 1, 32, {1}).at()));
  m.tape[1].what = operation::store;
  CHECK(host::leaves(m, numbers<float>({{1, 8}}, 1, 32, {}, {1}).at()));
  m.of = {dot(0, 0), sum(0)};
  CHECK(host::leaves(m, numbers<float>({{1, 8}, {32, 1}}, 1, 32, {}, {8}).at()));
  m.of = {quantile(0, 0.5)};
  CHECK(host::leaves(m, numbers<float>({{1, 8}}, 1, 32, {}, {8}).at()));
}

TEST_CASE("a row without terms is 0, NaN is not hidden, and other groups do not see it") {
  fk::plan::measure m;
  m.form = form_of(1, 2);
  m.form.rows[0].inputs[0] = 2;
  m.of = {dot(0, 0), dot(0, 1), sum(1)};
  for (const grouping over : {grouping{40, 2}, grouping{1, 40}, grouping{2, 20}, grouping{1, 2}, grouping{4, 2}}) {
    std::vector<float> x(80, 1.0f);
    fk::kernel::operands<float> at;
    at.samples = 1;
    at.size = 80;
    at.inputs[0] = x.data();
    test::on_every_instruction_set([&] {
      numbers<float> found({over, over, over}, 1, 80);
      host::measure(m, at, source, found.at(), 0, 1);
      CHECK(found.found[0] == std::vector<double>(over.count, 4.0 * 80 / static_cast<double>(over.count)));
      CHECK(found.found[1] == std::vector<double>(over.count, 0.0));
      CHECK(found.found[2] == std::vector<double>(over.count, 0.0));
      x[79] = std::numeric_limits<float>::quiet_NaN();
      host::measure(m, at, source, found.at(), 0, 1);
      CHECK(fk::detail::is_nan(found.found[0].back()));
      CHECK(found.found[0].front() == 4.0 * 80 / static_cast<double>(over.count));
      x[79] = 1;
    });
  }
}

TEST_CASE("the deviation of a constant image is 0, and of one element as well") {
  // root((<x, x> - sum^2 / n) / (n - 1)), 0 for n = 1.
  fk::plan::measure m;
  m.form = form_of(1, 1);
  m.form.rows[0].inputs[0] = 1;
  m.of = {dot(0, 0), sum(0)};
  m.tape = {{.what = operation::found, .index = 0},
            {.what = operation::found, .index = 1},
            {.what = operation::count, .index = 0},
            {.what = operation::constant, .value = 1},
            {.what = operation::constant, .value = 0},
            {.what = operation::multiply, .a = 1, .b = 1},
            {.what = operation::quotient, .a = 5, .b = 2, .c = 4},
            {.what = operation::subtract, .a = 0, .b = 6},
            {.what = operation::subtract, .a = 2, .b = 3},
            {.what = operation::quotient, .a = 7, .b = 8, .c = 4},
            {.what = operation::root, .a = 9},
            {.what = operation::keep, .a = 10, .index = 0}};
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{64}, std::size_t{4096}}) {
    std::vector<float> x(size, 0.75f);
    fk::kernel::operands<float> at;
    at.samples = 1;
    at.size = size;
    at.inputs[0] = x.data();
    numbers<float> found({{size, 1}, {size, 1}}, 1, size, {1});
    host::measure(m, at, source, found.at(), 0, 1);
    CHECK(found.kept[0][0] == 0);
  }
}
