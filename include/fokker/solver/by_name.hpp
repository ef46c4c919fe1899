// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <string>
#include <string_view>

#include <fokker/solver/bosh3.hpp>
#include <fokker/solver/compat/dpm_solver_3m.hpp>
#include <fokker/solver/compat/dpmpp_3m.hpp>
#include <fokker/solver/compat/ipndm_v.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_cfg_pp.hpp>
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
#include <fokker/solver/gradient_estimation.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/ipndm.hpp>
#include <fokker/solver/lcm.hpp>
#include <fokker/solver/lms.hpp>
#include <fokker/solver/midpoint.hpp>
#include <fokker/solver/named.hpp>
#include <fokker/solver/plms.hpp>
#include <fokker/solver/pndm.hpp>
#include <fokker/solver/predictor_corrector.hpp>
#include <fokker/solver/res_2s.hpp>
#include <fokker/solver/res_3s.hpp>
#include <fokker/solver/restart.hpp>
#include <fokker/solver/reverse_diffusion.hpp>
#include <fokker/solver/rk4.hpp>
#include <fokker/solver/sa_solver.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>
#include <fokker/solver/seeds_2.hpp>
#include <fokker/solver/seeds_3.hpp>
#include <fokker/solver/tcd.hpp>
#include <fokker/solver/unipc.hpp>

namespace fokker::inline v0::solver {

// clang-format off
/// Every solver of the library, with its defaults.
inline constexpr named all[] = {
    named::of<bosh3>("bosh3"),
    named::of<compat::dpm_solver_3m>("compat::dpm_solver_3m"),
    named::of<compat::dpmpp_3m>("compat::dpmpp_3m"),
    named::of<compat::ipndm_v<>>("compat::ipndm_v"),
    named::of<compat::ipndm_v<1>>("compat::ipndm_v<1>"),
    named::of<compat::ipndm_v<2>>("compat::ipndm_v<2>"),
    named::of<compat::ipndm_v<3>>("compat::ipndm_v<3>"),
    named::of<compat::ipndm_v<4>>("compat::ipndm_v<4>"),
    named::of<ddim>("ddim"),
    named::of<ddim_cfg_pp>("ddim_cfg_pp"),
    named::of<ddpm>("ddpm"),
    named::of<deis<>>("deis"),
    named::of<dopri5>("dopri5"),
    named::of<dpm_2>("dpm_2"),
    named::of<dpm_2_ancestral>("dpm_2_ancestral"),
    named::of<dpm_fast>("dpm_fast"),
    named::of<dpm_solver_2m>("dpm_solver_2m"),
    named::of<dpm_solver_2s>("dpm_solver_2s"),
    named::of<dpm_solver_3m>("dpm_solver_3m"),
    named::of<dpm_solver_3s>("dpm_solver_3s"),
    named::of<dpmpp_2m>("dpmpp_2m"),
    named::of<dpmpp_2m_cfg_pp>("dpmpp_2m_cfg_pp"),
    named::of<dpmpp_2s>("dpmpp_2s"),
    named::of<dpmpp_2s_ancestral>("dpmpp_2s_ancestral"),
    named::of<dpmpp_3m>("dpmpp_3m"),
    named::of<dpmpp_3s>("dpmpp_3s"),
    named::of<dpmpp_sde>("dpmpp_sde"),
    named::of<er_sde<1>>("er_sde<1>"),
    named::of<er_sde<2>>("er_sde<2>"),
    named::of<er_sde<3>>("er_sde<3>"),
    named::of<euler>("euler"),
    named::of<euler_ancestral>("euler_ancestral"),
    named::of<euler_ancestral_rf>("euler_ancestral_rf"),
    named::of<euler_maruyama>("euler_maruyama"),
    named::of<exp_adams<1>>("exp_adams<1>"),
    named::of<exp_adams<2>>("exp_adams<2>"),
    named::of<exp_adams<3>>("exp_adams<3>"),
    named::of<exp_adams<4>>("exp_adams<4>"),
    named::of<gradient_estimation>("gradient_estimation"),
    named::of<heun>("heun"),
    named::of<ipndm<>>("ipndm"),
    named::of<ipndm<1>>("ipndm<1>"),
    named::of<ipndm<2>>("ipndm<2>"),
    named::of<ipndm<3>>("ipndm<3>"),
    named::of<ipndm<4>>("ipndm<4>"),
    named::of<lcm>("lcm"),
    named::of<lms<>>("lms"),
    named::of<midpoint>("midpoint"),
    named::of<plms>("plms"),
    named::of<pndm>("pndm"),
    named::of<predictor_corrector>("predictor_corrector"),
    named::of<res_2s>("res_2s"),
    named::of<res_3s>("res_3s"),
    named::of<restart>("restart"),
    named::of<reverse_diffusion>("reverse_diffusion"),
    named::of<rk4>("rk4"),
    named::of<sa_solver<>>("sa_solver"),
    named::of<sa_solver<1>>("sa_solver<1>"),
    named::of<sa_solver<2>>("sa_solver<2>"),
    named::of<sa_solver<3>>("sa_solver<3>"),
    named::of<sa_solver<4>>("sa_solver<4>"),
    named::of<sde_dpmpp_2m>("sde_dpmpp_2m"),
    named::of<seeds_2>("seeds_2"),
    named::of<seeds_3>("seeds_3"),
    named::of<tcd>("tcd"),
    named::of<unipc<>>("unipc"),
    named::of<unipc<1>>("unipc<1>"),
    named::of<unipc<2>>("unipc<2>"),
    named::of<unipc<3>>("unipc<3>"),
    named::of<unipc<4>>("unipc<4>"),
};
// clang-format on

/// The solver of that name, such as "dpmpp_2m" or "exp_adams<3>". Throws std::invalid_argument that lists all names.
[[nodiscard]] inline const named& by_name(std::string_view name) {
  std::string names;
  for (const named& s : all) {
    if (s.name == name) return s;
    names += names.empty() ? "" : ", ";
    names += s.name;
  }
  detail::refuse("the name of a solver", name, names);
}

}  // namespace fokker::inline v0::solver
