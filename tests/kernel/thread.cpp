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

/// What a device would do, a thread after the other; `each` is empty or has the numbers of the samples. Whether it was
/// lean.
template <class E, class Network, class Noise>
bool run(const update& u, std::span<const update> each, const fk::kernel::operands<E, Network>& at,
         const Noise& noise) {
  using numbers = thread::numbers<fk::kernel::computed<E, Network>>;
  const numbers one(u, at.plane);
  std::vector<numbers> table;
  for (const update& mine : each) table.emplace_back(mine, at.plane);
  const auto t = thread::task_of(one.weights, !each.empty(), at);
  const auto each_thread = [&](auto lean, auto of_each) {
    for (std::uint64_t index = 0; index < t.threads; ++index)
      thread::update<fk::plan::max_inputs, fk::plan::max_normals, fk::plan::max_rows, decltype(lean)::value,
                     decltype(of_each)::value>(index, one, table.data(), t, noise);
  };
  if (!table.empty())
    each_thread(std::false_type(), std::true_type());
  else if (t.lean)
    each_thread(std::true_type(), std::false_type());
  else
    each_thread(std::false_type(), std::false_type());
  return t.lean;
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
  int lean = 0, all = 0;
  for (const int inputs : {0, 1, 3, fk::plan::max_inputs})
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] : shapes)
          for (const bool planed : {false, true}) {
            const update u = random_update(inputs, rows, normals, random, true);
            memory<E, Network> host(u, samples, size, random);
            if (planed) host.give_plane((size + 2) / 3, 1 + random() % 3, random);
            memory<E, Network> device = host;
            fk::kernel::host::update(u, host.at, noise);
            lean += run(u, {}, device.at, thread::seeds{noise}) ? 1 : 0;
            ++all;
            CHECK(same_bits(host, device));
          }
  CHECK(lean > 0);
  CHECK(lean < all);
}

TEST_CASE("threads take the numbers of their samples", "[bits]") {
  std::mt19937 random(4);
  for (const auto& [samples, size] : shapes)
    for (int normals = 0; normals <= fk::plan::max_normals; ++normals) {
      const auto [each, seeds] = test::random_samples(samples, normals, random);
      memory<float> host(each[0], samples, size, random);
      memory<float> device = host;
      fk::kernel::host::update(std::span<const update>(each), host.at, fk::noise::per_sample{seeds});
      run(each[0], each, device.at, thread::seeds{seeds.data()});
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
  const auto task = [&] { return thread::task_of(fk::kernel::chain<float>(u), false, at); };
  CHECK(task().whole);
  CHECK(task().lean);
  CHECK(task().threads == 4);
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
  CHECK_FALSE(task().lean);
  CHECK(task().threads == 5);
}

TEST_CASE("a quotient is right below and above 2^32") {
  for (const std::uint64_t a : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{0xffffffff}, std::uint64_t{1} << 40})
    for (const std::uint64_t b : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 33})
      CHECK(thread::quotient(a, b) == a / b);
}
