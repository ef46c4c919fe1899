// SPDX-License-Identifier: MIT
//
// Error against network calls of every solver: accuracy WEIGHTS > FILE, lines of
// problem,solver,kind,steps,calls,error,root_mean_square.
//
// mixture     six normals in the plane with their exact denoiser, on EDM's path with its levels
// epsilon     a trained network that predicts epsilon, on the variance-preserving path with levels even in log-SNR
// flow        a trained network that predicts the flow, on the straight path with levels even in time
// guided      the network of epsilon on its path and levels, guided towards one of its classes by classifier_free
//
// Without noise the error is the median distance of points to where a fine run takes them, from the same noise. Their
// root mean square is there, too: the few points near a border of two modes, which end beyond it for a small error, are
// most of it. With noise the error is the energy distance of samples from samples of the data, of a network from
// those of a fine run. `floor` is what the reference itself is off by: a fine run of half the steps, and the largest
// distance of several other sets of right samples. Guided runs with noise are not measured: they have another
// distribution than those without, since what is guided is the score of no data.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

#include "../../examples/networks.hpp"
#include "../../examples/safetensors.hpp"

namespace {

namespace fk = fokker;
using points = xt::xtensor<float, 2>;

constexpr int budgets[] = {5, 7, 10, 14, 20, 28, 40, 56, 80};

struct problem {
  const char* name;
  /// A run of a solver in so many steps of the problem's grid, whose ends are those of `fine` ones.
  fk::plan::program (*plan)(const fk::solver::named&, int steps);
  void (*sample)(const fk::plan::program&, const fk::noise::philox&, points&);
  bool noisy = true;  ///< solvers with noise are measured as well
};

using predictor = void(points& out, const points& x, const fk::level& at);
template <predictor... Networks>
void sampled(const fk::plan::program& plan, const fk::noise::philox& noise, points& x) {
  fk::sample(plan, fk::denoisers{Networks...}, noise, x);
}

fk::plan::program plan_of_mixture(const fk::solver::named& solver, int steps) {
  return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = steps}, solver);
}
fk::plan::program plan_of_epsilon(const fk::solver::named& solver, int steps) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::log_snr{.steps = steps},
                       solver);
}
fk::plan::program plan_of_flow(const fk::solver::named& solver, int steps) {
  return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = steps},
                       solver);
}
fk::plan::program plan_of_guided(const fk::solver::named& solver, int steps) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::log_snr{.steps = steps},
                       solver, fk::guidance::classifier_free{.scale = 4});
}

std::vector<std::vector<double>> means() {
  std::vector<std::vector<double>> all;
  for (int k = 0; k < 6; ++k) all.push_back({std::cos(1.0472 * k) * (1 + 0.1 * k), std::sin(1.0472 * k)});
  return all;
}
const fk::model::mixture exact({3, 1, 2, 1, 3, 2}, means(), {0.1, 0.2, 0.05, 0.15, 0.1, 0.2});
void mixture(points& out, const points& x, const fk::level& at) { exact(out, x, at); }

std::filesystem::path weights;
using network_type = example::spiral_network<example::host_layers<fk::backend::xtensor_products>>;
template <int Which, int Class = network_type::nothing>
void learned(points& out, const points& x, const fk::level& at) {
  static network_type network(
      example::safetensors::read(weights / (Which == 0 ? "spiral.safetensors" : "spiral_flow.safetensors")));
  static const example::of_class one{network, {Class}};
  one(out, x, at);
}

points run(const problem& p, const fk::plan::program& plan, std::size_t count, std::uint64_t seed) {
  points x = points::from_shape({count, 2});
  p.sample(plan, fk::noise::philox{.seed = seed}, x);
  return x;
}

struct error {
  double value = 0;
  double root_mean_square = -1;  ///< -1: it has none
};

error distance(const points& a, const points& b) {
  std::vector<double> squares;
  double sum = 0;
  for (std::size_t i = 0; i < a.shape(0); ++i) {
    const double x = static_cast<double>(a(i, 0)) - b(i, 0), y = static_cast<double>(a(i, 1)) - b(i, 1);
    squares.push_back(x * x + y * y);
    sum += squares.back();
  }
  const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
  std::nth_element(squares.begin(), middle, squares.end());
  return {std::sqrt(*middle), std::sqrt(sum / static_cast<double>(squares.size()))};
}

