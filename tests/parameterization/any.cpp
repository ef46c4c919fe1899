// SPDX-License-Identifier: MIT
#include <fokker/parameterization/any.hpp>

#include <concepts>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using namespace fk::parameterization;

static_assert(fk::prediction_type<any>);
static_assert(!std::constructible_from<any, int>);
static_assert(!std::constructible_from<any, archetype::parameterization_without_row>);
static_assert(!std::constructible_from<any, archetype::parameterization_without_name>);

namespace {

const fk::schedule::flow_linear straight;
const fk::grid::log_snr grid{.steps = 4, .sigma_min = 0.1, .sigma_max = 10};

/// One of each parameterization, with fields that are not its defaults.
const std::tuple all(average_velocity{.label_scale = 1000}, clipped{velocity{}, 1.3, true},
                     consistency{.sigma_data = 0.7, .sigma_min = 0.01}, data{}, edm{.sigma_data = 0.7}, epsilon{},
                     flow{.label_scale = 1000}, flow{.at_data = false}, flow_to_data{.label_scale = 1000},
                     latent_consistency{epsilon{}, 0.7, 3}, learned_variance{thresholded{epsilon{}, 0.9, 3}}, score{},
                     thresholded{data{}, 0.9}, trained_on{fk::schedule::scaled_linear(), clipped{epsilon{}, 2.0}},
                     trigflow{.sigma_data = 0.7}, velocity{});

std::vector<fk::solver::any> solvers() {
  std::vector<fk::solver::any> list{fk::solver::flow_map{},
                                    fk::solver::ddpm{.variance = fk::solver::ddpm_variance::learned_range},
                                    fk::solver::exp_adams<2>{.target = fk::solver::target::network}};
  for (const fk::solver::named& named : fk::solver::all) list.emplace_back(named);
  return list;
}

/// The text of a plan, or why there is none.
template <class Network>
std::string planned(const Network& network, const fk::solver::any& solver = fk::solver::dpmpp_2m{}) {
  try {
    return fk::plan::to_text(fk::make_plan(straight, network, grid, solver));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

/// A parameterization whose name is known when the program runs, and is a part of it.
struct called {
  std::string name;
  [[nodiscard]] fk::prediction_row row(const fk::level&) const { return {1, 0}; }
};

}  // namespace

TEST_CASE("a parameterization without its type plans with every solver what its type plans, to the bit", "[bits]") {
  int made = 0;
  const auto check = [&](const auto& network) {
    for (const fk::solver::any& solver : solvers()) {
      const std::string text = planned(network, solver);
      made += text.starts_with("fokker: ") ? 0 : 1;
      CHECK(planned(any(network), solver) == text);
    }
  };
  std::apply([&](const auto&... network) { (check(network), ...); }, all);
  CHECK(made > 1000);
}

TEST_CASE("it says of every level what its type says") {
  const auto check = [](const auto& network) {
    const any same = network;
    CHECK(same.name == network.name);
    CHECK(fk::limit(same) == fk::limit(network));
    CHECK(fk::at_data(same) == fk::at_data(network));
    CHECK(fk::learns_variance(same) == fk::learns_variance(network));
    const auto levels = fk::levels_at(straight, {0.9, 0.4, 0.2});
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      CHECK(same.row(levels[i]) == network.row(levels[i]));
      CHECK(fk::row_of(same, levels[i], &levels[i + 1]) == fk::row_of(network, levels[i], &levels[i + 1]));
      CHECK(fk::input_scale(same, levels[i]) == fk::input_scale(network, levels[i]));
      CHECK(fk::label(same, levels[i]) == fk::label(network, levels[i]));
    }
  };
  std::apply([&](const auto&... network) { (check(network), ...); }, all);
}

TEST_CASE("one variable holds parameterizations of several types, and each of its copies is the parameterization") {
  any one = edm{.sigma_data = 0.7};
  const any copy = one;
  one = clipped{epsilon{}, 2.0};
  CHECK(planned(copy) == planned(edm{.sigma_data = 0.7}));
  CHECK(planned(one) == planned(clipped{epsilon{}, 2.0}));
  one = copy;
  CHECK(planned(one) == planned(copy));
}

TEST_CASE("what a parameterization without its type says of its network can be changed", "[bits]") {
  const fk::solver::ddpm learned{.variance = fk::solver::ddpm_variance::learned};
  any network = velocity{};
  network.limits = {.bound = 1.3, .network_epsilon = true};
  CHECK(planned(network) == planned(clipped{velocity{}, 1.3, true}));
  network.learns_variance = true;
  CHECK(planned(network, learned) == planned(learned_variance{clipped{velocity{}, 1.3, true}}, learned));
  network.limits = {.bound = 1, .quantile = 0.9};
  CHECK(planned(network, learned) == planned(learned_variance{thresholded{velocity{}, 0.9}}, learned));
  any images = flow{};
  images.at_data = false;
  CHECK(planned(images, fk::solver::heun{}) == planned(flow{.at_data = false}, fk::solver::heun{}));
  CHECK(planned(images, fk::solver::heun{}) != planned(flow{}, fk::solver::heun{}));
}

TEST_CASE("its plan is made again with other guidance") {
  const auto solver = fk::solver::dpmpp_2m{};
  const fk::guidance::classifier_free guidance{.scale = 3};
  const auto plan = fk::make_plan(straight, any(clipped{velocity{}}), grid, solver);
  CHECK(fk::plan::to_text(plan.with(guidance)) ==
        fk::plan::to_text(fk::make_plan(straight, clipped{velocity{}}, grid, solver, guidance)));
}

TEST_CASE("exact networks and weights take it as they take its type", "[bits]") {
  const any network = velocity{};
  const fk::level l = fk::level_at(straight, 0.4);
  const std::vector<float> x{0.5f, -2};
  std::vector<float> said(2), expected(2);
  fk::model::predicting{network, fk::model::gaussian{}}(said, x, l);
  fk::model::predicting{velocity{}, fk::model::gaussian{}}(expected, x, l);
  CHECK(said == expected);
  CHECK(fk::training::weight_on(fk::training::min_snr{}, network, l) ==
        fk::training::weight_on(fk::training::min_snr{}, velocity{}, l));
  law::refused(
      [&] {
        fk::model::predicting{any(score{}), fk::model::gaussian{}}(said, x, fk::level_at(straight, 0));
      },
      {"data determine score"});
}

TEST_CASE("a name of the object is kept with it") {
  const auto made = [](std::string name) { return any(called{std::move(name)}); };
  any network = made("a name that is longer than a string keeps within itself");
  network = any(network);
  CHECK(network.name == "a name that is longer than a string keeps within itself");
  CHECK(fk::make_plan(straight, network, grid, fk::solver::ddim{}).predicts == network.name);
}

TEST_CASE("wrong fields are refused as its type refuses them, a limit of data at once") {
  const auto plan = [](const any& network) { (void)fk::make_plan(straight, network, grid, fk::solver::ddim{}); };
  law::refused([] { (void)any(clipped{epsilon{}, -1.0}); }, {"bound is -1", "a number > 0"});
  law::refused([] { (void)any(thresholded{epsilon{}, 2.0}); }, {"quantile is 2"});
  law::refused([&] { plan(edm{.sigma_data = -1}); }, {"sigma_data is -1", "a number > 0"});
  any network = epsilon{};
  network.limits.bound = -1;
  law::refused([&] { plan(network); }, {"a clamp is -1"});
}
