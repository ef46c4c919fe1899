// SPDX-License-Identifier: MIT
#include <fokker/parameterization/trained_on.hpp>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/trailing.hpp>
#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::level;
using fk::parameterization::epsilon;
using fk::parameterization::trained_on;
using fk::parameterization::velocity;

TEST_CASE("a network runs on any path as it runs on its own") {
  const auto table = fk::schedule::scaled_linear();
  const auto levels = fk::grid::trailing{.steps = 12}.levels(table);
  const auto own = fk::make_plan(table, velocity{}, fk::grid::explicit_levels{levels}, fk::solver::ddim{});
  const fk::schedule::edm other{.sigma_max = 100};
  std::vector<double> ratios;
  for (const level& l : levels) ratios.push_back(l.ratio());
  const auto plan = fk::make_plan(other, trained_on{table, velocity{}},
                                  fk::grid::explicit_levels{fk::levels_at_ratios(other, ratios)}, fk::solver::ddim{});
  REQUIRE(plan.calls.size() == own.calls.size());
  for (std::size_t i = 0; i < own.calls.size(); ++i) {
    const auto &mine = plan.calls[i], &theirs = own.calls[i];
    // The table's inverse errs by 8 ulp in log-SNR, that is 1000 times as much in timesteps where it is flat.
    CHECK(mine.at.label == Approx(theirs.at.label).margin(1e-9));
    CHECK(mine.predicts.data == Approx(theirs.predicts.data).epsilon(1e-12));
    CHECK(mine.predicts.noise == Approx(theirs.predicts.noise).epsilon(1e-12));
    CHECK(mine.input_scale == Approx(1 / std::sqrt(1 + ratios[i] * ratios[i])).epsilon(1e-12));
  }
  // x on one path is x on the other times alpha: both end at alpha = 1.
  const double x = 0.7;
  CHECK(test::run(plan, test::two_normals{}, x / levels.front().alpha) ==
        Approx(test::run(own, test::two_normals{}, x)).epsilon(1e-9));
}

TEST_CASE("k-diffusion's wrappers are networks of a table on the path of edm") {
  const auto table = fk::schedule::scaled_linear();
  const trained_on eps{table, epsilon{}};
  const trained_on v{table, velocity{}};
  for (const double sigma : {0.05, 1.0, 7.0}) {
    const level l{.time = sigma, .alpha = 1, .sigma = sigma};
    const auto of_eps = fk::convert(l, eps.row(l), {1, 0}), of_v = fk::convert(l, v.row(l), {1, 0});
    // D = x - sigma F(x / sqrt(sigma^2 + 1)); D = x / (sigma^2 + 1) - F(..) sigma / sqrt(sigma^2 + 1): CompVis and V
    // wrappers. The table gives alpha and sigma of a ratio to 8 ulp of its log-SNR, which is below 5.
    CHECK(of_eps.of_x == 1);
    CHECK(of_eps.of_p == -sigma);
    CHECK(of_v.of_x == Approx(1 / (sigma * sigma + 1)).epsilon(1e-13));
    CHECK(of_v.of_p == Approx(-sigma / std::hypot(sigma, 1)).epsilon(1e-13));
    for (const double scale : {fk::input_scale(eps, l), fk::input_scale(v, l)})
      CHECK(scale == Approx(1 / std::hypot(sigma, 1)).epsilon(1e-13));
    CHECK(fk::label(eps, l) == Approx(fk::time_of(table, sigma)));
  }
}

TEST_CASE("trained_on keeps what its network knows, and the level's label goes before") {
  const trained_on network{fk::schedule::edm{}, fk::parameterization::clipped{fk::parameterization::edm{}, 2.0}};
  CHECK(fk::limit(network) == fk::data_limit{.bound = 2});
  const level l{.alpha = 0.6, .sigma = 0.8, .label = 7}, y{.time = 0.8 / 0.6, .alpha = 1, .sigma = 0.8 / 0.6};
  CHECK(fk::label(network, l) == 7);
  CHECK(fk::input_scale(network, l) * 0.6 == Approx(fk::input_scale(fk::parameterization::edm{}, y)));
}

TEST_CASE("a network of a path that begins at noise alone runs there, another one is refused by name") {
  const trained_on flow{fk::schedule::flow_linear{}, fk::parameterization::flow{}};
  const level noise{.time = 1, .alpha = 0, .sigma = 1};
  CHECK(fk::input_scale(flow, noise) == 1);
  CHECK(fk::input_scale(flow, {.time = 1, .alpha = 0, .sigma = 2}) == 0.5);  // x there is twice the network's
  CHECK(flow.row(noise) == fk::prediction_row{-1, 1});
  const trained_on table{fk::schedule::scaled_linear(), epsilon{}};
  law::refused([&] { (void)table.row(noise); }, {"alpha is 0"});
  law::refused([&] { (void)table.row(level{.alpha = 1, .sigma = 50}); }, {"sigma/alpha is 50"});
}
