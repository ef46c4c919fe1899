// SPDX-License-Identifier: MIT
#include <fokker/stepper.hpp>

#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/euler.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/batched_branches.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/renormalised.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/perturb.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/allocations.hpp"
#include "support/catch.hpp"

namespace fk = fokker;

namespace {
using tensor = std::vector<float>;
const fk::noise::philox seeded{.seed = 3};

template <class Solver>
fk::plan::program planned(const Solver& solver) {
  return fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 9}, solver,
                       fk::guidance::classifier_free{.scale = 2});
}
const auto net = [](tensor& out, const tensor& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * static_cast<float>(0.5 + at.time);
};
const auto other = [](tensor& out, const tensor& x, const fk::level&) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = -x[i];
};
template <class Run>
void one_call(Run& run) {
  if (run.wants(0)) net(run.output(0), run.input(), run.at());
  if (run.wants(1)) other(run.output(1), run.input(), run.at());
  run.advance();
}
}  // namespace

TEST_CASE("a loop of one's own over the stepper is sample, to the bit") {
  const auto plan = planned(fk::solver::ddpm{});
  tensor mine(33), theirs(33);
  fk::stepper run(plan, seeded, mine);
  while (!run.done()) one_call(run);
  fk::sample(plan, fk::denoisers{net, other}, seeded, theirs);
  CHECK((mine == theirs));
}

TEST_CASE("x of a plan of one tensor is the caller's, who may change it before a call", "[bits]") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::velocity{},
                                  fk::grid::uniform{.steps = 9}, fk::solver::euler{});
  REQUIRE(plan.buffers == 1);
  const auto odd = [](tensor& out, const tensor& x, const fk::level& at) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * (x[i] * x[i] - static_cast<float>(at.time));
  };
  // Of an odd network and a solver without noise, x mirrored before calls ends mirrored as often.
  tensor mirrored(33), plain(33);
  fk::stepper run(plan, seeded, mirrored);
  while (!run.done()) {
    if (run.calls_done() % 4 != 1)
      for (float& v : mirrored) v = -v;
    odd(run.output(0), run.input(), run.at());
    run.advance();
  }
  fk::sample(plan, odd, seeded, plain);
  for (float& v : plain) v = -v;  // 9 calls, 7 mirrors
  CHECK((mirrored == plain));
}

TEST_CASE("a run that is stopped goes on elsewhere, to the bit") {
  for (const auto& plan : {planned(fk::solver::ddpm{}), planned(fk::solver::dpmpp_2m{})})
    for (const std::size_t stop_after : {0u, 4u, 9u}) {
      tensor whole(10), first(10), second(10);
      fk::stepper uninterrupted(plan, seeded, whole);
      while (!uninterrupted.done()) one_call(uninterrupted);
      fk::stepper a(plan, seeded, first);
      for (std::size_t i = 0; i < stop_after; ++i) one_call(a);
      auto state = a.stop();
      fk::stepper b(plan, seeded, second, state);
      CHECK(b.calls_done() == stop_after);
      while (!b.done()) one_call(b);
      CHECK((second == whole));
    }
}

TEST_CASE("a run with a network of another type goes on elsewhere, to the bit") {
  using run = fk::stepper<tensor, fk::noise::philox, std::vector<fk::half>>;
  const auto call = [](run& r) {
    for (const int b : {0, 1})
      for (std::size_t i = 0; i < r.input().size(); ++i)
        r.output(b)[i] = fk::half(static_cast<float>(b + 1) * 0.3f * r.input()[i]);
    r.advance();
  };
  for (const auto& plan : {planned(fk::solver::ddpm{}), planned(fk::solver::dpmpp_2m{})}) {
    tensor whole(10), first(10), second(10);
    run uninterrupted(plan, seeded, whole), a(plan, seeded, first);
    while (!uninterrupted.done()) call(uninterrupted);
    for (int i = 0; i < 4; ++i) call(a);
    auto state = a.stop();
    run b(plan, seeded, second, state);
    while (!b.done()) call(b);
    CHECK((second == whole));
  }
}

TEST_CASE("a state of another plan or shape is refused") {
  const auto small = planned(fk::solver::ddpm{}), large = planned(fk::solver::dpmpp_2m{});
  tensor x(10), y(11);
  auto state = fk::stepper(small, seeded, x).stop();
  CHECK_THROWS_WITH(fk::stepper(large, seeded, x, state), Catch::Contains("a run of the same plan"));
  CHECK_THROWS_WITH(fk::stepper(small, seeded, y, state), Catch::Contains("the shape of the state is (10)"));
}

