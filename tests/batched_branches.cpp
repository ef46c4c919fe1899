// SPDX-License-Identifier: MIT
#include <fokker/batched_branches.hpp>

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

#include <fokker/guidance/cfg_pp.hpp>
#include <fokker/half.hpp>
#include <fokker/sample_adaptively.hpp>
#include <fokker/solver/bosh3.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/flow_map.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::backend::host_view;

namespace {

/// Says of a sample what its branch says, from that sample alone.
double said(double x, int branch, const fk::level& at) { return (branch == 0 ? 0.9 : 0.4) * x - 0.1 * at.sigma; }

template <int Branch>
const auto alone = [](auto& out, const auto& x, const fk::level& at) {
  using tensor = fk::backend::tensor<std::remove_cvref_t<decltype(x)>>;
  using element = typename tensor::element;
  for (std::size_t i = 0; i < tensor::shape(x).size(); ++i)
    tensor::data(out)[i] = static_cast<element>(said(static_cast<double>(tensor::data(x)[i]), Branch, at));
};

/// The same on a batch of both, and how often it was called.
struct together {
  int* calls;
  template <class T>
  void operator()(T& out, const T& x, const fk::level& at) const {
    using tensor = fk::backend::tensor<T>;
    using element = typename tensor::element;
    const std::size_t size = tensor::shape(x).size();
    for (std::size_t i = 0; i < size; ++i)
      tensor::data(out)[i] =
          static_cast<element>(said(static_cast<double>(tensor::data(x)[i]), 2 * i < size ? 0 : 1, at));
    ++*calls;
  }
};

/// Guidance in the middle of the way alone: elsewhere one branch is wanted, a different one before and after.
struct interval {
  static constexpr int branches = 2;
  [[nodiscard]] std::array<double, 2> weights(const fk::level& l) const {
    if (l.ratio() > 3) return {0, 1};
    if (l.ratio() < 0.3) return {1, 0};
    return {4, -3};
  }
};

template <class Guidance, class Solver>
fk::plan::program planned(const Guidance& guidance, const Solver& solver) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(9), solver, guidance);
}

const fk::noise::philox noise{.seed = 6};

}  // namespace

TEMPLATE_TEST_CASE("branches in one batch are the branches alone, to the bit", "", float, double, fk::half) {
  for (const auto& plan :
       {planned(fk::guidance::classifier_free{.scale = 3}, fk::solver::dpmpp_2m{}),
        planned(interval{}, fk::solver::dpmpp_2m{}),
        planned(fk::guidance::classifier_free{.scale = 1}, fk::solver::dpmpp_2m{}),
        planned(fk::guidance::cfg_pp{fk::guidance::classifier_free{.scale = 0.6}}, fk::solver::ddim{})}) {
    std::vector<TestType> a(3 * 5), b(3 * 5), memory(6 * 5);
    fk::sample(plan, fk::denoisers{alone<0>, alone<1>}, noise, host_view<TestType>{a.data(), {3, 5}});
    int calls = 0;
    host_view<TestType> wide{memory.data(), {6, 5}};
    fk::sample(plan, fk::batched_branches(together{&calls}, wide), noise, host_view<TestType>{b.data(), {3, 5}});
    CHECK(std::equal(a.begin(), a.end(), b.begin(), [](auto p, auto q) { return float(p) == float(q); }));
    CHECK(calls == static_cast<int>(plan.calls.size()));  // one a step, whatever it wants
  }
}

TEST_CASE("branches in one batch go with a network of half, with steps of their own choice, and with any backend") {
  int calls = 0;
  const auto plan = planned(fk::guidance::classifier_free{.scale = 3}, fk::solver::dpmpp_2m{});
  std::vector<float> a(7), b(7);
  fk::sample(plan, fk::runs_in<fk::half>(fk::denoisers{alone<0>, alone<1>}), noise, a);
  std::vector<fk::half> wide_half(14);
  fk::batched_branches half(together{&calls}, wide_half);
  fk::sample(plan, fk::runs_in<fk::half>(half), noise, b);
  CHECK(a == b);

  const fk::adaptive pair(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(9),
                          fk::solver::bosh3{}, fk::guidance::classifier_free{.scale = 3});
  std::vector<double> c{0.7}, d{0.7}, wide(2);
  fk::sample_adaptively_from(pair, fk::denoisers{alone<0>, alone<1>}, c);
  calls = 0;
  const auto took = fk::sample_adaptively_from(pair, fk::batched_branches(together{&calls}, wide), d);
  CHECK(c == d);
  CHECK(calls == took[0].calls);

  archetype::tensor e(3), f(3), wide_one(6);
  fk::sample(plan, fk::denoisers{alone<0>, alone<1>}, noise, e);
  fk::sample(plan, fk::batched_branches(together{&calls}, wide_one), noise, f);
  CHECK(e.memory == f.memory);
}

TEST_CASE("a batch of another number of samples is refused before the network is called") {
  int calls = 0;
  std::vector<double> x(4), wide(7);
  law::refused(
      [&] {
        fk::sample(planned(fk::guidance::classifier_free{}, fk::solver::dpmpp_2m{}),
                   fk::batched_branches(together{&calls}, wide), noise, x);
      },
      {"the shape of the batch of all branches is (7); allowed: (8)"});
  CHECK(calls == 0);
  const auto shortens = [](std::vector<double>& out, const std::vector<double>&, const fk::level&) { out.resize(7); };
  std::vector<double> eight(8);
  law::refused(
      [&] {
        fk::sample(planned(fk::guidance::classifier_free{}, fk::solver::dpmpp_2m{}),
                   fk::batched_branches(shortens, eight), noise, x);
      },
      {"the shape of the network's output is (7); allowed: (8)"});
  fk::batched_branches<together, std::vector<double>, 3> three(together{&calls}, wide);
  law::refused([&] { fk::sample(planned(fk::guidance::classifier_free{}, fk::solver::dpmpp_2m{}), three, noise, x); },
               {"the number of denoisers is 3"});
}

TEST_CASE("branches in one batch of a network of two levels are told where x goes") {
  const auto plan =
      fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 4},
                    fk::solver::flow_map{}, fk::guidance::classifier_free{.scale = 3});
  std::vector<double> told;
  const auto network = [&](host_view<double>& out, const host_view<double>& x, const fk::level&, const fk::level& to) {
    told.push_back(to.time);
    for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = 2 * i < x.shape.size() ? 2 : 1;
  };
  std::vector<double> x(4, 0.5), memory(8);
  host_view<double> wide{memory.data(), {4, 2}};
  fk::sample_from(plan, fk::batched_branches(network, wide), host_view<double>{x.data(), {2, 2}});
  CHECK(told == std::vector<double>{0.75, 0.5, 0.25, 0});
  for (const double end : x) CHECK(end == Approx(0.5 - (1 + 3 * (2 - 1))).epsilon(0).margin(0x1p-50));
}
