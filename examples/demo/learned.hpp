// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <xtensor/xadapt.hpp>
#include <xtensor/xview.hpp>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/metric/energy_distance.hpp>
#include <fokker/metric/frechet_distance.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/heun.hpp>

#include "../networks.hpp"
#include "../safetensors.hpp"
#include "fashion.hpp"
#include "spiral.hpp"

/// The same pictures from networks that were trained, by examples/train.
namespace demo::learned {

using by_blas = example::host_layers<fk::backend::xtensor_products>;
using spiral_network = example::spiral_network<by_blas>;
using fashion_network = example::fashion_network<by_blas>;
using classifier = example::classifier<by_blas>;

inline example::safetensors weights(const std::filesystem::path& folder, const std::string& name) {
  return example::safetensors::read(folder / (name + ".safetensors"));
}

/// A prediction of epsilon as the score, -epsilon / sigma.
template <class Denoiser>
struct as_score {
  Denoiser& epsilon;

  void operator()(points& out, const points& x, const fk::level& at) const {
    epsilon(out, x, at);
    out *= static_cast<float>(-1 / at.sigma);
  }
};

/// The level as the network of the spiral is told it.
inline fk::level labelled(fk::level at) {
  at.label = at.time;
  return at;
}

class spiral_pictures {
 public:
  spiral_pictures(report& out, const data_set& data, const std::filesystem::path& folder,
                  const std::filesystem::path& trained)
      : out_(out),
        data_(data),
        network_(trained.empty() ? weights(folder, "spiral") : example::safetensors::read(trained)),
        flow_(weights(folder, "spiral_flow")) {}

  void operator()() {
    score_field();
    samplers();
    guide();
    errors();
  }

 private:
  using denoiser = example::of_class<spiral_network>;
  static constexpr int nothing = spiral_network::nothing;

  /// The learned score on the raster of the exact one, at its times.
  void score_field() {
    denoiser any{network_, {nothing}};
    const as_score<denoiser> score{any};
    fk::model::predicting exact{fk::parameterization::score{}, fk::model::empirical{data_.x}};
    const points raster = spiral::raster();
    points learned = raster, wanted = raster;
    for (std::size_t i = 0; i < spiral::times.size(); ++i) {
      const fk::level at = labelled(fk::level_at(schedule_, spiral::times[i]));
      score(learned, raster, at);
      exact(wanted, raster, at);
      require(all_finite(learned), "a learned score is not finite");
      out_.array("learned_score_" + std::to_string(i), learned);
      // Where data are likely: at points of the noised data, as a share of the exact score there.
      points x = data_.x, a = x, b = x;
      fk::perturb(at, data_.x, fk::noise::philox{.seed = 42}, x);
      score(a, x, at);
      exact(b, x, at);
      double difference = 0, whole = 0;
      for (std::size_t k = 0; k < a.size(); ++k) {
        difference += std::pow(static_cast<double>(a.data()[k]) - b.data()[k], 2);
        whole += std::pow(static_cast<double>(b.data()[k]), 2);
      }
      out_.fact("learned_score_" + std::to_string(i) + ".error", std::sqrt(difference / whole));
    }
  }

  void samplers() {
    const std::vector<spiral::job> jobs = spiral::compared("learned_");
    const spiral::job by_flow{"learned_flow_32", "Euler on the flow network",
                              fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                            fk::grid::uniform{.steps = 32}, fk::solver::euler{})};
    meter done("trained_samplers", spiral::calls_of(jobs) + by_flow.plan.calls.size());
    denoiser any{network_, {nothing}}, straight{flow_, {nothing}};
    for (const spiral::job& j : jobs) spiral::sample(out_, data_, "trained spiral", j, any, done);
    spiral::sample(out_, data_, "trained spiral", by_flow, straight, done);
  }

  void guide() {
    spiral::guided_sampler sampled(out_, data_, spiral::scales.size() * 4);
    denoiser any{network_, {nothing}};
    std::array<denoiser, 3> each{denoiser{network_, {0}}, denoiser{network_, {1}}, denoiser{network_, {2}}};
    for (const int scale : spiral::scales) {
      for (const int c : {spiral::people, spiral::dogs, spiral::cats}) {
        const auto i = static_cast<std::size_t>(c);
        sampled(scale, "learned_guided_" + spiral::class_names[i] + "_" + std::to_string(scale), c, each[i], any);
      }
      sampled(scale, "learned_not_cats_" + std::to_string(scale), spiral::cats, any, each[spiral::cats]);
    }
  }

