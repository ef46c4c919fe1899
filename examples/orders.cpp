// SPDX-License-Identifier: MIT
//
// The order of every solver, measured where the answer is known and no sample is drawn.
//
//   orders                 a table
//   orders --csv           lines of solver,kind,claimed,measured
//   orders --errors FILE   a table; and the errors behind it, as lines of solver,kind,claimed,steps,error
//
// ode     data of two normals; the error is the distance to where the probability flow ends
// data    the same with a network of the flow, and levels that are even in time and end on data
// weak    data of one normal, of two widths; the error is that of the result's mean and deviation
// strong  data of one normal; the error is the distance to the solution that the same Brownian path has
//
// Ends with 1 where a solver is slower than it claims.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

namespace fk = fokker;

namespace {

/// Steps that grow from the first one on and shrink towards the last: those of a multistep method are of lower order at
/// its ends, and there so short that they do not matter.
struct gentle {
  int steps;
  template <class Schedule>
  std::vector<fk::level> levels(const Schedule& of) const {
    std::vector<double> ratios;
    for (int i = 0; i <= steps; ++i) {
      const double u = static_cast<double>(i) / steps;
      ratios.push_back(10 * std::pow(0.01, u * u * u * (10 - 15 * u + 6 * u * u)));  // sigma/alpha from 10 to 0.1
    }
    return fk::levels_at_ratios(of, ratios);
  }
};

const fk::schedule::edm schedule;

fk::plan::program plan_of(const fk::solver::named& solver, int steps) {
  return fk::make_plan(schedule, fk::parameterization::data{}, gentle{steps}, solver);
}

/// The normals that a plan draws, in order, as (stream, id).
std::vector<std::pair<std::uint32_t, std::uint32_t>> normals_of(const fk::plan::program& plan) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> found;
  const auto add = [&](const fk::plan::update& u) {
    for (std::size_t q = 0; q < static_cast<std::size_t>(u.normal_count); ++q)
      found.insert({u.normals[q].stream, u.normals[q].id});
  };
  add(plan.enter);
  for (const fk::plan::call& c : plan.calls) add(c.then);
  return {found.begin(), found.end()};
}

fk::plan::program plan_onto_data(const fk::solver::named& solver, int steps) {
  const fk::schedule::flow_linear straight;
  std::vector<double> times;
  for (int i = 0; i <= steps; ++i) times.push_back(0.9 * (steps - i) / steps);
  return fk::make_plan(straight, fk::parameterization::flow{},
                       fk::grid::explicit_levels{fk::levels_at(straight, times)}, solver);
}

const double weights[] = {0.3, 0.7}, means[] = {-1, 0.6}, deviations[] = {0.4, 0.25};
const fk::model::mixture two_normals({weights[0], weights[1]}, {{means[0]}, {means[1]}},
                                     {deviations[0], deviations[1]});

/// Two normals in one dimension, where the flow keeps quantiles: how far a plan ends from where it leads.
template <class Network>
double distance(const fk::plan::program& plan, const Network& network, const std::vector<double>& start) {
  const auto below = [&](double x, const fk::level& l) {
    double sum = 0;
    for (int k = 0; k < 2; ++k)
      sum += weights[k] * 0.5 *
             std::erfc((l.alpha * means[k] - x) / std::hypot(l.alpha * deviations[k], l.sigma) / std::sqrt(2));
    return sum;
  };
  const fk::level &from = plan.levels.front(), &to = plan.levels.back();
  std::vector<double> x = start;
  fk::sample_from(plan, network, fk::noise::philox{}, x);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double low = -50, high = 50;
    for (int halving = 0; halving < 100; ++halving)
      (below((low + high) / 2, to) < below(start[i], from) ? low : high) = (low + high) / 2;
    worst = std::max(worst, std::abs(x[i] - (low + high) / 2));
  }
  return worst;
}

double error_of_flow(const fk::solver::named& solver, int steps) {
  return distance(plan_of(solver, steps), two_normals, {-13, -2, 5, 17});
}
double error_onto_data(const fk::solver::named& solver, int steps) {
  return distance(plan_onto_data(solver, steps), fk::model::predicting{fk::parameterization::flow{}, two_normals},
                  {-1.3, -0.2, 0.5, 1.7});
}

