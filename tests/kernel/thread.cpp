// SPDX-License-Identifier: MIT
#include <fokker/kernel/thread.hpp>

#include <random>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/kernel/host.hpp>

#include "support/catch.hpp"
#include "support/same_bits.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
namespace thread = fk::kernel::thread;
using fk::plan::update;
using test::memory;
using test::random_update;

namespace {

/// What a device would do, a thread after the other. Of which kind it was.
template <class E, class Network, class Noise>
thread::kind run(const update& u, const fk::kernel::operands<E, Network>& at, const Noise& noise) {
  const thread::numbers<fk::kernel::computed<E, Network>> all(u);
  const auto t = thread::task_of(all, at);
  thread::choose(all.weights, t, [&](auto inputs, auto normals, auto rows, auto kind) {
    constexpr int I = decltype(inputs)::value, N = decltype(normals)::value, R = decltype(rows)::value;
    for (std::uint64_t index = 0; index < t.threads; ++index)
      thread::update<I, N, R, decltype(kind)::value>(index, all, t, noise);
  });
  return t.kind;
}

template <class E, class Network>
bool same_bits(const memory<E, Network>& a, const memory<E, Network>& b) {
  for (std::size_t j = 0; j < a.rows.size(); ++j)
    if (!test::same_bits(a.rows[j], b.rows[j])) return false;
  return test::same_bits(a.copy, b.copy);
}

const fk::noise::philox noise{.seed = 9, .first_sample = 3, .first_element = 40};
const std::pair<std::size_t, std::size_t> shapes[] = {{1, 1}, {3, 7}, {2, 64}, {2, 65}, {1, 1030}, {30, 2}, {5, 4}};

}  // namespace

TEMPLATE_TEST_CASE("the threads of an update leave the bits of the host's kernel", "[bits]", (std::pair<float, float>),
                   (std::pair<double, double>), (std::pair<fk::half, fk::half>),
                   (std::pair<fk::bfloat16, fk::bfloat16>), (std::pair<float, fk::half>),
                   (std::pair<float, fk::bfloat16>), (std::pair<double, float>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  std::mt19937 random(1);
  int of_kind[3] = {};
  for (const int inputs : {0, 1, 3, fk::plan::max_inputs})
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] : shapes)
          for (const bool tabled : {false, true}) {
            update u = random_update(inputs, rows, normals, random, true);
            if (tabled) u = test::tabled(u, random);
            memory<E, Network> host(u, samples, size, random);
            host.give_tables(u, random);
            memory<E, Network> device = host;
            fk::kernel::host::update(u, host.at, noise);
            ++of_kind[static_cast<int>(run(u, device.at, thread::seeds{noise}))];
            CHECK(same_bits(host, device));
          }
  for (const auto kind : {thread::kind::lean, thread::kind::steady, thread::kind::any})
    CHECK(of_kind[static_cast<int>(kind)] > 0);
}

TEST_CASE("threads whose table begins again within a sample leave the bits of the host's kernel", "[bits]") {
  std::mt19937 random(7);
  for (int turn = 0; turn < 8; ++turn) {
    const update u = test::tabled(random_update(3, 2, turn % 2, random), random);
    memory<float> host(u, 3, 48, random);
    for (std::size_t i = 0; i < u.tables.size(); ++i) host.give_table(i, 3, 4, i % 2 == 0, random);
    memory<float> device = host;
    fk::kernel::host::update(u, host.at, noise);
    CHECK(run(u, device.at, thread::seeds{noise}) != thread::kind::any);
    CHECK(same_bits(host, device));
  }
}

TEST_CASE("threads take the seeds of their samples", "[bits]") {
  std::mt19937 random(4);
  for (const auto& [samples, size] : shapes)
    for (int normals = 0; normals <= fk::plan::max_normals; ++normals) {
      const update u = random_update(3, 2, normals, random);
      const auto seeds = test::random_seeds(samples, random);
      memory<float> host(u, samples, size, random);
      memory<float> device = host;
      fk::kernel::host::update(u, host.at, fk::noise::per_sample{seeds});
      run(u, device.at, thread::seeds{seeds.data()});
      CHECK(same_bits(host, device));
    }
}

namespace {

/// What a measure finds of samples, and what its tape keeps and stores of it: two numbers of groups, one of a sample.
template <class C>
struct numbers {
  std::vector<double> found[3], kept[2];
  std::vector<C> stored[2];
  std::vector<fk::kernel::grouping> over;
  std::vector<fk::kernel::scalars<double>> found_at, kept_at;
  std::vector<fk::kernel::scalars<C>> tables_at;
  std::size_t size;