TEST_CASE("a run that is done has no call left") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  tensor x(3);
  fk::stepper run(plan, seeded, x);
  while (!run.done()) one_call(run);
  const tensor end = x;
  const auto refused = Catch::Contains("the calls of the run that are left is 0; allowed: 1 or more");
  CHECK_THROWS_WITH(run.advance(), refused);
  CHECK_THROWS_WITH(run.call(), refused);
  CHECK_THROWS_WITH(run.at(), refused);
  CHECK_THROWS_WITH(run.input(), refused);
  CHECK_THROWS_WITH(run.wants(0), refused);
  CHECK(x == end);
  CHECK(run.x() == end);
}

TEST_CASE("x and outputs that a network takes away are refused") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  tensor x(3);
  const auto resizes = [&x](tensor& out, const tensor& in, const fk::level&) {
    out = in;
    x.resize(5);
  };
  const auto says_nothing = [](tensor&, const tensor&, const fk::level&) {};
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{resizes, says_nothing}, seeded, x),
                    Catch::Contains("the shape of x during the run is (5); allowed: (3), that of x"));

  using view = fk::backend::host_view<float>;
  x.resize(3);
  const auto loses = [](view& out, const view&, const fk::level&) { out.data = nullptr; };
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{loses, loses}, seeded, view{x.data(), {3}}),
                    Catch::Contains("the data of the network's output is null; allowed: memory"));
}

TEST_CASE("a tensor without memory is refused") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  fk::backend::host_view<float> nothing{nullptr, {3}};
  std::vector<float> x(3);
  fk::backend::host_view<float> something{x.data(), {3}};
  const auto refused = Catch::Contains("is null; allowed: memory for every element");
  CHECK_THROWS_WITH(fk::stepper(plan, seeded, nothing), Catch::Contains("the data of x") && refused);
  CHECK_THROWS_WITH(fk::fill_normal(seeded, nothing), refused);
  CHECK_THROWS_WITH(fk::perturb(plan, nothing, seeded, something), Catch::Contains("the data of x0") && refused);
  CHECK_THROWS_WITH(fk::perturb(plan, something, seeded, nothing),
                    Catch::Contains("the data of the result") && refused);
}

#if defined(FOKKER_TEST_ALLOCATIONS)

TEST_CASE("steps never allocate") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  tensor x(1000);
  fk::stepper run(plan, seeded, x);
  const std::size_t before = test::allocations;
  while (!run.done()) one_call(run);
  CHECK(test::allocations == before);
  CHECK(before > 0);
}

TEST_CASE("branches in one batch never allocate between steps") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  tensor x(1000), wide(2000);
  std::vector<std::size_t> seen;
  seen.reserve(plan.calls.size());
  fk::sample(plan, fk::batched_branches(net, wide), seeded, x, [&](const auto&) { seen.push_back(test::allocations); });
  CHECK(seen.front() == seen.back());
}

#endif

TEST_CASE("a plan of nothing is refused, and x is as it was") {
  const fk::plan::program nothing;
  tensor x(3, 7);
  fk::stepper<tensor, fk::noise::philox>::state none;
  CHECK_THROWS_WITH(fk::stepper(nothing, seeded, x), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::stepper(nothing, seeded, x, none), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::sample(nothing, net, seeded, x), Catch::Contains("the number of levels is 0"));
  CHECK_THROWS_WITH(fk::sample_from(nothing, net, seeded, x), Catch::Contains("the number of levels is 0"));
  auto plan = planned(fk::solver::ddpm{});
  plan.calls.clear();
  CHECK_THROWS_WITH(fk::stepper(plan, seeded, x), "fokker: the number of calls is 0; allowed: 1 or more");
  CHECK(x == tensor(3, 7));
}

namespace {

/// A rule that remembers a number: the largest norm of what its branch said so far.
struct remembering {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto most = largest(g.norm(g[0].network), g.remembered(0.0));
    g.remember(most);
    return {.network = quotient(1, most, 1) * g[0].network};
  }
};

}  // namespace

