// SPDX-License-Identifier: MIT
#include <fokker/noise/antithetic.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/brownian.hpp>
#include <fokker/noise/per_sample.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/euler_ancestral.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using fk::noise::antithetic;
using fk::noise::philox;
static_assert(fk::noise_source<antithetic<>> && !fk::has_samples<antithetic<>>);
static_assert(fk::noise_source<antithetic<fk::noise::brownian<>>>);

TEST_CASE("samples at even places draw what they draw else, and each next one the negative") {
  const philox seed{.seed = 3, .first_sample = 6};
  for (const std::size_t size : {1u, 3u, 4u, 50u}) {
    std::vector<float> x(5 * size), plain(5 * size);
    fk::fill_normal(antithetic{seed}, fk::backend::host_view{x.data(), {5, size}});
    fk::fill_normal(seed, fk::backend::host_view{plain.data(), {5, size}});
    for (std::size_t s = 0; s < 5; ++s)
      for (std::size_t e = 0; e < size; ++e)
        CHECK(x[s * size + e] == (s % 2 == 0 ? plain[s * size + e] : -plain[(s - 1) * size + e]));
  }
}

TEST_CASE("the mean of a pair has no noise where all is linear") {
  const fk::parameterization::epsilon epsilon;
  const fk::model::predicting network{epsilon, fk::model::gaussian{.mean = 1, .deviation = 0.5}};
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, epsilon, fk::grid::karras{.steps = 6}, fk::solver::euler_ancestral{});
  std::vector<double> x(2 * 40);
  fk::sample(plan, network, antithetic{philox{.seed = 3}}, fk::backend::host_view{x.data(), {2, 40}});
  for (std::size_t e = 0; e < 40; ++e) {
    CHECK(x[e] != x[40 + e]);
    // Twice what x is without noise, at every element; each x has ten roundings in each of six steps, of 80 times a
    // normal below 7.
    CHECK(std::abs((x[e] + x[40 + e]) - (x[0] + x[40])) <= 4 * 60 * law::u * 80 * 7);
  }
}

TEST_CASE("of a source for few samples it is for as many pairs") {
  const std::vector<philox> three(3);
  const antithetic noise{fk::noise::per_sample{three}};
  CHECK(noise.samples() == 4);
  std::vector<float> x(5);
  law::refused([&] { fk::fill_normal(noise, x); }, {"the number of samples of the noise is 4; allowed: 5 or more"});
  x.resize(4);
  fk::fill_normal(noise, x);
  CHECK(x[3] == -x[2]);
}