  numbers(const fk::kernel::grouping& groups, std::size_t samples, std::size_t elements)
      : over{groups, groups, {elements, 1}}, size(elements) {
    // Samples lie apart.
    const auto make = [&](auto& memory, auto& at, std::size_t count) {
      memory.assign(samples * (count + 1), -1);
      at.push_back({memory.data(), count, count + 1});
    };
    for (std::size_t i = 0; i < 3; ++i) make(found[i], found_at, over[i].count);
    for (const std::size_t i : {0u, 1u}) make(kept[i], kept_at, over[i + 1].count);
    for (const std::size_t i : {0u, 1u}) make(stored[i], tables_at, over[i + 1].count);
  }
  numbers(const numbers&) = delete;
  [[nodiscard]] fk::kernel::tape_memory<C> at() const { return {over, found_at, kept_at, tables_at, size}; }
};

/// What a device would do from sample `first` on, a thread after the other.
template <class E, class Network, class C>
void measure(const fk::plan::measure& m, const fk::kernel::operands<E, Network>& at, fk::noise::philox source,
             const numbers<C>& all, std::size_t first) {
  const auto part = fk::kernel::part_of(at, first, at.samples - first);
  source.first_sample += static_cast<std::uint32_t>(first);
  const thread::numbers<double> form(m.form);
  auto found = all.found_at;
  for (auto& f : found) f.values += first * f.stride;
  fk::kernel::for_each_grouping(m, all.at(), [&](const auto& over, std::span<const int> which) {
    const auto t = thread::sums_of(m, part, over, which, std::span<const fk::kernel::scalars<double>>(found));
    for (std::uint64_t group = 0; group < t.groups; ++group) {
      double sums[2][fk::kernel::most_sums] = {};
      for (std::uint64_t chunk = 0; chunk < t.chunks.by; ++chunk)
        thread::add_chunk(form, t, thread::seeds{source}, group, chunk, sums[chunk]);
      for (int i = 0; i < t.sums; ++i)
        *thread::place_of(t, i, group) = t.chunks.by == 1 ? sums[0][i] : sums[0][i] + sums[1][i];
    }
  });
  const auto tape = thread::tape_of(std::span<const fk::plan::operation>(m.tape), all.at(), first);
  for (std::size_t s = 0; s < part.samples; ++s) {
    double results[fk::plan::max_operations][1];
    for (std::size_t group = 0; group < all.over[0].count; ++group) {
      thread::evaluate(tape, s, group, results);
      thread::write<C>(tape, s, group, true, results);
    }
    thread::write<C>(tape, s, all.over[0].count - 1, false, results);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("the threads of a measure leave the bits of the host's", "[bits]", (std::pair<float, float>),
                   (std::pair<double, fk::half>)) {
  using E = typename TestType::first_type;
  using Network = typename TestType::second_type;
  using C = fk::kernel::computed<E, Network>;
  using fk::plan::measured, fk::plan::operation;
  using shape = test::grouped_samples;
  std::mt19937 random(5);
  // One element, few and many in a group, all ends of a list of axes, and two chunks.
  for (const shape& s : {shape{1, 1, 1, 1},
                         {3, 1, 1, 5},
                         {3, 3, 5, 4},
                         {2, 40, 3, 1},
                         {3, 1, 64, 2},
                         {2, 1, 2, 900},
                         {2, 1, 1, 1500},
                         {1, 300, 2, 3}})
    for (const int normals : {0, 1, 2}) {
      const std::size_t size = s.size();
      fk::plan::measure m;
      m.form = test::tabled(random_update(3, 2, normals, random, true), random);
      m.of = {{.what = measured::dot, .a = 0, .b = 1, .over = {}, .q = 0},
              {.what = measured::sum, .a = 1, .b = 0, .over = {}, .q = 0},
              {.what = measured::dot, .a = 1, .b = 1, .over = {}, .q = 0}};
      m.tape = {{.what = operation::found, .index = 0},
                {.what = operation::found, .index = 1},
                {.what = operation::found, .index = 2},
                {.what = operation::count, .index = 1},
                {.what = operation::constant, .value = 3},
                {.what = operation::quotient, .a = 0, .b = 3, .c = 4},
                {.what = operation::root, .a = 2},
                {.what = operation::load, .index = 0},
                {.what = operation::add, .a = 1, .b = 7},
                {.what = operation::keep, .a = 8, .index = 0},
                {.what = operation::keep, .a = 2, .index = 1},
                {.what = operation::store, .a = 5, .index = 0},
                {.what = operation::store, .a = 6, .index = 1}};
      memory<E, Network> at(m.form, s.samples, size, random);
      at.give_tables(m.form, random);
      at.at.rows.fill(nullptr);
      at.at.copy = nullptr;
      const fk::kernel::grouping groups = s.groups();
      for (const std::size_t first : {std::size_t{0}, s.samples - 1}) {
        const numbers<C> host(groups, s.samples, size), device(groups, s.samples, size);
        fk::kernel::host::measure(m, at.at, noise, host.at(), first, s.samples - first);
        measure(m, at.at, noise, device, first);
        for (const std::size_t i : {0u, 1u}) {
          CHECK(test::same_bits(host.kept[i], device.kept[i]));
          CHECK(test::same_bits(host.stored[i], device.stored[i]));
        }
      }
    }
}

TEST_CASE("a task is whole where every access is aligned and no sample ends within one") {
  alignas(16) float memory[64];
  update u{.input_count = 1, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs[0] = 1;
  fk::kernel::operands<float> at;
  at.inputs[0] = at.rows[0] = memory;
  at.samples = 2;
  at.size = 8;
  const auto task = [&] { return thread::task_of(thread::numbers<float>(u), at); };
  CHECK(task().whole);
  CHECK(task().kind == thread::kind::lean);
  CHECK(task().threads == 4);
  u.tables = {0};
  u.factors = {{.of = fk::plan::factor::input}};
  at.tables[0] = {.values = memory, .repeat = 4, .count = 2, .stride = 2};
  CHECK(task().kind == thread::kind::steady);
  at.tables[0].repeat = 2;  // a thread has elements of two numbers
  CHECK(task().kind == thread::kind::any);
  at.tables[0] = {.values = memory, .repeat = 1, .count = 1, .stride = 1};  // one number a sample, however it is told
  CHECK(task().kind == thread::kind::steady);
  at.tables[0] = {.values = memory, .repeat = 9, .count = 3, .stride = 3};
  CHECK(task().kind == thread::kind::steady);
  at.tables[0] = {.values = memory, .repeat = 4, .count = std::size_t{1} << 31, .stride = 0};
  CHECK(task().kind == thread::kind::any);
  at.tables[0] = {.values = memory, .repeat = 4, .count = 2, .stride = 2};
  at.samples = 1;
  at.size = std::size_t{1} << 31;  // elements are counted where there are tables
  CHECK(task().kind == thread::kind::any);
  at.samples = 2;
  u.factors.clear();
  at.size = 9;  // a thread for what is left of each sample
  CHECK_FALSE(task().whole);
  CHECK(task().threads == 6);
  at.size = 8;
  for (const std::size_t off : {1u, 2u}) {
    at.rows[0] = memory + off;
    CHECK_FALSE(task().whole);
    CHECK(task().kind == thread::kind::any);
    at.rows[0] = memory;
    at.inputs[0] = memory + off;
    CHECK_FALSE(task().whole);
    at.inputs[0] = memory;
    at.copy = memory + off;
    CHECK_FALSE(task().whole);
    at.copy = nullptr;
    at.inputs[0] = nullptr;
    at.outputs[0] = memory + off;
    CHECK_FALSE(task().whole);
    CHECK(task().at.inputs[0] == memory + off);  // of one type it is one list
    at.outputs[0] = nullptr;
    at.inputs[0] = memory;
  }
  at.samples = 1;  // one sample ends where all do
  at.size = 9;
  CHECK(task().whole);
  CHECK(task().threads == 3);
  at.samples = 2;
  at.size = 8;
  u.normal_count = 0;  // no element needs to know its sample: one of 18
  at.rows[0] = memory;
  at.size = 9;
  CHECK(task().whole);
  CHECK(task().kind == thread::kind::any);
  CHECK(task().threads == 5);
}

TEST_CASE("a task is lean where it asks for what a kernel is compiled for, and steady where it asks for more") {
  alignas(16) static float memory[64];
  update u{.input_count = 2, .normal_count = 1, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {1, 2};
  fk::kernel::operands<float> at;
  at.inputs = {memory, memory};
  at.rows[0] = memory;
  at.samples = 2;
  at.size = 8;
  const auto kind = [&] { return thread::task_of(thread::numbers<float>(u), at).kind; };
  CHECK(kind() == thread::kind::lean);
  at.size = std::size_t{1} << 33;  // threads no longer count in 31 bits
  CHECK(kind() == thread::kind::any);
  at.size = 8;
  u.normals[0].learned = 0;
  CHECK(kind() == thread::kind::steady);
  u.normals[0].learned = -1;
  u.rows[0].inputs[1] = 0;  // an input that is not read
  CHECK(kind() == thread::kind::steady);
  u.rows[0].inputs[1] = 2;
  u.normal_count = 2;
  CHECK(kind() == thread::kind::steady);
  u.normal_count = 1;
  u.input_count = 6;  // 6 inputs of one row
  u.rows[0].inputs = {1, 2, 3, 4, 5, 6};
  CHECK(kind() == thread::kind::steady);
  u.row_count = thread::few_rows + 1;
  CHECK(kind() == thread::kind::any);
}

TEST_CASE("a quotient by a multiplication is right, and one above 2^31 as well") {
  const std::uint64_t last = 0x7fffffff;
  for (const std::uint64_t by :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{7}, std::uint64_t{641}, std::uint64_t{1024},
        std::uint64_t{65537}, last / 2, last / 2 + 2, last - 1, last, last + 1, last << 9}) {
    const thread::divisor d(by);
    for (const std::uint64_t a :
         {std::uint64_t{0}, by - 1, by, last / by * by, last / by * by + by - 1, last - 1, last, last + 1, last << 20})
      CHECK(a / d == a / by);
  }
}
