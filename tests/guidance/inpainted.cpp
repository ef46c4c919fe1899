// SPDX-License-Identifier: MIT
#include <fokker/guidance/inpainted.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

using view = fk::backend::host_view<float>;
const auto toward = [](view& out, const view& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.shape.size(); ++i)
    out.data[i] = 0.3f * std::sin(x.data[i]) + static_cast<float>(0.1 * at.alpha);
};
const auto away = [](view& out, const view& x, const fk::level&) {
  for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = -0.2f * x.data[i];
};
const fk::grid::log_snr levels{.steps = 5, .sigma_min = 0.02, .sigma_max = 20};

/// One sample of four elements, the first and the third of which are known.
template <class Denoisers>
std::vector<float> inpaint(const fk::plan::program& plan, Denoisers&& networks,
                           std::vector<float> mask = {1, 0, 1, 0}) {
  std::vector<float> x(4), known{0.5f, -0.25f, 0.125f, 3};
  view whole{x.data(), {1, 4}};
  const view image{known.data(), {1, 4}}, where{mask.data(), {4}};
  fk::sample(plan, networks, fk::noise::philox{.seed = 3}, whole,
             {.given = {{{"known", image}}, {{"mask", where, {0, 1}}}}});
  return x;
}

}  // namespace

TEST_CASE("what is known is in the result exactly, by every solver, also where the network's input is scaled") {
  const auto check = [](const auto& schedule, const auto& network) {
    for (const fk::solver::named& solver : fk::solver::all) {
      if (solver.name == std::string_view("ddim_inversion")) continue;  // it ends at noise
      INFO(solver.name);
      const auto x = inpaint(fk::make_plan(schedule, network, levels, solver, inpainted{}), toward);
      CHECK(x[0] == 0.5f);
      CHECK(x[2] == 0.125f);
      CHECK(x[1] != -0.25f);
      for (const float v : x) CHECK(std::abs(v) < 100);
    }
  };
  check(fk::schedule::vp_linear{}, fk::parameterization::velocity{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
}

TEST_CASE("it goes around rules of weights, and around those that find numbers") {
  const auto check = [](const auto& rule) {
    const auto x = inpaint(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels,
                                         fk::solver::dpmpp_2m{}, inpainted{rule}),
                           fk::denoisers{toward, away});
    CHECK(x[0] == 0.5f);
    CHECK(x[2] == 0.125f);
    CHECK(std::abs(x[1]) < 100);
  };
  check(classifier_free{.scale = 2});
  check(apg{});
}

TEST_CASE("a mask of zeros is the rule itself") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels, fk::solver::dpmpp_2m{},
                         rule);
  };
  const auto x = inpaint(plan(inpainted{}), toward, {0, 0, 0, 0}), alone = inpaint(plan(none{}), toward);
  for (std::size_t i = 0; i < 4; ++i) CHECK(x[i] == Approx(alone[i]).epsilon(1e-5));
}

TEST_CASE("what a run is not given, or of another shape, is refused by name") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels,
                                  fk::solver::ddim{}, inpainted{});
  std::vector<float> x(4), other(3);
  view whole{x.data(), {1, 4}}, small{other.data(), {1, 3}};
  const auto with = [&](fk::given_inputs given) {
    fk::sample(plan, toward, fk::noise::philox{}, whole, {.given = std::move(given)});
  };
  CHECK_THROWS_WITH(with({}), Catch::Contains("a tensor 'known'"));
  CHECK_THROWS_WITH(with({{{"known", whole}}, {}}), Catch::Contains("a plane 'mask'"));
  CHECK_THROWS_WITH(with({{{"known", small}}, {}}), Catch::Contains("known"));
  CHECK_THROWS_WITH(with({{{"known", whole}}, {{"mask", small, {0, 1}}}}), Catch::Contains("the size of mask is 3"));
  CHECK_THROWS_WITH(with({{{"known", whole}}, {{"mask", whole, {1, 1}}}}), Catch::Contains("axes"));
}
