// SPDX-License-Identifier: MIT
#include <fokker/schedule/by_name.hpp>

#include <cmath>
#include <set>
#include <string>

#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"
#include "support/named.hpp"

namespace fk = fokker;
using fk::schedule::by_name;

namespace {

/// A plan along the schedule, to the bit, with the time of one more level, or why there is none.
template <class Make>
std::string planned(Make make) {
  std::string text;
  const std::string why = law::refusal([&] {
    const auto schedule = make();
    const auto plan =
        fk::make_plan(schedule, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 5}, fk::solver::ddim{});
    text = fk::plan::to_text(plan) + fk::detail::text(fk::time_of(schedule, 0.7));
    if (fk::detail::is_nan(schedule.noise_time())) text += "!";
  });
  return text + why;
}

/// The default of a field, of an argument's type.
template <class T>
T read(const std::string& value) {
  return static_cast<T>(std::stod(value));
}

/// Compares what a function makes, with each argument changed alone, and with all, to what its name gives.
template <class... Args, class Compare>
void on_changed_arguments(fk::schedule::tabulated (*make)(Args...), const std::vector<fk::field_description>& said,
                          Compare compare) {
  REQUIRE(said.size() == sizeof...(Args));
  for (std::size_t chosen = 0; chosen <= said.size() + 1; ++chosen) {  // one before the last all, then none
    std::vector<fk::field> fields;
    std::size_t i = 0;
    const auto next = [&] { return said[i++].value; };
    std::tuple<Args...> arguments{read<Args>(next())...};
    i = 0;
    const auto change = [&](auto& value) {
      if (i == chosen || chosen == said.size()) fields.push_back(test::changed(value, said[i]));
      ++i;
    };
    std::apply([&](auto&... each) { (change(each), ...); }, arguments);
    compare([&] { return std::apply(make, arguments); }, fields);
  }
}

}  // namespace

TEST_CASE("a schedule by its name with fields is the same written out, to the bit", "[bits]") {
  std::set<std::string_view> names;
  int compared = 0, refused = 0;
  const auto compare = [&](const auto& member, const auto& make, const std::vector<fk::field>& fields) {
    INFO(member.name << " with " << fields.size() << " fields, the first " << (fields.empty() ? "" : fields[0].name));
    const std::string expected = planned(make);
    const bool equal = planned([&] { return by_name(member.name, fields); }) == expected;
    CHECK(equal);
    names.insert(member.name);
    ++compared;
    refused += expected.starts_with("fokker: ");
  };
  auto next = std::begin(fk::schedule::all);
  test::each_named(static_cast<fk::schedule::types*>(nullptr), fk::schedule::all,
                   [&]<class S>(std::type_identity<S>, const auto& s) {
                     auto said = s.fields();
                     std::erase_if(said, [](const auto& d) { return d.name == "schedule"; });
                     test::on_changed_fields<S>(said, [&](const S& written, const auto& fields) {
                       compare(
                           s, [&] { return written; }, fields);
                     });
                     ++next;
                   });
  const auto on_function = [&](auto* make) {
    const auto& s = *next++;
    on_changed_arguments(make, s.fields(),
                         [&](const auto& written, const auto& fields) { compare(s, written, fields); });
  };
  std::apply([&](auto*... make) { (on_function(make), ...); }, fk::schedule::functions);
  compare(*next, [] { return fk::schedule::zero_terminal_snr(fk::schedule::linear()); }, {});
  CHECK(names.size() == std::size(fk::schedule::all));
  CHECK(compared > 50);
  CHECK(refused == 0);
}

TEST_CASE("a schedule of another is given both by their names, with the fields of both", "[bits]") {
  using namespace fk::schedule;
  CHECK(planned([] {
          return by_name("snr_shift", {{"schedule", "scaled_linear"}, {"scale", 2}, {"schedule.beta_last", 0.01}});
        }) == planned([] {
          return snr_shift{scaled_linear(0.00085, 0.01), 2};
        }));
  CHECK(by_name("zero_terminal_snr", {{"table", "scaled_linear"}}).alpha(999) == 0);
  law::refused([] { (void)by_name("zero_terminal_snr", {{"table", "edm"}}); }, {"the size of the table is 0"});
  law::refused(
      [] {
        (void)by_name("snr_shift", {{"schedule", "linear"}, {"schedule.beta", 1}});
      },
      {"a field of snr_shift is schedule.beta", "schedule.beta_last = 0.02", "scale = 3"});
}

TEST_CASE("a name or a field of schedules that there is not is refused with those that there are") {
  law::refused([] { (void)by_name("ddpm"); }, {"the name of a schedule is ddpm", "vp_linear", "scaled_linear"});
  law::refused([] { (void)by_name("flow_linear", {{"shift", 3}}); }, {"a field of flow_linear is shift", "none"});
  law::refused([] { (void)by_name("linear", {{"size", 0.5}}); }, {"the field size of linear is 0.5", "a whole number"});
}
