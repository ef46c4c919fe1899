// SPDX-License-Identifier: MIT
//
// The spiral that the pages draw live. The page runs this file as WebAssembly, call by call; compiled for the host it
// is what check.py compares with. The denoiser is exact and nothing is trained: a mixture of normals along a spiral, in
// three classes. Its labels name a wrong class for two points in five, so that guidance has something to do.

#include "spiral.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/mixture.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/renoised.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>
#include <fokker/stepper.hpp>

#ifdef __wasm__  // there are no exceptions: what throws ends the module, and nothing here does with the page's settings
extern "C" {
void* __cxa_allocate_exception(std::size_t) { std::abort(); }
void __cxa_throw(void*, void*, void (*)(void*)) { std::abort(); }
}
#endif

namespace {

namespace fk = fokker;
using tensor = fk::backend::host_view<float>;

constexpr std::size_t centres = 360, samples = 400, side = 20;
constexpr double half_width = 3.2, deviation = 0.05;

/// Two turns of an Archimedean spiral, even along its length. Rounded to float, since libraries differ in the last bit
/// of a cosine.
std::array<float, 2 * centres> make_spiral() {
  constexpr double first = 0.45 * std::numbers::pi, last = first + 4 * std::numbers::pi, radius = 2.6;
  std::array<float, 2 * centres> x{};
  for (std::size_t i = 0; i < centres; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / centres;
    const double angle = std::sqrt(first * first + share * (last * last - first * first));
    x[2 * i] = static_cast<float>(radius * angle / last * std::cos(angle));
    x[2 * i + 1] = static_cast<float>(radius * angle / last * std::sin(angle));
  }
  return x;
}
std::array<float, 2 * centres> spiral = make_spiral();

/// From the inside outwards.
int class_of(std::size_t centre) { return static_cast<int>(3 * centre / centres); }

/// What a network would say that had learned this class of the careless labels, or all points for none.
auto network_of(int wanted) {
  std::vector<double> weights;
  std::vector<std::vector<double>> means;
  for (std::size_t i = 0; i < centres; ++i) {
    weights.push_back(wanted < 0 || class_of(i) == wanted ? 3 : 1);
    means.push_back({spiral[2 * i], spiral[2 * i + 1]});
  }
  return fk::model::predicting{fk::parameterization::epsilon{},
                               fk::model::mixture(weights, means, std::vector<double>(centres, deviation))};
}

fk::plan::program plan_of(int sampler, int steps, double eta, double scale) {
  const auto plan = [&](const auto& solver) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = steps},
                         solver, fk::guidance::classifier_free{.scale = scale});
  };
  switch (sampler) {
    case ddim:
      return plan(fk::solver::ddim{.eta = eta});
    case noiseless:
      return plan(fk::solver::ddpm{fk::solver::ddpm_variance::noiseless});
    case heun:
      return plan(fk::solver::renoised{fk::solver::heun{}, eta});
    default:
      return plan(fk::solver::sde_dpmpp_2m{.eta = eta});
  }
}

struct sampling {
  double scale;
  decltype(network_of(0)) of_class, of_all = network_of(-1);
  fk::plan::program plan;
  fk::noise::philox noise;
  std::array<float, 2 * samples> memory{};
  tensor x{memory.data(), {samples, 2}};
  fk::stepper<tensor, fk::noise::philox> run{plan, noise, x};
  fk::level at = run.at();  // of the last call where the run is done: data determine no noise

  sampling(fk::plan::program p, double s, int wanted, std::uint32_t seed)
      : scale(s), of_class(network_of(wanted)), plan(std::move(p)), noise{.seed = seed} {}
};
std::optional<sampling> now;

std::array<float, 2 * side * side> places, arrows, of_class, of_all;
std::array<float, 3> measured;

}  // namespace

extern "C" {

int sample_count() { return samples; }
int centre_count() { return centres; }
int arrow_count() { return side * side; }
const float* data() { return spiral.data(); }

int begin(int sampler, int steps, double eta, double scale, int wanted, std::uint32_t seed) {
  now.emplace(plan_of(sampler, steps, eta, scale), scale, wanted, seed);
  return static_cast<int>(now->plan.calls.size());
}

int advance() {
  auto& run = now->run;
  if (run.wants(0)) now->of_class(run.output(0), run.input(), run.at());
  if (run.wants(1)) now->of_all(run.output(1), run.input(), run.at());
  run.advance();
  if (run.done()) return 0;
  now->at = run.at();
  return 1;
}

const float* points() { return now->run.x().data; }

const float* raster() {
  for (std::size_t i = 0; i < side * side; ++i) {
    const auto place = [](std::size_t k) {
      return static_cast<float>(half_width * (2 * static_cast<double>(k) + 1 - side) / side);
    };
    places[2 * i] = place(i % side);
    places[2 * i + 1] = place(i / side);
  }
  return places.data();
}

const float* field() {
  raster();
  const fk::backend::extents shape{side * side, 2};
  tensor x{places.data(), shape}, c{of_class.data(), shape}, u{of_all.data(), shape};
  if (now->scale != 0) now->of_class(c, x, now->at);
  now->of_all(u, x, now->at);
  for (std::size_t i = 0; i < arrows.size(); ++i)
    arrows[i] = -static_cast<float>(of_all[i] + now->scale * (of_class[i] - of_all[i]));
  return arrows.data();
}

const float* measures(int wanted) {
  const float* x = points();
  double right = 0, off = 0, mean[2] = {}, squares = 0;
  for (std::size_t n = 0; n < samples; ++n) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t nearest = 0;
    for (std::size_t i = 0; i < centres; ++i) {
      const double dx = x[2 * n] - spiral[2 * i], dy = x[2 * n + 1] - spiral[2 * i + 1];
      if (dx * dx + dy * dy < least) least = dx * dx + dy * dy, nearest = i;
    }
    right += class_of(nearest) == wanted ? 1 : 0;
    off += std::sqrt(least);
    for (std::size_t k = 0; k < 2; ++k) {
      mean[k] += x[2 * n + k] / double{samples};
      squares += double{x[2 * n + k]} * x[2 * n + k];
    }
  }
  const double variance = squares / samples - mean[0] * mean[0] - mean[1] * mean[1];
  measured = {static_cast<float>(right / samples), static_cast<float>(off / samples),
              static_cast<float>(std::sqrt((std::max)(variance, 0.0)))};
  return measured.data();
}
}