  /// How far each solver's end is from that of the same equation solved finely, against network calls.
  void errors() {
    constexpr std::array counts{4, 8, 16, 32, 64, 128};
    std::vector<spiral::job> jobs;
    const auto add = [&](const std::string& key, int steps, const auto& solver) {
      jobs.push_back({key, {}, fk::make_plan(schedule_, predicts_, fk::grid::log_snr{.steps = steps}, solver)});
    };
    add("fine", 1024, fk::solver::dpmpp_2m{});
    for (const int steps : counts) {
      add("ddim", steps, fk::solver::ddim{});
      add("heun", steps, fk::solver::heun{});
      add("dpmpp_2m", steps, fk::solver::dpmpp_2m{});
    }
    denoiser any{network_, {nothing}};
    meter done("trained_errors", spiral::calls_of(jobs));
    points fine;
    std::map<std::string, std::vector<double>> lines;  // calls and error, by turns
    for (const spiral::job& j : jobs) {
      const points x = run(j.plan, 256, 2, fk::noise::philox{.seed = 7}, done, unobserved, any).x;
      if (j.key == "fine") {
        fine = x;
        continue;
      }
      std::vector<double> off;  // of each point; where the ways part a few are far off, so the median tells more
      for (std::size_t i = 0; i < x.shape(0); ++i) off.push_back(distance(x, i, fine, i));
      std::nth_element(off.begin(), off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2), off.end());
      lines[j.key].push_back(static_cast<double>(j.plan.calls.size()));
      lines[j.key].push_back(off[off.size() / 2]);
    }
    for (const auto& [key, numbers] : lines)
      out_.array("learned_error_" + key, xt::adapt(numbers, std::array<std::size_t, 2>{numbers.size() / 2, 2}));
  }

  report& out_;
  const data_set& data_;
  spiral_network network_, flow_;
  fk::schedule::vp_linear schedule_;
  fk::parameterization::epsilon predicts_;
};

class fashion_pictures {
 public:
  fashion_pictures(report& out, const data_set& data, const std::filesystem::path& folder)
      : out_(out), data_(data), network_(weights(folder, "fashion")), judge_(weights(folder, "classifier")) {}

  void operator()() {
    sheets();
    reverse();
    distances();
  }

 private:
  using denoiser = example::of_class<fashion_network>;
  static constexpr int nothing = fashion_network::nothing;
  static constexpr std::size_t each = 6;  // of each class on a sheet

