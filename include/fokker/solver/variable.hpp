// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

/// The variable in which a Runge-Kutta method takes the probability-flow ODE: dx/dt = alpha' D + sigma' eps in the
/// schedule's time, or dy/d(sigma/alpha) = eps for y = x/alpha. `natural` is time where x moves on a straight line in
/// it (flow, EDM), sigma/alpha elsewhere. Or the variable of a polynomial between predictions, log-SNR then as well.
enum class variable { natural, time, ratio, log_snr };

[[nodiscard]] inline bool in_time(variable v, const plan::builder& p) {
  if (v == variable::log_snr) detail::refuse("variable", "log_snr", "natural, time or ratio");
  return v == variable::time || (v == variable::natural && p.straight());
}

/// Whether a step onto t can have a stage there: onto data only if the network tells the slope at them.
[[nodiscard]] inline bool has_slope(const plan::builder& p, const level& t, bool time) {
  if (!t.is_data()) return true;
  return p.determines(t, time ? parameterization::flow{}.row(t) : parameterization::epsilon{}.row(t));
}

}  // namespace fokker::inline v0::solver
