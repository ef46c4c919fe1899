// SPDX-License-Identifier: MIT
#include <fokker/guidance/until_alike.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/text.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

fk::plan::program planned(const auto& rule) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 8},
                       fk::solver::dpmpp_2m{}, rule);
}

/// Two samples after a run whose second branch comes near to the first one, sooner in the second sample, and how often
/// that branch was called; where nobody has to look at it it says `stale`.
std::vector<double> sampled(const fk::plan::program& plan, const until_alike& rule, double stale, int& calls) {
  std::vector<double> x(8);
  fk::backend::host_view<double> view{x.data(), {2, 4}};
  const fk::noise::philox noise{.seed = 2};
  fk::stepper run(plan, noise, view);
  calls = 0;
  bool over = rule.over(run.remembered());
  while (!run.done()) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double here = run.input().data[i], off = i < 4 ? 1 : 0.5;
      run.output(0).data[i] = std::sin(here) + 0.2 * static_cast<double>(i % 4);
      run.output(1).data[i] = run.output(0).data[i] + run.at().time * off * (i % 2 == 0 ? 1.5 : -1.5);
      if (over) run.output(1).data[i] = stale;
    }
    if (!over) ++calls;
    run.advance();
    over = rule.over(run.remembered());
  }
  return x;
}

}  // namespace

TEST_CASE("until_alike is the formula of its paper, of what the network predicts, sample by sample") {
  test::follows_in_network(until_alike{.scale = 5, .threshold = 0.1}, [] {
    return [most = std::vector<double>(3, -2)](const auto& b, std::size_t s, int) mutable {
      const double w = most[s] > 0.1 ? 1 : 5;
      most[s] = std::max(most[s], test::dot(b[0], b[1]) / test::norm(b[0]) / test::norm(b[1]));
      return test::sum({{w, b[0]}, {1 - w, b[1]}});
    };
  });
}

TEST_CASE("once all samples are there the other network is not looked at, to the bit") {
  const until_alike rule{.scale = 4, .threshold = 0.9};
  const auto plan = planned(rule);
  int calls = 0, again = 0, never = 0;
  const auto x = sampled(plan, rule, 0, calls);
  CHECK((calls > 1 && calls < 8));
  CHECK(sampled(plan, rule, 1e100, again) == x);
  CHECK(again == calls);
  // Sample by sample: the second one is guided for fewer steps, and as alone.
  const auto guided = sampled(planned(classifier_free{.scale = 4}), rule, 0, never);
  CHECK(never == 8);  // no rule remembers
  CHECK_FALSE(x == guided);
}

TEST_CASE("alike from the first call on is guided there alone, and never alike is classifier_free") {
  int calls = 0, all = 0;
  const auto near = [](const auto& a, const auto& b) {
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-12));
  };
  const until_alike at_once{.scale = 4, .threshold = -1}, never{.scale = 4, .threshold = 1};
  near(sampled(planned(never), never, 0, all), sampled(planned(classifier_free{.scale = 4}), never, 0, all));
  CHECK(all == 8);
  const scheduled first{classifier_free{}, per_step{{4, 1, 1, 1, 1, 1, 1, 1}}};
  near(sampled(planned(at_once), at_once, 7, calls), sampled(planned(first), never, 0, all));
  CHECK(calls == 1);
}

TEST_CASE("a network that says 0 has no angle, and no cosine exceeds a threshold of 1") {
  const until_alike never{.threshold = 1}, often{.threshold = 0.5};
  for (const auto& rule : {never, often}) {
    const auto plan = planned(rule);
    std::vector<double> x(4);
    fk::backend::host_view<double> view{x.data(), {1, 4}};
    fk::stepper run(plan, fk::noise::philox{}, view);
    for (std::size_t i = 0; i < x.size(); ++i) run.output(0).data[i] = 1, run.output(1).data[i] = 0;
    run.advance();
    CHECK(rule.over(run.remembered()) == (rule.threshold == 0.5));
  }
}

TEST_CASE("until_alike refuses a threshold that is no cosine, and a scale that float does not hold") {
  for (const double wrong : {-1.1, 1.1, std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)planned(until_alike{.threshold = wrong}); }, {"threshold is ", "-1 to 1"});
  law::refused([] { (void)planned(until_alike{.scale = 1e39}); }, {"scale is "});
}
