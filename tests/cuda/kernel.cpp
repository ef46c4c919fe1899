// SPDX-License-Identifier: MIT
//
// The kernels of the device against those of the host: every bit.

#include <fokker/backend/cuda.hpp>
#include <fokker/kernel/cuda.hpp>
#include <fokker/kernel/host.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "../support/updates.hpp"
#include "tests.hpp"

namespace fk = fokker;
using fk::backend::cuda_tensor;
using fk::plan::update;
using test::memory;
using test::random_update;
using test::require_same_bits;

namespace {

// Around a vector, a warp and a block of threads, whole and not.
const std::pair<std::size_t, std::size_t> shapes[] = {
    {1, 1},    {3, 7},    {2, 64},   {2, 65},   {1, 127},  {1, 128},   {1, 129}, {30, 2},  {5, 4},
    {1, 1023}, {1, 1024}, {1, 1025}, {3, 1030}, {2, 4096}, {1, 70001}, {600, 3}, {257, 8}, {4, 16384}};

const fk::noise::philox noise{.seed = 9, .first_sample = 3, .first_element = 40};

template <class E>
cuda_tensor<E> on_device(const std::vector<E>& host, std::size_t offset = 0) {
  std::vector<E> shifted(offset, E(0.0f));
  shifted.insert(shifted.end(), host.begin(), host.end());
  return cuda_tensor<E>({shifted.size()}, shifted);
}

/// The operands of a memory on the device, `offset` elements behind an aligned address.
template <class E, class Network>
struct device_memory {
  std::vector<cuda_tensor<E>> inputs, rows;
  std::vector<cuda_tensor<Network>> outputs, copy;
  std::vector<cuda_tensor<fk::kernel::computed<E, Network>>> tables;
  fk::kernel::operands<E, Network> at;
  std::size_t offset;

  explicit device_memory(const memory<E, Network>& host, std::size_t shift = 0) : at(host.at), offset(shift) {
    for (std::size_t k = 0; k < host.inputs.size(); ++k) {
      inputs.push_back(on_device(host.inputs[k], shift));
      outputs.push_back(on_device(host.outputs[k], shift));
      if (at.inputs[k] != nullptr)
        at.inputs[k] = inputs.back().data() + shift;
      else
        at.outputs[k] = outputs.back().data() + shift;
    }
    for (std::size_t j = 0; j < host.rows.size(); ++j) {
      rows.push_back(on_device(host.rows[j], shift));
      at.rows[j] = rows.back().data() + shift;
    }
    if (!host.copy.empty()) {
      copy.push_back(on_device(host.copy, shift));
      at.copy = copy.back().data() + shift;
    }
    for (std::size_t i = 0; i < host.tables.size(); ++i) {
      tables.push_back(on_device(host.tables[i]));
      at.tables[i].values = tables.back().data();
    }
  }

