// SPDX-License-Identifier: MIT
#include <fokker/stepper.hpp>

#include <cstdlib>
#include <new>

#include <fokker/backend/host.hpp>
#include <fokker/batched_branches.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

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

// The sanitizers bring an allocator of their own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FOKKER_TEST_SANITIZED 1
#endif
#endif
#if !defined(FOKKER_TEST_SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::size_t allocations = 0;
}
// Counts what the library allocates: the whole program does through here.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

TEST_CASE("steps never allocate") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  tensor x(1000);
  fk::stepper run(plan, seeded, x);
  const std::size_t before = allocations;
  while (!run.done()) one_call(run);
  CHECK(allocations == before);
  CHECK(before > 0);
}

TEST_CASE("branches in one batch never allocate between steps") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  tensor x(1000), wide(2000);
  std::vector<std::size_t> seen;
  seen.reserve(plan.calls.size());
  fk::sample(plan, fk::batched_branches(net, wide), seeded, x, [&](const auto&) { seen.push_back(allocations); });
  CHECK(seen.front() == seen.back());
}

#endif
