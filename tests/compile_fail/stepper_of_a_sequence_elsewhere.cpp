// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a sequence of noise draws in memory of the host, and x lies elsewhere

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/stepper.hpp>

struct elsewhere : fokker::kernel::host {
  template <class A>
  std::vector<A> on_host(const A* a, std::size_t count) const {
    return {a, a + count};
  }
};
struct vector : std::vector<float> {
  using std::vector<float>::vector;
};
template <>
struct fokker::backend::tensor<vector> : tensor<std::vector<float>> {
  static elsewhere space(const vector&) { return {}; }
  template <class F>
  using rebind = vector;
  template <class F = float>
  static vector like(const vector& t) {
    return vector(t.size());
  }
};

void f(const fokker::plan::program& plan, vector& x) { fokker::stepper run(plan, fokker::noise::torch_cpu(1), x); }
