// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <fokker/grid/part.hpp>

namespace fokker::inline v0::grid {

/// Whose "strength" of an image to image run, or "denoise", is meant; they run different numbers of steps of N.
enum class strength_of {
  diffusers,       ///< the last floor(N s): diffusers' Stable Diffusion 1, 2 and XL
  diffusers_flow,  ///< the last N - floor(N - N s): diffusers' Stable Diffusion 3, Flux, Qwen-Image and other flows
  a1111,           ///< the last floor(N s) + 1, N at most: AUTOMATIC1111, stable-diffusion.cpp
  comfyui,         ///< the last N of a grid of floor(N / s) steps
};

/// The last steps of another grid, by one of four conventions that programs have for the share `strength` of a run
/// that changes an image, 0 < strength <= 1. Throws std::invalid_argument where not a single step is left.
template <class Grid>
struct strength {
  Grid grid;
  double share = 0.75;
  strength_of convention = strength_of::diffusers;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    constexpr bool counts = requires(Grid & other) { other.steps = 1; };
    static_assert(detail::holds<counts>,
                  "fokker: strength counts the steps of a grid that has 'int steps'; of other levels take grid::part; "
                  "docs/grid/strength.md");
    if constexpr (counts) return last_levels(schedule);
    return {};
  }

 private:
  template <noise_schedule S>
  [[nodiscard]] std::vector<level> last_levels(const S& schedule) const {
    if (!(detail::is_finite(share) && share > 0 && share <= 1)) detail::refuse("share", share, "above 0 and up to 1");
    const int steps = grid.steps;
    detail::require_steps(steps);
    Grid whole = grid;
    int left = steps;
    switch (convention) {
      case strength_of::diffusers:
        left = static_cast<int>(steps * share);
        break;
      case strength_of::diffusers_flow:
        left = steps - static_cast<int>(steps - detail::rounded_product(steps, share));
        break;
      case strength_of::a1111:
        left = (std::min)(static_cast<int>(steps * share), steps - 1) + 1;
        break;
      case strength_of::comfyui:
        whole.steps = static_cast<int>((std::min)(steps / share, 1e6));
        break;
    }
    if (left < 1) detail::refuse("share", share, "more: not one step of the grid is left");
    return part<Grid>{whole, whole.steps - left, 0}.levels(schedule);
  }
};
template <class Grid>
strength(Grid, double) -> strength<Grid>;
template <class Grid>
strength(Grid, double, strength_of) -> strength<Grid>;

}  // namespace fokker::inline v0::grid
