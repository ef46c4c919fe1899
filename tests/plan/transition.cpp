// SPDX-License-Identifier: MIT
#include <fokker/plan/transition.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/inpainted.hpp>
#include <fokker/half.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/by_name.hpp>
#include <fokker/stepper.hpp>

#include "support/catch.hpp"
#include "support/draws_twice.hpp"

namespace fk = fokker;

namespace {

const fk::noise::philox seeded{.seed = 11};
const fk::grid::log_snr inner{.steps = 5, .sigma_min = 0.1, .sigma_max = 10};

/// Noise that can be silent: what is drawn then is the mean.
struct dice {
  bool silent = false;
  [[nodiscard]] fk::noise::quad normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece& piece) const {
    return silent ? fk::noise::quad{} : seeded.normals(sample, block, piece);
  }
};

template <class E>
fk::backend::host_view<E> two_samples(std::vector<E>& x) {
  return {x.data(), {2, x.size() / 2}};
}

/// Outputs that nothing makes simpler.
template <class Run>
void say(Run& run) {
  const auto in = run.input();
  for (int b = 0; b < run.branches(); ++b)
    for (std::size_t i = 0; i < in.shape.size(); ++i) {
      const auto x = static_cast<double>(in.data[i]);
      run.output(b).data[i] =
          static_cast<std::remove_reference_t<decltype(in.data[i])>>(std::sin(3 * x + b) * (0.3 + run.at().alpha));
    }
}

/// A solver with all of its noise.
fk::solver::named_with_fields noisy(const fk::solver::named& solver) {
  std::vector<fk::field> fields;
  for (const auto& f : solver.fields()) {
    if (f.name == std::string("eta")) fields.push_back({"eta", 0.9});
    if (f.name == std::string("churn.s_churn")) fields.push_back({"churn.s_churn", 2.0});
  }
  return solver.with(fields);
}

/// A rule that remembers a number.
struct remembering {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto sum = g.norm(g[0].network) + g.remembered(0.0);
    g.remember(sum);
    return {.network = quotient(1, sum, 1) * g[0].network};
  }
};

}  // namespace

TEST_CASE("what a call draws, its mean, its density: of every solver with noise", "[bits]") {
  int drew = 0;
  for (const auto& solver : fk::solver::all) {
    if (!solver.stochastic) continue;
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, inner, noisy(solver));
    std::vector<double> memory(42), mean_memory(42), drawn_memory(42);
    auto x = two_samples(memory), mean = two_samples(mean_memory), drawn = two_samples(drawn_memory);
    fk::stepper run(plan, dice{}, x);
    while (!run.done()) {
      say(run);
      run.draw(drawn);
      const double s = run.deviation();
      if (s > 0) {
        auto state = run.stop();
        auto copy = memory;
        auto there = two_samples(copy);
        fk::stepper silent(plan, dice{.silent = true}, there, state);
        say(silent);
        silent.draw(mean);
        const auto density = run.log_density(drawn);
        REQUIRE(density.size() == 2);
        for (std::size_t n = 0; n < 2; ++n) {
          double sum = 0;
          for (std::size_t i = n * 21; i < (n + 1) * 21; ++i) {
            const double z = (drawn_memory[i] - mean_memory[i]) / s;
            sum -= z * z / 2 + std::log(s) + std::log(2 * 3.14159265358979323846) / 2;
          }
          CHECK(density[n] == Approx(sum).epsilon(1e-10));               // x' - mean has lost digits where s is small
          CHECK(std::abs(density[n] + 21 * (std::log(s) + 1.42)) < 30);  // z are normals
        }
        ++drew;
      }
      run.advance();
      const auto now = run.x();
      CHECK(std::equal(drawn_memory.begin(), drawn_memory.end(), now.data));
    }
  }
  CHECK(drew > 100);
}

