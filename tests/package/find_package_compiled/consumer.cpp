// SPDX-License-Identifier: MIT
// A user's program, which prints all bits: the same with fokker::compiled as without.
#include <cstdio>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

template <class E, class Network = E, class Noise>
void run(const fk::plan::program& plan, const Noise& noise) {
  std::vector<E> x(3 * 5000);
  auto view = fk::backend::host_view<E>{x.data(), {3, 5000}};
  const fk::model::gaussian network{.mean = 0.25, .deviation = 0.5};
  fk::sample(plan, fk::runs_in<Network>(network), noise, view);
  for (const E v : x) std::printf("%a\n", static_cast<double>(v));
}

}  // namespace

int main() {
  const auto plan = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{},
                                  fk::grid::uniform{.steps = 5}, fk::solver::sde_dpmpp_2m{});
  std::printf("%s%s", fk::plan::to_string(plan).c_str(), fk::plan::to_text(plan).c_str());
  for (const std::string& finding : fk::plan::check(plan)) std::puts(finding.c_str());

  run<float>(fk::plan::from_text(fk::plan::to_text(plan)), fk::noise::philox{.seed = 1});
  run<double>(plan, fk::noise::philox{.seed = 2});
  run<fk::half>(plan, fk::noise::philox{.seed = 3});
  run<float, fk::bfloat16>(plan, fk::noise::philox{.seed = 4});
  const std::vector<fk::noise::philox> each{{.seed = 5}, {.seed = 6}, {.seed = 7}};
  run<float>(plan, fk::noise::per_sample{each});
  run<float>(fk::make_plan(fk::schedule::cosine{}, fk::parameterization::thresholded{fk::parameterization::data{}},
                           fk::grid::uniform{.steps = 3}, fk::solver::ddim{}),
             fk::noise::philox{.seed = 8});
  return 0;
}
