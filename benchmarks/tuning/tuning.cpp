// SPDX-License-Identifier: MIT
//
// What a tuned plan is worth beside all stock plans: tuning WEIGHTS [PROBLEM [CALLS]] >> FILE, lines of
// problem,calls,plan,what,samples,tried,mean,median,frechet,energy.
//
// mixture            six normals in the plane with their exact denoiser, on EDM's path
// mixture of 16      eight normals in 16 dimensions, on the same path
// mixture guided     the same, guided towards two of them by classifier_free of scale 3
// epsilon, flow      the trained networks of the spiral, each on its path, guided too
// images             the trained network of images with their classes, on the path of cosines, guided too
//
// The error of a sample is the root mean square of what it differs by from the end of a fine run from the same noise;
// of it are the mean and the median. Noise is of seeds that no search has seen. `fine` is a run of half the levels of
// the one that is compared with. `stock` is the plan of the least mean of all deterministic solvers of solver::all on
// all grids, those of grid::all as far as they fit the network and those of tuning::stock_angles: chosen on these very
// samples, which no user can do. `stock by median` is that of the least median. `tried` says how many different plans
// there were. Of images all are tried on two samples, and the best ten on all. Frechet and energy distance are those of
// the ends from the ends of the fine run; of images, of a classifier's features.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fokker.hpp>
#include <fokker/grid/by_name.hpp>
#include <fokker/solver/by_name.hpp>
#include <fokker/tuning/search.hpp>

#include "../../examples/networks.hpp"
#include "../../examples/safetensors.hpp"

