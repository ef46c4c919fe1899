// SPDX-License-Identifier: MIT
// Threads may share plans, solvers and denoisers that are const; each has a stepper and an x of its own.
#include <latch>
#include <thread>

#include <fokker/backend/host.hpp>
#include <fokker/fokker.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {

using tensor = std::vector<float>;

const auto toward = [](tensor& out, const tensor& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * static_cast<float>(0.5 + at.time);
};
const auto away = [](tensor& out, const tensor& x, const fk::level&) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = -x[i];
};

tensor stepped(const fk::plan::program& plan, std::uint64_t seed) {
  const fk::noise::philox noise{.seed = seed};
  tensor x(100);
  fk::stepper run(plan, noise, x);
  while (!run.done()) {
    if (run.wants(0)) toward(run.output(0), run.input(), run.at());
    if (run.wants(1)) away(run.output(1), run.input(), run.at());
    run.advance();
  }
  return x;
}

/// Calls `work(i)` on threads that begin at once, and gives what each found.
template <class Work>
auto on_threads(int count, Work work) {
  std::vector<decltype(work(0))> found(static_cast<std::size_t>(count));
  std::latch all_are_there(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      all_are_there.arrive_and_wait();
      found[static_cast<std::size_t>(i)] = work(i);
    });
  for (auto& t : threads) t.join();
  return found;
}

template <class Solver>
auto planned(const Solver& solver, double scale = 2) {
  return fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 9}, solver,
                       fk::guidance::classifier_free{.scale = scale});
}

}  // namespace

TEST_CASE("threads run steppers of their own on one plan, each to the bits of a run alone") {
  const auto plan = planned(fk::solver::ddpm{});
  const auto found = on_threads(4, [&](int i) { return stepped(plan, static_cast<std::uint64_t>(i)); });
  for (std::size_t i = 0; i < found.size(); ++i) CHECK((found[i] == stepped(plan, i)));
  CHECK((found[0] != found[1]));
}

TEST_CASE("threads plan with one solver and one schedule, and sample what they planned") {
  const fk::solver::dpmpp_2m solver;
  const auto alone = fk::plan::to_text(planned(solver));
  for (const auto& text : on_threads(4, [&](int) { return fk::plan::to_text(planned(solver)); })) CHECK(text == alone);
}

TEST_CASE("threads move the guidance of one plan, print it and check it") {
  const auto plan = planned(fk::solver::heun{});
  const auto found = on_threads(4, [&](int i) {
    const auto mine = plan.with(fk::guidance::classifier_free{.scale = 1.0 + i});
    return fk::plan::to_string(plan) + fk::plan::to_text(mine) + fk::plan::to_text(plan);
  });
  for (int i = 0; i < 4; ++i)
    CHECK(found[static_cast<std::size_t>(i)] == fk::plan::to_string(plan) +
                                                    fk::plan::to_text(planned(fk::solver::heun{}, 1.0 + i)) +
                                                    fk::plan::to_text(plan));
}
