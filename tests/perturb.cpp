// SPDX-License-Identifier: MIT
#include <fokker/perturb.hpp>

#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/strength.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/each.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler_ancestral.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
const fk::noise::philox seeded{.seed = 11, .first_sample = 5};

TEST_CASE("perturbed data are alpha x0 + sigma eps, and the target is the parameterization's row") {
  const auto at = fk::level_at(fk::schedule::cosine{}, 0.4);
  std::vector<double> x0{1, -2, 0.5}, x(3), target(3);
  fk::perturb(at, fk::parameterization::velocity{}, x0, seeded, x, target);
  for (std::uint32_t i = 0; i < 3; ++i) {
    const double eps = seeded.normals(i, 0, {0, 0}).z[0];
    // Two operands: each result is one product and one fma.
    CHECK(x[i] == Approx(at.alpha * x0[i] + at.sigma * eps).epsilon(0x1p-50));
    CHECK(target[i] == Approx(at.alpha * eps - at.sigma * x0[i]).epsilon(0x1p-50));
  }
  std::vector<double> alone = x0;
  fk::perturb(at, alone, seeded, alone);  // in place
  CHECK((alone == x));
}

TEST_CASE("each sample is perturbed to a level of its own, as it is alone") {
  const std::vector<fk::level> three{fk::level_at(fk::schedule::cosine{}, 0.4), fk::level_at(fk::schedule::cosine{}, 1),
                                     fk::level_at(fk::schedule::cosine{}, 0)};
  for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{3, 2}, {3, 5}, {2, 5}, {3, 300}}) {
    const auto levels = std::span(three).first(samples);
    std::vector<float> x0(samples * size), x(x0), target(x0), alone(size), aim(size);
    for (std::size_t i = 0; i < x0.size(); ++i) x0[i] = static_cast<float>(i % 7) - 2.5f;
    const auto view = [&, n = samples, m = size](std::vector<float>& v) {
      return fk::backend::host_view<float>{v.data(), {n, m}};
    };
    auto all = view(x), aims = view(target);
    fk::perturb(levels, fk::parameterization::velocity{}, view(x0), seeded, all, aims);
    for (std::size_t s = 0; s < samples; ++s) {
      fk::noise::philox mine = seeded;
      mine.first_sample += static_cast<std::uint32_t>(s);
      std::copy_n(x0.data() + s * size, size, alone.data());
      fk::backend::host_view<float> one{alone.data(), {1, size}}, target_one{aim.data(), {1, size}};
      fk::perturb(levels[s], fk::parameterization::velocity{}, one, mine, one, target_one);
      CHECK(std::equal(alone.begin(), alone.end(), x.begin() + static_cast<std::ptrdiff_t>(s * size)));
      CHECK(std::equal(aim.begin(), aim.end(), target.begin() + static_cast<std::ptrdiff_t>(s * size)));
    }
    fk::perturb(levels.first(1), view(x0), seeded, all);
    fk::perturb(levels[0], view(x0), seeded, aims);
    CHECK((x == target));
  }
}

TEST_CASE("data perturbed to a plan's first level, and told to the network, come back") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 3}, fk::solver::ddim{});
  std::vector<float> x0{1, -2, 0.5f}, x(3);
  fk::perturb(plan, x0, seeded, x);
  fk::sample_from(
      plan, [&](std::vector<float>& out, const std::vector<float>&, const fk::level&) { out = x0; }, seeded, x);
  CHECK((x == x0));
}

TEST_CASE("tensors that do not match are refused") {
  std::vector<float> x0(3), x(4), none;
  CHECK_THROWS_WITH(fk::perturb(fk::level{}, x0, seeded, x), Catch::Contains("the shape of the result is (4)"));
  CHECK_THROWS_WITH(fk::perturb(std::vector<fk::level>(2), x0, seeded, x0),
                    Catch::Contains("the number of levels is 2; allowed: 1, or 3, one a sample"));
  CHECK_THROWS_WITH(fk::perturb(fk::level{}, none, seeded, none), Catch::Contains("the shape of x0 is (0)"));
}

TEST_CASE("a target that the level does not have is refused, and nothing is written") {
  const fk::level table = fk::level_at(fk::schedule::linear(), 500), data = fk::level_at(fk::schedule::cosine{}, 0);
  const std::vector<float> x0(3, 1);
  std::vector<float> x(3, 7), target(x);
  const auto message = Catch::Contains(
      "the target at time 500 is not finite; allowed: levels at which a prediction of flow is: a flow needs a "
      "schedule");
  CHECK_THROWS_WITH(fk::perturb(table, fk::parameterization::flow{}, x0, seeded, x, target), message);
  CHECK_THROWS_WITH(fk::perturb(std::vector(3, table), fk::parameterization::flow{}, x0, seeded, x, target), message);
  CHECK_THROWS_WITH(fk::perturb(data, fk::parameterization::score{}, x0, seeded, x, target),
                    Catch::Contains("the target at time 0 is not finite"));
  CHECK((x == std::vector<float>(3, 7) && target == x));
}

TEST_CASE("a plan of nothing has no level to perturb to") {
  std::vector<double> x0(3), x(3);
  CHECK_THROWS_WITH(fk::perturb(fk::plan::program{}, x0, seeded, x), Catch::Contains("the number of levels is 0"));
}

TEST_CASE("a sequence perturbs with its next normals, and the run goes on behind them") {
  const auto plan =
      fk::make_plan(fk::schedule::cosine{}, fk::parameterization::data{},
                    fk::grid::strength{fk::grid::uniform{.steps = 4}, 0.5}, fk::solver::euler_ancestral{});
  const auto to_half = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t e = 0; e < out.shape.size(); ++e) out.data[e] = in.data[e] / 2;
  };
  std::vector<float> x0(2 * 21, 0.5f), x(x0.size()), expected(x0.size());
  const auto look = [](std::vector<float>& v) { return fk::backend::host_view{v.data(), {2, 21}}; };
  auto from = look(x0), to = look(x), other = look(expected);
  fk::noise::torch_cpu noise(7), all(7);
  fk::perturb(plan, from, noise, to);
  fk::sample_from(plan, to_half, noise, to);

  std::vector<float> z(x0.size());
  all.fill(std::span(z));
  CHECK(all == noise);
  for (std::size_t e = 0; e < z.size(); ++e)
    expected[e] = static_cast<float>(std::fma(plan.levels.front().sigma, z[e], plan.levels.front().alpha * x0[e]));
  fk::sample_from(plan, to_half, all, other);
  for (std::size_t e = 0; e < z.size(); ++e) CHECK(x[e] == Approx(expected[e]).margin(1e-6));

  fk::noise::each pair{std::vector{all}};
  CHECK_THROWS_WITH(fk::perturb(plan, from, pair, to),
                    "fokker: the number of samples of the noise is 1; allowed: 2, as many as x has");
}
