// SPDX-License-Identifier: MIT
#include <fokker/guidance/by_place.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/rescaled.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;

namespace {
/// A number that multiplies what a plane multiplies.
struct twice_multiplied {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    return {.data = g[0].data + g.norm(g[0].data) * (g.plane("scale") * g[1].data)};
  }
};
}  // namespace

TEST_CASE("each channel is guided by its own scale, as classifier_free with that scale guides all") {
  using view = fk::backend::host_view<double>;
  const auto c = [](view& out, const view& x, const fk::level&) {
    for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = std::sin(x.data[i]);
  };
  const auto u = [](view& out, const view& x, const fk::level& at) {
    for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = 0.1 * x.data[i] - at.time;
  };
  const auto run = [&](const auto& rule, fk::given_inputs given) {
    std::vector<double> memory(2 * 3 * 4);
    view x{memory.data(), {2, 3, 4}};
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, rule);
    fk::sample(plan, fk::denoisers{c, u}, fk::noise::philox{.seed = 2}, x, {.given = std::move(given)});
    return memory;
  };
  std::vector<double> scales{1, 2.5, 7.5};
  const view by_channel{scales.data(), {3}};
  const auto x = run(fk::guidance::by_place{}, {{}, {{"scale", by_channel, {0, 1}}}});
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto all = run(fk::guidance::classifier_free{.scale = scales[channel]}, {});
    for (std::size_t s = 0; s < 2; ++s)
      for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t e = s * 12 + channel * 4 + i;
        CHECK(x[e] == Approx(all[e]).epsilon(1e-12).margin(1e-12));
      }
  }
}

TEST_CASE("no number is found of what a plane multiplies, and none multiplies it") {
  const auto planned = [](const auto& rule) {
    static_cast<void>(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                    fk::grid::uniform{.steps = 2}, fk::solver::ddim{}, rule));
  };
  law::refused([&] { planned(fk::guidance::rescaled{fk::guidance::by_place{}}); },
               {"what a number is found of is multiplied by a plane"});
  law::refused([&] { planned(twice_multiplied{}); }, {"what a number multiplies is multiplied by a plane"});
}
