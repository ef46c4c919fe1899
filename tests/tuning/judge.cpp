// SPDX-License-Identifier: MIT
#include <fokker/tuning/judge.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/tangent.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/mixture.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/heun.hpp>

#include "support/catch.hpp"
#include "support/scalar.hpp"

namespace fk = fokker;
namespace tuning = fk::tuning;

namespace {

const fk::schedule::edm schedule;
constexpr fk::parameterization::data predicts;

double root_mean_square(const std::vector<double>& a, const double* b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

/// Spearman's correlation of two lists: that of the places of their members in order.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto places = [](const std::vector<double>& list) {
    std::vector<double> all;
    for (const double v : list)
      all.push_back(static_cast<double>(std::count_if(list.begin(), list.end(), [v](double w) { return w < v; })));
    return all;
  };
  const auto p = places(a), q = places(b);
  const double middle = (static_cast<double>(a.size()) - 1) / 2;
  double product = 0, square = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    product += (p[i] - middle) * (q[i] - middle);
    square += (p[i] - middle) * (p[i] - middle);
  }
  return product / square;
}

}  // namespace

TEST_CASE("judge tells the error of plans without a call, where the network is linear in x") {
  std::vector<double> memory(64);
  tuning::network net(schedule, predicts, fk::model::gaussian{0.2, 0.5}, memory);
  const auto r = tuning::teach(net, {.levels = 100});
  const auto check = [&](const auto& solver) {
    for (const auto& angles : tuning::stock_angles(r.angles.front(), r.angles[99], 8)) {
      const auto plan = net.planned(tuning::levels_at_angles(net, angles), solver);
      const double exact = root_mean_square(tuning::ends(net, plan, 0, 0, 1), r.end());
      // The feedback is known at five levels, and taken to be straight between.
      CHECK(tuning::judge(r, plan) == Approx(exact).epsilon(0.2).margin(0.02));
    }
  };
  check(fk::solver::ddim{});
  check(fk::solver::dpmpp_2m{});
  check(fk::solver::heun{});
}

TEST_CASE("judge follows guidance, and refuses plans with noise or of another start") {
  std::vector<double> memory(64);
  tuning::network net(schedule, predicts, fk::denoisers{fk::model::gaussian{0.2, 0.5}, fk::model::gaussian{0, 0.5}},
                      memory, fk::guidance::classifier_free{.scale = 2});
  const auto r = tuning::teach(net);
  const auto levels = tuning::levels_at_angles(net, tuning::shortlist(r, 6, 1).front());
  const auto plan = net.planned(levels, fk::solver::ddim{});
  CHECK(tuning::judge(r, plan) ==
        Approx(root_mean_square(tuning::ends(net, plan, 0, 0, 1), r.end())).epsilon(0.2).margin(0.02));
  CHECK_THROWS_WITH(tuning::judge(r, net.planned(levels, fk::solver::ddpm{})),
                    "fokker: the plan is one with noise; allowed: one without");
  const std::vector<fk::level> later(levels.begin() + 1, levels.end());
  CHECK_THROWS_WITH(tuning::judge(r, net.planned(later, fk::solver::ddim{})),
                    Catch::Contains("fokker: the start of the plan, sigma/alpha is "));
}

TEST_CASE("the shortest path on normal data is the best grid of DDIM, even in the angle, to 0.1 % of its error") {
  for (const double deviation : {0.2, 0.5, 1.0, 2.0}) {
    std::vector<double> memory{0};
    tuning::network net(schedule, predicts, fk::model::gaussian{0, deviation}, memory);
    const auto r = tuning::teach(net, {.levels = 400, .feedback = 100});
    const auto error = [&](const std::vector<fk::level>& levels) {
      const auto plan = net.planned(levels, fk::solver::ddim{});
      const double start = net.first_level().sigma;
      return std::abs(test::run(plan, test::normal_data{0, deviation}, start) -
                      test::normal_data{0, deviation}.flow(start, levels.front(), levels.back()));
    };
    // The last level is free: even steps lead to the data themselves.
    const double last = deviation * std::tan(std::atan(80 / deviation) / 8);
    const double best =
        error(fk::grid::tangent{.steps = 8, .deviation = deviation, .sigma_min = last}.levels(schedule));
    CHECK(error(tuning::levels_at_angles(net, tuning::shortest_path(r, 8))) == Approx(best).epsilon(1e-3));
    CHECK(error(fk::grid::karras{.steps = 8}.levels(schedule)) > 1.03 * best);
  }
}

