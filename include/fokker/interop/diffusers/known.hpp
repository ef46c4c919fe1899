// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <fokker/interop/diffusers/cogvideox.hpp>
#include <fokker/interop/diffusers/consistency.hpp>
#include <fokker/interop/diffusers/ddim.hpp>
#include <fokker/interop/diffusers/ddpm.hpp>
#include <fokker/interop/diffusers/deis.hpp>
#include <fokker/interop/diffusers/dpm_solver.hpp>
#include <fokker/interop/diffusers/edm.hpp>
#include <fokker/interop/diffusers/flow.hpp>
#include <fokker/interop/diffusers/k_family.hpp>
#include <fokker/interop/diffusers/pndm.hpp>
#include <fokker/interop/diffusers/reading.hpp>
#include <fokker/interop/diffusers/sa_solver.hpp>
#include <fokker/interop/diffusers/unipc.hpp>

namespace fokker::inline v0::interop::diffusers_classes {

// clang-format off
/// Every class that is known.
inline constexpr auto known = in_order(of_cogvideox, of_consistency, of_ddim, of_ddpm, of_deis, of_dpm_solver, of_edm, of_flow, of_k_family, of_pndm, of_sa_solver, of_unipc);
// clang-format on

}  // namespace fokker::inline v0::interop::diffusers_classes
