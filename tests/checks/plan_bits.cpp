// SPDX-License-Identifier: MIT
// Prints hashes of plans, of every solver, schedule and grid with each other: the same lines from every build, which
// tests/checks/bits.py compares. With an argument N, of every N-th plan.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/detail/fnv1a.hpp>
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
  fk::detail::fnv1a hash;
  for (const char c : text) hash.add(static_cast<unsigned char>(c));
  std::printf("%s %016llx\n", name.c_str(), static_cast<unsigned long long>(hash.value));
}

// Types are forgotten, so that few planners are compiled.

struct named_network {
  std::string name;
  fk::parameterization::any network;
};
struct named_solver {
  std::string name;
  fk::solver::any solver;
};

/// The defaults of every solver, and what they have beside those.
std::vector<named_solver> solvers() {
  namespace s = fk::solver;
  std::vector<named_solver> list;
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
  add("exponential_by_tableau", s::exponential_by_tableau<s::exponential_tableaus::hochbruck_ostermann>{});
  add("by_tableau", s::by_tableau<s::tableaus::tsit5>{});
  add("flow_map", s::flow_map{});
  add("flow_map, gamma", s::flow_map{.gamma = 0.7});
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

std::vector<named_network> networks() {
  namespace p = fk::parameterization;
  return {{"velocity", p::velocity{}},
          {"epsilon", p::epsilon{}},
          {"data", p::data{}},
          {"score", p::score{}},
          {"flow", p::flow{.label_scale = 1000}},
          {"flow_to_data", p::flow_to_data{}},
          {"average_velocity", p::average_velocity{}},
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
std::vector<place> places(const std::string& of, const fk::schedule::any& schedule) {
  namespace g = fk::grid;
  std::vector<place> list;
  const auto add = [&](const std::string& name, const auto& grid) {
    std::string text;
    try {
      list.push_back({name, fk::detail::opaque(grid).levels(schedule)});  // as make_plan does
      for (const fk::level& l : list.back().levels)
        for (const double value : {l.time, l.alpha, l.sigma, l.alpha_rate, l.sigma_rate, l.label})
          text += std::isnan(value) ? "unknown " : fk::detail::text(value) + " ";
    } catch (const std::invalid_argument& error) {
      text = error.what();
    }
    say(of + ", " + name, [&] { return text; });
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
  add("logit_normal", g::logit_normal{.steps = 4, .sigma_max = 12});
  add("optimal_steps", g::optimal_steps{.steps = 4});
  add("part", g::part{g::uniform{.steps = 6}, 2});
  add("polyexponential", g::polyexponential{.steps = 4, .rho = 1.3, .sigma_min = 0.03, .sigma_max = 12});
  add("rcm", g::rcm{.steps = 4});
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

void plans(const std::string& of, const fk::schedule::any& schedule) {
  static const std::vector<named_solver> all_solvers = solvers();
  static const std::vector<named_network> all_networks = networks();
  const auto planned = [&](const place& at, const named_network& network, const named_solver& solver) {
    say(of + ", " + at.name + ", " + network.name + ", " + solver.name, [&] {
      return fk::plan::to_text(fk::make_plan(schedule, network.network, fk::grid::explicit_levels{at.levels},
                                             solver.solver, fk::guidance::classifier_free{.scale = 7.3}));
    });
  };
  for (const place& at : places(of, schedule)) {
    for (const named_solver& solver : all_solvers) planned(at, all_networks.front(), solver);
    for (const named_network& network : all_networks) {
      planned(at, network, {"ddim", fk::solver::ddim{}});
      planned(at, network, {"dpmpp_2m", fk::solver::dpmpp_2m{}});
    }
  }
  for (const auto& rule : fk::guidance::all)
    for (const double t : {1.0, 0.7})
      say(of + ", guided by " + std::string(rule.name), [&] {
        return fk::plan::to_text(fk::make_plan(
            schedule, all_networks.front().network, fk::grid::from_ratio{fk::grid::uniform{.steps = 3}, t},
            fk::solver::any(fk::solver::dpmpp_2m{}), fk::guidance::by_name(rule.name)));
      });
}

}  // namespace

int main(int argc, char** argv) {
  namespace s = fk::schedule;
  if (argc > 1) nth = std::atoi(argv[1]);
  plans("vp_linear", s::vp_linear{});
  plans("sub_vp", s::sub_vp{});
  plans("ve", s::ve{});
  plans("edm", s::edm{});
  plans("cosine", s::cosine{});
  plans("trigflow", s::trigflow{});
  plans("flow_linear", s::flow_linear{});
  plans("snr_shift", s::snr_shift{s::vp_linear{}, 3});
  plans("linear", s::linear());
  plans("scaled_linear", s::scaled_linear().interpolated(s::interpolation::log_ratio));
  plans("squared_cosine", s::squared_cosine().interpolated(s::interpolation::ratio));
  plans("sigmoid", s::sigmoid());
  plans("laplace", s::laplace());
  plans("exponential", s::exponential());
  plans("float32", s::float32(s::scaled_linear()));
  plans("zero_terminal_snr", s::zero_terminal_snr(s::scaled_linear()));
}
