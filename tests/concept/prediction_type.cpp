// SPDX-License-Identifier: MIT
#include <fokker/concept/prediction_type.hpp>

#include <cmath>
#include <string_view>
#include <tuple>

#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(prediction_type<archetype::parameterization>);
static_assert(!has_input_scale<archetype::parameterization> && !has_label<archetype::parameterization>);
static_assert(!prediction_type<archetype::parameterization_without_row>);
static_assert(!prediction_type<archetype::parameterization_without_name>);
static_assert(!prediction_type<int>);

static_assert(prediction_type<parameterization::data> && prediction_type<parameterization::epsilon> &&
              prediction_type<parameterization::score> && prediction_type<parameterization::velocity> &&
              prediction_type<parameterization::flow> && prediction_type<parameterization::edm>);
static_assert(has_input_scale<parameterization::edm> && has_label<parameterization::edm>);
static_assert(has_label<parameterization::flow> && !has_input_scale<parameterization::flow>);

namespace {

struct named_per_object {
  const char* name = "of an object";
  prediction_row row(const level&) const { return {1, 0}; }
};
struct named_by_view {
  static constexpr std::string_view name = "view";
  prediction_row row(const level&) const { return {1, 0}; }
};
struct named_by_number {
  static constexpr int name = 1;
  prediction_row row(const level&) const { return {1, 0}; }
};
struct named_by_function {
  const char* name() const { return "function"; }
  prediction_row row(const level&) const { return {1, 0}; }
};
static_assert(prediction_type<named_by_view> && prediction_type<named_per_object>);
static_assert(!prediction_type<named_by_number> && !prediction_type<named_by_function>);

struct limited {
  static constexpr const char* name = "limited";
  data_limit limits;
  prediction_row row(const level&) const { return {1, 0}; }
  data_limit limit() const { return limits; }
};

const auto all = std::tuple(parameterization::data{}, parameterization::epsilon{}, parameterization::score{},
                            parameterization::velocity{}, parameterization::flow{}, parameterization::edm{},
                            parameterization::trigflow{});

template <class F>
void for_all(F f) {
  std::apply([&](const auto&... p) { (f(p), ...); }, all);
}

}  // namespace

TEST_CASE("All conversions are lawful on every path") {
  const auto check = [](const auto& s, std::initializer_list<double> times) {
    for (const double time : times)
      for_all([&](const auto& p) { for_all([&](const auto& q) { law::conversion(level_at(s, time), p, q); }); });
  };
  check(schedule::vp_linear{}, {0.9, 0.5, 0.1, 1e-3});
  check(schedule::cosine{}, {0.95, 0.5, 0.01});
  check(schedule::edm{}, {80, 1.3, 0.5, 0.002});
  check(schedule::flow_linear{}, {0.999, 0.75, 0.3, 0.001});
}

TEST_CASE("The least that a parameterization is, is lawful") {
  for (const double time : {0.1, 0.6, 0.99})
    for_all([&](const auto& p) {
      if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(p)>, parameterization::flow>) {  // no rates here
        law::conversion(level_at(archetype::schedule{}, time), archetype::parameterization{}, p);
        law::conversion(level_at(archetype::schedule{}, time), p, archetype::parameterization{});
      }
    });
}

TEST_CASE("A prediction determines itself at every level, without x") {
  for (const level& l :
       {level_at(schedule::cosine{}, 1), level_at(schedule::cosine{}, 0.4), level_at(schedule::flow_linear{}, 0)})
    for_all([&](const auto& p) {
      const prediction_row row = p.row(l);
      const conversion c = convert(l, row, row);
      CHECK(c.determined);
      CHECK(c.of_x == 0);
      CHECK(c.of_p == 1);
    });
}

TEST_CASE("A multiple of a prediction is determined without x, wherever the factor is finite") {
  const level noise{.alpha = 0, .sigma = 1};
  const conversion c = convert(noise, {0, -2}, {0, 1});
  CHECK(c.determined);
  CHECK(c.of_x == 0);
  CHECK(c.of_p == -0.5);
  CHECK(convert(noise, {3, 0}, {1, 0}).of_p == 1.0 / 3);
}

TEST_CASE("Rows that are not numbers determine nothing") {
  const level l{.alpha = 0.6, .sigma = 0.8};
  CHECK_FALSE(convert(l, {level::unknown, level::unknown}, {1, 0}).determined);
  CHECK_FALSE(convert(l, {1, 0}, {level::unknown, level::unknown}).determined);
  CHECK_FALSE(convert(l, {0, 0}, {1, 0}).determined);
}

TEST_CASE("The label is the level's own, else the parameterization's, else the time") {
  level l{.time = 0.5, .alpha = 0.6, .sigma = 0.8};
  CHECK(label(archetype::parameterization{}, l) == 0.5);
  CHECK(label(parameterization::flow{.label_scale = 1000}, l) == 500);
  l.label = 7;
  CHECK(label(archetype::parameterization{}, l) == 7);
  CHECK(label(parameterization::flow{.label_scale = 1000}, l) == 7);
  CHECK(input_scale(archetype::parameterization{}, l) == 1);
}

TEST_CASE("A name may be a string_view, and one of the object") {
  const auto predicts = [](const auto& network) {
    return make_plan(archetype::schedule{}, network, archetype::grid{}, archetype::solver{}).predicts;
  };
  CHECK(predicts(named_by_view{}) == "view");
  CHECK(predicts(named_per_object{}) == "of an object");
}

TEST_CASE("A limit that is no number, or none that can be, is refused") {
  const auto plan = [](const data_limit& limits) {
    (void)make_plan(archetype::schedule{}, limited{limits}, archetype::grid{}, archetype::solver{});
  };
  CHECK_NOTHROW(plan({}));
  CHECK_NOTHROW(plan({.bound = 1, .quantile = 0.9}));
  law::refused([&] { plan({.bound = -1}); }, {"a clamp is -1"});
  law::refused([&] { plan({.bound = level::unknown}); }, {"a limit of the data is nan"});
  law::refused([&] { plan({.bound = 1, .quantile = 2}); }, {"a quantile is 2"});
  law::refused([&] { plan({.bound = 1, .quantile = level::unknown}); }, {"a limit of the data is nan"});
  law::refused([&] { plan({.bound = 1, .quantile = 0.9, .largest = level::unknown}); }, {"a limit of the data is nan"});
}
