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
  u.factors.clear();
  at.size = 9;  // a thread for what is left of each sample
  CHECK_FALSE(task().whole);
  CHECK(task().threads == 6);
  at.size = 8;
  at.rows[0] = memory + 1;
  CHECK_FALSE(task().whole);
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
