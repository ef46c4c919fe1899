// SPDX-License-Identifier: MIT
#include <fokker/parameterization/by_name.hpp>

#include <iterator>
#include <set>
#include <string>

#include <fokker/grid/log_snr.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/any.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/heun.hpp>

#include "support/laws.hpp"
#include "support/named.hpp"

namespace fk = fokker;
using fk::parameterization::any;
using fk::parameterization::by_name;

namespace {

/// The plans of a network that is told one level, onto data, and of one that is told two, to the bit.
std::string planned(const any& network) {
  const auto plan = [&](fk::ending end, const fk::solver::any& solver) {
    const fk::grid::log_snr grid{.steps = 3, .sigma_min = 0.1, .sigma_max = 10, .end = end};
    return fk::plan::to_text(fk::make_plan(fk::schedule::flow_linear{}, network, grid, solver));
  };
  return plan(fk::ending::to_data, fk::solver::heun{}) + plan(fk::ending::to_last_level, fk::solver::flow_map{});
}

}  // namespace

TEST_CASE("a parameterization by its name with fields is the same written out, to the bit", "[bits]") {
  std::set<std::string> texts;
  int compared = 0;
  test::each_named(static_cast<fk::parameterization::types*>(nullptr), fk::parameterization::all,
                   [&]<class P>(std::type_identity<P>, const auto& named) {
                     CHECK(named.name == P::name);
                     test::on_changed_fields<P>(named.fields(), [&](const P& written, const auto& fields) {
                       INFO(named.name << " with " << fields.size() << " fields");
                       const std::string text = planned(written);
                       CHECK(planned(by_name(named.name, fields)) == text);
                       texts.insert(text);
                       ++compared;
                     });
                   });
  CHECK(texts.size() > std::size(fk::parameterization::all));
  CHECK(compared > 2 * static_cast<int>(std::size(fk::parameterization::all)));
}

TEST_CASE("a name or a field of parameterizations that there is not is refused with those that there are") {
  law::refused([] { (void)by_name("eps"); }, {"the name of a parameterization is eps", "epsilon", "flow_to_data"});
  law::refused([] { (void)by_name("edm", {{"sigma", 1}}); }, {"a field of edm is sigma", "sigma_data = 0.5"});
  law::refused([] { (void)by_name("flow", {{"at_data", 2}}); }, {"the field at_data of flow is 2", "0 or 1"});
  law::refused([] { (void)planned(by_name("edm", {{"sigma_data", -1}})); }, {"sigma_data is -1"});
}