TEST_CASE("the deviation of a call is that of its solver, and the mean's weights stand in the transition") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::by_name("ddim", {{"eta", 0.5}}));
  for (std::size_t c = 0; c < 4; ++c) {
    const auto t = fk::plan::transition_of(plan, c);
    const double s = 1 - 0.25 * static_cast<double>(c), to = s - 0.25, alpha = 1 - to;
    const double kept = (1 - s) * to / (s * alpha), w = to * 0.5 * std::sqrt(1 - kept * kept);
    CHECK(t.deviation == Approx(c < 3 ? w : 0).margin(1e-15));
    // x0 = x - s v, eps = x + (1 - s) v
    const double noise = std::sqrt(to * to - w * w);
    const auto& row = t.mean.rows[static_cast<std::size_t>(t.mean.row_count - 1)];
    double of_x = 0, of_v = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(t.mean.input_count); ++k)
      (t.mean.inputs[k].where == fk::plan::operand::output ? of_v : of_x) += row.inputs[k];
    CHECK(of_x == Approx(alpha + noise).epsilon(1e-13));
    CHECK(of_v == Approx(noise * (1 - s) - alpha * s).epsilon(1e-13).margin(1e-15));
  }
  CHECK_THROWS_WITH(fk::plan::transition_of(plan, 4), Catch::Contains("the call is 4; allowed: less than 4"));
}

TEST_CASE("a run whose x are given again is the same run, to the bit, without its noise", "[bits]") {
  const auto check = [](const auto& plan) {
    std::vector<std::vector<float>> seen;
    std::vector<double> densities;
    std::vector<float> memory(42);
    const auto start = [&](std::vector<float>& into) { fk::fill_normal(seeded, into); };
    start(memory);
    auto x = two_samples(memory);
    fk::stepper run(plan, seeded, x, fk::beginning::given);
    while (!run.done()) {
      say(run);
      std::vector<float> next(42);
      auto drawn = two_samples(next);
      run.draw(drawn);
      if (run.deviation() > 0)
        for (const double d : run.log_density(drawn)) densities.push_back(d);
      run.advance();
      seen.push_back(next);
    }
    std::vector<float> again(42);
    start(again);
    auto y = two_samples(again);
    fk::stepper replay(plan, dice{.silent = true}, y, fk::beginning::given);
    std::size_t i = 0, d = 0;
    while (!replay.done()) {
      say(replay);
      auto next = two_samples(seen[i++]);
      if (replay.deviation() > 0)
        for (const double density : replay.log_density(next)) CHECK(density == densities.at(d++));
      replay.advance(next);
      CHECK(std::equal(next.data, next.data + 42, replay.x().data));
    }
    CHECK(d == densities.size());
    CHECK(d >= 8);
    CHECK(again == memory);
  };
  const auto solved = [](const char* name) { return noisy(fk::solver::by_name(name)); };
  for (const char* name : {"ddim", "dpmpp_sde", "exp_adams<3>", "sde_dpmpp_2m", "seeds_3", "er_sde<3>"})
    check(fk::make_plan(fk::schedule::edm{}, fk::parameterization::epsilon{}, inner, solved(name)));
  // A rule that remembers tensors and numbers, and weights that are found at each call.
  const auto guided = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, inner, solved("ddim"),
                                    fk::guidance::apg{.scale = 4});
  REQUIRE(!guided.calls[0].measures.empty());
  check(guided);
}

TEST_CASE("noise that later calls read as well is found of x' that is given") {
  for (const char* name : {"sa_solver", "sa_solver<1>", "sa_solver<4>"}) {
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, inner, fk::solver::by_name(name));
    std::vector<double> a(42), b(42), next(42);
    auto x = two_samples(a), y = two_samples(b), drawn = two_samples(next);
    fk::fill_normal(seeded, x);
    b = a;
    fk::stepper run(plan, dice{}, x, fk::beginning::given);
    fk::stepper replay(plan, dice{.silent = true}, y, fk::beginning::given);
    bool others = false;
    while (!run.done()) {
      say(run);
      say(replay);
      run.draw(drawn);
      const auto& then = run.call().then;
      for (std::size_t j = 0; j + 1 < static_cast<std::size_t>(then.row_count); ++j)
        others = others || then.rows[j].normals[0] != 0;
      if (run.deviation() > 0) {
        const auto one = run.log_density(drawn), other = replay.log_density(drawn);
        // roundings of x, up to 30, by deviations down to 0.1
        for (std::size_t n = 0; n < 2; ++n) CHECK(one[n] == Approx(other[n]).epsilon(1e-10));
      }
      run.advance();
      replay.advance(drawn);
    }
    CHECK(others);
    CHECK(a == b);
  }
}