TEST_CASE("a run that is stopped takes the numbers of its rules along") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 6}, fk::solver::euler{}, remembering{});
  REQUIRE(plan.scalars.size() == 1);
  const fk::noise::philox noise{.seed = 2};
  const auto call = [](auto& run) {
    for (std::size_t i = 0; i < 5; ++i) run.output(0)[i] = std::sin(run.input()[i]) * (1 - run.at().time);
    run.advance();
  };
  std::vector<double> x(5), y(5);
  fk::stepper whole(plan, noise, x);
  while (!whole.done()) call(whole);
  std::vector<double> first(5);
  fk::stepper half(plan, noise, first);
  for (int i = 0; i < 3; ++i) call(half);
  auto stopped = half.stop();
  CHECK(stopped.numbers.size() == 5);
  fk::stepper rest(plan, noise, y, stopped);
  while (!rest.done()) call(rest);
  CHECK(x == y);
  stopped.numbers.pop_back();
  CHECK_THROWS_WITH(fk::stepper(plan, noise, y, stopped), Catch::Contains("the number of kept numbers is 4;"));
}

namespace {

/// A rule that reports two numbers: the norm of what its branch said and, after the first step, its sum along an axis.
struct reporting {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    g.report("norm", g.norm(g[0].network));
    if (g.step() > 0) g.report("sums", g.sum(g[0].network, {0, 1}));
    return {.network = g[0].network};
  }
};

}  // namespace

TEST_CASE("a run reports numbers of its rules, by sample and group") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 3}, fk::solver::euler{}, reporting{});
  std::vector<double> memory(2 * 3 * 4);
  fk::backend::host_view<double> x{memory.data(), {2, 3, 4}};
  for (const auto& same : {plan, fk::plan::from_text(fk::plan::to_text(plan))}) {
    fk::stepper run(same, seeded, x);
    const auto unknown = Catch::Contains("allowed: one that a call has made already");
    CHECK_THROWS_WITH(run.report("norm"), Catch::Contains("the report is norm") && unknown);
    for (int step = 0; !run.done(); ++step) {
      std::vector<double> squares(2), sums(6);
      for (std::size_t i = 0; i < 24; ++i) {
        const double v = std::cos(3 * run.input().data[i]);
        run.output(0).data[i] = v;
        squares[i / 12] += v * v;
        sums[i / 4] += v;
      }
      run.advance();
      const auto norm = run.report("norm");
      REQUIRE(norm.size() == 2);
      for (std::size_t s = 0; s < 2; ++s) CHECK(norm[s] == Approx(std::sqrt(squares[s])).epsilon(1e-14));
      if (step == 0) {
        CHECK_THROWS_WITH(run.report("sums"), unknown);
        continue;
      }
      const auto found = run.report("sums");
      REQUIRE(found.size() == 6);
      for (std::size_t g = 0; g < 6; ++g) CHECK(found[g] == Approx(sums[g]).margin(1e-14));
    }
    CHECK_THROWS_WITH(run.report("other"), unknown);
  }
}

TEST_CASE("samples that are measured and updated a few at a time have the bits of runs of their own", "[bits]") {
  const auto plan_of = [](const auto& rule) {
    return fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 4},
                         fk::solver::dpmpp_2m{}, rule);
  };
  using view = fk::backend::host_view<float>;
  using half = fk::backend::host_view<fk::half>;
  for (const std::size_t size : {std::size_t{300}, std::size_t{9000}, std::size_t{30000}})
    for (const auto& plan :
         {plan_of(fk::guidance::apg{}), plan_of(fk::guidance::renormalised{fk::guidance::classifier_free{3}})}) {
      const std::size_t samples = 5;
      tensor all(samples * size), each(samples * size);
      for (std::size_t i = 0; i < all.size(); ++i) each[i] = all[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
      const auto go = [&](float* at, std::size_t count) {
        view x{at, {count, size}};
        fk::stepper<view, fk::noise::philox, half> r(plan, seeded, x, fk::beginning::given);
        for (; !r.done(); r.advance())
          for (int b = 0; b < r.branches(); ++b)
            for (std::size_t i = 0; i < count * size; ++i)
              r.output(b).data[i] =
                  fk::half(static_cast<float>(r.input().data[i]) * (b == 0 ? 0.7f : -0.4f) + (i % 3 == 0 ? 0.1f : 0));
      };
      go(all.data(), samples);
      for (std::size_t s = 0; s < samples; ++s) go(each.data() + s * size, 1);
      CHECK((all == each));
    }
}
