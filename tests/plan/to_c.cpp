// SPDX-License-Identifier: MIT
#include <fokker/plan/to_c.hpp>

#include <dlfcn.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/detail/is_finite.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/inpainted.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/guidance/mimic.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/stepper.hpp>

#include "support/catch.hpp"
#include "support/same_bits.hpp"

namespace fk = fokker;
using fk::plan::to_c;

namespace {

const fk::grid::log_snr grid{.steps = 4, .sigma_min = 0.02, .sigma_max = 20};

/// What the file declares.
struct told {
  double time, alpha, sigma, label;
};
template <class E, int Givens, int Planes>
struct run_in_c {
  std::size_t samples, size;
  E *x, *memory;
  const E* given[Givens + 1];
  struct {
    const E* values;
    std::size_t repeat, count, stride;
  } plane[Planes + 1];
  void (*network)(void*, int, const told*, const E*, E*);
  void* user;
  std::uint64_t seed;
  std::uint32_t first_sample;
  void (*normals)(void*, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, float*);
  double* kept;
};

constexpr std::size_t samples = 2;

template <class E>
void say(int branch, const told& at, const told* to, const E* x, E* out, std::size_t count) {
  const double further = to == nullptr ? 0 : to->alpha - 0.02 * to->label;
  for (std::size_t i = 0; i < count; ++i)
    out[i] = std::fma(E{0.5}, x[i],
                      static_cast<E>(0.1 * branch + at.alpha + 0.01 * at.label * at.time - at.sigma / 64 + further));
}
/// What the functions that C calls are told.
struct context {
  fk::noise::philox noise;
  std::size_t count;
  bool two_levels;
  std::vector<int> asked;  // branches, in order
};
void draw_others(void* user, std::uint32_t sample, std::uint32_t block, std::uint32_t stream, std::uint32_t id,
                 float* z) {
  const auto drawn = static_cast<context*>(user)->noise.normals(sample, block, {stream, id});
  for (std::size_t i = 0; i < 4; ++i) z[i] = drawn.z[i];
}
const fk::noise::philox others{.seed = 77, .first_element = 8};

/// Calls a function of the file.
template <class Run>
void call(void* library, const std::string& function, const Run& run) {
  const auto found = reinterpret_cast<void (*)(const void*)>(dlsym(library, function.c_str()));
  REQUIRE(found != nullptr);
  found(&run);
}

/// Each operation, and a number that outlives its call.
struct every_function {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto n = g.norm(g[0].network), m = g.norm(g[1].network), before = g.remembered(0.25);
    const auto share = quotient(n, n + m, 0) + 0 * g.count() - 0.125 * before;
    g.remember(share);
    const auto w = fk::plan::exp(-3 * share) + 0.01 * fk::plan::log(n) + 0.1 * cos_pi(share) - 0.1 * sin_pi(7 * share) +
                   0.2 * acos_pi(share);
    const auto bounded =
        least(largest(w, -0.5), choose(n, m, 0.75, 0.5)) + 0.1 * root(g.sum(fk::plan::expression(g[1].network)));
    return {.network = g[0].network + bounded * (g[0].network - g[1].network)};
  }
};