TEST_CASE("the cheapest path is that of all paths, and even where a step costs its length's square") {
  std::mt19937 random(3);
  const std::size_t levels = 9;
  const auto at = [&](std::size_t i, std::size_t j) { return i * levels + j; };
  for (const double coefficient : {1.0, 1.15, 0.8})
    for (int steps = 1; steps < static_cast<int>(levels); ++steps) {
      std::vector<double> costs(levels * levels);  // whole numbers, so that sums are exact without a coefficient
      for (double& c : costs) c = static_cast<double>(random() % 1000);
      const auto cost_of = [&](const std::vector<std::size_t>& path) {
        double sum = 0;
        for (std::size_t k = path.size() - 1; k > 0; --k) sum = coefficient * sum + costs[at(path[k - 1], path[k])];
        return sum;
      };
      double least = 1e9;
      for (unsigned chosen = 0; chosen < 1u << (levels - 2); ++chosen) {
        std::vector<std::size_t> path{0};
        for (std::size_t i = 1; i + 1 < levels; ++i)
          if (chosen >> (i - 1) & 1) path.push_back(i);
        path.push_back(levels - 1);
        if (path.size() == static_cast<std::size_t>(steps) + 1) least = std::min(least, cost_of(path));
      }
      const auto path = tuning::cheapest_path(costs, levels, steps, coefficient);
      CHECK(path.size() == static_cast<std::size_t>(steps) + 1);
      CHECK(path.front() == 0);
      CHECK(path.back() == levels - 1);
      for (std::size_t k = 1; k < path.size(); ++k) CHECK(path[k] > path[k - 1]);
      CHECK(cost_of(path) == Approx(least).epsilon(1e-14));  // eight products and sums, fused or not
    }
  std::vector<double> squares(levels * levels);
  for (std::size_t i = 0; i < levels; ++i)
    for (std::size_t j = i; j < levels; ++j) squares[at(i, j)] = static_cast<double>((j - i) * (j - i));
  CHECK(tuning::cheapest_path(squares, levels, 4) == std::vector<std::size_t>{0, 2, 4, 6, 8});
  CHECK_THROWS_WITH(tuning::cheapest_path(squares, 8, 4), Catch::Contains("the number of costs is 81"));
  CHECK_THROWS_WITH(tuning::cheapest_path(squares, levels, 9), "fokker: steps is 9; allowed: 1 to 8");
  CHECK_THROWS_WITH(tuning::cheapest_path(squares, levels, 4, 0), Catch::Contains("coefficient is 0"));
  squares[at(2, 5)] = std::nan("");
  CHECK_THROWS_WITH(tuning::cheapest_path(squares, levels, 4), Catch::Contains("the cost of 2 to 5 is nan"));
}

