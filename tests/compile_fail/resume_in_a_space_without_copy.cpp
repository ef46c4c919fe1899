// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a memory space needs 'make<E>(count) const' and 'copy(to, from, count) const'

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/saved_run.hpp>

struct space {
  template <class... Arguments>
  void update(const Arguments&...) const;
  template <class A>
  const A* on_host(const A* a, std::size_t) const;
};
struct vector : std::vector<float> {};
template <>
struct fokker::backend::tensor<vector> : tensor<std::vector<float>> {
  static ::space space(const vector&) { return {}; }
  static vector like(const vector&) { return {}; }
};

void f(const fokker::saved_run& saved, vector& x) { (void)fokker::resume(saved, fokker::noise::philox{}, x); }
