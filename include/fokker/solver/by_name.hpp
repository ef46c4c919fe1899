// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <fokker/solver/alphafold3.hpp>
#include <fokker/solver/bdia.hpp>
#include <fokker/solver/bosh3.hpp>
#include <fokker/solver/compat/dpm_solver_3m.hpp>
#include <fokker/solver/compat/dpmpp_3m.hpp>
#include <fokker/solver/compat/ipndm_v.hpp>
#include <fokker/solver/cps.hpp>
#include <fokker/solver/dance_grpo.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/deis.hpp>
#include <fokker/solver/dopri5.hpp>
#include <fokker/solver/dpm_2.hpp>
#include <fokker/solver/dpm_2_ancestral.hpp>
#include <fokker/solver/dpm_fast.hpp>
#include <fokker/solver/dpm_solver_2m.hpp>
#include <fokker/solver/dpm_solver_2s.hpp>
#include <fokker/solver/dpm_solver_3m.hpp>
#include <fokker/solver/dpm_solver_3s.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_2m_cfg_pp.hpp>
#include <fokker/solver/dpmpp_2s.hpp>
#include <fokker/solver/dpmpp_2s_ancestral.hpp>
#include <fokker/solver/dpmpp_3m.hpp>
#include <fokker/solver/dpmpp_3s.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/er_sde.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/euler_ancestral.hpp>
#include <fokker/solver/euler_ancestral_rf.hpp>
#include <fokker/solver/euler_maruyama.hpp>
#include <fokker/solver/exp_adams.hpp>
#include <fokker/solver/flow_grpo.hpp>
#include <fokker/solver/gradient_estimation.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/ipndm.hpp>
#include <fokker/solver/lcm.hpp>
#include <fokker/solver/lms.hpp>
#include <fokker/solver/midpoint.hpp>
#include <fokker/solver/named.hpp>
#include <fokker/solver/pfdiff.hpp>
#include <fokker/solver/plms.hpp>
#include <fokker/solver/pndm.hpp>
#include <fokker/solver/precise.hpp>
#include <fokker/solver/predictor_corrector.hpp>
#include <fokker/solver/rectified_cfg_pp.hpp>
#include <fokker/solver/res_2s.hpp>
#include <fokker/solver/res_3s.hpp>
#include <fokker/solver/restart.hpp>
#include <fokker/solver/reverse_diffusion.hpp>
#include <fokker/solver/rk4.hpp>
#include <fokker/solver/rx_dpm.hpp>
#include <fokker/solver/sa_solver.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>
#include <fokker/solver/seeds_2.hpp>
#include <fokker/solver/seeds_3.hpp>
#include <fokker/solver/stork.hpp>
#include <fokker/solver/tcd.hpp>
#include <fokker/solver/unipc.hpp>

