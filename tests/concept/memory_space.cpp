// SPDX-License-Identifier: MIT
#include <fokker/concept/memory_space.hpp>

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/renormalised.hpp>
#include <fokker/kernel/reference.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

namespace fk = fokker;
using fk::kernel::operands;
using fk::noise::philox;

namespace {

/// The least that a memory space is.
struct plain {
  template <class E, class Network, class Noise>
  void update(const fk::plan::update& u, const operands<E, Network>& at, const Noise& noise) const {
    fk::kernel::reference::update(u, at, noise);
  }
  template <class A>
  const A* on_host(const A* a, std::size_t) const {
    return a;
  }
};

struct vector : std::vector<float> {
  using std::vector<float>::vector;
};

}  // namespace

template <>
struct fokker::backend::tensor<vector> : tensor<std::vector<float>> {
  static plain space(const vector&) { return {}; }
  static vector like(const vector& t) { return vector(t.size()); }
};

namespace {

using numbers = fk::kernel::tape_memory<float>;
static_assert(fk::memory_space<fk::kernel::host, operands<float>, philox>);
static_assert(fk::has_measure<fk::kernel::host, operands<float>, philox, numbers>);
static_assert(fk::memory_space<plain, operands<float>, philox>);
static_assert(!fk::has_memory<plain> && !fk::has_measure<plain, operands<float>, philox, numbers>);
static_assert(!fk::memory_space<int, operands<float>, philox>);

template <class Guidance>
auto plan(const Guidance& rule) {
  return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 4},
                       fk::solver::ddim{}, rule);
}
const auto network = [](auto& out, const auto& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] + static_cast<float>(at.time);
};

}  // namespace

TEST_CASE("a space that does nothing but update samples by every rule whose weights are known") {
  vector x(6);
  std::vector<float> host(6);
  fk::sample(plan(fk::guidance::none{}), network, philox{.seed = 3}, x);
  fk::sample(plan(fk::guidance::none{}), network, philox{.seed = 3}, host);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(host[i]));
}

TEST_CASE("a space that finds no numbers refuses rules that ask for some") {
  vector x(6);
  law::refused(
      [&] {
        fk::sample(plan(fk::guidance::renormalised{fk::guidance::classifier_free{}}), fk::denoisers{network, network},
                   philox{}, x);
      },
      {"the plan is with measures", "finds no numbers while sampling"});
}