namespace {

namespace fk = fokker;
using by_blas = example::host_layers<fk::backend::xtensor_products>;
using numbers = std::vector<double>;

constexpr int most_calls[] = {5, 6, 8, 10, 15, 20};
constexpr std::size_t finalists = 10;

std::filesystem::path weights;
std::string only_problem;
int only_calls = 0;

example::safetensors weights_of(const char* name) {
  return example::safetensors::read(weights / (std::string(name) + ".safetensors"));
}

/// The levels of a plan, as a grid's name or in numbers.
struct spread {
  std::string name;
  std::vector<fk::level> levels;
};

template <class Net>
std::vector<spread> stock_grids(const Net& net, int steps) {
  std::vector<spread> all;
  for (const auto& grid : fk::grid::all)
    for (const char* field : {"steps", "grid.steps"}) try {
        auto levels = grid.with({{field, steps}}).levels(net.schedule);
        if (levels.back().is_data()) all.push_back({std::string(grid.name), std::move(levels)});
      } catch (const std::invalid_argument&) {  // it is not for this network, or has no such field
      }
  const double last = fk::tuning::last_angle(net, fk::tuning::lesson{}.last);
  for (const auto& angles : fk::tuning::stock_angles(fk::tuning::angle(net.first_level()), last, steps)) {
    std::string name = "levels";
    for (const double a : angles) {
      char ratio[32];
      std::snprintf(ratio, sizeof ratio, " %.3g", std::tan(a));
      name += ratio;
    }
    all.push_back({name, fk::tuning::levels_at_angles(net, angles)});
  }
  return all;
}

/// Samples to test on, in batches of the network's. Searches have seed 0.
struct test_samples {
  std::uint64_t seed;
  int batches;
};

struct candidate {
  std::string what;
  fk::plan::program plan;
  numbers errors = {};
  double mean = 0, median = 0;
};

/// All stock plans of so many calls of the network at most, each once.
template <class Net>
std::vector<candidate> stock_plans(const Net& net, int calls) {
  std::vector<std::vector<spread>> grids;
  for (int steps = 0; steps <= calls; ++steps)
    grids.push_back(steps == 0 ? std::vector<spread>{} : stock_grids(net, steps));
  std::vector<candidate> all;
  std::set<std::string> seen;
  for (const fk::solver::named& solver : fk::solver::all)
    for (int steps = calls; steps > 0; --steps) {
      bool fits = false, noisy = false;
      for (const spread& grid : grids[static_cast<std::size_t>(steps)]) try {
          auto plan = net.planned(grid.levels, solver);
          noisy = noisy || fk::plan::normals(plan) > 0;
          if (noisy || static_cast<int>(plan.calls.size()) > calls) continue;
          fits = true;
          if (seen.insert(fk::plan::to_text(plan)).second)
            all.push_back({std::string(solver.name) + " on " + grid.name, std::move(plan)});
        } catch (const std::invalid_argument&) {  // the solver does not take these levels
        }
      if (fits || noisy) break;
    }
  return all;
}

template <class Net>
void judge(Net& net, candidate& c, const numbers& truth, const test_samples& test) {
  const std::size_t size = fk::backend::tensor<typename Net::tensor>::shape(net.x).sample_size();
  const numbers ends = fk::tuning::ends(net, c.plan, test.seed, 0, test.batches);
  c.errors.clear();
  for (std::size_t i = 0; i < ends.size(); i += size)
    c.errors.push_back(fk::tuning::mean_error(ends.data() + i, truth.data() + i, 1, size));
  c.mean = 0;
  for (const double e : c.errors) c.mean += e / static_cast<double>(c.errors.size());
  if (!fk::detail::is_finite(c.mean)) c.mean = HUGE_VAL;
  std::sort(c.errors.begin(), c.errors.end(), [](double a, double b) { return a < b || (a == a && b != b); });
  c.median = (c.errors[(c.errors.size() - 1) / 2] + c.errors[c.errors.size() / 2]) / 2;
}

/// The points of which distributions are compared, a row for each.
numbers as_they_are(const numbers& x) { return x; }
numbers features(const numbers& x) {
  static example::classifier<by_blas> network{weights_of("classifier")};
  const std::vector<float> images(x.begin(), x.end());
  const std::size_t count = x.size() / 784;
  std::vector<float> found(count * network.feature_size);
  fk::backend::host_view<float> out{found.data(), {count, network.feature_size}};
  std::vector<float> kept = images;
  network.features(fk::backend::host_view<float>{kept.data(), {count, 784}}, out);
  return {found.begin(), found.end()};
}

/// `small` is the same network for few samples, where not all stock plans are tried on all of them; or null.
template <class Net, class Small>
void measure(const char* problem, Net& net, const fk::tuning::lesson& how, const test_samples& test, Small* small,
             numbers (*points)(const numbers&)) {
  if (!only_problem.empty() && only_problem != problem) return;
  const std::size_t samples =
      fk::backend::tensor<typename Net::tensor>::shape(net.x).samples() * static_cast<std::size_t>(test.batches);
  const auto fine = [&](int levels) {
    return net.planned(fk::tuning::fine_levels(net, how, levels), fk::solver::exp_adams<3, true>{});
  };
  const numbers truth = fk::tuning::ends(net, fine(2 * how.levels), test.seed, 0, test.batches);
  numbers right = points(truth);
  const std::size_t width = right.size() / samples;
  const fk::backend::host_view<double> right_points{right.data(), {samples, width}};
  const auto line = [&](int calls, const char* plan, candidate& c, std::size_t tried) {
    if (c.errors.size() != samples) judge(net, c, truth, test);
    numbers found = points(fk::tuning::ends(net, c.plan, test.seed, 0, test.batches));
    const fk::backend::host_view<double> found_points{found.data(), {samples, width}};
    const double frechet = fk::metric::frechet_distance<fk::backend::xtensor_products>(fk::metric::fit(found_points),
                                                                                       fk::metric::fit(right_points));
    const double energy = fk::metric::energy_distance(found_points, right_points);
    std::printf("%s,%d,%s,%s,%zu,%zu,%.5g,%.5g,%.4g,%.4g\n", problem, calls, plan, c.what.c_str(), samples, tried,
                c.mean, c.median, frechet, energy);
    std::fflush(stdout);
  };
  if (only_calls == 0 || only_calls == most_calls[0]) {
    candidate half{"exp_adams<3> with corrections", fine(how.levels)};
    line(how.levels, "fine", half, 1);
  }
  const fk::tuning::recording lesson = fk::tuning::teach(net, how);
  const double first = fk::tuning::angle(net.first_level());
  for (const int calls : most_calls) {
    if (only_calls != 0 && only_calls != calls) continue;
    numbers karras{first}, cosine{first};
    const double noise = std::pow(std::min(std::tan(first), 80.0), 1.0 / 7), data = std::pow(0.03, 1.0 / 7);
    for (int k = 1; k < calls; ++k) {
      karras.push_back(std::atan(std::pow(noise + (data - noise) * k / (calls - 1), 7)));
      cosine.push_back(first * (calls - k) / calls);
    }
    const auto second_order = [&](const numbers& angles) {
      return net.planned(fk::tuning::levels_at_angles(net, angles), fk::solver::dpmpp_2m{});
    };
    candidate of_karras{"dpmpp_2m on karras", second_order(karras)},
        of_cosine{"dpmpp_2m on even angles", second_order(cosine)};
    const auto found = fk::tuning::search(net, lesson, calls, {.how = how, .own = &of_karras.plan},
                                          [](const fk::tuning::search_progress&) {});
    candidate tuned{found.told + fk::detail::joined({" by ", fk::detail::text(std::round(found.calls)), " calls"}),
                    found.plan};
    line(calls, "tuned", tuned, 1);
    line(calls, "2M on karras", of_karras, 1);
    line(calls, "2M on cosine", of_cosine, 1);

    std::vector<candidate> stock = stock_plans(net, calls);
    const std::size_t tried = stock.size();
    const auto by_mean = [](const candidate& a, const candidate& b) { return a.mean < b.mean; };
    if (small != nullptr) {
      const numbers short_truth = fk::tuning::ends(*small, fine(2 * how.levels), test.seed, 0, 1);
      for (candidate& c : stock) judge(*small, c, short_truth, {test.seed, 1});
      std::sort(stock.begin(), stock.end(), by_mean);
      stock.resize(std::min(stock.size(), finalists));
    }
    for (candidate& c : stock) judge(net, c, truth, test);
    line(calls, "stock", *std::min_element(stock.begin(), stock.end(), by_mean), tried);
    line(
        calls, "stock by median",
        *std::min_element(stock.begin(), stock.end(), [](const auto& a, const auto& b) { return a.median < b.median; }),
        tried);
  }
}
template <class Net>
void measure(const char* problem, Net& net, const fk::tuning::lesson& how, const test_samples& test) {
  measure(problem, net, how, test, static_cast<Net*>(nullptr), as_they_are);
}

void mixtures() {
  const fk::schedule::edm schedule;
  constexpr fk::parameterization::data predicts{};
  std::vector<std::vector<double>> circle, cloud;
  for (int k = 0; k < 6; ++k) circle.push_back({std::cos(1.0472 * k) * (1 + 0.1 * k), std::sin(1.0472 * k)});
  for (std::uint32_t k = 0; k < 8; ++k) {
    cloud.emplace_back();
    for (std::uint32_t i = 0; i < 4; ++i)
      for (const double z : fk::noise::philox{.seed = 3}.normals(k, i, {16, 0}).z) cloud.back().push_back(0.6 * z);
  }
  const numbers shares{3, 1, 2, 1, 3, 2, 1, 2}, deviations{0.1, 0.2, 0.05, 0.15, 0.1, 0.2, 0.3, 0.1};
  const auto six = [](const numbers& of) { return numbers(of.begin(), of.begin() + 6); };
  const fk::model::mixture plane(six(shares), circle, six(deviations)), all(shares, cloud, deviations);
  const fk::model::mixture some({1, 2}, {cloud[1], cloud[2]}, {0.2, 0.05});
  numbers two(128 * 2), many(128 * 16);
  const fk::backend::host_view<double> x{two.data(), {128, 2}}, y{many.data(), {128, 16}};
  fk::tuning::network first(schedule, predicts, plane, x);
  fk::tuning::network second(schedule, predicts, all, y);
  fk::tuning::network third(schedule, predicts, fk::denoisers{some, all}, y, fk::guidance::classifier_free{3});
  // The few samples near a border of two modes are most of the mean, so there are many: 512 to tune on, 1024 to test.
  const fk::tuning::lesson how{.levels = 200, .batches = 4, .held_out = 4};
  measure("mixture", first, how, {100, 8});
  measure("mixture of 16", second, how, {100, 8});
  measure("mixture guided", third, how, {100, 8});
}

void spirals() {
  using network = example::spiral_network<by_blas>;
  network of_epsilon{weights_of("spiral")}, of_flow{weights_of("spiral_flow")};
  const fk::schedule::vp_linear path;
  const fk::schedule::flow_linear straight;
  constexpr fk::parameterization::epsilon epsilon{};
  constexpr fk::parameterization::flow flow{};
  constexpr fk::guidance::classifier_free guidance{3};
  std::vector<float> memory(128 * 2);
  const fk::backend::host_view<float> x{memory.data(), {128, 2}};
  const example::of_class any{of_epsilon, {network::nothing}}, one{of_epsilon, {1}};
  const example::of_class any_flow{of_flow, {network::nothing}}, one_flow{of_flow, {1}};
  fk::tuning::network first(path, epsilon, any, x);
  fk::tuning::network second(path, epsilon, fk::denoisers{one, any}, x, guidance);
  fk::tuning::network third(straight, flow, any_flow, x);
  fk::tuning::network fourth(straight, flow, fk::denoisers{one_flow, any_flow}, x, guidance);
  measure("epsilon", first, {.levels = 200}, {100, 2});  // 256 samples
  measure("epsilon guided", second, {.levels = 200}, {100, 2});
  measure("flow", third, {.levels = 100}, {99, 2});
  measure("flow guided", fourth, {.levels = 100}, {99, 2});
}

void images() {
  using network = example::fashion_network<by_blas>;
  network net{weights_of("fashion")};
  const fk::schedule::cosine path{.offset = 0};
  constexpr fk::parameterization::velocity velocity{};
  constexpr fk::guidance::classifier_free guidance{3};
  constexpr std::size_t batch = 24, few = 2;
  std::vector<float> memory(batch * 784);
  const fk::backend::host_view<float> x{memory.data(), {batch, 784}}, y{memory.data(), {few, 784}};
  std::vector<int> classes;
  for (std::size_t i = 0; i < batch; ++i) classes.push_back(static_cast<int>(i % 10));
  const example::of_class with{net, classes}, without{net, {network::nothing}};
  const example::of_class with_few{net, {classes.begin(), classes.begin() + few}};
  fk::tuning::network first(path, velocity, with, x);
  fk::tuning::network first_few(path, velocity, with_few, y);
  fk::tuning::network second(path, velocity, fk::denoisers{with, without}, x, guidance);
  fk::tuning::network second_few(path, velocity, fk::denoisers{with_few, without}, y, guidance);
  measure("images", first, {.levels = 100}, {99, 3}, &first_few, features);
  measure("images guided", second, {.levels = 100}, {99, 3}, &second_few, features);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || count > 4) {
    std::fputs("tuning: name the folder of the trained networks, examples/data\n", stderr);
    return 2;
  }
  weights = arguments[1];
  if (count > 2) only_problem = arguments[2];
  if (count > 3) only_calls = std::atoi(arguments[3]);
  if (count == 2) std::puts("problem,calls,plan,what,samples,tried,mean,median,frechet,energy");
  mixtures();
  spirals();
  images();
}