/// Each operation on two numbers and each quantile of three, as a run here and one in C report them.
struct each_operation {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const fk::plan::expression x = g[0].network, y = g[1].network;
    const auto a = g.sum(x), b = g.sum(y);
    g.report("plus", a + b), g.report("minus", a - b), g.report("times", a * b);
    g.report("quotient", quotient(a, b, 0.25)), g.report("of_zero", quotient(a, a * b, 0.25)),
        g.report("root", root(a));
    g.report("least", least(a, b)), g.report("largest", largest(a, b)), g.report("choose", choose(b, a, a, -0.5));
    g.report("exp", fk::plan::exp(a)), g.report("log", fk::plan::log(a));
    g.report("cos", cos_pi(a)), g.report("sin", sin_pi(a)), g.report("acos", acos_pi(a));
    for (int i = 0; i <= 4; ++i) g.report("quantile_" + std::to_string(i), g.quantile(x, i / 4.0));
    return {.network = x};
  }
};
/// The numbers of a sample each: where operations have limits, with each other, and of all sizes.
std::vector<std::pair<double, double>> operands() {
  using of = std::numeric_limits<double>;
  std::vector<double> limits{0,
                             0.25,
                             0.5,
                             1,
                             1 + 0x1p-52,
                             1.5,
                             2,
                             7.0 / 3,
                             709.5,
                             710.5,
                             745.5,
                             746.5,
                             0x1p52 + 1,
                             0x1p53,
                             of::min(),
                             of::max(),
                             of::denorm_min(),
                             0x1p-1030,
                             of::infinity(),
                             of::quiet_NaN()};
  for (std::size_t i = 0, size = limits.size(); i < size; ++i) limits.push_back(-limits[i]);
  std::vector<std::pair<double, double>> all;
  for (const double a : limits)
    for (const double b : limits) all.emplace_back(a, b);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> near(-1, 1), far(-750, 750);
  for (int i = 0; i < 500; ++i) {
    all.emplace_back(std::bit_cast<double>(random()), std::bit_cast<double>(random()));
    for (const double a : {near(random), std::exp(near(random)), far(random)}) all.emplace_back(a, near(random));
  }
  return all;
}
void say_operand(int branch, std::vector<std::pair<double, double>>::const_iterator of, double* out, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i, ++of) {
    for (std::size_t e = 0; e < 3; ++e) out[3 * i + e] = 0;
    out[3 * i + i % 3] = branch == 0 ? of->first : of->second;
  }
}
void same_numbers(void* library, const std::string& name, const fk::plan::program& p) {
  const std::vector<std::pair<double, double>> pairs = operands();
  const std::size_t count = pairs.size();
  std::vector<double> x(3 * count), there(x), memory(x.size() * static_cast<std::size_t>(p.buffers - 1 + p.branches));
  fk::backend::host_view<double> view{x.data(), {count, 3}};
  fk::stepper run(p, fk::noise::philox{}, view, fk::beginning::given);
  for (int b = 0; b < 2; ++b) say_operand(b, pairs.begin(), run.output(b).data, count);
  run.advance();
  run_in_c<double, 0, 0> c{};
  c.samples = count, c.size = 3, c.x = there.data(), c.memory = memory.data();
  c.user = const_cast<std::vector<std::pair<double, double>>*>(&pairs);
  c.network = [](void* user, int b, const told*, const double*, double* output) {
    const auto& all = *static_cast<const std::vector<std::pair<double, double>>*>(user);
    say_operand(b, all.begin(), output, all.size());
  };
  std::vector<double> kept(p.scalars.size() * count);
  c.kept = kept.data();
  call(library, name + "_sample_from", c);
  for (std::size_t i = 0; i < p.scalars.size(); ++i) {
    const std::vector<double> here = run.report(p.scalars[i].name);
    for (std::size_t s = 0; s < count; ++s) {
      const double value = kept[s * p.scalars.size() + i];
      const auto as_bits = [](double v) { return std::bit_cast<std::uint64_t>(v); };
      if (as_bits(value) == as_bits(here[s]) || (fk::detail::is_nan(value) && fk::detail::is_nan(here[s]))) continue;
      INFO(p.scalars[i].name << " of " << pairs[s].first << ", " << pairs[s].second << ": " << value);
      CHECK(value == here[s]);
    }
  }
}

/// A plan whose first call reads normals, which the network keeps.
void same_normals(void* library, const std::string& name, const fk::plan::program& p) {
  constexpr std::size_t size = 100'003;
  std::vector<float> x(samples * size), there(x),
      memory(x.size() * static_cast<std::size_t>(p.buffers - 1 + p.branches));
  fk::backend::host_view<float> view{x.data(), {samples, size}};
  const fk::noise::philox noise{.seed = 1};
  const fk::stepper run(p, noise, view);
  run_in_c<float, 0, 0> c{};
  c.samples = samples, c.size = size, c.x = there.data(), c.memory = memory.data(), c.seed = 1;
  std::vector<float> read(x.size());
  c.user = &read;
  c.network = [](void* user, int, const told*, const float* input, float*) {
    auto& all = *static_cast<std::vector<float>*>(user);
    std::copy(input, input + all.size(), all.begin());
  };
  call(library, name + "_sample", c);
  CHECK(test::same_bits(read, std::vector<float>(run.input().data, run.input().data + x.size())));
}

/// The plans, their files one behind the other in one file, and how each runs there and here.
struct written {
  using comparison = void (*)(void* library, const std::string& name, const fk::plan::program& plan);
  std::string text;
  std::vector<comparison> each;
  std::vector<fk::plan::program> plans;
  std::vector<std::string> names;

