// SPDX-License-Identifier: MIT
#include <fokker/guidance/inpainted.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/linear_gaussian.hpp"
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

TEST_CASE("each call reads what is known noised to its level, by a normal of its own, or without noise") {
  // Each normal is 0.7.
  struct always {
    [[nodiscard]] static fk::noise::quad normals(std::uint32_t, std::uint32_t, const fk::noise_piece&) {
      return {{0.7f, 0.7f, 0.7f, 0.7f}};
    }
  };
  for (const bool noisy : {true, false}) {
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{}, levels, fk::solver::heun{},
                                    inpainted{none{}, noisy});
    std::vector<float> x(4), known{0.5f, -0.25f, 0.125f, 3}, mask{1, 0, 1, 0};
    view whole{x.data(), {1, 4}};
    const view image{known.data(), {1, 4}}, where{mask.data(), {4}};
    fk::stepper run(plan, always{}, whole, fk::beginning::noise, {{{"known", image}}, {{"mask", where, {0, 1}}}});
    for (; !run.done(); run.advance()) {
      const fk::level at = run.at();
      for (const std::size_t i : {0u, 2u}) {
        // x + (there - x): three roundings to float of numbers below 2^5.
        const double there = at.alpha * known[i] + (noisy ? at.sigma * 0.7f : 0);
        CHECK(run.input().data[i] == Approx(there).epsilon(0).margin(3 * 0x1p-24 * 32));
      }
      toward(run.output(0), run.input(), at);
    }
  }
}

TEST_CASE("a mask of zeros is the rule itself") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels, fk::solver::dpmpp_2m{},
                         rule);
  };
  const auto x = inpaint(plan(inpainted{}), toward, {0, 0, 0, 0});
  std::vector<float> alone(4);
  fk::sample(plan(none{}), toward, fk::noise::philox{.seed = 3}, view{alone.data(), {1, 4}});
  for (std::size_t i = 0; i < 4; ++i) CHECK(x[i] == Approx(alone[i]).epsilon(1e-5));
}

namespace {

using sequences = fk::backend::host_view<double>;

/// Sequences x_k = r x_(k-1) + sqrt(1 - r^2) n: E(what follows `last` | it with noise, x). The density of what follows
/// has a matrix of three diagonals, 1 + r^2 or 1 at the end, and -r beside them.
constexpr double r = 0.8;
void follow(double last, const double* x, double* data, std::size_t frames, const fk::level& at) {
  const double share = (1 - r * r) / (at.sigma * at.sigma);
  std::vector<double> beside(frames);
  for (std::size_t k = 0; k < frames; ++k) {
    const double before = k == 0 ? 0 : r * beside[k - 1];
    const double pivot = (k + 1 < frames ? 1 + r * r : 1) + share * at.alpha * at.alpha - before;
    beside[k] = r / pivot;
    data[k] = (share * at.alpha * x[k] + r * (k == 0 ? last : data[k - 1])) / pivot;
  }
  for (std::size_t k = frames - 1; k-- > 0;) data[k] += beside[k] * data[k + 1];
}

/// The exact network of samples (frames, channels), which reads the first frames of each without noise: as many as its
/// `prefix`, of which it says what is of no account. Where it is 0 `last` has the numbers before, of all channels.
template <class Network>
auto continuing(const Network& of, std::vector<std::size_t> prefix, std::vector<double> last = {}) {
  return [=](sequences& out, const sequences& in, const fk::level& at) {
    const double scale = fk::input_scale(of, at);
    const fk::prediction_row row = of.row(at);
    const std::size_t frames = in.shape.extent[1], channels = in.shape.rank > 2 ? in.shape.extent[2] : 1;
    for (std::size_t i = 0; i < in.shape.samples() * channels; ++i) {
      const std::size_t first = i / channels * frames * channels + i % channels, known = prefix[i / channels];
      std::vector<double> x(frames), data(frames, 1000);
      for (std::size_t k = 0; k < frames; ++k) x[k] = in.data[first + k * channels] / scale;
      follow(known > 0 ? x[known - 1] / at.alpha : last[i], &x[known], &data[known], frames - known, at);
      for (std::size_t k = 0; k < frames; ++k)
        out.data[first + k * channels] = row.data * data[k] + row.noise * (x[k] - at.alpha * data[k]) / at.sigma;
    }
  };
}

}  // namespace