TEST_CASE("shortlist tells levels that fall from the start, whose order is that of their judgement") {
  const fk::model::mixture data({1, 2, 1}, {{-1, 0.3}, {0.7, 0.5}, {0.2, -1}}, {0.1, 0.2, 0.15});
  std::vector<double> memory(64);
  tuning::network net(schedule, predicts, data, fk::backend::host_view<double>{memory.data(), {32, 2}});
  const auto r = tuning::teach(net);
  const auto list = tuning::shortlist(r, 8, 5);
  REQUIRE(list.size() == 5);
  double before = 0;
  for (const auto& angles : list) {
    CHECK(angles.size() == 8);
    CHECK(angles.front() == r.angles.front());
    for (std::size_t k = 1; k < angles.size(); ++k) CHECK(angles[k] < angles[k - 1]);
    CHECK(angles.back() >= r.angles[49]);
    const double error = tuning::judge_levels(r, tuning::nearest_levels(r, angles));
    CHECK(error >= before);
    before = error;
  }
  CHECK(tuning::shortlist(r, 8, 5) == list);
  CHECK(tuning::shortlist(r, 1, 3).front() == std::vector<double>{r.angles.front()});
  // Stock plans are in the order of their true errors, nearly: measured are 0.93 to 0.96.
  std::vector<double> judged, exact;
  for (const auto& angles : tuning::stock_angles(r.angles.front(), r.angles[49], 8)) {
    const auto levels = tuning::levels_at_angles(net, angles);
    for (const auto& plan : {net.planned(levels, fk::solver::ddim{}), net.planned(levels, fk::solver::dpmpp_2m{})}) {
      judged.push_back(tuning::judge(r, plan));
      const auto ends = tuning::ends(net, plan, 0, 0, 1);
      exact.push_back(tuning::mean_error(ends.data(), r.end(), 32, 2));
    }
  }
  CHECK(rank_correlation(judged, exact) > 0.85);
  CHECK(tuning::shortlist(r, 25, 1).front().size() == 25);
  // A path through all levels is the recording's own.
  CHECK(tuning::shortest_path(r, 50) == std::vector<double>(r.angles.begin(), r.angles.begin() + 50));
  for (const int wrong : {0, 51})
    CHECK_THROWS_WITH(tuning::shortest_path(r, wrong), Catch::Contains("allowed: 1 to 50, those of the recording"));
  CHECK_THROWS_WITH(tuning::shortlist(r, 0, 1), "fokker: calls is 0; allowed: 1 to 25, half of the recording's");
  CHECK_THROWS_WITH(tuning::shortlist(r, 26, 1), "fokker: calls is 26; allowed: 1 to 25, half of the recording's");
  CHECK_THROWS_WITH(tuning::shortlist(r, 8, 0), "fokker: count is 0; allowed: 1 or more");
}

TEST_CASE("the row of 2M is that of the solver") {
  std::vector<double> memory{0.7};
  tuning::network net(schedule, predicts, fk::model::gaussian{0.2, 0.5}, memory);
  const std::vector<double> angles{net.first_level().time > 0 ? tuning::angle(net.first_level()) : 0, 1.2, 0.7, 0.2};
  const auto levels = tuning::levels_at_angles(net, angles);
  fk::solver::fitted f{.levels = levels};
  for (std::size_t k = 0; k < 4; ++k)
    f.rows.push_back(tuning::stock_row(k > 0 ? angles[k - 1] : 0, angles[k], k < 3 ? angles[k + 1] : 0));
  const auto ours = tuning::ends(net, net.planned(levels, f), 0, 0, 1);
  CHECK(ours[0] == Approx(tuning::ends(net, net.planned(levels, fk::solver::dpmpp_2m{}), 0, 0, 1)[0]).epsilon(1e-10));
}

TEST_CASE("least_squares solves its equations, and refuses a matrix that has no least") {
  const auto c = tuning::least_squares({4, 2, 1, 2, 5, 3, 1, 3, 6}, {9, 21, 25});
  CHECK(4 * c[0] + 2 * c[1] + c[2] == Approx(9));
  CHECK(2 * c[0] + 5 * c[1] + 3 * c[2] == Approx(21));
  CHECK(c[0] + 3 * c[1] + 6 * c[2] == Approx(25));
  CHECK_THROWS_WITH(tuning::least_squares({1, 2, 2, 1}, {1, 1}), Catch::Contains("the matrix of least squares is -3"));
  CHECK(tuning::least_squares({}, {}).empty());
}
