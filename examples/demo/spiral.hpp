// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <xtensor/xadapt.hpp>
#include <xtensor/xview.hpp>

#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/metric/energy_distance.hpp>
#include <fokker/model/empirical.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/perturb.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "run.hpp"

/// Points of the plane along a spiral, in three classes, and the exact denoiser of that set.
namespace demo::spiral {

constexpr std::size_t data_size = 3000;
constexpr std::size_t samples = 768;

// From the inside outwards.
enum { people, dogs, cats };
const std::array<std::string, 3> class_names{"people", "dogs", "cats"};

/// Uniform numbers in [0, 1) that are the same with every standard library.
inline double uniform(std::mt19937_64& engine) { return static_cast<double>(engine() >> 11) * 0x1p-53; }

/// Two turns of an Archimedean spiral, a little denser inside, with some jitter.
inline data_set make_data() {
  constexpr double first = 0.45 * std::numbers::pi, last = first + 4 * std::numbers::pi, length = 2.6;
  std::mt19937_64 engine(7);
  data_set data{points::from_shape({data_size, 2}), {}};
  for (std::size_t i = 0; i < data_size; ++i) {
    const double share = uniform(engine);
    const double angle = std::lerp(first, last, std::pow(share, 0.75));
    data.x(i, 0) = static_cast<float>(length * angle / last * std::cos(angle));
    data.x(i, 1) = static_cast<float>(length * angle / last * std::sin(angle));
    data.label.push_back(static_cast<int>(3 * share));
  }
  fk::perturb(fk::level{.alpha = 1, .sigma = 0.035}, data.x, fk::noise::philox{.seed = 7}, data.x);
  return data;
}

/// The points of the classes that `wanted` accepts.
template <class Wanted>
points select(const data_set& data, Wanted wanted) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < data.label.size(); ++i)
    if (wanted(data.label[i])) rows.push_back(i);
  return xt::view(data.x, xt::keep(rows), xt::all());
}

inline double share_of(int wanted, const std::vector<int>& classes) {
  return static_cast<double>(std::count(classes.begin(), classes.end(), wanted)) / static_cast<double>(classes.size());
}

/// Writes points and the class of the data that each lies nearest to. Returns these classes.
inline std::vector<int> write_points(report& out, const std::string& key, const points& x, const data_set& data) {
  const nearest found(x, data.x);
  std::vector<int> classes;
  for (const std::size_t i : found.index) classes.push_back(data.label[i]);
  out.array(key, x);
  out.array(key + "_class", xt::adapt(classes));
  out.fact(key + ".nearest", found.mean());
  out.fact(key + ".spread", spread(x));
  return classes;
}

/// The paths of the first few samples, a call after the other.
class trajectories {
 public:
  explicit trajectories(std::size_t calls) : path_(xt::xtensor<float, 3>::from_shape({calls, 8, 2})) {}

  void operator()(const fk::progress<points>& seen) {
    for (std::size_t i = 0; i < path_.shape(1); ++i)
      for (std::size_t k = 0; k < 2; ++k)
        path_(static_cast<std::size_t>(seen.call) - 1, i, k) = static_cast<float>(seen.x(i, k) / seen.scale);
  }
  [[nodiscard]] const xt::xtensor<float, 3>& array() const { return path_; }

 private:
  xt::xtensor<float, 3> path_;
};

/// As many points as a sampler makes, drawn from the data: the distance that chance alone leaves.
inline points redraw(const data_set& data) {
  std::mt19937_64 engine(11);
  points x = points::from_shape({samples, 2});
  for (std::size_t i = 0; i < samples; ++i) {
    const auto from = static_cast<std::size_t>(uniform(engine) * data_size);
    for (std::size_t k = 0; k < 2; ++k) x(i, k) = data.x(from, k);
  }
  return x;
}

/// A plan and what to call it; `key` names its files.
struct job {
  std::string key, name;
  fk::plan::program plan;
};

inline std::size_t calls_of(const std::vector<job>& jobs) {
  std::size_t calls = 0;
  for (const job& j : jobs) calls += j.plan.calls.size();
  return calls;
}