/// Whether the step onto data has a call for each evaluation of a step: it is of the method's own order. Other steps
/// onto data are Euler's or DDIM's, which err by the square of their length.
bool is_whole_onto_data(const fk::solver::named& solver) {
  const auto plan = plan_onto_data(solver, 12);
  return solver.evaluations > 1 && plan.calls.size() == 12u * static_cast<std::size_t>(solver.evaluations);
}

/// What a run makes of data N(mean, deviation^2): as all of it is linear, the result is
/// constant + of_start z + sum of_normal[i] z_i, whose numbers one batch tells.
struct response {
  double constant, of_start;
  std::vector<double> of_normal;
};

response respond(const fk::plan::program& plan, const fk::model::gaussian& data) {
  struct impulses {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> at;
    fk::noise::quad normals(std::uint32_t sample, std::uint32_t, const fk::noise_piece& piece) const {
      return {{sample >= 2 && at[sample - 2] == std::pair(piece.stream, piece.id) ? 1.0f : 0.0f, 0, 0, 0}};
    }
  };
  const impulses noise{normals_of(plan)};
  const fk::level& from = plan.levels.front();
  std::vector<double> x(2 + noise.at.size(), from.alpha * data.mean);
  x[1] += data.spread(from);
  fk::sample_from(plan, data, noise, x);
  response r{x[0], x[1] - x[0], {}};
  for (std::size_t i = 2; i < x.size(); ++i) r.of_normal.push_back(x[i] - x[0]);
  return r;
}

/// The worst of two widths: for one of them the error of a solver may cross 0.
double error_of_law(const fk::solver::named& solver, int steps) {
  const auto plan = plan_of(solver, steps);
  const fk::level& to = plan.levels.back();
  double worst = 0;
  for (const double deviation : {0.5, 2.0}) {
    const fk::model::gaussian data{.mean = 0.4, .deviation = deviation};
    const response r = respond(plan, data);
    double variance = r.of_start * r.of_start;
    for (const double c : r.of_normal) variance += c * c;
    worst =
        std::max({worst, std::abs(r.constant - to.alpha * data.mean), std::abs(std::sqrt(variance) - data.spread(to))});
  }
  return worst;
}

/// The SDE dy = 2 (D - y) dl + sqrt(2) e^{-l} dW in l = log-SNR, solved with the normals of the run: z of a piece of
/// the path is the integral of e^l dW over it, scaled to variance 1. The exact solution weighs dW by (v_end / v)
/// sqrt(2) e^{-l}, v being the variance of y at l. A piece is a step, or goes from one call to the next where there are
/// as many normals as calls.
double error_of_path(const fk::solver::named& solver, int steps) {
  const auto plan = plan_of(solver, steps);
  const fk::model::gaussian data{.mean = 0.4, .deviation = 0.5};
  const response r = respond(plan, data);
  const auto log_snr = [](const fk::level& l) { return std::log(l.alpha / l.sigma); };
  const auto variance = [&](double l) { return data.deviation * data.deviation + std::exp(-2 * l); };
  std::vector<double> pieces;
  if (r.of_normal.size() == plan.calls.size())
    for (const fk::plan::call& c : plan.calls) pieces.push_back(log_snr(c.at));
  else
    for (int i = 0; i < steps; ++i) pieces.push_back(log_snr(plan.levels[static_cast<std::size_t>(i)]));
  const double end = log_snr(plan.levels.back());
  pieces.push_back(end);
  const double of_start = variance(end) / variance(pieces.front()) * data.spread(plan.levels.front());
  double square = (r.of_start - of_start) * (r.of_start - of_start);
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    const double from = pieces[i], h = pieces[i + 1] - from;
    const double scale = std::sqrt(std::expm1(2 * h) / 2);  // of e^(l - from)
    const auto off = [&](double l) {
      const double exact = variance(end) / variance(l) * std::sqrt(2) * std::exp(-l);
      const double made = r.of_normal.at(i) * std::exp(l - from) / scale;
      return (exact - made) * (exact - made);
    };
    square += h / 90 *
              (7 * off(from) + 32 * off(from + h / 4) + 12 * off(from + h / 2) + 32 * off(from + 3 * h / 4) +
               7 * off(from + h));
  }
  return std::sqrt(square);
}

