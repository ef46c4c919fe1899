// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <xtensor/xadapt.hpp>
#include <xtensor/xview.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/empirical.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "idx.hpp"
#include "run.hpp"

/// The test images of Fashion-MNIST, and the exact denoiser of that set of images.
namespace demo::fashion {

constexpr std::size_t data_size = 10'000, side = 28, pixels = side * side;
constexpr std::size_t classes = 10, samples = 4;  // of each class

/// Images in [-1, 1]. Throws std::runtime_error where a file is missing or not what it should be.
inline data_set read_data(const std::filesystem::path& folder) {
  const idx images = read_idx(folder / "t10k-images-idx3-ubyte.gz", {data_size, side, side});
  const idx labels = read_idx(folder / "t10k-labels-idx1-ubyte.gz", {data_size});
  data_set data{points::from_shape({data_size, pixels}), {labels.bytes.begin(), labels.bytes.end()}};
  std::transform(images.bytes.begin(), images.bytes.end(), data.x.begin(),
                 [](unsigned char byte) { return static_cast<float>(byte) / 127.5F - 1; });
  for (std::size_t c = 0; c < classes; ++c)
    require(std::count(data.label.begin(), data.label.end(), c) == 1000,
            "the labels of Fashion-MNIST are not 1000 of each class");
  return data;
}

/// x and the x0-prediction of the first sample after every call: the strip of the reverse process.
class film {
 public:
  explicit film(std::size_t calls) : frames_(xt::xtensor<float, 3>::from_shape({2, calls, pixels})) {}

  void operator()(const fk::progress<points>& seen) {
    const auto call = static_cast<std::size_t>(seen.call) - 1;
    for (std::size_t k = 0; k < pixels; ++k) {
      frames_(0, call, k) = static_cast<float>(seen.x(0, k) / seen.scale);
      frames_(1, call, k) = (*seen.preview)(0, k);
    }
  }
  [[nodiscard]] const xt::xtensor<float, 3>& array() const { return frames_; }

 private:
  xt::xtensor<float, 3> frames_;
};

/// Writes the sheet of a sampler: a few samples of each class, guided, from a network of the
/// parameterization `predicts`. Returns the nearest image of each.
template <class Parameterization>
nearest sample_classes(report& out, const data_set& data, const std::string& key, const std::string& name,
                       const fk::plan::program& plan, const Parameterization& predicts) {
  fk::model::predicting all{predicts, fk::model::empirical{data.x}};
  points sheet = points::from_shape({classes * samples, pixels});
  xt::xtensor<float, 4> films = xt::xtensor<float, 4>::from_shape({classes, 2, plan.calls.size(), pixels});
  run_row row{.picture = "fashion", .sampler = name, .steps = plan.steps(), .measure = "nearest image, per pixel"};
  meter done(key, classes * plan.calls.size());
  for (std::size_t c = 0; c < classes; ++c) {
    fk::model::predicting of_class{predicts, fk::model::empirical{data.x, data.label, static_cast<int>(c)}};
    // Each class is a shard of one batch: its samples keep their own numbers, and so their noise.
    const fk::noise::philox noise{.seed = 42, .first_sample = static_cast<std::uint32_t>(c * samples)};
    film frames(plan.calls.size());
    const outcome result = run(plan, samples, pixels, noise, done, frames, of_class, all);
    xt::view(sheet, xt::range(c * samples, (c + 1) * samples), xt::all()) = result.x;
    xt::view(films, c) = frames.array();
    row.evaluations += result.evaluations;
    row.seconds += result.seconds;
  }
  const nearest found(sheet, data.x);
  row.distance = found.mean() / std::sqrt(static_cast<double>(pixels));
  require(row.distance < 0.25, "unexpected: " + name + " is far from every image");
  std::vector<double> times;
  for (const fk::level& l : plan.levels) times.push_back(l.time);
  out.array(key, sheet);
  out.array(key + "_film", films);
  out.array(key + "_times", xt::adapt(times));
  out.fact(key + ".steps", plan.steps());
  out.run(row);
  return found;
}

/// Three samplers over three paths, asking networks of three kinds: what differs is one line each.
inline void demonstrate(report& out, const data_set& data) {
  const fk::guidance::classifier_free guidance{.scale = 2};
  const fk::plan_options watched{.preview = true};
  const fk::parameterization::velocity velocity;
  const fk::parameterization::flow flow;
  const fk::parameterization::edm edm;
  const auto by_ddpm = fk::make_plan(fk::schedule::cosine{}, velocity, fk::grid::uniform{.steps = 30},
                                     fk::solver::ddpm{}, guidance, watched);
  const auto by_ddim = fk::make_plan(fk::schedule::flow_linear{}, flow, fk::grid::uniform{.steps = 20},
                                     fk::solver::ddim{}, guidance, watched);
  const auto by_dpmpp =
      fk::make_plan(fk::schedule::edm{}, edm, fk::grid::karras{.steps = 15}, fk::solver::dpmpp_2m{}, guidance, watched);
  const std::array found{sample_classes(out, data, "fashion_ddpm", "DDPM", by_ddpm, velocity),
                         sample_classes(out, data, "fashion_ddim", "DDIM", by_ddim, flow),
                         sample_classes(out, data, "fashion_dpmpp_2m", "DPM-Solver++(2M)", by_dpmpp, edm)};
  double right = 0, same = 0, memorised = 0;
  for (std::size_t i = 0; i < classes * samples; ++i) {
    for (const nearest& images : found) {
      right += static_cast<std::size_t>(data.label[images.index[i]]) == i / samples;
      memorised += images.distance[i] < 0.01 * side;  // root mean square below 0.01
    }
    same += found[1].index[i] == found[2].index[i];
  }
  constexpr double sheet = classes * samples;
  out.fact("fashion.right", right / (3 * sheet));
  out.fact("fashion.memorised", memorised / (3 * sheet));
  out.fact("fashion.same", same / sheet);
  require(out.fact("fashion.right") > 0.9, "unexpected: guided samples are not of their classes");
}

}  // namespace demo::fashion
