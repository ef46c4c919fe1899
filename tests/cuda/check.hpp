// SPDX-License-Identifier: MIT
#pragma once

// What the tests of the device share. They need nothing but CUDA, so that they run on machines which have no more.

#include <cstddef>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

struct test_case {
  const char* name;
  void (*run)();
};

/// What a test throws that cannot run here.
struct skipped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

template <class T>
void require_same_bits(const std::vector<T>& device, const std::vector<T>& host, const std::string& what) {
  require(device.size() == host.size(), what + ": another number of elements");
  for (std::size_t i = 0; i < host.size(); ++i)
    if (std::memcmp(&device[i], &host[i], sizeof(T)) != 0)
      throw std::runtime_error(what + ": element " + std::to_string(i) + " is " +
                               std::to_string(static_cast<double>(device[i])) + " on the device and " +
                               std::to_string(static_cast<double>(host[i])) + " on the host");
}

template <class E>
std::vector<E> random_numbers(std::size_t count, unsigned int seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(1, 2);
  std::vector<E> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(E(normal(random)));
  return all;
}

}  // namespace test