struct result {
  std::string solver, kind;
  int claimed = 0;  // 0: nothing
  std::vector<std::pair<int, double>> errors;

  /// The slope of log error against log steps over the last four doublings that rounding does not reach.
  [[nodiscard]] double measured() const {
    std::size_t last = errors.size() - 1;
    while (last > 1 && errors[last].second < 1e-11) --last;
    const std::size_t first = last > 4 ? last - 4 : 0;
    return std::log2(errors[first].second / errors[last].second) / static_cast<double>(last - first);
  }
  [[nodiscard]] bool as_claimed() const { return claimed == 0 || measured() > claimed - 0.15; }
};

std::vector<result> measure() {
  std::vector<result> results;
  const auto add = [&](const fk::solver::named& solver, const char* kind, int claimed, const auto& error) {
    results.push_back({std::string(solver.name), kind, claimed, {}});
    for (int steps = 12; steps <= 1536; steps *= 2) results.back().errors.emplace_back(steps, error(solver, steps));
  };
  for (const fk::solver::named& solver : fk::solver::all) {
    const fk::plan::program plan = plan_of(solver, 12);
    const std::size_t normals = normals_of(plan).size();
    if (normals == 0) {
      add(solver, "ode", solver.order, error_of_flow);
      add(solver, "data", is_whole_onto_data(solver) ? solver.order : 0, error_onto_data);
      continue;
    }
    // Samplers of distilled networks, alphafold3 and cps change the law of an exact one by design, and Langevin steps
    // have a bias that more levels do not lessen: these promise nothing here.
    const bool exempt = solver.name == "alphafold3" || solver.name == "lcm" || solver.name == "tcd" ||
                        solver.name == "cps" || solver.name == "predictor_corrector";
    // With normals alone, without areas of the path, the weak order of an additive noise is 2 at most, the strong
    // one 1.
    add(solver, "weak", exempt ? 0 : std::min(solver.order, 2), error_of_law);
    // One normal a step or a call, of the SDE that `error_of_path` solves; these have one of their own.
    const bool other = solver.name.starts_with("er_sde") || solver.name.ends_with("_grpo") || solver.name == "precise";
    if ((normals == 12 || normals == plan.calls.size()) && !exempt && !other) add(solver, "strong", 1, error_of_path);
  }
  return results;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string option = count > 1 ? arguments[1] : "";
  const bool csv = option == "--csv" && count == 2, errors = option == "--errors" && count == 3;
  if (count > 1 && !csv && !errors) {
    std::fputs("orders: allowed are --csv, or --errors FILE, or nothing\n", stderr);
    return 2;
  }
  const std::vector<result> results = measure();
  if (errors) {
    std::FILE* file = std::fopen(arguments[2], "w");
    if (file == nullptr) {
      std::fprintf(stderr, "orders: cannot write %s\n", arguments[2]);
      return 2;
    }
    std::fputs("solver,kind,claimed,steps,error\n", file);
    for (const result& r : results)
      for (const auto& [steps, error] : r.errors)
        std::fprintf(file, "%s,%s,%d,%d,%.17g\n", r.solver.c_str(), r.kind.c_str(), r.claimed, steps, error);
    std::fclose(file);
  }
  std::puts(csv ? "solver,kind,claimed,measured" : "solver                 kind    claimed  measured");
  bool all = true;
  for (const result& r : results) {
    const std::string claimed = r.claimed == 0 ? "-" : std::to_string(r.claimed);
    std::printf(csv ? "%s,%s,%s,%.2f\n" : "%-22s %-7s %-8s %.2f\n", r.solver.c_str(), r.kind.c_str(), claimed.c_str(),
                r.measured());
    all = all && r.as_claimed();
    if (!r.as_claimed()) std::fprintf(stderr, "orders: %s is slower than it claims\n", r.solver.c_str());
  }
  return all ? 0 : 1;
}
