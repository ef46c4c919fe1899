// SPDX-License-Identifier: MIT
// Prints hashes of plans, of every solver, schedule and grid with each other: the same lines from every build, which
// tests/checks/bits.py compares. With an argument N, of every N-th plan.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/guidance/by_name.hpp>
#include <fokker/solver/by_name.hpp>

namespace fk = fokker;

namespace {

int nth = 1, counted = 0;

/// A line of the text that `make` returns, or refuses with: that, too, is the same everywhere.
template <class Make>
void say(const std::string& name, Make make) {
  if (counted++ % nth != 0) return;
  std::string text;
  try {
    text = make();
  } catch (const std::invalid_argument& error) {
    text = error.what();
  }
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::printf("%s %016llx\n", name.c_str(), static_cast<unsigned long long>(h));
}

// Types are forgotten, so that few planners are compiled.

struct any_schedule {
  std::string name;
  std::function<double(double)> alpha_, sigma_, alpha_rate_, sigma_rate_, time_of_;
  double noise, last, data;

  template <class S>
  any_schedule(std::string called, const S& s)
      : name(std::move(called)),
        alpha_([s](double time) { return s.alpha(time); }),
        sigma_([s](double time) { return s.sigma(time); }),
        alpha_rate_([s](double time) { return fk::level_at(s, time).alpha_rate; }),
        sigma_rate_([s](double time) { return fk::level_at(s, time).sigma_rate; }),
        time_of_([s](double ratio) { return fk::time_of(s, ratio); }),
        noise(s.noise_time()),
        last(s.data_time()),
        data(s.data_time()) {
    if constexpr (fk::has_last_time<S>) last = s.last_time();
  }
  double alpha(double time) const { return alpha_(time); }
  double sigma(double time) const { return sigma_(time); }
  double alpha_rate(double time) const { return alpha_rate_(time); }
  double sigma_rate(double time) const { return sigma_rate_(time); }
  double time_of(double ratio) const { return time_of_(ratio); }
  double noise_time() const { return noise; }
  double last_time() const { return last; }
  double data_time() const { return data; }
};
struct any_table : any_schedule {
  int timesteps;

  template <class S>
  any_table(std::string called, const S& s) : any_schedule(std::move(called), s), timesteps(s.size()) {}
  int size() const { return timesteps; }
};

struct any_network {
  static constexpr const char* name = "any";
  std::string called;
  std::function<fk::prediction_row(const fk::level&)> row_;
  std::function<double(const fk::level&)> scale_, label_;
  fk::data_limit limit_;

