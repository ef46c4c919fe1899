// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: a memory space needs 'on_host(elements, count) const'

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/stepper.hpp>

struct space {
  template <class... Arguments>
  void update(const Arguments&...) const;
};
struct vector : std::vector<float> {};
template <>
struct fokker::backend::tensor<vector> : tensor<std::vector<float>> {
  static ::space space(const vector&) { return {}; }
  static vector like(const vector&) { return {}; }
};

void f(const fokker::plan::program& plan, vector& x) { fokker::stepper run(plan, fokker::noise::philox{}, x); }
