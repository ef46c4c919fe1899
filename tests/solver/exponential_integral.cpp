// SPDX-License-Identifier: MIT
#include <fokker/solver/exponential_integral.hpp>

#include <limits>

#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "solver/exponential_references.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::level;
using fk::solver::exponential_integral;
using fk::solver::target;
using fk::solver::variable;

namespace {
const fk::schedule::flow_linear straight;
const fk::parameterization::edm network;

level at(double time) { return fk::level_at(straight, time); }
}  // namespace

TEST_CASE("steps of exponential Adams at 1,000 steps are those of 50 digits") {
  const fk::plan::builder p(straight, network, {at(1), at(0)});
  for (const auto& k : references::steps) {
    const level t = at(k.times[0]), s = at(k.times[1]);
    std::vector<level> nodes;
    if (k.corrects) nodes.push_back(t);
    for (int i = 0; i <= k.before; ++i) nodes.push_back(at(k.times[1 + i]));
    const auto step = exponential_integral(p, k.target, k.variable)(s, t, nodes, k.eta);
    INFO("target " << static_cast<int>(k.target) << ", variable " << static_cast<int>(k.variable) << ", eta " << k.eta
                   << ", from " << s.time << ", " << nodes.size() << " nodes");
    CHECK(step.of_x == Approx(k.of_x).epsilon(1e-13));
    CHECK(step.of_normal == Approx(k.of_normal).epsilon(1e-13));
    REQUIRE(step.of_node.size() == nodes.size());
    // Where the points of the rule have a time, it is the schedule's, a double: its rounding counts by time over step,
    // and the polynomials of 5 nodes are steep up to 50 times.
    const bool by_rule = k.variable == variable::time && k.target != target::flow;
    const double tolerance = 1e-13 + (by_rule ? 50 * law::u * s.time / (s.time - t.time) : 0);
    for (std::size_t j = 0; j < nodes.size(); ++j) {
      INFO("node " << j);
      CHECK(step.of_node[j] == Approx(k.of_node[j]).epsilon(tolerance));
    }
  }
}

TEST_CASE("only steps without noise go from noise or onto data as any others do, each in its variable") {
  const fk::plan::builder p(straight, network, {at(1), at(0)});
  const auto regular = [&](target q, variable u, double from, double to, double eta) {
    return exponential_integral(p, q, u).is_regular(at(from), at(to), eta);
  };
  for (const double eta : {0.0, 0.5}) {
    for (const target q : {target::data, target::epsilon, target::flow})
      for (const variable u : {variable::log_snr, variable::ratio, variable::time}) CHECK(regular(q, u, 0.9, 0.1, eta));
    for (const auto& [from, to] : {std::pair{1.0, 0.5}, {0.5, 0.0}, {1.0, 0.0}}) {
      CHECK(regular(target::flow, variable::time, from, to, eta) == (eta == 0));
      CHECK(regular(target::epsilon, variable::ratio, from, to, eta) == (eta == 0 && from < 1));  // infinite at noise
      CHECK_FALSE(regular(target::data, variable::log_snr, from, to, eta));
      CHECK_FALSE(regular(target::epsilon, variable::log_snr, from, to, eta));
    }
  }
}

TEST_CASE("exponential Adams of order 3 has the published weights") {
  // y-space, log-SNR 0, -0.5, -1.25, h = 0.4; forty digits by mpmath
  const fk::schedule::edm path;
  const fk::plan::builder p(path, network, {fk::level_at_ratio(path, 20), fk::level_at_ratio(path, 0.01)});
  const auto ratio = [&](double log_snr) { return fk::level_at_ratio(path, std::exp(-log_snr)); };
  const level s = ratio(0), t = ratio(0.4);
  const std::vector<level> before{s, ratio(-0.5), ratio(-1.25)}, with_new{t, s, ratio(-0.5)};
  struct known {
    double eta, of_x, of_node[3], of_normal;
  };
  for (const known& k :
       {known{0, 0.670320046035639, {0.557551935550105, -0.286026574595388, 0.0581545930096438}, 0},
        known{1, 0.449328964117222, {0.956268414353112, -0.509776321372407, 0.104178942902074}, 0.497425819718444}}) {
    const auto step = exponential_integral(p, target::data, variable::natural)(s, t, before, k.eta);
    CHECK(step.of_x == Approx(k.of_x).epsilon(1e-14));
    CHECK(step.of_normal == Approx(k.of_normal).epsilon(1e-14));
    for (std::size_t j = 0; j < 3; ++j) CHECK(step.of_node[j] == Approx(k.of_node[j]).epsilon(1e-14));
  }
  const auto corrector = exponential_integral(p, target::data, variable::log_snr)(s, t, with_new, 0);
  const double known_corrector[] = {0.151444252629281, 0.197720391302933, -0.0194846899678541};
  for (std::size_t j = 0; j < 3; ++j) CHECK(corrector.of_node[j] == Approx(known_corrector[j]).epsilon(1e-14));
}