TEST_CASE("a prefix that the network reads without noise is no part of the run, by every solver") {
  // The first two of six frames are known. The other four are what a run on them alone makes of the same noise.
  const std::size_t samples = 3, frames = 6, channels = 2, known_frames = 2;
  const auto check = [&](const auto& schedule, const auto& network) {
    for (const fk::solver::named& solver : fk::solver::all) {
      if (solver.name == std::string_view("ddim_inversion")) continue;  // it ends at noise
      INFO(solver.name);
      std::vector<double> x(samples * frames * channels), known(x.size()), mask(frames), last;
      for (std::size_t i = 0; i < known.size(); ++i) known[i] = std::sin(static_cast<double>(3 * i));
      for (std::size_t k = 0; k < known_frames; ++k) mask[k] = 1;
      sequences all{x.data(), {samples, frames, channels}};
      fk::sample(fk::make_plan(schedule, network, levels, solver, inpainted{none{}, false}),
                 continuing(network, std::vector(samples, known_frames)), fk::noise::philox{.seed = 3}, all,
                 {.given = {{{"known", sequences{known.data(), all.shape}}}, {{"mask", mask, {0, 1}}}}});

      for (std::size_t s = 0; s < samples; ++s)
        for (std::size_t c = 0; c < channels; ++c)
          last.push_back(known[(s * frames + known_frames - 1) * channels + c]);
      std::vector<double> rest(samples * (frames - known_frames) * channels);
      fk::sample(fk::make_plan(schedule, network, levels, solver),
                 continuing(network, std::vector<std::size_t>(samples), last),
                 fk::noise::philox{.seed = 3, .first_element = known_frames * channels},
                 sequences{rest.data(), {samples, frames - known_frames, channels}});

      // 5 steps of some hundred roundings each, of numbers up to 100, which none carries on by more than 10.
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t s = i / (frames * channels), at = i % (frames * channels);
        if (at < known_frames * channels)
          CHECK(x[i] == known[i]);
        else
          CHECK(x[i] == Approx(rest[i - (s + 1) * known_frames * channels]).epsilon(0).margin(1e-10));
      }
    }
  };
  check(fk::schedule::vp_linear{}, fk::parameterization::velocity{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
}

TEST_CASE("what follows a prefix has the conditional mean and covariance", "[statistics]") {
  // One number is known. The next ones are normal of the means r k and r^2 k, the variances 1 - r^2 and 1 - r^4 and the
  // covariance r (1 - r^2).
  const double first = 1.5;
  test::normal_law expected{{first, r * first, r * r * first}, {}};
  for (std::size_t i = 1; i < 3; ++i)
    for (std::size_t j = 1; j < 3; ++j)
      expected.covariance[i][j] = (i == j ? 1 : r) - std::pow(r, static_cast<double>(i + j));
  const std::vector<double> mask{1, 0, 0};
  const auto given = [&](std::vector<double>& memory, std::size_t samples) -> fk::given_inputs {
    memory.assign(3 * samples, first);
    return {{{"known", sequences{memory.data(), {samples, 3}}}}, {{"mask", mask, {0, 1}}}};
  };
  std::vector<double> known;
  const auto check = [&](const auto& schedule, const auto& network) {
    const auto plan = [&](int steps, double sigma_min, const auto& solver) {
      return fk::make_plan(schedule, network,
                           fk::grid::log_snr{.steps = steps, .sigma_min = sigma_min, .sigma_max = 1000}, solver,
                           inpainted{none{}, false});
    };
    // Starting from a mean of 0 moves the result by its deviation times mean / sigma_max, 1.2e-3 at most; Heun's second
    // order at steps of 16 / 400 in log-SNR is (16 / 400)^2 / 6 with constants below 5.
    test::are(test::mapped(plan(400, 1e-4, fk::solver::heun{}), continuing(network, std::vector<std::size_t>(4, 1)),
                           given(known, 4)),
              expected, 1.2e-3 + 1.4e-3);
    // Steps of 14 / 80 in log-SNR, (14 / 80)^2 / 3 of numbers below 1.
    test::are(test::drawn(plan(80, 1e-3, fk::solver::sde_dpmpp_2m{}),
                          continuing(network, std::vector<std::size_t>(2000, 1)), 2000, given(known, 2000)),
              expected, 0.0103, 2000);
  };
  check(fk::schedule::flow_linear{}, fk::parameterization::data{});
  check(fk::schedule::edm{}, fk::parameterization::edm{});
}

TEST_CASE("each sample of a batch may have a prefix of its own length, and is what it is alone, to the bit", "[bits]") {
  const std::size_t frames = 6;
  const fk::parameterization::velocity network;
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, network, levels, fk::solver::dpmpp_2m{}, inpainted{none{}, false});
  const std::vector<std::size_t> lengths{3, 1, 5};
  std::vector<double> x(3 * frames), known(x.size()), mask(x.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    known[i] = std::sin(static_cast<double>(3 * i));
    mask[i] = i % frames < lengths[i / frames] ? 1 : 0;
  }
  const auto run = [&](std::size_t first, std::size_t samples, std::vector<std::size_t> prefixes) {
    const fk::backend::extents shape{samples, frames};
    const auto from = [&](std::vector<double>& memory) { return sequences{memory.data() + first * frames, shape}; };
    sequences part = from(x);
    fk::sample(plan, continuing(network, std::move(prefixes)),
               fk::noise::philox{.seed = 3, .first_sample = static_cast<std::uint32_t>(first)}, part,
               {.given = {{{"known", from(known)}}, {{"mask", from(mask), {0, 1}}}}});
  };
  run(0, 3, lengths);
  const std::vector<double> together = x;
  for (std::size_t i = 0; i < x.size(); ++i) CHECK((mask[i] == 0 || x[i] == known[i]));
  for (std::size_t s = 0; s < 3; ++s) run(s, 1, {lengths[s]});
  CHECK(x == together);
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
  CHECK_THROWS_WITH(with({{{"known", whole}}, {{"mask", whole}}}),
                    Catch::Contains("1, or as many for each sample, along the axes that it names"));
  CHECK_THROWS_WITH(with({{{"known", whole}}, {{"mask", whole, {1, 1}}}}), Catch::Contains("axes"));
  CHECK_THROWS_WITH(with({{{"image", whole}}, {}}), Catch::Contains("nothing of this name; allowed: a tensor 'known'"));
}