/// DDPM with its noise and without, and samplers that need fewer steps; `prefix` begins their keys.
inline std::vector<job> compared(const std::string& prefix) {
  const auto plan = [](int steps, const auto& solver) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = steps},
                         solver);
  };
  std::vector<job> jobs{{prefix + "ddpm_64", "DDPM", plan(64, fk::solver::ddpm{})},
                        {prefix + "noiseless_64", "DDPM without noise",
                         plan(64, fk::solver::ddpm{fk::solver::ddpm_variance::noiseless})}};
  for (const int steps : {8, 16, 32})
    jobs.push_back({prefix + "ddim_" + std::to_string(steps), "DDIM", plan(steps, fk::solver::ddim{})});
  for (const int steps : {8, 16, 32})
    jobs.push_back(
        {prefix + "dpmpp_2m_" + std::to_string(steps), "DPM-Solver++(2M)", plan(steps, fk::solver::dpmpp_2m{})});
  return jobs;
}

/// Samples by one job and writes the points, their paths and their distance to the data.
template <class Network>
void sample(report& out, const data_set& data, const std::string& picture, const job& j, Network& network,
            meter& done) {
  trajectories paths(j.plan.calls.size());
  const outcome result = run(j.plan, samples, 2, fk::noise::philox{.seed = 42}, done, paths, network);
  write_points(out, j.key, result.x, data);
  out.array(j.key + "_path", paths.array());
  const double distance = fk::metric::energy_distance(result.x, data.x);
  out.fact(j.key + ".energy", distance);
  out.run({picture, j.name, j.plan.steps(), result.evaluations, result.seconds, distance, "energy distance"});
}

/// All with the one denoiser.
inline void compare_samplers(report& out, const data_set& data) {
  const std::vector<job> jobs = compared("");
  fk::model::predicting network{fk::parameterization::epsilon{}, fk::model::empirical{data.x}};
  meter done("samplers", calls_of(jobs));
  for (const job& j : jobs) sample(out, data, "spiral", j, network, done);
}

/// Labels of which two in five name another class. The exact denoiser of such labels errs as often.
inline std::vector<int> careless(std::vector<int> label) {
  for (std::size_t i = 0; i < label.size(); ++i)
    if (i % 5 < 2) label[i] = (label[i] + 1 + static_cast<int>(i % 5)) % 3;
  return label;
}

constexpr std::array scales{0, 1, 2, 4, 8};

/// One plan at several scales of its guidance.
class guided_sampler {
 public:
  guided_sampler(report& out, const data_set& data, std::size_t runs)
      : out_(out), data_(data), done_("guidance", runs * plan_.calls.size()) {}

  [[nodiscard]] int steps() const { return plan_.steps(); }

  /// Samples with `conditional` guided off `other`, and writes how many are of the class `counted`.
  template <class Conditional, class Other>
  outcome operator()(int scale, const std::string& key, int counted, Conditional& conditional, Other& other) {
    const fk::guidance::classifier_free guidance{.scale = static_cast<double>(scale)};
    const outcome result =
        run(plan_.with(guidance), samples / 2, 2, fk::noise::philox{.seed = 42}, done_, unobserved, conditional, other);
    const std::vector<int> classes = write_points(out_, key, result.x, data_);
    out_.fact(key + ".share", share_of(counted, classes));
    return result;
  }

 private:
  report& out_;
  const data_set& data_;
  fk::plan::program plan_ =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 32},
                    fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{});
  meter done_;
};

