// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: fokker: samples with steps of their own need a memory space with 'update(span of kernel::own, step_error)
// const'

#include <span>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample_adaptively.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpm_solver_2s.hpp>

struct one_for_all {
  template <class Operands, class Noise>
  void update(const fokker::plan::update&, const Operands&, const Noise&) const {}
  template <class A>
  const A* on_host(const A* a, std::size_t) const {
    return a;
  }
};
struct vector : std::vector<float> {
  using std::vector<float>::vector;
};
template <>
struct fokker::backend::tensor<vector> : tensor<std::vector<float>> {
  static one_for_all space(const vector&) { return {}; }
  template <class F>
  using rebind = vector;
  template <class F = float>
  static vector like(const vector& t) {
    return vector(t.size());
  }
};

using plan = fokker::adaptive<fokker::schedule::edm, fokker::parameterization::data, fokker::grid::karras,
                              fokker::solver::dpm_solver_2s>;

void f(const plan& plan, vector& x) {
  const auto network = [](vector&, const vector&, std::span<const fokker::level>) {};
  fokker::sample_adaptively_from(plan, network, x);
}
