// SPDX-License-Identifier: MIT
#include <fokker/noise/per_sample.hpp>

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/perturb.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

TEST_CASE("each sample draws what it would draw alone") {
  const std::vector<fk::noise::philox> each{
      {.seed = 3}, {.seed = 5, .first_sample = 7, .first_element = 8}, {.seed = 3, .first_sample = 1}};
  for (const std::size_t size : {1u, 3u, 4u, 5u, 2000u}) {
    std::vector<float> batch(each.size() * size), alone(size);
    fk::fill_normal(fk::noise::per_sample{each}, fk::backend::host_view{batch.data(), {each.size(), size}});
    for (std::size_t s = 0; s < each.size(); ++s) {
      fk::fill_normal(each[s], fk::backend::host_view{alone.data(), {1, size}});
      CHECK(std::vector<float>(batch.begin() + static_cast<std::ptrdiff_t>(s * size),
                               batch.begin() + static_cast<std::ptrdiff_t>((s + 1) * size)) == alone);
    }
  }
}

TEST_CASE("fewer seeds than samples are refused before a normal is drawn") {
  const std::vector<fk::noise::philox> two{{.seed = 3}, {.seed = 5}};
  const fk::noise::per_sample noise{two};
  const std::vector<float> untouched(3, 7);
  std::vector<float> x = untouched;  // three samples of one element
  const auto refused = [&](auto run) {
    law::refused(run, {"the number of samples of the noise is 2; allowed: 3 or more, as many as x has"});
    CHECK(x == untouched);
  };
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 2}, fk::solver::ddim{});
  const auto network = [](std::vector<float>&, const std::vector<float>&, const fk::level&) { FAIL(); };
  refused([&] { fk::fill_normal(noise, x); });
  refused([&] { fk::perturb(plan, untouched, noise, x); });
  refused([&] { fk::sample(plan, network, noise, x); });
  refused([&] { fk::sample_from(plan, network, noise, x); });
  refused([&] { fk::stepper run(plan, noise, x); });
}