TEST_CASE("a polynomial target is integrated exactly, whatever it is and in whichever variable") {
  // Order k is exactness for polynomials of degree k - 1: with as many nodes as coefficients the step of k nodes and of
  // k + 2 nodes must agree where the values are those of such a polynomial. Uneven nodes.
  const fk::plan::builder p(straight, network, {at(1), at(0)});
  const std::vector<level> nodes{at(0.5), at(0.56), at(0.6), at(0.69), at(0.71), at(0.8)};
  const level s = nodes.front(), t = at(0.43);
  for (const auto q : {target::data, target::epsilon, target::velocity, target::flow, target::network})
    for (const auto u : {variable::log_snr, variable::ratio, variable::time})
      for (const double eta : {0.0, 0.7}) {
        const exponential_integral integral(p, q, u);
        const auto in_u = [&](const level& l) {
          return u == variable::time ? l.time : u == variable::ratio ? l.ratio() : l.log_snr();
        };
        for (std::size_t k = 1; k <= 4; ++k) {
          const auto value = [&](const level& l) { return std::pow(in_u(l) + 0.3, static_cast<double>(k) - 1); };
          const auto sum = [&](std::size_t count) {
            const auto step = integral(s, t, {nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(count)}, eta);
            double total = 0;
            for (std::size_t j = 0; j < count; ++j) total += step.of_node[j] * value(nodes[j]);
            return total;
          };
          INFO("target " << static_cast<int>(q) << ", variable " << static_cast<int>(u) << ", order " << k);
          // The two more nodes have weights up to 30 times those of the step, of alternating sign.
          CHECK(sum(k) == Approx(sum(k + 2)).epsilon(1e-13));
        }
      }
}

TEST_CASE("a network that says flow, epsilon or data is weighed as those are, which have closed forms") {
  const std::vector<level> nodes{at(0.5), at(0.56), at(0.69)};
  const auto check = [&](const auto& says, target q) {
    const fk::plan::builder p(straight, says, {at(1), at(0)});
    for (const double eta : {0.0, 0.7}) {
      const auto by_rule = exponential_integral(p, target::network, variable::time)(nodes[0], at(0.43), nodes, eta);
      const auto closed = exponential_integral(p, q, variable::time)(nodes[0], at(0.43), nodes, eta);
      INFO("target " << static_cast<int>(q) << ", eta " << eta);
      // The rule has 16 points of some four numbers below 1, each of which rounds; its own error is below that, since
      // it is exact to the power 31 and the step is short.
      CHECK(by_rule.of_x == Approx(closed.of_x).epsilon(0).margin(64 * 0x1p-53));
      for (std::size_t j = 0; j < nodes.size(); ++j)
        CHECK(by_rule.of_node[j] == Approx(closed.of_node[j]).epsilon(0).margin(64 * 0x1p-53));
    }
  };
  check(fk::parameterization::flow{}, target::flow);
  check(fk::parameterization::epsilon{}, target::epsilon);
  check(fk::parameterization::data{}, target::data);
}

TEST_CASE("exponential integrals refuse too many nodes, by name") {
  const fk::plan::builder p(straight, network, {at(1), at(0)});
  std::vector<level> many;
  for (int i = 0; i < 9; ++i) many.push_back(at(0.5 + 0.01 * i));
  law::refused([&] { (void)exponential_integral(p, target::data, variable::natural)(many[0], at(0.4), many, 0); },
               {"the number of nodes is 9"});
}