  [[nodiscard]] static std::vector<int> classes(std::size_t count) {
    std::vector<int> label;
    for (std::size_t i = 0; i < fashion::classes * count; ++i) label.push_back(static_cast<int>(i / count));
    return label;
  }
  template <class Solver>
  [[nodiscard]] fk::plan::program plan(const Solver& solver, int steps, double scale, bool preview = false) const {
    return fk::make_plan(fk::schedule::cosine{.offset = 0}, fk::parameterization::velocity{},
                         fk::grid::uniform{.steps = steps}, solver, fk::guidance::classifier_free{.scale = scale},
                         {.preview = preview});
  }
  [[nodiscard]] points features(const points& x) {
    points found = points::from_shape({x.shape(0), classifier::feature_size});
    judge_.features(x, found);
    return found;
  }
  /// The share of images that the classifier takes for one of their class.
  [[nodiscard]] double share(const points& x, const std::vector<int>& wanted) {
    points logits = points::from_shape({x.shape(0), classifier::classes});
    judge_.logits(features(x), logits);
    double right = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const float* row = &logits(i, 0);
      right += std::max_element(row, row + classifier::classes) - row == wanted[i];
    }
    return right / static_cast<double>(wanted.size());
  }

  /// All classes in one batch, at three scales.
  void sheets() {
    const std::vector<int> wanted = classes(each);
    denoiser with{network_, wanted}, without{network_, {nothing}};
    meter done("trained_sheets", 3 * 20);
    for (const int scale : {1, 2, 4}) {
      const std::string key = "learned_fashion_" + std::to_string(scale);
      const outcome result = run(plan(fk::solver::dpmpp_2m{}, 20, scale), wanted.size(), fashion::pixels,
                                 fk::noise::philox{.seed = 42}, done, unobserved, with, without);
      out_.array(key, result.x);
      out_.fact(key + ".share", share(result.x, wanted));
      out_.run({"trained fashion", "DPM-Solver++(2M), scale " + std::to_string(scale), 20, result.evaluations,
                result.seconds, 1 - out_.fact(key + ".share"), "share of other classes"});
    }
  }

  /// The reverse process, a frame a call: one sample of each class.
  void reverse() {
    const std::vector<int> wanted = classes(1);
    denoiser with{network_, wanted}, without{network_, {nothing}};
    const auto by_ddpm = plan(fk::solver::ddpm{}, 40, 2, true);
    xt::xtensor<float, 4> film =
        xt::xtensor<float, 4>::from_shape({by_ddpm.calls.size(), 2, fashion::classes, fashion::pixels});
    meter done("trained_film", by_ddpm.calls.size());
    run(
        by_ddpm, wanted.size(), fashion::pixels, fk::noise::philox{.seed = 5}, done,
        [&](const fk::progress<points>& seen) {
          const auto call = static_cast<std::size_t>(seen.call) - 1;
          for (std::size_t i = 0; i < fashion::classes; ++i)
            for (std::size_t k = 0; k < fashion::pixels; ++k) {
              film(call, 0, i, k) = static_cast<float>(seen.x(i, k) / seen.scale);
              film(call, 1, i, k) = (*seen.preview)(i, k);
            }
        },
        with, without);
    out_.array("learned_film", film);
  }

  /// Distances to the test images in the classifier's features, by sampler and number of calls.
  void distances() {
    const points real = features(data_.x);
    points some = xt::view(real, xt::range(0, 1000), xt::all());
    const auto of_real = fk::metric::fit(real);
    const std::vector<int> wanted = classes(10);
    denoiser with{network_, wanted}, without{network_, {nothing}};
    const std::array steps{5, 10, 20};
    meter done("trained_distance", 2 * 35);
    const auto measure = [&](const std::string& name, const auto& solver) {
      for (const int count : steps) {
        const outcome result = run(plan(solver, count, 1), wanted.size(), fashion::pixels, fk::noise::philox{.seed = 9},
                                   done, unobserved, with, without);
        const points found = features(result.x);
        const double frechet =
            fk::metric::frechet_distance<fk::backend::xtensor_products>(fk::metric::fit(found), of_real);
        out_.run({"trained fashion", name, count, result.evaluations, result.seconds, frechet,
                  "Fréchet distance of features"});
        out_.run({"trained fashion", name, count, result.evaluations, result.seconds,
                  fk::metric::energy_distance(found, some), "energy distance of features"});
      }
    };
    measure("DDIM", fk::solver::ddim{});
    measure("DPM-Solver++(2M)", fk::solver::dpmpp_2m{});
  }

  report& out_;
  const data_set& data_;
  fashion_network network_;
  classifier judge_;
};

/// Everything that the pictures claim, or an exception.
inline void check(const report& out) {
  expect(out.fact("learned_ddpm_64.nearest") < 0.1, "the trained network's DDPM lands on the spiral");
  expect(out.fact("learned_noiseless_64.spread") < 0.5 * out.fact("data.spread"), "without its noise it collapses");
  for (const std::string& name : spiral::class_names)
    expect(out.fact("learned_guided_" + name + "_8.share") > 0.9, "guidance of the trained network reaches " + name);
  expect(out.fact("learned_fashion_4.share") >= 0.9, "guided images are of their classes");
}

inline void demonstrate(report& out, const data_set& images, const std::filesystem::path& folder,
                        const std::filesystem::path& trained_spiral) {
  const data_set data = spiral::make_data();
  spiral_pictures(out, data, folder, trained_spiral)();
  fashion_pictures(out, images, folder)();
  check(out);
}

}  // namespace demo::learned
