// SPDX-License-Identifier: MIT
#include <fokker/guidance/by_name.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/laws.hpp"
#include "support/named.hpp"

namespace fk = fokker;
using fk::guidance::apg;
using fk::guidance::by_name;
using fk::guidance::interval;
using fk::guidance::rescaled;

namespace {

/// A plan with the rule, to the bit, or why there is none.
template <class Rule>
std::string planned(const Rule& rule) {
  std::string text;
  const std::string why = law::refusal([&] {
    text = fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                           fk::grid::uniform{.steps = 6}, fk::solver::dpmpp_2m{}, rule));
  });
  return text + why;
}

}  // namespace

TEST_CASE("a rule by its name with fields plans what the same written out plans, to the bit", "[bits]") {
  int compared = 0, refused = 0;
  std::set<std::string_view> names;
  test::each_named(
      static_cast<fk::guidance::types*>(nullptr), fk::guidance::all,
      [&]<class R>(std::type_identity<R>, const auto& r) {
        CHECK(names.insert(r.name).second);
        auto said = r.fields();
        std::erase_if(said, [](const auto& d) { return d.name == "rule"; });
        test::on_changed_fields<R>(said, [&](const R& written, const std::vector<fk::field>& fields) {
          INFO(r.name << " with " << fields.size() << " fields, the first " << (fields.empty() ? "" : fields[0].name));
          const auto by_its_name = by_name(r.name, fields);
          CHECK(by_its_name.branches == R::branches);
          const std::string expected = planned(written);
          const bool same = planned(by_its_name) == expected;
          CHECK(same);
          ++compared;
          refused += expected.starts_with("fokker: ");
        });
      });
  CHECK(names.size() == std::size(fk::guidance::all));
  CHECK(compared > 60);
  CHECK(refused < compared / 10);
}

TEST_CASE("every rule has as many branches as it calls, and refuses a field that is no number by its name") {
  for (const auto& r : fk::guidance::all) {
    INFO(r.name);
    const auto rule = by_name(r.name);
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                    fk::grid::uniform{.steps = 4}, fk::solver::ddpm{}, rule);
    for (int b = 0; b < rule.branches; ++b)
      CHECK(std::any_of(plan.calls.begin(), plan.calls.end(), [&](const auto& c) { return plan.wants(c, b); }));
    for (const auto& field : r.fields()) {
      if (field.name == "rule") continue;
      const std::string name(field.name);
      INFO(name);
      law::refused(
          [&] {
            (void)fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                fk::grid::uniform{.steps = 4}, fk::solver::ddpm{},
                                by_name(r.name, {{field.name, std::numeric_limits<double>::quiet_NaN()}}));
          },
          {name.substr(name.rfind('.') + 1).c_str()});  // a rule within says its own
    }
  }
}

TEST_CASE("a rule around another is given both by their names, with the fields of both", "[bits]") {
  const interval<apg> written{.rule = {.scale = 4, .eta = 0.5}, .high = 2};
  CHECK_FALSE(planned(written).starts_with("fokker: "));
  CHECK(planned(by_name("interval", {{"rule", "apg"}, {"rule.scale", 4}, {"rule.eta", 0.5}, {"high", 2}})) ==
        planned(written));
  CHECK(planned(by_name("interval", {{"rule", "rescaled"}, {"rule.rule.scale", 3}, {"high", 2}})) ==
        planned(interval<rescaled<fk::guidance::classifier_free>>{.rule = {{3}}, .high = 2}));
  CHECK(by_name("interval", {{"rule", "perp_neg"}}).branches == 3);
  law::refused(
      [] {
        (void)by_name("interval", {{"rule", "apg"}, {"rule.etta", 1}});
      },
      {"a field of interval is rule.etta", "rule = apg, rule.scale = 7.5, rule.eta = 0", "low = 0.28"});
}

TEST_CASE("a rule within cfg_pp has the scale of the paper where none is given", "[bits]") {
  using fk::guidance::cfg_pp;
  using fk::guidance::classifier_free;
  const cfg_pp<classifier_free> written{{.scale = 0.6}};
  CHECK(planned(by_name("cfg_pp")) == planned(written));
  CHECK(planned(cfg_pp{}) == planned(written));
  CHECK(planned(by_name("cfg_pp", {{"rule.scale", 0.4}})) == planned(cfg_pp{classifier_free{.scale = 0.4}}));
  CHECK(planned(by_name("cfg_pp", {{"rule", "apg"}})) == planned(cfg_pp{apg{.scale = 0.6}}));
  CHECK(planned(cfg_pp<apg>{}) == planned(cfg_pp{apg{.scale = 0.6}}));
  const cfg_pp around{rescaled{classifier_free{.scale = 0.6}}};
  CHECK(planned(by_name("cfg_pp", {{"rule", "rescaled"}})) == planned(around));
  CHECK(planned(cfg_pp<rescaled<classifier_free>>{}) == planned(around));
  // The rules beside and around it have their own.
  CHECK(planned(by_name("interval", {{"rule", "cfg_pp"}})) == planned(interval<cfg_pp<>>{}));
  CHECK(planned(by_name("classifier_free")) == planned(classifier_free{}));
  law::refused(
      [] {
        (void)by_name("cfg_pp", {{"scales", 1}});
      },
      {"a field of cfg_pp is scales", "rule = classifier_free, rule.scale = 0.6, unguided = 1"});
}

TEST_CASE("a plan of a rule by its name takes another one") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                  fk::grid::uniform{.steps = 6}, fk::solver::dpmpp_2m{}, by_name("classifier_free"));
  CHECK(fk::plan::to_text(plan.with(by_name("apg", {{"scale", 3}}))) == planned(apg{.scale = 3}));
}

TEST_CASE("a name or a field of guidance that there is not is refused with those that there are") {
  law::refused([] { (void)by_name("cfg"); }, {"the name of a guidance is cfg", "classifier_free", "apg"});
  law::refused(
      [] {
        (void)by_name("apg", {{"etta", 0.5}});
      },
      {"a field of apg is etta", "scale = 7.5, eta = 0, radius = 15, momentum = -0.5"});
  law::refused([] { (void)by_name("none", {{"scale", 1}}); }, {"a field of none is scale", "it has no fields"});
}
