// SPDX-License-Identifier: MIT
#include <fokker/guidance/any.hpp>

#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/by_name.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/dps.hpp>
#include <fokker/guidance/experts.hpp>
#include <fokker/guidance/inpainted.hpp>
#include <fokker/guidance/intersected.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/guidance/rescaled.hpp>
#include <fokker/guidance/scheduled.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/sample_adaptively.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_3s.hpp>

#include "support/laws.hpp"

namespace fk = fokker;
using namespace fk::guidance;

static_assert(fk::guidance_rule<any>);
static_assert(fk::guidance_rule<any_of<2>>);

namespace {

template <class Rule>
std::string planned(const Rule& rule) {
  return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                         fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, rule));
}

/// Half of what each of two rules says.
template <class First, class Second>
struct halves {
  static constexpr int branches = 2;
  First first;
  Second second;
  fk::plan::guided operator()(fk::plan::guide& g) const { return {.data = 0.5 * g(first).data + 0.5 * g(second).data}; }
};
template <class First, class Second>
halves(First, Second) -> halves<First, Second>;

/// A rule within another one.
template <class Rule>
struct within {
  static constexpr int branches = Rule::branches;
  Rule rule;
  fk::plan::guided operator()(fk::plan::guide& g) const { return g(rule); }
};

/// The same of a rule on two pairs of branches, by one object or by two.
template <class First, class Second = void>
struct on_other_branches {
  static constexpr int branches = 4;
  First first;
  Second second;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    return {.data = 0.5 * g(first).data + 0.5 * g(second, 2).data};
  }
};
template <class Rule>
struct on_other_branches<Rule, void> {
  static constexpr int branches = 4;
  Rule rule;
  fk::plan::guided operator()(fk::plan::guide& g) const { return {.data = 0.5 * g(rule).data + 0.5 * g(rule, 2).data}; }
};
template <class Rule>
on_other_branches(Rule) -> on_other_branches<Rule>;

}  // namespace

TEST_CASE("a rule without its type plans what its type plans, to the bit", "[bits]") {
  CHECK(any(apg{}).branches == 2);
  CHECK(any(none{}).branches == 1);
  CHECK(planned(any(none{})) == planned(none{}));
  CHECK(planned(any(classifier_free{.scale = 3})) == planned(classifier_free{.scale = 3}));
  CHECK(planned(any(apg{.scale = 3})) == planned(apg{.scale = 3}));
  CHECK(planned(any(inpainted{classifier_free{}})) == planned(inpainted{classifier_free{}}));
}

TEST_CASE("one variable holds rules of several types, and each of its copies is the rule") {
  std::vector<any> rules{classifier_free{.scale = 3}, apg{}};
  rules[0] = rules[1];
  rules.erase(rules.begin());
  CHECK(planned(rules[0]) == planned(apg{}));
}

TEST_CASE("other rules go around a rule without its type that knows its branches") {
  CHECK(planned(rescaled{any_of<2>{classifier_free{}}}) == planned(rescaled{classifier_free{}}));
  law::refused([] { (void)planned(any_of<3>{apg{}}); }, {"guidance.branches is 2", "allowed: 3"});
  CHECK(around(classifier_free{}, [](auto rule) -> any { return rescaled{rule}; }).branches == 2);
}

TEST_CASE("two rules without their types remember each for itself, copies of one too") {
  const apg rule{.momentum = -0.5};
  const any one = rule;
  CHECK(planned(halves{any_of<2>{one}, any_of<2>{one}}) == planned(halves{rule, rule}));
}

TEST_CASE("rules within two copies of one remember each for itself, and so do rules on other branches") {
  const within<apg> rule{{.momentum = -0.5}};
  const any one = rule;
  CHECK(planned(halves{any_of<2>{one}, any_of<2>{one}}) == planned(halves{rule, rule}));
  const apg inner{.momentum = -0.5};
  CHECK(planned(on_other_branches{inner}) == planned(on_other_branches<apg, apg>{inner, inner}));
}

TEST_CASE("a rule that changes x is refused within another one, where nobody would ask for that") {
  const auto refused = [](const auto& rule) {
    law::refused([&] { (void)planned(rule); }, {"a rule that changes x is within another one;"});
  };
  refused(interval{dps{}, along::steps, 0, 1});
  refused(scheduled{dps{}, linear{}});
  refused(rescaled{inpainted{classifier_free{}}});
  refused(inpainted{dps{}});
  refused(experts{inpainted{}, none{}});
  refused(any_of<2>{intersected{}});
  refused(by_name("interval", {{"rule", "dps"}, {"by", "steps"}, {"low", 0}, {"high", 1}}));
  CHECK_NOTHROW(planned(inpainted{interval{rescaled{classifier_free{}}, along::steps, 0, 1}}));
}

TEST_CASE("steps of their own choice are guided by a rule without its type that knows its branches") {
  const auto steps = [](const auto& rule) {
    const fk::adaptive plan(fk::schedule::vp_linear{}, fk::parameterization::data{}, fk::grid::uniform{.steps = 6},
                            fk::solver::dpmpp_3s{}, rule, {.relative = 1e-2, .absolute = 1e-2});
    const auto network = [](float of_x) {
      return [of_x](std::vector<float>& out, const std::vector<float>& in, std::span<const fk::level>) {
        for (std::size_t i = 0; i < in.size(); ++i) out[i] = of_x * in[i];
      };
    };
    auto conditional = network(0.5f), other = network(0.25f);
    std::vector<float> x(4);
    (void)fk::sample_adaptively(plan, fk::denoisers{conditional, other}, fk::noise::philox{}, x);
    return x;
  };
  CHECK(steps(any_of<2>{classifier_free{.scale = 2}}) == steps(classifier_free{.scale = 2}));
}
