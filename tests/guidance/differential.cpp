// SPDX-License-Identifier: MIT
#include <fokker/guidance/differential.hpp>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/laws.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

using view = fk::backend::host_view<double>;
const auto toward = [](view& out, const view& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = 0.3 * std::sin(x.data[i]) + 0.1 * at.alpha;
};
const auto away = [](view& out, const view& x, const fk::level&) {
  for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = -0.2 * x.data[i];
};

/// Two samples of (2, 3): strengths by element.
struct image {
  std::vector<double> x = std::vector<double>(12), known{0.5, -0.25, 0.125, 3, 1, -1, 0.75, 2, -3, 0, 0.25, -2};
  std::vector<double> strength{1, 0, 0.5, 0.25, 0.3, 0.8, 0, 0, 1, 1, 0.6, 0.1};
  [[nodiscard]] static view of(std::vector<double>& memory) { return {memory.data(), {2, 2, 3}}; }
};

template <class Rule, class Solver>
fk::plan::program planned(const Rule& rule, const Solver& solver, int steps = 5) {
  const fk::grid::log_snr levels{.steps = steps, .sigma_min = 0.02, .sigma_max = 20};
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels, solver, rule);
}

template <class Denoisers>
std::vector<double> run(const fk::plan::program& plan, const Denoisers& networks) {
  image i;
  view x = image::of(i.x);
  fk::sample(plan, networks, fk::noise::philox{.seed = 3}, x,
             {.given = {{{"known", image::of(i.known)}, {"strength", image::of(i.strength)}}, {}}});
  return i.x;
}

/// The same by a program that changes x of an unguided run itself: all of it before the first step, then where a
/// strength is below the part of the steps that is left, and at the end where it is 0.
template <class Solver>
std::vector<double> by_hand(const Solver& solver, const std::vector<double>& strength) {
  const auto plan = planned(none{}, solver);
  const fk::noise::philox noise{.seed = 3};
  image i;
  view x = image::of(i.x);
  fk::stepper r(plan, noise, x);
  for (std::uint32_t arrival = 0;; ++arrival) {
    const fk::level& at = r.done() ? plan.levels.back() : r.at();
    const double left = r.done() ? 0 : 1 - static_cast<double>(r.call().step) / plan.steps();
    CHECK(r.x().data == x.data);
    for (std::uint32_t n = 0; n < 2; ++n)
      for (std::uint32_t k = 0; k < 6; ++k) {
        const auto four = noise.normals(n, k / 4, fk::noise_piece{fk::noise_piece::known, arrival});
        const double there = at.alpha * i.known[6 * n + k] + at.sigma * static_cast<double>(four.z[k % 4]);
        const double s = strength[6 * n + k];
        if (arrival == 0 || s < left || s == 0) i.x[6 * n + k] = there;
      }
    if (r.done()) return i.x;
    toward(r.output(0), r.input(), at);
    r.advance();
  }
}

void are_close(const std::vector<double>& x, const std::vector<double>& expected) {
  // Nine calls, whose numbers stay below 100 and are rounded some ten times each.
  for (std::size_t i = 0; i < 12; ++i) {
    INFO("element " << i);
    CHECK(x[i] == Approx(expected[i]).epsilon(0).margin(9 * 10 * 100 * 0x1p-53));
  }
}

}  // namespace

TEST_CASE("elements of each strength are held until as much of the run is left, as by hand") {
  const auto check = [](const auto& solver) {
    const auto x = run(planned(differential{none{}, {0, 2}}, solver), toward);
    are_close(x, by_hand(solver, image{}.strength));
    for (std::size_t i = 0; i < 12; ++i)
      if (image{}.strength[i] == 0) CHECK(x[i] == image{}.known[i]);
  };
  check(fk::solver::ddim{});
  check(fk::solver::ddpm{});
  check(fk::solver::dpmpp_2m{});
  check(fk::solver::heun{});
}