  template <class P>
  any_network(std::string known_as, const P& network)
      : called(std::move(known_as)),
        row_([network](const fk::level& l) { return network.row(l); }),
        scale_([network](const fk::level& l) { return fk::input_scale(network, l); }),
        label_([network](const fk::level& l) { return fk::label(network, l); }),
        limit_(fk::limit(network)) {}
  fk::prediction_row row(const fk::level& l) const { return row_(l); }
  double input_scale(const fk::level& l) const { return scale_(l); }
  double label(const fk::level& l) const { return label_(l); }
  fk::data_limit limit() const { return limit_; }
};

struct any_solver {
  static constexpr int order = 1, evaluations = 1, history = 0;
  static constexpr bool stochastic = true;
  std::string name;
  std::function<fk::plan::expression(fk::plan::builder&, fk::plan::expression)> steps;

  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const { return steps(p, x); }
};

/// The defaults of every solver, and what they have beside those.
std::vector<any_solver> solvers() {
  namespace s = fk::solver;
  std::vector<any_solver> list;
  for (const s::named& n : s::all) list.push_back({std::string(n.name), n});
  const auto add = [&](const char* name, auto solver) { list.push_back({name, solver}); };
  add("ddim, eta", s::ddim{.eta = 0.3});
  add("ddpm, fixed_large", s::ddpm{.variance = s::ddpm_variance::fixed_large});
  add("dpm_solver_2m, eta", s::dpm_solver_2m{.form = s::form::heun, .eta = 0.7});
  add("dpm_solver_2s, r1", s::dpm_solver_2s{.r1 = 0.3});
  add("dpmpp_3m, eta", s::compat::dpmpp_3m{.eta = 1});
  add("dpmpp_3s, r", s::dpmpp_3s{.r1 = 0.3, .r2 = 0.8});
  add("dpmpp_sde, r", s::dpmpp_sde{.eta = 0.7, .r = 0.3});
  add("er_sde, r^1.7", s::er_sde<3>{.scaler = [](double r) { return std::pow(r, 1.7); }});
  add("euler, churn", s::euler{.variable = s::variable::ratio, .churn = {.s_churn = 3, .s_noise = 1.003}});
  add("euler_ancestral, eta", s::euler_ancestral{.eta = 0.7});
  add("euler_ancestral_rf, eta", s::euler_ancestral_rf{.eta = 0.7});
  add("lcm, sigma_min", s::lcm{.sigma_min = 0.03});
  add("predictor_corrector, 2", s::predictor_corrector{.corrections = 2, .eta = 0.7});
  add("restart, intervals", s::restart{.intervals = {{.sigma_min = 0.3, .sigma_max = 2, .steps = 3}}});
  add("sa_solver, pece", s::sa_solver<2, 3, s::correction::pece>{.tau = [](const fk::level&) { return 0.7; }});
  add("seeds_2, phi_2", s::seeds_2{.eta = 0.7, .r = 0.3, .weights = s::seeds_weights::phi_2});
  add("tcd, gamma", s::tcd{.gamma = 0.7});
  add("unipc, bh1", s::unipc<2>{.form = s::form::bh1});
  for (const auto u : {s::variable::time, s::variable::ratio, s::variable::log_snr}) {
    const std::string in = ", variable " + std::to_string(static_cast<int>(u));
    list.push_back({"euler_maruyama" + in, s::euler_maruyama{.eta = 0.7, .variable = u}});
    if (u != s::variable::log_snr) list.push_back({"dopri5" + in, s::dopri5{.variable = u}});
    for (const auto q : {s::target::data, s::target::epsilon, s::target::velocity, s::target::flow, s::target::network})
      for (const double eta : {0.0, 0.7})
        list.push_back(
            {"exp_adams" + in + ", target " + std::to_string(static_cast<int>(q)) + ", eta " + std::to_string(eta),
             s::exp_adams<2, true>{.target = q, .variable = u, .eta = eta}});
  }
  return list;
}

std::vector<any_network> networks() {
  namespace p = fk::parameterization;
  return {{"velocity", p::velocity{}},
          {"epsilon", p::epsilon{}},
          {"data", p::data{}},
          {"score", p::score{}},
          {"flow", p::flow{.label_scale = 1000}},
          {"flow_to_data", p::flow_to_data{}},
          {"edm", p::edm{}},
          {"trigflow", p::trigflow{}},
          {"consistency", p::consistency{}},
          {"latent_consistency", p::latent_consistency{p::epsilon{}}},
          {"trained_on", p::trained_on{fk::schedule::scaled_linear(), p::epsilon{}}},
          {"clipped", p::clipped{p::velocity{}, 1.3}},
          {"thresholded", p::thresholded{p::epsilon{}}},
          {"learned_variance", p::learned_variance{p::epsilon{}}}};
}

struct place {
  std::string name;
  std::vector<fk::level> levels;
};

/// The levels of every grid on a schedule.
template <class Schedule>
std::vector<place> places(const Schedule& schedule) {
  namespace g = fk::grid;
  std::vector<place> list;
  const auto add = [&](const std::string& name, const auto& grid) {
    if constexpr (fk::level_grid<std::remove_cvref_t<decltype(grid)>, Schedule>) {
      std::string text;
      try {
        list.push_back({name, fk::detail::opaque(grid).levels(schedule)});  // as make_plan does
        for (const fk::level& l : list.back().levels)
          for (const double value : {l.time, l.alpha, l.sigma, l.alpha_rate, l.sigma_rate, l.label})
            text += std::isnan(value) ? "unknown " : fk::detail::text(value) + " ";
      } catch (const std::invalid_argument& error) {
        text = error.what();
      }
      say(schedule.name + ", " + name, [&] { return text; });
    }
  };
  add("align_your_steps", g::align_your_steps{.steps = 4});
  add("beta", g::beta{.steps = 4});
  add("beta_sigmas", g::beta_sigmas{.steps = 4, .a = 0.7, .b = 1.4, .sigma_min = 0.03, .sigma_max = 12});
  add("bong_tangent", g::bong_tangent{.steps = 4});
  add("distilled", g::distilled{.steps = 4});
  add("epss", g::epss{.steps = 5});
  add("explicit_levels", g::explicit_levels{fk::levels_at_ratios(schedule, {0.7, 0.3, 0.1, 0})});
  add("from_ratio", g::from_ratio{g::uniform{.steps = 5}, 2.3});
  add("karras", g::karras{.steps = 4, .sigma_min = 0.03, .sigma_max = 12});
  add("labelled", g::labelled{g::uniform{.steps = 3}, [](const fk::level& l) { return std::fma(999, l.time, 0.5); }});
  add("laplace", g::laplace{.steps = 4, .sigma_min = 0.03, .sigma_max = 12});
  add("leading", g::leading{.steps = 4, .offset = 1});
  add("linear_quadratic", g::linear_quadratic{.steps = 5});
  add("linspace", g::linspace{.steps = 4, .rounded = false});
  add("log_snr", g::log_snr{.steps = 5, .sigma_min = 0.03, .sigma_max = 12, .end = fk::ending::to_last_level});
  add("part", g::part{g::uniform{.steps = 6}, 2});
  add("polyexponential", g::polyexponential{.steps = 4, .rho = 1.3, .sigma_min = 0.03, .sigma_max = 12});
  add("smoothstep", g::smoothstep{.steps = 4});
  add("strength", g::strength{g::uniform{.steps = 6}, 0.7});
  add("sway", g::sway{g::uniform{.steps = 5}, -0.7});
  add("tangent", g::tangent{.steps = 4, .deviation = 0.7, .sigma_min = 0.03, .sigma_max = 12});
  add("terminal_stretch", g::terminal_stretch{g::uniform{.steps = 4}});
  add("time_shift", g::time_shift{g::uniform{.steps = 4}, g::shift_for_tokens(1111)});
  add("to_ratio", g::to_ratio{g::uniform{.steps = 5}, 0.3});
  add("trailing", g::trailing{.steps = 4});
  add("uniform", g::uniform{.steps = 4});
  add("vp", g::vp{.steps = 4});
  return list;
}

template <class Schedule>
void plans(const Schedule& schedule) {
  static const std::vector<any_solver> all_solvers = solvers();
  static const std::vector<any_network> all_networks = networks();
  const any_schedule& path = schedule;
  const auto planned = [&](const place& at, const any_network& network, const any_solver& solver) {
    say(schedule.name + ", " + at.name + ", " + network.called + ", " + solver.name, [&] {
      return fk::plan::to_text(fk::make_plan(path, network, fk::grid::explicit_levels{at.levels}, solver,
                                             fk::guidance::classifier_free{.scale = 7.3}));
    });
  };
  for (const place& at : places(schedule)) {
    for (const any_solver& solver : all_solvers) planned(at, all_networks.front(), solver);
    for (const any_network& network : all_networks) {
      planned(at, network, {"ddim", fk::solver::ddim{}});
      planned(at, network, {"dpmpp_2m", fk::solver::dpmpp_2m{}});
    }
  }
  for (const auto& rule : fk::guidance::all)
    for (const double t : {1.0, 0.7})
      say(schedule.name + ", guided by " + std::string(rule.name), [&] {
        return fk::plan::to_text(
            fk::make_plan(path, all_networks.front(), fk::grid::from_ratio{fk::grid::uniform{.steps = 3}, t},
                          any_solver{"dpmpp_2m", fk::solver::dpmpp_2m{}}, fk::guidance::by_name(rule.name)));
      });
}

}  // namespace

int main(int argc, char** argv) {
  namespace s = fk::schedule;
  if (argc > 1) nth = std::atoi(argv[1]);
  plans(any_schedule("vp_linear", s::vp_linear{}));
  plans(any_schedule("sub_vp", s::sub_vp{}));
  plans(any_schedule("ve", s::ve{}));
  plans(any_schedule("edm", s::edm{}));
  plans(any_schedule("cosine", s::cosine{}));
  plans(any_schedule("trigflow", s::trigflow{}));
  plans(any_schedule("flow_linear", s::flow_linear{}));
  plans(any_schedule("snr_shift", s::snr_shift{s::vp_linear{}, 3}));
  plans(any_table("linear", s::linear()));
  plans(any_table("scaled_linear", s::scaled_linear().interpolated(s::interpolation::log_ratio)));
  plans(any_table("squared_cosine", s::squared_cosine().interpolated(s::interpolation::ratio)));
  plans(any_table("sigmoid", s::sigmoid()));
  plans(any_table("laplace", s::laplace()));
  plans(any_table("exponential", s::exponential()));
  plans(any_table("float32", s::float32(s::scaled_linear())));
  plans(any_table("zero_terminal_snr", s::zero_terminal_snr(s::scaled_linear())));
}