  template <class E>
  void add(const std::string& name, fk::plan::program plan, comparison compare) {
    text += to_c(plan, {.name = name, .in_double = std::is_same_v<E, double>});
    plans.push_back(std::move(plan));
    names.push_back(name);
    each.push_back(compare);
  }
  template <class E, int Givens = 0, int Planes = 0>
  void add(const std::string& name, fk::plan::program plan) {
    add<E>(name, std::move(plan), [](void* library, const std::string& of, const fk::plan::program& p) {
      // Sums are of more than two parts of 1024; and a sample ends within a block of four normals.
      const std::size_t channels = 3, places = p.has_measures() ? 835 : 3, size = channels * places;
      for (const fk::beginning from : {fk::beginning::noise, fk::beginning::given}) {
        if (from == fk::beginning::noise && p.levels.front().is_data()) continue;
        for (const bool by_seed : {true, false}) {
          std::vector<E> x(samples * size), known(x.size(), E{0.25}), mask{1, 0.5, 0};
          mask.resize(by_seed ? channels : places, 1);
          for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<E>(i % 12) - 5;
          std::vector<E> there = x, memory(x.size() * static_cast<std::size_t>(p.buffers - 1 + p.branches));
          const fk::backend::extents shape{samples, channels, places};
          fk::backend::host_view<E> view{x.data(), shape};
          const fk::backend::host_view<E> image{known.data(), shape}, where{mask.data(), {mask.size()}};
          const fk::noise::philox noise =
              by_seed ? fk::noise::philox{.seed = 5'000'000'001, .first_sample = 3} : others;
          fk::given_inputs given;
          if (Givens > 0) given = {{{"known", image}}, {{"mask", where, {by_seed ? 0 : 1, 1}}}};
          fk::stepper run(p, noise, view, from, given);
          std::vector<int> asked;
          while (!run.done()) {
            const auto as_told = [](const fk::level& l) { return told{l.time, l.alpha, l.sigma, l.label}; };
            const told to = as_told(run.call().to.value_or(fk::level{}));
            for (int b = 0; b < run.branches(); ++b)
              if (run.wants(b)) {
                asked.push_back(b);
                say(b, as_told(run.at()), run.call().to ? &to : nullptr, run.input().data, run.output(b).data,
                    x.size());
              }
            run.advance();
          }
          run_in_c<E, Givens, Planes> c{};
          c.samples = samples, c.size = size, c.x = there.data(), c.memory = memory.data();
          c.given[0] = known.data();
          c.plane[0] = {mask.data(), by_seed ? places : 1, mask.size(), 0};
          context here{others, x.size(), p.calls.front().to.has_value(), {}};
          c.network = [](void* user, int b, const told* at, const E* input, E* output) {
            context& net = *static_cast<context*>(user);
            net.asked.push_back(b);
            say(b, *at, net.two_levels ? at + 1 : nullptr, input, output, net.count);
          };
          c.user = &here;
          std::vector<double> kept(p.scalars.size() * samples);
          c.kept = kept.data();
          c.seed = 5'000'000'001, c.first_sample = 3;
          if (!by_seed) c.normals = draw_others;
          const std::string function = of + (from == fk::beginning::noise ? "_sample" : "_sample_from");
          INFO(function << (by_seed ? "" : " of the caller's normals"));
          call(library, function, c);
          CHECK(test::same_bits(there, x));
          CHECK(here.asked == asked);
        }
      }
    });
  }
};

}  // namespace