/// Classifier-free guidance towards each class, and away from one by a negative prompt: the rule is
/// the same, and so are the networks.
inline void guide(report& out, const data_set& data) {
  const std::vector<int> label = careless(data.label);
  const auto network = [&](const auto&... labels) {
    return fk::model::predicting{fk::parameterization::epsilon{}, fk::model::empirical{data.x, labels...}};
  };
  auto all = network();
  std::array each{network(label, people), network(label, dogs), network(label, cats)};
  guided_sampler sampled(out, data, scales.size() * 4);

  for (const int scale : scales) {
    run_row row{.picture = "guidance",
                .sampler = "guided, scale " + std::to_string(scale),
                .steps = sampled.steps(),
                .measure = "energy distance to the class"};
    for (const int c : {people, dogs, cats}) {
      const auto i = static_cast<std::size_t>(c);
      const std::string key = "guided_" + class_names[i] + "_" + std::to_string(scale);
      const outcome result = sampled(scale, key, c, each[i], all);
      const points wanted = select(data, [c](int other) { return other == c; });
      row.evaluations += result.evaluations;
      row.seconds += result.seconds;
      row.distance += fk::metric::energy_distance(result.x, wanted) / 3;
    }
    out.run(row);
  }

  const points others = select(data, [](int c) { return c != cats; });
  for (const int scale : scales) {
    const outcome result = sampled(scale, "not_cats_" + std::to_string(scale), cats, all, each[cats]);
    out.run({"guidance", "not cats, scale " + std::to_string(scale), sampled.steps(), result.evaluations,
             result.seconds, fk::metric::energy_distance(result.x, others), "energy distance to the others"});
  }
}

/// Where and when the score is drawn.
inline points raster() {
  constexpr std::size_t side = 22;
  constexpr float edge = 3.2F;
  points x = points::from_shape({side * side, 2});
  for (std::size_t i = 0; i < side * side; ++i) {
    x(i, 0) = edge * (2 * static_cast<float>(i % side) / (side - 1) - 1);
    x(i, 1) = edge * (2 * static_cast<float>(i / side) / (side - 1) - 1);
  }
  return x;
}
constexpr std::array times{0.8, 0.4, 0.15, 0.03};

/// The score, the gradient of the log-density of the noised data, on a raster at four times.
inline void score_field(report& out, const data_set& data) {
  const points x = raster();
  out.array("raster", x);

  fk::model::predicting network{fk::parameterization::score{}, fk::model::empirical{data.x}};
  meter done("score", times.size());
  points score = x, noised = data.x, clean = data.x;
  for (std::size_t i = 0; i < times.size(); ++i, ++done) {
    const std::string key = "score_" + std::to_string(i);
    const fk::level at = fk::level_at(fk::schedule::vp_linear{}, times[i]);
    network(score, x, at);
    fk::perturb(at, clean, fk::noise::philox{.seed = 42}, noised);
    require(all_finite(score), "a score is not finite");
    out.array(key, score);
    out.array(key + "_points", noised);
    out.fact(key + ".time", at.time);
    out.fact(key + ".alpha", at.alpha);
    out.fact(key + ".sigma", at.sigma);
  }
}

/// Everything that the pictures claim, or an exception.
inline void check(const report& out) {
  expect(out.fact("ddpm_64.nearest") < 0.05, "DDPM lands on the spiral");
  expect(out.fact("ddpm_64.energy") < 0.02, "DDPM has the distribution of the data");
  expect(out.fact("noiseless_64.spread") < 0.5 * out.fact("data.spread"), "DDPM without noise collapses");
  expect(out.fact("dpmpp_2m_8.energy") < out.fact("ddim_8.energy"),
         "the second order needs fewer steps than the first");
  for (const std::string& name : class_names) {
    double before = 0;
    for (const int scale : scales) {
      const double share = out.fact("guided_" + name + "_" + std::to_string(scale) + ".share");
      expect(share > before, "guidance towards " + name + " grows with its scale");
      before = share;
    }
    expect(before > 0.9, "guidance at its largest scale reaches " + name);
  }
  expect(out.fact("not_cats_4.share") < 0.5 * out.fact("not_cats_1.share"), "a negative prompt keeps off its class");
}

inline void demonstrate(report& out) {
  const data_set data = make_data();
  out.array("data", data.x);
  out.array("data_class", xt::adapt(data.label));
  out.fact("data.spread", spread(data.x));
  out.fact("redrawn.energy", fk::metric::energy_distance(redraw(data), data.x));
  compare_samplers(out, data);
  guide(out, data);
  score_field(out, data);
  check(out);
}

}  // namespace demo::spiral