TEST_CASE("the density of a run by a rule that remembers numbers leaves them as they are", "[bits]") {
  const auto plan = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, inner,
                                  noisy(fk::solver::by_name("ddim")), remembering{});
  REQUIRE(plan.scalars.size() == 1);
  std::vector<double> a(42), b(42), next(42);
  auto x = two_samples(a), y = two_samples(b), drawn = two_samples(next);
  fk::stepper one(plan, seeded, x), other(plan, seeded, y);
  while (!one.done()) {
    say(one);
    say(other);
    for (int i = 0; i < 3; ++i) other.draw(drawn);
    if (other.deviation() > 0) static_cast<void>(other.log_density(drawn));
    one.advance();
    other.advance();
  }
  CHECK(a == b);
}

TEST_CASE("a network of other elements reads what is given", "[bits]") {
  using run = fk::stepper<std::vector<float>, dice, std::vector<fk::half>>;
  const auto call = [](run& r) {
    for (std::size_t i = 0; i < r.input().size(); ++i)
      r.output(0)[i] = fk::half(std::cos(2 * static_cast<float>(r.input()[i])));
  };
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, inner, fk::solver::ddpm{});
  std::vector<float> a(10), b(10), next(10);
  run one(plan, dice{}, a), other(plan, dice{}, b);
  while (!one.done()) {
    call(one);
    call(other);
    one.draw(next);
    if (one.deviation() > 0) CHECK(one.log_density(next) == other.log_density(next));
    one.advance(next);
    other.advance();
    if (!one.done()) CHECK(std::equal(one.input().begin(), one.input().end(), other.input().begin()));
  }
  CHECK(a == b);
}

TEST_CASE("normals that a plan draws again are found once") {
  const auto again = [](const auto& solver) {
    return fk::plan::drawn_again(
        fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{}, inner, solver));
  };
  CHECK(again(fk::solver::ddpm{}).empty());
  CHECK(again(fk::solver::heun{}).empty());
  CHECK(again(fk::solver::dpmpp_sde{}).empty());
  // Each of five steps but the last, onto data.
  const std::vector<fk::noise_piece> pieces = again(test::draws_twice{});
  CHECK(pieces.size() == 4);
  for (const fk::noise_piece& n : pieces) CHECK(n.stream == fk::noise_piece::steps);
}

TEST_CASE("noise without a known density is refused, and says why") {
  const auto refused = [](const auto& plan, std::size_t call, const char* why) {
    CHECK_THROWS_WITH(fk::plan::transition_of(plan, call),
                      Catch::Contains("the noise of call") && Catch::Contains(why));
  };
  const auto plan = [](const auto& network, const auto& solver, const auto& guidance) {
    return fk::make_plan(fk::schedule::cosine{}, network, inner, solver, guidance);
  };
  const fk::parameterization::velocity velocity;
  const fk::guidance::none none;
  refused(plan(velocity, test::draws_twice{}, none), 1, "drawn at another call as well");
  refused(plan(velocity, fk::solver::sa_solver<>{}, fk::guidance::apg{.momentum = 0}), 1, "beside numbers");
  using fk::solver::ddpm, fk::solver::ddpm_variance;
  refused(plan(fk::parameterization::learned_variance{velocity}, ddpm{ddpm_variance::learned_range}, none), 0,
          "of a learned deviation");
  refused(plan(fk::parameterization::thresholded{velocity}, ddpm{}, none), 0, "beside a quantile");
  refused(plan(velocity, ddpm{}, fk::guidance::inpainted{}), 0, "multiplied by numbers");

  const auto noiseless = plan(velocity, fk::solver::ddim{}, none);
  std::vector<double> a(42), b(40);
  auto x = two_samples(a), other = two_samples(b);
  fk::stepper run(noiseless, seeded, x);
  say(run);
  CHECK(run.deviation() == 0);
  CHECK_THROWS_WITH(run.log_density(x), Catch::Contains("the deviation of the call is 0;"));
  CHECK_THROWS_WITH(run.log_density(other), Catch::Contains("the shape of x' is (2, 20); allowed: (2, 21)"));
  CHECK_THROWS_WITH(run.draw(other), Catch::Contains("the shape of x'"));
  CHECK_THROWS_WITH(run.advance(other), Catch::Contains("the shape of x'"));
}