  template <class T>
  void require_same(const cuda_tensor<T>& device, const std::vector<T>& host, const std::string& what) const {
    std::vector<T> here = device.to_host();
    here.erase(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(offset));
    require_same_bits(here, host, what);
  }
  void require_same(const memory<E, Network>& host, const std::string& what) const {
    for (std::size_t j = 0; j < rows.size(); ++j) require_same(rows[j], host.rows[j], what);
    if (!copy.empty()) require_same(copy[0], host.copy, what);
  }
};

std::string named(const char* types, std::size_t samples, std::size_t size, const update& u) {
  return std::string(types) + " " + std::to_string(samples) + " x " + std::to_string(size) + ", " +
         std::to_string(u.input_count) + " inputs, " + std::to_string(u.row_count) + " rows, " +
         std::to_string(u.normal_count) + " normals";
}

template <class E, class Network>
void updates_of(const char* types) {
  std::mt19937 random(1);
  for (const int inputs : {0, 1, 3, fk::plan::max_inputs})
    for (int rows = 1; rows <= fk::plan::max_rows; ++rows)
      for (int normals = 0; normals <= fk::plan::max_normals; ++normals)
        for (const auto& [samples, size] : shapes)
          for (const bool tabled : {false, true}) {
            if (samples * size > 5000 && (inputs != 3 || rows % 2 == 0)) continue;
            update u = random_update(inputs, rows, normals, random, true);
            if (tabled) u = test::tabled(u, random);
            memory<E, Network> host(u, samples, size, random);
            host.give_tables(u, random);
            const device_memory<E, Network> device(host, tabled ? random() % 3 : 0);
            fk::kernel::host::update(u, host.at, noise);
            fk::kernel::cuda{}.update(u, device.at, noise);
            device.require_same(host, named(types, samples, size, u));
          }
}

void updates() {
  updates_of<float, float>("float");
  updates_of<double, double>("double");
  updates_of<fk::half, fk::half>("half");
  updates_of<fk::bfloat16, fk::bfloat16>("bfloat16");
  updates_of<float, fk::half>("float, a network of half");
  updates_of<float, fk::bfloat16>("float, a network of bfloat16");
}

void seeds_of_samples() {
  std::mt19937 random(4);
  for (const auto& [samples, size] : shapes)
    for (int normals = 0; normals <= fk::plan::max_normals; ++normals) {
      const update u = random_update(3, 2, normals, random);
      const auto seeds = test::random_seeds(samples, random);
      memory<float> host(u, samples, size, random);
      const device_memory<float, float> device(host);
      const cuda_tensor<fk::noise::philox> table({samples}, seeds);
      fk::kernel::host::update(u, host.at, fk::noise::per_sample{seeds});
      fk::kernel::cuda{}.update(u, device.at, fk::noise::per_sample{{table.data(), samples}});
      device.require_same(host, named("float", samples, size, u));
    }
}

void operands_of_weight_0() {
  update u{.input_count = 2, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  u.rows[0].inputs = {2, 0};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const cuda_tensor<float> x({3}, std::vector<float>{1, 2, 3}), poison({3}, std::vector<float>{nan, nan, nan});
  cuda_tensor<float> to(fk::backend::extents{3});
  fk::kernel::operands<float> at;
  at.inputs = {x.data(), poison.data()};
  at.rows = {to.data()};
  at.samples = 1;
  at.size = 3;
  fk::kernel::cuda{}.update(u, at, noise);
  require_same_bits(to.to_host(), {2, 4, 6}, "an operand of weight 0");
}

void results_on_operands() {
  update u{.input_count = 2, .normal_count = 1, .row_count = 2, .inputs = {}, .normals = {{}}, .rows = {}};
  u.rows[0].inputs = {0.7, -1.3};
  u.rows[0].normals = {0.9};
  u.rows[1].inputs = {0.2, 1};
  u.rows[1].earlier = {0.5};
  std::mt19937 random(2);
  memory<float> host(u, 3, 1001, random);
  device_memory<float, float> device(host);
  for (auto* at : {&host.at, &device.at}) {
    at->rows[0] = const_cast<float*>(at->inputs[1]);
    at->rows[1] = const_cast<float*>(at->inputs[0]);
  }
  fk::kernel::host::update(u, host.at, noise);
  fk::kernel::cuda{}.update(u, device.at, noise);
  require_same_bits(device.inputs[0].to_host(), host.inputs[0], "the second row");
  require_same_bits(device.inputs[1].to_host(), host.inputs[1], "the first row");
}

template <class E>
void reductions_of(const char* type) {
  std::mt19937 random(6);
  std::normal_distribution<double> value;
  for (const std::size_t size : {1u, 31u, 33u, 1023u, 1024u, 1025u, 3000u, 32 * 1024u + 5u, 99 * 1024u + 1u}) {
    const std::size_t samples = size < 2000 ? 5 : 2;
    std::vector<E> a(samples * size), b(samples * size);
    for (E& v : a) v = E(value(random));
    for (E& v : b) v = E(value(random));
    const cuda_tensor<E> on_a({samples, size}, a), on_b({samples, size}, b);
    cuda_tensor<double> to({samples});
    std::vector<double> expected(samples);
    const std::string what = std::string(type) + " of " + std::to_string(size);
    const fk::kernel::cuda space{};
    using host = fk::kernel::host;
    space.dot(on_a.data(), on_b.data(), samples, size, to.data());
    host::dot(a.data(), b.data(), samples, size, expected.data());
    require_same_bits(to.to_host(), expected, "dot, " + what);
    space.norm(on_a.data(), samples, size, to.data());
    host::norm(a.data(), samples, size, expected.data());
    require_same_bits(to.to_host(), expected, "norm, " + what);
    for (const double q : {0.0, 0.5, 0.995, 1.0}) {
      space.quantile(on_a.data(), samples, size, q, to.data());
      host::quantile(a.data(), samples, size, q, expected.data());
      require_same_bits(to.to_host(), expected, "quantile " + std::to_string(q) + ", " + what);
    }
    space.largest(on_a.data(), samples, size, to.data());
    host::largest(a.data(), samples, size, expected.data());
    require_same_bits(to.to_host(), expected, "largest, " + what);
    const cuda_tensor<fk::kernel::moments> moments({samples});
    std::vector<fk::kernel::moments> expected_moments(samples);
    space.moments(on_a.data(), samples, size, const_cast<fk::kernel::moments*>(moments.data()));
    host::moments(a.data(), samples, size, expected_moments.data());
    const std::vector<fk::kernel::moments> found = moments.to_host();
    for (std::size_t s = 0; s < samples; ++s)
      require_same_bits(std::vector{found[s].mean, found[s].variance},
                        std::vector{expected_moments[s].mean, expected_moments[s].variance}, "moments, " + what);
  }
}

/// So many samples that a block takes 64 chunks of one, and its last block a single chunk.
void many_reductions() {
  const std::size_t samples = 130, size = 128 * 1024 + 1;
  std::mt19937 random(8);
  std::vector<float> a(samples * size);
  for (float& v : a) v = static_cast<float>(random() % 1024) - 511.3f;
  const cuda_tensor<float> on_a({samples, size}, a);
  cuda_tensor<double> to({samples});
  std::vector<double> expected(samples);
  fk::kernel::cuda{}.norm(on_a.data(), samples, size, to.data());
  fk::kernel::host::norm(a.data(), samples, size, expected.data());
  require_same_bits(to.to_host(), expected, "norms of many samples");
}

/// Quantiles between two magnitudes that are equal, that differ by the last bit, and that differ by their first bits.
template <class E>
void quantiles_of(const char* type) {
  for (const std::size_t size : {4u, 50000u}) {
    std::vector<E> a(size, E(1.0));
    std::fill(a.begin() + static_cast<std::ptrdiff_t>(size / 2), a.end(), E(-1e4));
    const E before = a[0];
    for (const E middle : {before, E(1 + 1.0 / 128), E(3.0)}) {
      a[size / 2] = middle;
      const cuda_tensor<E> on_a({1, size}, a);
      cuda_tensor<double> to({1});
      for (const std::size_t rank : {size / 2 - 1, size / 2, size - 1}) {
        const double q = (static_cast<double>(rank) + (rank + 1 < size ? 0.25 : 0)) / static_cast<double>(size - 1);
        std::vector<double> expected(1);
        fk::kernel::cuda{}.quantile(on_a.data(), 1, size, q, to.data());
        fk::kernel::host::quantile(a.data(), 1, size, q, expected.data());
        require_same_bits(to.to_host(), expected,
                          std::string(type) + ": rank " + std::to_string(rank) + " of " + std::to_string(size));
      }
    }
  }
}

void reductions() {
  many_reductions();
  quantiles_of<float>("float");
  quantiles_of<double>("double");
  quantiles_of<fk::half>("half");
  reductions_of<float>("float");
  reductions_of<double>("double");
  reductions_of<fk::half>("half");
  reductions_of<fk::bfloat16>("bfloat16");
}

/// Numbers of groups on the host and on the device.
template <class T>
struct both {
  std::vector<T> here;
  cuda_tensor<T> there;
  fk::kernel::scalars<T> at_here, at_there;

  both(std::size_t samples, std::size_t count, std::mt19937& random) : here(samples * count), there({samples * count}) {
    std::normal_distribution<double> value;
    for (T& v : here) v = T(value(random));
    there = cuda_tensor<T>({here.size()}, here);
    at_here = {here.data(), count, count};
    at_there = {there.data(), count, count};
  }
};

template <class E, class Network>
void measures_of(const char* types) {
  using C = fk::kernel::computed<E, Network>;
  using fk::kernel::grouping;
  using fk::plan::measured;
  using fk::plan::operation;
  using shape = test::grouped_samples;
  std::mt19937 random(6);
  for (const shape& s : {shape{1, 1, 1, 1},
                         {40, 1, 1, 2},
                         {3, 1, 3, 33},
                         {2, 3, 30, 1},
                         {3, 2, 3, 5},
                         {1, 1, 40, 1},
                         {2, 1, 2, 1500},
                         {1, 1100, 2, 1},
                         {1, 1, 1, 40000},
                         {2, 2, 2, 600}})
    for (const int normals : {0, 1}) {
      const std::size_t size = s.size();
      if (size > 3000 && (normals > 0 || !std::is_same_v<Network, float>)) continue;  // many chunks: once is enough
      fk::plan::measure m;
      m.form = test::tabled(random_update(3, 3, normals, random), random);
      if (normals > 0) m.form.normals[0] = {{.id = 4}, 2, 0.2, -0.4};
      m.of = {{.what = measured::dot, .a = 0, .b = 1, .over = {}},
              {.what = measured::sum, .a = 2, .over = {}},
              {.what = measured::quantile, .a = 1, .over = {}, .q = 0.7},
              {.what = measured::dot, .a = 2, .b = 2, .over = {}}};
      m.tape = {{.what = operation::found, .index = 0},
                {.what = operation::found, .index = 2},
                {.what = operation::found, .index = 3},
                {.what = operation::load, .index = 0},
                {.what = operation::load, .index = 1},
                {.what = operation::count, .index = 3},
                {.what = operation::constant, .value = 0.7},
                {.what = operation::quotient, .a = 0, .b = 1, .c = 6},
                {.what = operation::root, .a = 2},
                {.what = operation::multiply, .a = 7, .b = 3},
                {.what = operation::subtract, .a = 9, .b = 8},
                {.what = operation::least, .a = 10, .b = 6},
                {.what = operation::exponential, .a = 11},
                {.what = operation::largest, .a = 12, .b = 4},
                {.what = operation::logarithm, .a = 8},
                {.what = operation::choose, .a = 13, .b = 14, .c = 5, .d = 12},
                {.what = operation::add, .a = 8, .b = 3},
                {.what = operation::arc_cosine, .a = 11},
                {.what = operation::cosine, .a = 17},
                {.what = operation::sine, .a = 10},
                {.what = operation::choose, .a = 18, .b = 19, .c = 15, .d = 18},
                {.what = operation::keep, .a = 16, .index = 0},
                {.what = operation::keep, .a = 15, .index = 1},
                {.what = operation::store, .a = 20, .index = 0},
                {.what = operation::store, .a = 3, .index = 1}};
      memory<E, Network> host(m.form, s.samples, size, random);
      host.give_tables(m.form, random);
      device_memory<E, Network> device(host);
      for (auto* at : {&host.at, &device.at}) at->rows[0] = at->rows[2] = nullptr, at->copy = nullptr;
      const grouping groups = s.groups(), whole{size, 1};
      const std::vector<grouping> over{groups, groups, groups, whole};
      std::vector<both<double>> found, kept;
      std::vector<both<C>> tables;
      for (const grouping& g : over) found.emplace_back(s.samples, g.count, random);
      for (const std::size_t count : {std::size_t{1}, s.count}) {
        kept.emplace_back(s.samples, count, random);
        tables.emplace_back(s.samples, s.count + 1 - count, random);
      }
      std::vector<fk::kernel::scalars<double>> found_here, found_there, kept_here, kept_there;
      std::vector<fk::kernel::scalars<C>> tables_here, tables_there;
      for (const auto& f : found) found_here.push_back(f.at_here), found_there.push_back(f.at_there);
      for (const auto& k : kept) kept_here.push_back(k.at_here), kept_there.push_back(k.at_there);
      for (const auto& t : tables) tables_here.push_back(t.at_here), tables_there.push_back(t.at_there);
      const auto go = [&](std::size_t sample, std::size_t samples) {
        fk::kernel::host::measure(m, host.at, noise, {over, found_here, kept_here, tables_here, size}, sample, samples);
        fk::kernel::cuda{}.measure(m, device.at, noise, {over, found_there, kept_there, tables_there, size}, sample,
                                   samples);
      };
      go(s.samples / 2, s.samples - s.samples / 2);
      go(0, s.samples / 2);
      const std::string what = named(types, s.samples, size, m.form);
      for (const auto& f : found) require_same_bits(f.there.to_host(), f.here, what + ": found");
      for (const auto& k : kept) require_same_bits(k.there.to_host(), k.here, what + ": kept");
      for (const auto& t : tables) require_same_bits(t.there.to_host(), t.here, what + ": tables");
      device.require_same(device.rows[1], host.rows[1], what + ": a row");
    }
}

/// More parts of a sum than one block joins.
void a_long_sum() {
  const std::size_t size = 1024 * 1024 + 3000;
  std::mt19937 random(7);
  fk::plan::measure m;
  m.form = {.input_count = 1, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
  m.form.rows[0].inputs[0] = 1;
  m.of = {{.what = fk::plan::measured::dot, .a = 0, .b = 0, .over = {}}};
  memory<float> host(m.form, 1, size, random);
  device_memory<float, float> device(host);
  host.at.rows[0] = device.at.rows[0] = nullptr;
  const std::vector<fk::kernel::grouping> over{{size, 1}};
  const both<double> found(1, 1, random);
  const std::vector<fk::kernel::scalars<double>> here{found.at_here}, there{found.at_there};
  fk::kernel::host::measure(m, host.at, noise, {over, here, {}, {}, size}, 0, 1);
  fk::kernel::cuda{}.measure(m, device.at, noise, {over, there, {}, {}, size}, 0, 1);
  require_same_bits(found.there.to_host(), found.here, "a long sum");
}

void measures() {
  a_long_sum();
  measures_of<float, float>("float");
  measures_of<double, double>("double");
  measures_of<float, fk::half>("float, a network of half");
}

}  // namespace

const test::test_case test::kernel_tests[] = {
    {"updates have the bits of the host", updates},
    {"samples have seeds of their own", seeds_of_samples},
    {"an operand of weight 0 is not read", operands_of_weight_0},
    {"results may lie on operands", results_on_operands},
    {"reductions have the bits of the host", reductions},
    {"measures have the bits of the host", measures},
    {nullptr, nullptr},
};
