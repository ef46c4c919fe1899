// SPDX-License-Identifier: MIT
#include <fokker/noise/brownian.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/per_sample.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/er_sde.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>
#include <fokker/solver/seeds_3.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::noise_piece;
using fk::noise::brownian;
using fk::noise::philox;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

noise_piece span(double from, double to, std::uint32_t visit = 0) {
  noise_piece piece;
  piece.visit = visit;
  piece.from = from;
  piece.to = to;
  return piece;
}

/// W(to) - W(from) of the first of four elements.
double walk(const brownian<>& w, double from, double to, std::uint32_t sample = 0, std::uint32_t visit = 0) {
  return static_cast<double>(w.normals(sample, 0, span(from, to, visit)).z[0]) * std::sqrt(std::abs(to - from));
}

}  // namespace

TEST_CASE("what a path walks adds up, whatever its steps") {
  const brownian<> w{{.seed = 3}};
  const double places[] = {0, 1e-30, 0x1p-7, 0.01, 0.3, 0.75, 1, 1.0000001, 1.7, 3, 1000, 0x1.8p20, 0x1p127, 0x1.8p127};
  for (const double a : places)
    for (const double b : places)
      for (const double c : places) {
        if (a == b || b == c || a == c) continue;
        // Each normal is a float, and positions are cut at 2^-31 of their own: of the root of the longest span
        // these are 8 2^-24 and 2^-15 at most, the latter only between places that are as near to each other.
        const double longest = std::sqrt(std::max({a, b, c}));
        CHECK(walk(w, a, b) + walk(w, b, c) == Approx(walk(w, a, c)).margin(6 * (0x1p-21 + 0x1p-15) * longest));
        CHECK(walk(w, a, b) == -walk(w, b, a));
      }
}

TEST_CASE("what a path walks is normal, of the variance of its span, and independent of what it walks elsewhere",
          "[statistics]") {
  const brownian<> w{{.seed = 5}};
  const noise_piece pieces[] = {span(0.3, 0.31), span(0.31, 0.9),   span(0.9, 5),     span(5, 6),
                                span(0, 0.3),    span(6, infinity), span(0.3, 0.9, 1)};
  constexpr std::size_t count = std::size(pieces), blocks = 20000, n = 4 * blocks;
  std::array<std::array<double, count>, count> products{};
  std::array<double, count> sums{}, fourth{};
  for (std::uint32_t b = 0; b < blocks; ++b) {
    std::array<fk::noise::quad, count> z;
    for (std::size_t i = 0; i < count; ++i) z[i] = w.normals(7, b, pieces[i]);
    for (std::size_t e = 0; e < 4; ++e)
      for (std::size_t i = 0; i < count; ++i) {
        const auto a = static_cast<double>(z[i].z[e]);
        sums[i] += a;
        fourth[i] += a * a * a * a;
        for (std::size_t j = 0; j < count; ++j) products[i][j] += a * static_cast<double>(z[j].z[e]);
      }
  }
  // 5 deviations of a mean of n numbers whose variance is 1, 2 for a square and 96 for a fourth power.
  const double root = std::sqrt(static_cast<double>(n));
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(std::abs(sums[i] / n) < 5 / root);
    CHECK(std::abs(fourth[i] / n - 3) < 5 * std::sqrt(96.0) / root);
    for (std::size_t j = 0; j < count; ++j)
      CHECK(std::abs(products[i][j] / n - (i == j ? 1 : 0)) < 5 * std::sqrt(i == j ? 2.0 : 1.0) / root);
  }
}

TEST_CASE("normals of no path, and of samples with seeds, are those of the source") {
  const brownian<> w{{.seed = 9, .first_sample = 2, .first_element = 8}};
  noise_piece start;
  start.stream = noise_piece::start;
  noise_piece alone;
  alone.id = 4;
  noise_piece area = span(1, 2);
  area.stream = noise_piece::second;
  const noise_piece nowhere = span(0, 0x1p-129);  // below 2^-128 all places are one
  for (const noise_piece& piece : {start, alone, area, nowhere})
    for (int i = 0; i < 4; ++i) CHECK(w.normals(1, 2, piece).z[i] == w.source.normals(1, 2, piece).z[i]);

  const std::vector<philox> each{{.seed = 1}, {.seed = 9, .first_sample = 5, .first_element = 8}};
  const brownian seeded{fk::noise::per_sample{each}};
  CHECK(seeded.samples() == 2);
  CHECK(seeded.normals(1, 2, span(1, 2)).z[3] == w.normals(3, 2, span(1, 2)).z[3]);
}

TEST_CASE("the bits do not depend on the batch, nor on what was asked before", "[bits]") {
  const brownian<> w{{.seed = 1}};
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{},
                    fk::grid::log_snr{.steps = 5, .sigma_min = 0.1, .sigma_max = 10}, fk::solver::sde_dpmpp_2m{});
  const auto network = fk::model::predicting{fk::parameterization::data{}, fk::model::gaussian{}};
  std::vector<double> batch(3 * 5), alone(5);
  fk::sample(plan, network, w, fk::backend::host_view<double>{batch.data(), {3, 5}});
  for (std::uint32_t s = 3; s-- > 0;) {
    fk::sample(plan, network, brownian{philox{.seed = 1, .first_sample = s}},
               fk::backend::host_view<double>{alone.data(), {1, 5}});
    CHECK(std::equal(alone.begin(), alone.end(), batch.begin() + 5 * s));
  }
}

TEST_CASE("on one path a plan of more steps comes nearer to the point where the path leads", "[order]") {
  const auto ends = [](const auto& solver, int steps, const auto& noise) {
    const fk::grid::log_snr levels{
        .steps = steps, .sigma_min = 0.05, .sigma_max = 20, .end = fk::ending::to_last_level};
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, levels, solver);
    std::vector<double> x(32);
    fk::sample(plan, fk::model::predicting{fk::parameterization::data{}, fk::model::gaussian{1, 0.5}}, noise, x);
    return x;
  };
  const auto distance = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
    return sum / static_cast<double>(a.size());
  };
  // From 16 to 128 steps, against 1,024, whose own error is an eighth of the last one: methods of order 1 on the path
  // gain a factor near 8, to which the rest of the reference adds; one half an order less would gain 2.8.
  const auto gain = [&](const auto& solver) {
    const brownian<> path{{.seed = 2}};
    const auto exact = ends(solver, 1024, path);
    return distance(ends(solver, 16, path), exact) / distance(ends(solver, 128, path), exact);
  };
  CHECK(gain(fk::solver::dpmpp_sde{}) > 6);
  CHECK(gain(fk::solver::seeds_3{}) > 6);
  CHECK(gain(fk::solver::er_sde<3>{}) > 6);
  CHECK(gain(fk::solver::sde_dpmpp_2m{}) > 6);

  // Numbered noise is another path for each number of steps.
  const philox numbered{.seed = 2};
  const auto exact = ends(fk::solver::sde_dpmpp_2m{}, 1024, numbered);
  CHECK(distance(ends(fk::solver::sde_dpmpp_2m{}, 128, numbered), exact) > 0.3);
}