TEST_CASE("what a run is given that no rule of its plan reads is refused by name") {
  const auto with = [](const auto& rule, fk::given_inputs given, auto&&... other) {
    const auto plan =
        fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, levels, fk::solver::ddim{}, rule);
    std::vector<float> x(4);
    fk::sample(plan, fk::denoisers{toward, other...}, fk::noise::philox{}, view{x.data(), {1, 4}},
               {.given = std::move(given)});
  };
  std::vector<float> image(4);
  const view whole{image.data(), {1, 4}};
  const fk::given_inputs both{{{"known", whole}}, {{"mask", whole, {0, 1}}}};
  CHECK_NOTHROW(with(inpainted{}, both));
  CHECK_THROWS_WITH(with(fk::guidance::none{}, both), Catch::Contains("a tensor 'known'"));
  CHECK_THROWS_WITH(with(fk::guidance::none{}, {{}, both.planes}), Catch::Contains("a plane 'mask'"));
  CHECK_THROWS_WITH(with(inpainted{}, {{{"known", whole}, {"image", whole}}, both.planes}),
                    Catch::Contains("a tensor 'image'; allowed: what a rule of the plan asks for"));
  // The factors that apg finds are a table without a name.
  CHECK_NOTHROW(with(inpainted{apg{.scale = 2}}, both, away));
  CHECK_THROWS_WITH(with(inpainted{apg{.scale = 2}}, {both.tensors, {both.planes[0], {"", whole, {0, 1}}}}, away),
                    Catch::Contains("a plane ''"));
}
