// SPDX-License-Identifier: MIT
// Writes plans of few steps into the folder that it is given: what the fuzzer of from_text begins with.
#include <fstream>
#include <string>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

template <class Solver, class Guidance, class Network = fk::parameterization::edm>
void write(const std::string& file, const Solver& solver, const Guidance& guidance, bool preview,
           const Network& network = {}) {
  std::ofstream(file) << fk::plan::to_text(fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 2},
                                                         solver, guidance, {.preview = preview}));
}

}  // namespace

int main(int, char** arguments) {
  const std::string folder = std::string(arguments[1]) + "/";
  write(folder + "ddpm", fk::solver::ddpm{}, fk::guidance::none{}, false);
  write(folder + "heun", fk::solver::heun{}, fk::guidance::classifier_free{}, false);
  write(folder + "dpmpp_2m", fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{}, true);
  const fk::parameterization::epsilon network;
  write(folder + "thresholded", fk::solver::ddim{}, fk::guidance::none{}, false,
        fk::parameterization::thresholded{network});
  write(folder + "paths", fk::solver::seeds_2{}, fk::guidance::none{}, false);
  write(folder + "learned", fk::solver::ddpm{fk::solver::ddpm_variance::learned}, fk::guidance::none{}, false,
        fk::parameterization::learned_variance{network});
  write(folder + "measured", fk::solver::euler{}, fk::guidance::apg{.over = {0, 1}}, false);
  write(folder + "angles", fk::solver::euler{}, fk::guidance::adg{}, false);
}
