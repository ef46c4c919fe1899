// SPDX-License-Identifier: MIT
//
// A sampler for one network: its levels and weights are fitted to the images of a trained network, as it is used.
//
//   tune          five calls without guidance, from few images, in seconds; asserts that it is better than the usual
//   ones tune FOLDER   ten calls with guidance; writes the plan as text, and what examples/tune.py draws

#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fokker.hpp>
#include <fokker/tuning/search.hpp>

#include "networks.hpp"
#include "safetensors.hpp"

namespace {

namespace fk = fokker;
namespace fs = std::filesystem;
using by_blas = example::host_layers<fk::backend::xtensor_products>;

const fk::schedule::cosine schedule{.offset = 0};
constexpr fk::parameterization::velocity predicts{};
constexpr std::size_t pixels = 784;

template <class Denoiser, class Guidance>
void tune(Denoiser denoiser, const Guidance& guidance, std::size_t images, int calls, double budget,
          const fs::path& folder) {
  std::vector<float> memory(images * pixels);
  const fk::backend::host_view<float> x{memory.data(), {images, pixels}};

  // [tune]
  const fk::tuning::lesson how{.levels = 100};  // calls of the fine run; .batches gives more samples
  fk::tuning::network net(schedule, predicts, denoiser, x, guidance);
  const fk::tuning::recording fine =
      fk::tuning::teach(net, how);  // the network in fine steps, which is what runs are to meet

  const auto mine =
      fk::make_plan(schedule, predicts, fk::grid::karras{.steps = calls, .sigma_min = 0.03, .sigma_max = 80},
                    fk::solver::dpmpp_2m{}, guidance);  // what is used today
  const auto found = fk::tuning::search(
      net, fine, calls, {.how = how, .budget = budget, .own = &mine}, [](const fk::tuning::search_progress& seen) {
        std::printf("\r%-8.*s%5.0f of %.0f calls of the network, error %.4f", static_cast<int>(seen.stage.size()),
                    seen.stage.data(), seen.calls, seen.budget, seen.error);
      });
  std::printf("\n%s: error %.4f; the best of the usual plans has %.4f, mine %.4f\n", found.told.c_str(), found.error,
              found.stock_error, found.own_error);
  // [tune]
  assert(found.tuned() && found.error < 0.9 * found.stock_error);
  assert(fine.error < 0.15 * found.error);  // it is good enough to be followed

  // Noise that the search has not seen.
  const auto sampled = [&](const fk::program& plan) { return fk::tuning::ends(net, plan, 11, 0, 1); };
  const auto difference = [&](const std::vector<double>& a, const std::vector<double>& b) {
    return fk::tuning::mean_error(a.data(), b.data(), images, pixels);
  };
  const auto cosine =
      fk::make_plan(schedule, predicts, fk::grid::uniform{.steps = calls}, fk::solver::dpmpp_2m{}, guidance);
  const auto truth =
      sampled(net.planned(fk::tuning::fine_levels(net, how, 2 * how.levels), fk::solver::exp_adams<3, true>{}));
  const std::string text = fk::plan::to_text(found.plan);  // keep this beside the network's weights
  const auto by_tuned = sampled(fk::plan::from_text(text)), by_mine = sampled(mine), by_cosine = sampled(cosine);
  const double error = difference(by_tuned, truth);
  std::printf("from new noise: %.4f; mine %.4f, 2M on even times %.4f\n", error, difference(by_mine, truth),
              difference(by_cosine, truth));
  assert(error < difference(by_mine, truth) && error < difference(by_cosine, truth));

  if (folder.empty()) return;
  fs::create_directories(folder);
  std::ofstream(folder / "plan.txt") << text;

  // The levels of each plan, and its weights of the last prediction and those before it: 2M's are those of its paper.
  std::ofstream table(folder / "tuning.csv");
  table << "plan,error,call,ratio,weights of x; of the predictions\n";
  const auto write = [&](const char* name, const fk::program& plan, const std::vector<double>& images_of, bool tuned) {
    for (std::size_t k = 0; k < plan.calls.size(); ++k) {
      table << name << ',' << difference(images_of, truth) << ',' << k << ',' << plan.calls[k].at.ratio();
      const auto angle = [&](std::size_t i) {
        return i < plan.calls.size() ? fk::tuning::angle(plan.calls[i].at) : 0.0;
      };
      const auto weights =
          tuned ? found.solver.rows[k] : fk::tuning::stock_row(k > 0 ? angle(k - 1) : 0, angle(k), angle(k + 1));
      for (const double w : weights) table << ',' << w;
      table << '\n';
    }
  };
  write("tuned", found.plan, by_tuned, true);
  write("2M on Karras's grid", mine, by_mine, false);
  write("2M on even times", cosine, by_cosine, false);

  // A row of images for each: in fine steps, tuned, and those two.
  const std::size_t shown = 10, side = 28;
  std::ofstream picture(folder / "images.pgm", std::ios::binary);
  picture << "P5 " << shown * side << ' ' << 4 * side << " 255\n";
  for (const auto* of : {&truth, &by_tuned, &by_mine, &by_cosine})
    for (std::size_t y = 0; y < side; ++y)
      for (std::size_t i = 0; i < shown; ++i)
        for (std::size_t column = 0; column < side; ++column) {
          const double v = (*of)[i * pixels + y * side + column];
          picture.put(
              static_cast<char>(static_cast<unsigned char>(std::fmin(std::fmax(127.5 + 127.5 * v, 0.0), 255.0))));
        }
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path data = fs::path(__FILE__).parent_path() / "data";
  example::fashion_network<by_blas> network{example::safetensors::read(data / "fashion.safetensors")};
  const bool whole = argc > 1;
  const std::size_t images = whole ? 24 : 8;
  std::vector<int> classes(images);
  for (std::size_t i = 0; i < images; ++i) classes[i] = static_cast<int>(i % 10);
  const example::of_class cond{network, classes}, uncond{network, {network.nothing}};
  if (whole)
    tune(fk::denoisers{cond, uncond}, fk::guidance::classifier_free{3}, images, 10, 0, argv[1]);
  else
    tune(cond, fk::guidance::none{}, images, 5, 100, {});
}