TEST_CASE("a plan compiled as C gives the bits of its run here", "[bits]") {
  using namespace fk::parameterization;
  const fk::schedule::vp_linear vp;
  const fk::schedule::edm ve;
  const fk::schedule::flow_linear flow_path;
  const fk::guidance::classifier_free guided{.scale = 3};
  written w;
  w.add<float>("ddim", fk::make_plan(vp, epsilon{}, grid, fk::solver::ddim{}));
  w.add<float>("ddpm", fk::make_plan(vp, epsilon{}, grid, fk::solver::ddpm{}));
  w.add<float>("guided", fk::make_plan(vp, epsilon{}, grid, fk::solver::dpmpp_2m{}, guided));
  w.add<float>("in_interval", fk::make_plan(vp, epsilon{}, grid, fk::solver::dpmpp_2m{},
                                            fk::guidance::interval{guided, fk::guidance::along::ratio, 0.1, 3}));
  w.add<float>("dopri5", fk::make_plan(flow_path, flow{}, grid, fk::solver::dopri5{}));
  w.add<float>("scaled", fk::make_plan(ve, edm{}, grid, fk::solver::heun{}, guided, {.preview = true}));
  w.add<float>("clamped", fk::make_plan(ve, clipped{epsilon{}, 1.5}, grid, fk::solver::dpmpp_2m{}));
  w.add<float>("learned", fk::make_plan(vp, learned_variance{epsilon{}}, grid,
                                        fk::solver::ddpm{fk::solver::ddpm_variance::learned_range}));
  w.add<float>("two_levels", fk::make_plan(flow_path, flow{}, grid, fk::solver::flow_map{.gamma = 0.3}, guided));
  w.add<float>("towards_noise", fk::make_plan(vp, epsilon{}, grid, fk::solver::ddim_inversion{}));
  w.add<float, 1, 1>("masked",
                     fk::make_plan(vp, epsilon{}, grid, fk::solver::dpmpp_2m{}, fk::guidance::inpainted{guided}));
  w.add<double, 1, 1>("masked_double",
                      fk::make_plan(flow_path, flow{}, grid, fk::solver::dpmpp_sde{}, fk::guidance::inpainted{}));
  const fk::solver::dpmpp_2m second;
  const thresholded limited{epsilon{}, 0.9};
  const fk::guidance::apg projected{.radius = 2, .momentum = -0.5};
  w.add<float>("found", fk::make_plan(vp, limited, grid, second, projected));
  w.add<double>("found_double", fk::make_plan(vp, limited, grid, second, projected));
  w.add<float>("from_mean", fk::make_plan(vp, epsilon{}, grid, second, fk::guidance::mimic{.from_mean = true}));
  w.add<float>("functions", fk::make_plan(vp, epsilon{}, grid, fk::solver::ddpm{}, every_function{}));
  w.add<float, 1, 1>("masked_found", fk::make_plan(vp, epsilon{}, grid, second, fk::guidance::inpainted{projected}));
  const fk::grid::uniform one_step{.steps = 1};  // from noise alone: x is the normals
  w.add<double>("operations", fk::make_plan(flow_path, flow{}, one_step, fk::solver::ddim{}, each_operation{}),
                same_numbers);
  w.add<float>("normals", fk::make_plan(flow_path, flow{}, one_step, fk::solver::ddim{}), same_normals);
  w.add<double>("dopri5_double", fk::make_plan(flow_path, flow{}, grid, fk::solver::dopri5{}));

  const auto folder = std::filesystem::temp_directory_path() / ("fokker_to_c_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "plans.c") << w.text;
  const char* chosen = std::getenv("CC");
  for (const std::string flags : {"-O0", "-O2 -ffp-contract=fast"}) {
    const auto library = folder / ("plans" + flags.substr(0, 3) + ".so");
    const std::string command = std::string(chosen != nullptr && *chosen != 0 ? chosen : "cc") +
                                " -std=c99 -Wall -Wextra -Wpedantic -Werror " + flags + " -shared -fPIC " +
                                (folder / "plans.c").string() + " -o " + library.string() + " -lm";
    INFO(command);
    REQUIRE(std::system(command.c_str()) == 0);
    void* opened = dlopen(library.c_str(), RTLD_NOW);
    REQUIRE(opened != nullptr);
    for (std::size_t i = 0; i < w.plans.size(); ++i) w.each[i](opened, w.names[i], w.plans[i]);
    dlclose(opened);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("what C would not take, and numbers along axes, are refused") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, grid, fk::solver::ddim{});
  for (const char* name : {"", "2m", "a b", "a-b", "ä"})
    CHECK_THROWS_WITH(to_c(plan, {.name = name}), Catch::Contains("the name of a plan in C is " + std::string(name)));
  CHECK_THAT(to_c(plan, {.name = "A_z9"}), Catch::Contains("void A_z9_sample("));
  CHECK_THROWS_WITH(to_c(plan.with(fk::guidance::apg{.over = {0, 1}})), Catch::Contains("with numbers along axes"));
  auto named = plan.with(fk::guidance::inpainted{});
  named.givens[0] = "a*/@b\\?";  // what would end a comment
  CHECK_THAT(to_c(named), Catch::Contains("/* given: a___b__ */"));
  auto broken = plan;
  broken.calls[1].input = 5;
  CHECK_THROWS_WITH(to_c(broken), Catch::Contains("call 1"));

  // As many branches as a word has bits, each read by a call.
  auto many = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                            fk::grid::log_snr{.steps = 33, .sigma_min = 0.02, .sigma_max = 20}, fk::solver::ddim{});
  many.branches = 33;
  for (std::size_t i = 0; i < many.calls.size(); ++i) many.calls[i].then.inputs[1].index = static_cast<int>(i);
  CHECK_THROWS_WITH(to_c(many), Catch::Contains("the number of branches is 33; allowed: 1 to 32"));
  many.branches = 32;
  many.calls.back().then.inputs[1].index = 0;
  CHECK_NOTHROW(to_c(many));
}
