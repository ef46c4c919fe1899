// SPDX-License-Identifier: MIT
#include <fokker/solver/by_name.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fokker/model/gaussian.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/ve.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"
#include "support/named.hpp"

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
  [[nodiscard]] fk::noise::quad normals(std::uint32_t sample, std::uint32_t, std::uint32_t id,
                                        std::uint32_t stream) const {
    return {{sample >= 2 && at[sample - 2] == std::pair(stream, id) ? 1.0f : 0.0f, 0, 0, 0}};
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

/// A solver that is written out, its type forgotten, so that one planner is compiled.
struct written_out {
  int order, evaluations, history;
  bool stochastic;
  std::function<fk::plan::expression(fk::plan::builder&, fk::plan::expression)> steps;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const { return steps(p, x); }
};

/// The plan of a solver to the bit, or why there is none.
template <class Solver>
std::string planned(const Solver& solver) {
  try {
    return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                           fk::grid::uniform{.steps = 5}, solver, fk::guidance::classifier_free{}));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
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

TEST_CASE("a solver by its name with fields plans what the same written out plans, to the bit", "[bits]") {
  int compared = 0, refused = 0;
  test::each_named(
      static_cast<fk::solver::types*>(nullptr), fk::solver::all, [&]<class S>(std::type_identity<S>, const named& s) {
        const std::string defaults = planned(s);
        test::on_changed_fields<S>(s.fields(), [&](const S& written, const std::vector<fk::field>& fields) {
          INFO(s.name << " with " << fields.size() << " fields, the first " << (fields.empty() ? "" : fields[0].name));
          const std::string expected =
              planned(written_out{S::order, S::evaluations, S::history, S::stochastic, written});
          const auto by_its_name = by_name(s.name, fields);
          const bool same = planned(by_its_name) == expected;
          CHECK(same);
          CHECK(by_its_name.order == S::order);
          ++compared;
          refused += expected.starts_with("fokker: ");
          if (fields.empty()) CHECK(expected == defaults);
          if (fields.size() > 1) CHECK(expected != defaults);
        });
      });
  CHECK(compared > 180);
  CHECK(refused < compared / 10);
}

TEST_CASE("a field that a solver does not have is refused with those that it has, and so is a value of another kind") {
  law::refused(
      [] {
        (void)by_name("euler", {{"churn", 40}});
      },
      {"a field of euler is churn", "variable = natural", "churn.s_churn = 0", "churn.s_tmax = inf"});
  law::refused([] { (void)by_name("plms", {{"eta", 0.5}}); }, {"a field of plms is eta", "none, it has no fields"});
  law::refused(
      [] {
        (void)by_name("dpmpp_2m", {{"form", 1}});
      },
      {"the field form of dpmpp_2m is 1", "heun, midpoint, bh1, bh2"});
  law::refused([] { (void)by_name("dpm++ 2M", {{"eta", 0.5}}); }, {"the name of a solver is dpm++ 2M", "ddim"});
}
