// SPDX-License-Identifier: MIT
// Compiled several times for one program, with flags and a name of its own each time.
#include "sampled.hpp"

#include <fokker/backend/host.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

// All that follows has the same name in each file but the function that they are told.

struct network {
  template <class E>
  void operator()(std::vector<E>& out, const std::vector<E>& x, const fk::level&) const {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * E(0.25);
  }
};

template <class E>
void sample(const fk::plan::program& plan, std::vector<std::string>& lines) {
  std::vector<E> x(70000);  // several pieces, which threads share
  fk::sample(plan, fk::denoisers{network{}, network{}}, fk::noise::philox{.seed = 5}, x);
  double norms[70];
  fk::kernel::host::norm(x.data(), 70, 1000, norms);
  lines.emplace_back(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(E));
  lines.emplace_back(reinterpret_cast<const char*>(norms), sizeof norms);
}

std::vector<std::string> FOKKER_SAMPLED() {
  std::vector<std::string> lines;
  const auto run = [&lines](const auto& schedule, const auto& grid, const auto& solver) {
    const auto plan = fk::make_plan(schedule, fk::parameterization::velocity{}, grid, solver,
                                    fk::guidance::classifier_free{.scale = 2.7});
    lines.push_back(fk::plan::to_text(plan));
    sample<float>(plan, lines);
    sample<double>(plan, lines);
  };
  run(fk::schedule::vp_linear{}, fk::grid::uniform{.steps = 7}, fk::solver::dpmpp_sde{});
  run(fk::schedule::scaled_linear(), fk::grid::trailing{.steps = 7}, fk::solver::unipc<3>{});
  run(fk::schedule::edm{}, fk::grid::karras{.steps = 7}, fk::solver::compat::ipndm_v<4>{});
  return lines;
}
