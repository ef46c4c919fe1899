// SPDX-License-Identifier: MIT
#include <fokker/guidance/experts.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/cfg_zero_star.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/sample.hpp>

#include "support/guided.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;
using fk::moment;

TEST_CASE("experts are their rules, one on each side of the boundary, of every prediction") {
  const auto says = [](const auto& said, bool noisy) {
    return noisy ? said[1] + 4 * (said[0] - said[1]) : said[3] + 3 * (said[2] - said[3]);
  };
  const classifier_free high{.scale = 4}, low{.scale = 3};
  test::is_its_formula(experts{high, low, along::ratio, 1},
                       [&](const moment& at, const auto& said) { return says(said, at.sigma >= at.alpha); });
  test::is_its_formula(experts{high, low, along::time, 0.4},
                       [&](const moment& at, const auto& said) { return says(said, at.time >= 0.4); });
  test::is_its_formula(experts{high, low, along::steps, 0.5},
                       [&](const moment& at, const auto& said) { return says(said, at.step < 2); });
}

TEST_CASE("the boundary belongs to the noisy side") {
  const experts both{none{}, none{}, along::time, 0.875};
  CHECK(both.weights({{.time = 0.875}}) == std::array{1.0, 0.0});
  CHECK(both.weights({{.time = 0.874}}) == std::array{0.0, 1.0});
  const experts ratio{none{}, none{}, along::ratio, 2};
  CHECK(ratio.weights({{.alpha = 0.5, .sigma = 1}}) == std::array{1.0, 0.0});
  CHECK(ratio.weights({{.alpha = 0, .sigma = 1}}) == std::array{1.0, 0.0});
  CHECK(ratio.weights({{.alpha = 0.51, .sigma = 1}}) == std::array{0.0, 1.0});
}

TEST_CASE("an expert that is not in turn is not called") {
  std::array<int, 3> calls{};
  const auto says = [&calls](std::size_t b, double slope) {
    return [&calls, b, slope](std::vector<double>& out, const std::vector<double>& x, const fk::level&) {
      ++calls[b];
      for (std::size_t i = 0; i < x.size(); ++i) out[i] = slope * x[i];
    };
  };
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                  fk::grid::log_snr{.steps = 8, .sigma_min = 0.05, .sigma_max = 20}, fk::solver::heun{},
                                  experts{none{}, classifier_free{.scale = 2}, along::ratio, 1});
  std::vector<double> x(3);
  fk::sample(plan, fk::denoisers{says(0, 0.1), says(1, 0.2), says(2, 0.3)}, fk::noise::philox{}, x);
  int noisy = 0;
  for (const auto& c : plan.calls) noisy += c.at.ratio() >= 1;
  const int clean = static_cast<int>(plan.calls.size()) - noisy;
  CHECK((noisy > 0 && clean > 0));
  CHECK((calls == std::array{noisy, clean, clean}));
}

TEST_CASE("an expert for all of the run is its rule, to the bit") {
  test::is_neutral(experts{none{}, classifier_free{}, along::time, 0});
  const moment at{{.time = 0.5, .alpha = 0.6, .sigma = 0.8}, 1, 4};
  const auto weights = experts{classifier_free{.scale = 3}, none{}, along::steps, 1}.weights(at);
  CHECK(weights == std::array{3.0, -2.0, 0.0});
  CHECK(experts{interval{classifier_free{}, along::time, 0.9, 1}, none{}, along::time, 0.3}.weights(at) ==
        std::array{1.0, 0.0, 0.0});  // rules combine
}

TEST_CASE("experts refuse a boundary that is none, by name") {
  for (const along by : {along::ratio, along::time, along::steps})
    for (const double wrong : {-0.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
      law::refused([&] { (void)experts{none{}, none{}, by, wrong}.weights({}); }, {"boundary is "});
  law::refused([&] { (void)experts{none{}, none{}, along::steps, 1.5}.weights({}); }, {"boundary is 1.5;"});
}

TEST_CASE("experts are rules over symbols, each of branches and with a memory of its own") {
  const apg rule{.scale = 5, .eta = 0.3, .radius = 4};
  const auto apart = [&](const test::column& c, const test::column& u, test::column& before) {
    test::column m = test::sum({{1, c}, {-1, u}});
    if (!before.empty()) m = test::sum({{1, m}, {rule.momentum, before}});
    before = m;
    const double shorter = std::min(1.0, rule.radius / test::norm(m));
    const double along = shorter * test::dot(m, c) / test::dot(c, c);
    return test::sum({{1, c}, {4 * shorter, m}, {-4 * (1 - rule.eta) * along, c}});
  };
  const auto half = [](const auto& noisy, const auto& clean) { return experts{noisy, clean, along::steps, 0.5}; };
  const auto linear = [](const test::column& c, const test::column& u) { return test::sum({{3, c}, {-2, u}}); };
  using space = fk::parameterization::data;
  test::follows<space>(half(rule, classifier_free{.scale = 3}), [&] {
    return [&, memory = std::vector<test::column>(3)](const auto& b, std::size_t s, int call) mutable {
      return call < 2 ? apart(b[0], b[1], memory[s]) : linear(b[2], b[3]);
    };
  });
  test::follows<space>(half(classifier_free{.scale = 3}, rule), [&] {
    return [&, memory = std::vector<test::column>(3)](const auto& b, std::size_t s, int call) mutable {
      return call < 2 ? linear(b[0], b[1]) : apart(b[2], b[3], memory[s]);
    };
  });
  test::follows<space>(half(rule, rule), [&] {
    return [&, noisy = std::vector<test::column>(3), clean = std::vector<test::column>(3)](const auto& b, std::size_t s,
                                                                                           int call) mutable {
      return call < 2 ? apart(b[0], b[1], noisy[s]) : apart(b[2], b[3], clean[s]);
    };
  });
  const auto third = experts{none{}, half(none{}, rule), along::steps, 0.25};  // of 4 branches
  test::follows<space>(third, [&] {
    return [&, memory = std::vector<test::column>(3)](const auto& b, std::size_t s, int call) mutable {
      return call < 2 ? b[static_cast<std::size_t>(call)] : apart(b[2], b[3], memory[s]);
    };
  });
}

namespace {

struct greedy {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const { return {.network = g[1].network}; }
};

}  // namespace

TEST_CASE("an expert over symbols that is not in turn is not called, and asks for no branch that it has not") {
  const experts two{interval{cfg_zero_star{}, along::steps, 0.25, 1}, none{}, along::steps, 0.5};
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::euler{}, two);
  CHECK(plan.branches == 3);
  for (const auto& c : plan.calls) {
    CHECK(plan.wants(c, 0) == (c.step < 2));
    CHECK(plan.wants(c, 1) == (c.step == 1));
    CHECK(plan.wants(c, 2) == (c.step >= 2));
  }
  law::refused(
      [] {
        (void)fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 4},
                            fk::solver::euler{}, experts{none{}, greedy{}, along::steps, 0});
      },
      {"the branch is 1", "0 to 0"});
}