namespace fokker::inline v0::solver {

// clang-format off
namespace fields {

[[nodiscard]] inline std::span<const detail::enumerator> words(ddpm_variance) {
  static constexpr detail::enumerator all[] = {{"fixed_small", static_cast<int>(ddpm_variance::fixed_small)}, {"fixed_large", static_cast<int>(ddpm_variance::fixed_large)}, {"noiseless", static_cast<int>(ddpm_variance::noiseless)}, {"learned", static_cast<int>(ddpm_variance::learned)}, {"learned_range", static_cast<int>(ddpm_variance::learned_range)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(form) {
  static constexpr detail::enumerator all[] = {{"heun", static_cast<int>(form::heun)}, {"midpoint", static_cast<int>(form::midpoint)}, {"bh1", static_cast<int>(form::bh1)}, {"bh2", static_cast<int>(form::bh2)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(seeds_weights) {
  static constexpr detail::enumerator all[] = {{"phi_1", static_cast<int>(seeds_weights::phi_1)}, {"phi_2", static_cast<int>(seeds_weights::phi_2)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(target) {
  static constexpr detail::enumerator all[] = {{"data", static_cast<int>(target::data)}, {"epsilon", static_cast<int>(target::epsilon)}, {"velocity", static_cast<int>(target::velocity)}, {"flow", static_cast<int>(target::flow)}, {"network", static_cast<int>(target::network)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(variable) {
  static constexpr detail::enumerator all[] = {{"natural", static_cast<int>(variable::natural)}, {"time", static_cast<int>(variable::time)}, {"ratio", static_cast<int>(variable::ratio)}, {"log_snr", static_cast<int>(variable::log_snr)}};
  return all;
}

template <class M>
void alphafold3(M& m, detail::given_fields& given) { given("gamma_0", m.gamma_0)("gamma_min", m.gamma_min)("noise_scale", m.noise_scale)("step_scale", m.step_scale); }
template <class M>
void bdia(M& m, detail::given_fields& given) { given("gamma", m.gamma)("given_next", m.given_next); }
template <class M>
void bosh3(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable)); }
template <class M>
void compat_dpm_solver_3m(M& m, detail::given_fields& given) { given("form", m.form, fields::words(m.form)); }
template <class M>
void compat_dpmpp_3m(M& m, detail::given_fields& given) { given("form", m.form, fields::words(m.form))("eta", m.eta); }
template <class M>
void cps(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void dance_grpo(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void ddim(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void ddpm(M& m, detail::given_fields& given) { given("variance", m.variance, fields::words(m.variance)); }
template <class M>
void deis(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable)); }
template <class M>
void dopri5(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable)); }
template <class M>
void dpm_2_ancestral(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void dpm_solver_2m(M& m, detail::given_fields& given) { given("form", m.form, fields::words(m.form))("eta", m.eta); }
template <class M>
void dpm_solver_2s(M& m, detail::given_fields& given) { given("r1", m.r1); }
template <class M>
void dpm_solver_3s(M& m, detail::given_fields& given) { given("r1", m.r1)("r2", m.r2); }
template <class M>
void dpmpp_2m(M& m, detail::given_fields& given) { given("form", m.form, fields::words(m.form)); }
template <class M>
void dpmpp_2s(M& m, detail::given_fields& given) { given("r1", m.r1); }
template <class M>
void dpmpp_2s_ancestral(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void dpmpp_3s(M& m, detail::given_fields& given) { given("r1", m.r1)("r2", m.r2); }
template <class M>
void dpmpp_sde(M& m, detail::given_fields& given) { given("eta", m.eta)("r", m.r); }
template <class M>
void euler(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable))("churn.s_churn", m.churn.s_churn)("churn.s_tmin", m.churn.s_tmin)("churn.s_tmax", m.churn.s_tmax)("churn.s_noise", m.churn.s_noise); }
template <class M>
void euler_ancestral(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void euler_ancestral_rf(M& m, detail::given_fields& given) { given("eta", m.eta)("s_noise", m.s_noise); }
template <class M>
void euler_maruyama(M& m, detail::given_fields& given) { given("eta", m.eta)("variable", m.variable, fields::words(m.variable)); }
template <class M>
void exp_adams(M& m, detail::given_fields& given) { given("target", m.target, fields::words(m.target))("variable", m.variable, fields::words(m.variable))("eta", m.eta); }
template <class M>
void flow_grpo(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void gradient_estimation(M& m, detail::given_fields& given) { given("gamma", m.gamma); }
template <class M>
void heun(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable))("churn.s_churn", m.churn.s_churn)("churn.s_tmin", m.churn.s_tmin)("churn.s_tmax", m.churn.s_tmax)("churn.s_noise", m.churn.s_noise); }
template <class M>
void lcm(M& m, detail::given_fields& given) { given("sigma_min", m.sigma_min)("s_noise", m.s_noise); }
template <class M>
void midpoint(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable)); }
template <class M>
void precise(M& m, detail::given_fields& given) { given("eta", m.eta); }
template <class M>
void predictor_corrector(M& m, detail::given_fields& given) { given("snr", m.snr)("corrections", m.corrections)("eta", m.eta); }
template <class M>
void rectified_cfg_pp(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable))("predictor", m.predictor)("gamma", m.gamma); }
template <class M>
void res_2s(M& m, detail::given_fields& given) { given("c2", m.c2); }
template <class M>
void res_3s(M& m, detail::given_fields& given) { given("c2", m.c2)("c3", m.c3); }
template <class M>
void restart(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable))("rho", m.rho)("s_noise", m.s_noise); }
template <class M>
void rk4(M& m, detail::given_fields& given) { given("variable", m.variable, fields::words(m.variable)); }
template <class M>
void rx_dpm(M& m, detail::given_fields& given) { given("every", m.every); }
template <class M>
void sa_solver(M& m, detail::given_fields& given) { given("form", m.form, fields::words(m.form))("lower_order_final", m.lower_order_final); }
template <class M>
void sde_dpmpp_2m(M& m, detail::given_fields& given) { given("form", m.form, fields::words(m.form))("eta", m.eta); }
template <class M>
void seeds_2(M& m, detail::given_fields& given) { given("eta", m.eta)("r", m.r)("weights", m.weights, fields::words(m.weights)); }
template <class M>
void seeds_3(M& m, detail::given_fields& given) { given("eta", m.eta)("r1", m.r1)("r2", m.r2); }
template <class M>
void tcd(M& m, detail::given_fields& given) { given("gamma", m.gamma); }
template <class M>
void unipc(M& m, detail::given_fields& given) { given("target", m.target, fields::words(m.target))("form", m.form, fields::words(m.form))("lower_order_final", m.lower_order_final); }

}  // namespace fields

/// Every solver of the library, with its defaults.
inline constexpr named all[] = {
    named::of<alphafold3, fields::alphafold3>("alphafold3"),
    named::of<bdia, fields::bdia>("bdia"),
    named::of<bosh3, fields::bosh3>("bosh3"),
    named::of<compat::dpm_solver_3m, fields::compat_dpm_solver_3m>("compat::dpm_solver_3m"),
    named::of<compat::dpmpp_3m, fields::compat_dpmpp_3m>("compat::dpmpp_3m"),
    named::of<compat::ipndm_v<>>("compat::ipndm_v"),
    named::of<compat::ipndm_v<1>>("compat::ipndm_v<1>"),
    named::of<compat::ipndm_v<2>>("compat::ipndm_v<2>"),
    named::of<compat::ipndm_v<3>>("compat::ipndm_v<3>"),
    named::of<compat::ipndm_v<4>>("compat::ipndm_v<4>"),
    named::of<cps, fields::cps>("cps"),
    named::of<dance_grpo, fields::dance_grpo>("dance_grpo"),
    named::of<ddim, fields::ddim>("ddim"),
    named::of<ddpm, fields::ddpm>("ddpm"),
    named::of<deis<>, fields::deis>("deis"),
    named::of<dopri5, fields::dopri5>("dopri5"),
    named::of<dpm_2>("dpm_2"),
    named::of<dpm_2_ancestral, fields::dpm_2_ancestral>("dpm_2_ancestral"),
    named::of<dpm_fast>("dpm_fast"),
    named::of<dpm_solver_2m, fields::dpm_solver_2m>("dpm_solver_2m"),
    named::of<dpm_solver_2s, fields::dpm_solver_2s>("dpm_solver_2s"),
    named::of<dpm_solver_3m>("dpm_solver_3m"),
    named::of<dpm_solver_3s, fields::dpm_solver_3s>("dpm_solver_3s"),
    named::of<dpmpp_2m, fields::dpmpp_2m>("dpmpp_2m"),
    named::of<dpmpp_2m_cfg_pp>("dpmpp_2m_cfg_pp"),
    named::of<dpmpp_2s, fields::dpmpp_2s>("dpmpp_2s"),
    named::of<dpmpp_2s_ancestral, fields::dpmpp_2s_ancestral>("dpmpp_2s_ancestral"),
    named::of<dpmpp_3m>("dpmpp_3m"),
    named::of<dpmpp_3s, fields::dpmpp_3s>("dpmpp_3s"),
    named::of<dpmpp_sde, fields::dpmpp_sde>("dpmpp_sde"),
    named::of<er_sde<1>>("er_sde<1>"),
    named::of<er_sde<2>>("er_sde<2>"),
    named::of<er_sde<3>>("er_sde<3>"),
    named::of<euler, fields::euler>("euler"),
    named::of<euler_ancestral, fields::euler_ancestral>("euler_ancestral"),
    named::of<euler_ancestral_rf, fields::euler_ancestral_rf>("euler_ancestral_rf"),
    named::of<euler_maruyama, fields::euler_maruyama>("euler_maruyama"),
    named::of<exp_adams<1>, fields::exp_adams>("exp_adams<1>"),
    named::of<exp_adams<2>, fields::exp_adams>("exp_adams<2>"),
    named::of<exp_adams<3>, fields::exp_adams>("exp_adams<3>"),
    named::of<exp_adams<4>, fields::exp_adams>("exp_adams<4>"),
    named::of<flow_grpo, fields::flow_grpo>("flow_grpo"),
    named::of<gradient_estimation, fields::gradient_estimation>("gradient_estimation"),
    named::of<heun, fields::heun>("heun"),
    named::of<ipndm<>>("ipndm"),
    named::of<ipndm<1>>("ipndm<1>"),
    named::of<ipndm<2>>("ipndm<2>"),
    named::of<ipndm<3>>("ipndm<3>"),
    named::of<ipndm<4>>("ipndm<4>"),
    named::of<lcm, fields::lcm>("lcm"),
    named::of<lms<>>("lms"),
    named::of<midpoint, fields::midpoint>("midpoint"),
    named::of<pfdiff<>>("pfdiff"),
    named::of<pfdiff<1>>("pfdiff<1>"),
    named::of<pfdiff<2>>("pfdiff<2>"),
    named::of<pfdiff<3>>("pfdiff<3>"),
    named::of<plms>("plms"),
    named::of<pndm>("pndm"),
    named::of<precise, fields::precise>("precise"),
    named::of<predictor_corrector, fields::predictor_corrector>("predictor_corrector"),
    named::of<rectified_cfg_pp, fields::rectified_cfg_pp>("rectified_cfg_pp"),
    named::of<res_2s, fields::res_2s>("res_2s"),
    named::of<res_3s, fields::res_3s>("res_3s"),
    named::of<restart, fields::restart>("restart"),
    named::of<reverse_diffusion>("reverse_diffusion"),
    named::of<rk4, fields::rk4>("rk4"),
    named::of<rx_dpm, fields::rx_dpm>("rx_dpm"),
    named::of<sa_solver<>, fields::sa_solver>("sa_solver"),
    named::of<sa_solver<1>, fields::sa_solver>("sa_solver<1>"),
    named::of<sa_solver<2>, fields::sa_solver>("sa_solver<2>"),
    named::of<sa_solver<3>, fields::sa_solver>("sa_solver<3>"),
    named::of<sa_solver<4>, fields::sa_solver>("sa_solver<4>"),
    named::of<sde_dpmpp_2m, fields::sde_dpmpp_2m>("sde_dpmpp_2m"),
    named::of<seeds_2, fields::seeds_2>("seeds_2"),
    named::of<seeds_3, fields::seeds_3>("seeds_3"),
    named::of<stork<>>("stork"),
    named::of<stork<1>>("stork<1>"),
    named::of<stork<2>>("stork<2>"),
    named::of<stork<3>>("stork<3>"),
    named::of<tcd, fields::tcd>("tcd"),
    named::of<unipc<>, fields::unipc>("unipc"),
    named::of<unipc<1>, fields::unipc>("unipc<1>"),
    named::of<unipc<2>, fields::unipc>("unipc<2>"),
    named::of<unipc<3>, fields::unipc>("unipc<3>"),
    named::of<unipc<4>, fields::unipc>("unipc<4>"),
};

/// Their types.
using types = std::tuple<alphafold3, bdia, bosh3, compat::dpm_solver_3m, compat::dpmpp_3m, compat::ipndm_v<>, compat::ipndm_v<1>, compat::ipndm_v<2>, compat::ipndm_v<3>, compat::ipndm_v<4>, cps, dance_grpo, ddim, ddpm, deis<>, dopri5, dpm_2, dpm_2_ancestral, dpm_fast, dpm_solver_2m, dpm_solver_2s, dpm_solver_3m, dpm_solver_3s, dpmpp_2m, dpmpp_2m_cfg_pp, dpmpp_2s, dpmpp_2s_ancestral, dpmpp_3m, dpmpp_3s, dpmpp_sde, er_sde<1>, er_sde<2>, er_sde<3>, euler, euler_ancestral, euler_ancestral_rf, euler_maruyama, exp_adams<1>, exp_adams<2>, exp_adams<3>, exp_adams<4>, flow_grpo, gradient_estimation, heun, ipndm<>, ipndm<1>, ipndm<2>, ipndm<3>, ipndm<4>, lcm, lms<>, midpoint, pfdiff<>, pfdiff<1>, pfdiff<2>, pfdiff<3>, plms, pndm, precise, predictor_corrector, rectified_cfg_pp, res_2s, res_3s, restart, reverse_diffusion, rk4, rx_dpm, sa_solver<>, sa_solver<1>, sa_solver<2>, sa_solver<3>, sa_solver<4>, sde_dpmpp_2m, seeds_2, seeds_3, stork<>, stork<1>, stork<2>, stork<3>, tcd, unipc<>, unipc<1>, unipc<2>, unipc<3>, unipc<4>>;
// clang-format on

/// The solver of that name, such as "dpmpp_2m" or "exp_adams<3>". Throws std::invalid_argument that lists all names.
[[nodiscard]] inline const named& by_name(std::string_view name) { return detail::found(all, "solver", name); }

/// The same with fields of its own, such as by_name("ddim", {{"eta", 0.5}}). Throws std::invalid_argument for those
/// that it does not have, listing its own.
[[nodiscard]] inline named_with_fields by_name(std::string_view name, const std::vector<field>& fields) {
  return by_name(name).with(fields);
}

}  // namespace fokker::inline v0::solver