TEST_CASE("a mask of inpainted that a program moves between steps does the same, by solvers that remember as well") {
  const auto check = [](const auto& solver) {
    const auto plan = planned(inpainted{}, solver);
    image i;
    std::vector<double> mask(12, 1);
    view x = image::of(i.x);
    fk::stepper r(plan, fk::noise::philox{.seed = 3}, x, fk::beginning::noise,
                  {{{"known", image::of(i.known)}}, {{"mask", image::of(mask), {0, 2}}}});
    while (!r.done()) {
      toward(r.output(0), r.input(), r.at());
      const std::size_t next = r.calls_done() + 1;
      const double left = next < plan.calls.size() ? 1 - static_cast<double>(plan.calls[next].step) / plan.steps() : 0;
      for (std::size_t k = 0; k < 12; ++k) mask[k] = i.strength[k] < left || i.strength[k] == 0 ? 1.0 : 0.0;
      r.advance();
    }
    are_close(i.x, by_hand(solver, i.strength));
  };
  check(fk::solver::ddim{});
  check(fk::solver::dpmpp_2m{});
  check(fk::solver::heun{});
}

TEST_CASE("strengths of positions count by their mean over channels") {
  const auto x = run(planned(differential{none{}, {1, 1}}, fk::solver::ddim{}), toward);
  const std::vector<double> s = image{}.strength;
  std::vector<double> mean(12);
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t p = 0; p < 3; ++p) mean[6 * n + p] = mean[6 * n + 3 + p] = (s[6 * n + p] + s[6 * n + 3 + p]) / 2;
  are_close(x, by_hand(fk::solver::ddim{}, mean));
}

TEST_CASE("strengths of 1 are the run from what is known with the noise of the first level, and 0 what is known") {
  for (const double s : {0.0, 1.0}) {
    image i;
    std::fill(i.strength.begin(), i.strength.end(), s);
    view x = image::of(i.x);
    int calls = 0;
    const auto counted = [&](view& out, const view& in, const fk::level& at) { ++calls, toward(out, in, at); };
    fk::sample(planned(differential{none{}, {0, 2}}, fk::solver::ddim{}), counted, fk::noise::philox{.seed = 3}, x,
               {.given = {{{"known", image::of(i.known)}, {"strength", image::of(i.strength)}}, {}}});
    CHECK(calls == 5);
    if (s == 0) CHECK(i.x == i.known);
    if (s == 1) are_close(i.x, by_hand(fk::solver::ddim{}, i.strength));
  }
}

TEST_CASE("it goes around rules of weights and those that find numbers, and around none whose steps are not counted") {
  const auto check = [](const auto& rule) {
    const auto x = run(planned(differential{rule, {0, 2}}, fk::solver::dpmpp_2m{}), fk::denoisers{toward, away});
    for (std::size_t i = 0; i < 12; ++i) {
      if (image{}.strength[i] == 0) CHECK(x[i] == image{}.known[i]);
      CHECK(std::abs(x[i]) < 100);
    }
  };
  check(classifier_free{.scale = 2});
  check(apg{});
  check(mambo_g{});
  for (const fk::solver::named& solver : fk::solver::all) {
    INFO(solver.name);
    if (solver.name == std::string_view("ddim_inversion")) continue;
    // not so of stork on a path that is not straight, and of alphafold3 onto data
    if (fk::plan::check(planned(none{}, solver, 3)).empty())
      CHECK(fk::plan::check(planned(differential{}, solver, 3)).empty());
    else
      CHECK((std::string_view(solver.name).starts_with("stork") || solver.name == "alphafold3"));
  }
  const fk::adaptive own_steps(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                               fk::grid::log_snr{.steps = 5, .sigma_min = 0.02, .sigma_max = 20}, fk::solver::bosh3{},
                               differential{});
  image i;
  view x = image::of(i.x);
  law::refused([&] { fk::sample_adaptively_from(own_steps, toward, x); }, {"the number of steps is 0"});
}
