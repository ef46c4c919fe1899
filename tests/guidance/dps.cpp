// SPDX-License-Identifier: MIT
#include <fokker/guidance/dps.hpp>

#include <fokker/fokker.hpp>

#include "support/laws.hpp"
#include "support/linear_gaussian.hpp"

namespace fk = fokker;
using fk::guidance::dps;

namespace {

const test::linear_gaussian world{.axis = {0.6, 0.48, 0.64}, .variances = {1, 0.25, 0.04}};

template <class Network>
auto networks(const Network& of) {
  return fk::denoisers{world.network(of),
                       test::linear_gaussian::writes(
                           of, true,
                           [](const test::vec& x, const fk::level& at) {
                             test::vec v = test::times(world.slope(at), world.back(world.residual(world.data(x, at))));
                             for (double& e : v) e *= 2;
                             return v;
                           }),
                       test::linear_gaussian::writes(of, false, [](const test::vec& x, const fk::level& at) {
                         const auto r = world.residual(world.data(x, at));
                         return test::vec{r[0], 0, r[1]};
                       })};
}

}  // namespace

TEST_CASE("each step of DDIM is followed by the gradient over the norm of its sample's residual") {
  const fk::grid::log_snr levels{.steps = 5, .sigma_min = 0.05, .sigma_max = 5};
  const auto check = [&](const auto& network) {
    INFO(network.name);
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, network, levels, fk::solver::ddim{}, dps{.scale = 0.3});
    CHECK(fk::plan::check(plan).empty());
    std::vector<double> x(12);
    fk::sample(plan, networks(network), fk::noise::philox{.seed = 2}, fk::backend::host_view<double>{x.data(), {4, 3}});
    std::vector<double> y(12);
    fk::backend::host_view<double> start{y.data(), {4, 3}};
    fk::stepper run(plan, fk::noise::philox{.seed = 2}, start);  // for its first x
    for (std::size_t s = 0; s < 4; ++s) {
      test::vec now;
      for (std::size_t i = 0; i < 3; ++i) now[i] = run.x().data[3 * s + i] / run.scale();
      for (std::size_t k = 0; k + 1 < plan.levels.size(); ++k) {
        const fk::level &from = plan.levels[k], &to = plan.levels[k + 1];
        const test::vec D = world.data(now, from);
        const auto r = world.residual(D);
        const test::vec pull = test::times(world.slope(from), world.back(r));
        for (std::size_t i = 0; i < 3; ++i)
          now[i] = to.alpha * D[i] + to.sigma * (now[i] - from.alpha * D[i]) / from.sigma +
                   0.3 * 2 * pull[i] / std::hypot(r[0], r[1]);
      }
      // Numbers below 10, some twenty roundings in each of five steps.
      for (std::size_t i = 0; i < 3; ++i) CHECK(x[3 * s + i] == Approx(now[i]).epsilon(0).margin(100 * 10 * 0x1p-53));
    }
  };
  check(fk::parameterization::epsilon{});
  check(fk::parameterization::data{});
  check(fk::parameterization::velocity{});
}

TEST_CASE("a sample in a batch is the sample alone, to the bit, whatever the others' residuals are") {
  const fk::parameterization::edm network;
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 6}, fk::solver::heun{}, dps{.scale = 0.3});
  std::vector<double> x(9), alone(3);
  fk::sample(plan, networks(network), fk::noise::philox{.seed = 2}, fk::backend::host_view<double>{x.data(), {3, 3}});
  fk::sample(plan, networks(network), fk::noise::philox{.seed = 2, .first_sample = 1},
             fk::backend::host_view<double>{alone.data(), {1, 3}});
  for (std::size_t i = 0; i < 3; ++i) CHECK(x[3 + i] == alone[i]);
}

TEST_CASE("within a step of several calls x is not moved, and the gradient is that of the last of them") {
  const fk::parameterization::edm network;
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 3}, fk::solver::heun{}, dps{.scale = 0.3});
  REQUIRE(plan.calls.size() == 5);
  for (std::size_t c = 0; c < 5; ++c) CHECK(plan.wants(plan.calls[c], 1) == (c == 1 || c == 3 || c == 4));
}

TEST_CASE("scale 0 is the network alone, and a residual of 0 is no step") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 4},
                         fk::solver::dpmpp_2m{}, rule);
  };
  CHECK(fk::plan::evaluations(plan(dps{.scale = 0})) == 4);
  CHECK(fk::plan::evaluations(plan(dps{})) == 12);
  const auto says = [](auto& out, const auto& in, const fk::level& at) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = 0.5 * in[i] + at.alpha;
  };
  const auto nothing = [](auto& out, const auto&, const fk::level&) { std::fill(out.begin(), out.end(), 0.0); };
  std::vector<double> x(3), y(3);
  fk::sample(plan(dps{}), fk::denoisers{says, says, nothing}, fk::noise::philox{}, x);
  fk::sample(plan(fk::guidance::none{}), says, fk::noise::philox{}, y);
  CHECK(x == y);
  law::refused([&] { (void)plan(dps{.scale = 1e39}); }, {"scale is "});
  const fk::adaptive own_steps(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                               fk::grid::uniform{.steps = 4}, fk::solver::bosh3{}, dps{});
  law::refused(
      [&] {
        fk::sample_adaptively_from(own_steps, fk::denoisers{says, says, nothing}, x);
      },
      {"the number of steps is 0"});
}
