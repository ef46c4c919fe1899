// SPDX-License-Identifier: MIT
#include <fokker/kernel/thread.hpp>

#include <cstring>
#include <random>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/kernel/host.hpp>

#include "support/catch.hpp"
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
  const auto t = thread::task_of(all.weights, at);
  const auto each_thread = [&](auto kind) {
    for (std::uint64_t index = 0; index < t.threads; ++index)
      thread::update<fk::plan::max_inputs, fk::plan::max_normals, fk::plan::max_rows, decltype(kind)::value>(index, all,
                                                                                                             t, noise);
  };
  switch (t.kind) {
    case thread::kind::lean:
      each_thread(std::integral_constant<thread::kind, thread::kind::lean>());
      break;
    case thread::kind::steady:
      each_thread(std::integral_constant<thread::kind, thread::kind::steady>());
      break;
    case thread::kind::any:
      each_thread(std::integral_constant<thread::kind, thread::kind::any>());
  }
  return t.kind;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

template <class E, class Network>
bool same_bits(const memory<E, Network>& a, const memory<E, Network>& b) {
  for (std::size_t j = 0; j < a.rows.size(); ++j)
    if (!same_bits(a.rows[j], b.rows[j])) return false;
  return same_bits(a.copy, b.copy);
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
  const auto task = [&] { return thread::task_of(fk::kernel::chain<float>(u), at); };
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

TEST_CASE("a quotient is right below and above 2^32") {
  for (const std::uint64_t a : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{0xffffffff}, std::uint64_t{1} << 40})
    for (const std::uint64_t b : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 33})
      CHECK(thread::quotient(a, b) == a / b);
}
