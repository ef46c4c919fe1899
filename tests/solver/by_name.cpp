// SPDX-License-Identifier: MIT
#include <fokker/solver/by_name.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fokker/model/gaussian.hpp>
#include <fokker/schedule/ve.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::by_name;
using fk::solver::named;

namespace {

/// Levels that are small at both ends, where multistep methods are of lower order.
template <class Schedule>
fk::grid::explicit_levels gentle(const Schedule& schedule, int steps) {
  std::vector<double> ratios;
  for (int i = 0; i <= steps; ++i) {
    const double u = static_cast<double>(i) / steps;
    ratios.push_back(10 * std::pow(0.01, u * u * u * (10 - 15 * u + 6 * u * u)));
  }
  return {fk::levels_at_ratios(schedule, ratios)};
}

/// Sample i draws 1 at the plan's normal i - 2, and nothing else.
struct impulses {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> at;
  [[nodiscard]] fk::noise::quad normals(std::uint32_t sample, std::uint32_t, const fk::noise_piece& piece) const {
    return {{sample >= 2 && at[sample - 2] == std::pair(piece.stream, piece.id) ? 1.0f : 0.0f, 0, 0, 0}};
  }
};

/// The normals that a plan draws, as (stream, id).
std::set<std::pair<std::uint32_t, std::uint32_t>> normals_of(const fk::plan::program& plan) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> normals;
  const auto add = [&](const fk::plan::update& u) {
    for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
      normals.insert({u.normals[q].stream, u.normals[q].id});
  };
  add(plan.enter);
  for (const auto& c : plan.calls) add(c.then);
  return normals;
}

/// The error of mean and deviation on data of one normal, the worst of two widths: for one of them it may cross 0.
/// All is linear there: a batch tells each normal's share.
double error_of_law(const fk::plan::program& plan) {
  const auto normals = normals_of(plan);
  const fk::level &from = plan.levels.front(), &to = plan.levels.back();
  double worst = 0;
  for (const double width : {0.5, 2.0}) {
    const fk::model::gaussian data{.mean = 0.4, .deviation = width};
    std::vector<double> x(2 + normals.size(), from.alpha * data.mean);
    x[1] += data.spread(from);
    fk::sample_from(plan, data, impulses{{normals.begin(), normals.end()}}, x);
    double variance = 0;
    for (std::size_t i = 1; i < x.size(); ++i) variance += (x[i] - x[0]) * (x[i] - x[0]);
    worst = std::max({worst, std::abs(x[0] - to.alpha * data.mean), std::abs(std::sqrt(variance) - data.spread(to))});
  }
  return worst / to.alpha;
}

}  // namespace

TEST_CASE("mean and variance of normal data converge at every solver's order, on every path", "[order]") {
  // 2^-53 of x/alpha up to 10 in some ten operations of up to 7 calls a step, in 1536 steps.
  constexpr double rounding = 0x1p-53 * 10 * 10 * 7 * 1536;
  const auto check = [](const char* path, const auto& schedule) {
    for (const named& s : fk::solver::all) {
      std::vector<double> errors;
      bool draws = false;
      for (const int steps : {6, 12, 24, 48, 96, 192, 384, 768, 1536}) {
        const auto plan = fk::make_plan(schedule, fk::parameterization::data{}, gentle(schedule, steps), s);
        draws = fk::plan::normals(plan) > 0;
        errors.push_back(error_of_law(plan));
      }
      // The last two doublings that rounding does not reach: before them errors of either sign may cancel.
      std::size_t last = errors.size() - 1;
      while (last > 1 && errors[last] < rounding) --last;
      const std::size_t first = last > 2 ? last - 2 : 0;
      const double order = std::log2(errors[first] / errors[last]) / static_cast<double>(last - first);
      if (s.name == "lcm" || s.name == "tcd" || s.name == "predictor_corrector") {  // they have another law by design
        UNSCOPED_INFO(path << ": " << s.name << " errs by " << errors.back());
        continue;
      }
      INFO(path << ": " << s.name << ", from " << errors[first] << " to " << errors[last]);
      CHECK(order > (draws ? std::min(s.order, 2) : s.order) - 0.15);
    }
  };
  check("VP", fk::schedule::vp_linear{});
  check("VE", fk::schedule::ve{});
  check("EDM", fk::schedule::edm{});
  check("flow", fk::schedule::flow_linear{});
}

TEST_CASE("every solver is found by its name, once, and runs from noise to data in any number of steps") {
  std::set<std::string_view> names;
  for (const named& s : fk::solver::all) {
    INFO(s.name);
    CHECK(names.insert(s.name).second);
    CHECK(&by_name(s.name) == &s);
    CHECK(s.order >= 0);  // samplers of distilled networks have none
    CHECK(s.evaluations >= 1);
    for (const int steps : {1, 2, 3, 12}) {
      // guidance of two branches, since some solvers ask for one of them
      const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                      fk::grid::uniform{.steps = steps}, s, fk::guidance::classifier_free{.scale = 2});
      CHECK(plan.levels.front().is_noise());
      CHECK(plan.levels.back().is_data());
      CHECK(std::isfinite(test::run(plan, test::two_normals{}, 0.7)));
    }
  }
  CHECK(names.contains("dpmpp_2m"));
  CHECK(names.contains("exp_adams<3>"));
}

TEST_CASE("an unknown name is refused with the names that there are") {
  law::refused([] { (void)by_name("dpm++ 2M"); }, {"the name of a solver is dpm++ 2M", "ddim", "exp_adams<4>"});
}