void line(const problem& p, const char* solver, const char* kind, int steps, std::size_t calls, const error& e) {
  std::printf("%s,%s,%s,%d,%zu,%.6g,", p.name, solver, kind, steps, calls, e.value);
  std::printf(e.root_mean_square < 0 ? "\n" : "%.6g\n", e.root_mean_square);
}

/// Samples of the mixture's data: the noise at its own deviations, and then its means.
points data(std::size_t count, std::uint64_t seed) {
  const fk::noise::philox noise{.seed = seed};
  points x = points::from_shape({count, 2});
  const int shares[] = {3, 1, 2, 1, 3, 2};
  const double deviations[] = {0.1, 0.2, 0.05, 0.15, 0.1, 0.2};
  const auto centres = means();
  for (std::size_t i = 0; i < count; ++i) {
    int place = static_cast<int>(i % 12);
    std::size_t k = 0;
    while (place >= shares[k]) place -= shares[k++];
    const fk::noise::quad z = noise.normals(static_cast<std::uint32_t>(i), 0, {16, 0});
    for (std::size_t j = 0; j < 2; ++j) x(i, j) = static_cast<float>(centres[k][j] + deviations[k] * z.z[j]);
  }
  return x;
}

/// Sets of right samples: the first one is compared with, the others tell what chance leaves of samples from noise.
std::vector<points> right_samples(const problem& p, std::size_t samples) {
  const auto fine = p.plan(fk::solver::by_name("unipc"), 100);  // it is off by far less than chance
  std::vector<points> all{p.sample == sampled<mixture> ? data(samples, 2) : run(p, fine, samples, 2)};
  for (std::uint64_t seed = 3; seed < 11; ++seed) all.push_back(run(p, fine, samples, seed));
  return all;
}

void measure(const problem& p, std::size_t count, std::size_t samples) {
  const fk::solver::named& fine = fk::solver::by_name("dopri5");
  const points reference = run(p, p.plan(fine, 400), count, 1);
  line(p, "floor", "ode", 200, 1200, distance(run(p, p.plan(fine, 200), count, 1), reference));
  const std::vector<points> right = p.noisy ? right_samples(p, samples) : std::vector<points>(1, reference);
  const double within = fk::metric::mean_distance(right[0], right[0]);
  const auto off = [&](const points& x) {
    return 2 * fk::metric::mean_distance(x, right[0]) - fk::metric::mean_distance(x, x) - within;
  };
  double floor = 0;
  for (std::size_t i = 1; i < right.size(); ++i) floor = std::max(floor, off(right[i]));
  if (p.noisy) line(p, "floor", "sde", 0, 0, {floor});
  std::map<std::string, error> errors;  // by plan: several names can be one
  for (const fk::solver::named& solver : fk::solver::all) try {
      const bool noisy = fk::plan::normals(p.plan(solver, 5)) > 0;
      if (noisy && !p.noisy) continue;
      int before = 0;
      for (const int budget : budgets) {
        int steps = budget;
        while (steps > 0 && static_cast<int>(p.plan(solver, steps).calls.size()) > budget) --steps;
        if (steps == before || steps == 0) continue;
        before = steps;
        const auto plan = p.plan(solver, steps);
        const auto [found, is_new] = errors.try_emplace(fk::plan::to_text(plan));
        if (is_new)
          found->second = noisy ? error{off(run(p, plan, samples, 1))} : distance(run(p, plan, count, 1), reference);
        line(p, std::string(solver.name).c_str(), noisy ? "sde" : "ode", steps, plan.calls.size(), found->second);
      }
    } catch (const std::invalid_argument&) {  // the solver does not take these levels
    }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("accuracy: name the folder of the trained networks, examples/data\n", stderr);
    return 2;
  }
  weights = arguments[1];
  std::puts("problem,solver,kind,steps,calls,error,root_mean_square");
  measure({"mixture", plan_of_mixture, sampled<mixture>}, 1024, 2400);
  measure({"epsilon", plan_of_epsilon, sampled<learned<0>>}, 256, 768);
  measure({"flow", plan_of_flow, sampled<learned<1>>}, 256, 768);
  measure({"guided", plan_of_guided, sampled<learned<0, 0>, learned<0>>, false}, 256, 768);
}
