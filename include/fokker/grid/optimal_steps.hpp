// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <fokker/grid/range.hpp>

namespace fokker::inline v0::grid {

/// Which network the times were found for.
enum class optimal_for { flux, wan, chroma };

/// Times of flow networks that were found by comparing few steps with many, Pei et al. 2025 (OptimalSteps,
/// arXiv:2503.21774): lists for 10 (flux), 20 (wan) and 40 steps (chroma), interpolated log-linearly for other numbers.
/// The last time is replaced by data, as published.
struct optimal_steps {
  int steps = 20;
  optimal_for network = optimal_for::flux;

  template <noise_schedule S>
  [[nodiscard]] std::vector<level> levels(const S& schedule) const {
    std::vector<double> times = log_linear(table(), steps);
    times.back() = 0;
    return levels_at_shares(schedule, times);
  }

 private:
  [[nodiscard]] std::vector<double> table() const {
    if (network == optimal_for::wan)
      return {1.0,   0.997, 0.995, 0.993, 0.991, 0.989, 0.987, 0.985, 0.98,  0.975, 0.973,
              0.968, 0.96,  0.946, 0.927, 0.902, 0.864, 0.776, 0.539, 0.208, 0.001};
    if (network == optimal_for::chroma)
      return {0.992, 0.99,  0.988, 0.985, 0.982, 0.978, 0.973, 0.968, 0.961, 0.953, 0.943, 0.931, 0.917, 0.9,
              0.881, 0.858, 0.832, 0.802, 0.769, 0.731, 0.69,  0.646, 0.599, 0.55,  0.501, 0.451, 0.402, 0.355,
              0.311, 0.27,  0.232, 0.199, 0.169, 0.143, 0.12,  0.101, 0.084, 0.07,  0.058, 0.048, 0.001};
    return {0.9968, 0.9886, 0.9819, 0.975, 0.966, 0.9471, 0.9158, 0.8287, 0.5512, 0.2808, 0.001};
  }
};

}  // namespace fokker::inline v0::grid
