// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <vector>

namespace fokker::inline v0::interop {

/// What a program of diffusers says beside the config, in `set_timesteps` and `step`.
struct diffusers_options {
  std::vector<double> timesteps = {};  ///< instead of the config's; falling
  std::vector<double> sigmas = {};     ///< of flows, instead of the config's; falling
  double mu = unsaid;                  ///< of flows with use_dynamic_shifting
  double eta = unsaid;                 ///< of DDIM (0 unless said), TCD (0.3)
  int begin = 0;                       ///< leaves out so many steps, as for images to change
  bool float32 = false;                ///< DDPM's scalars are rounded as there
  bool preview = false;                ///< as in plan_options

  static constexpr double unsaid = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace fokker::inline v0::interop
