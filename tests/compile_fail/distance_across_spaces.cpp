// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: a distance is that of samples in one memory space
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/metric/energy_distance.hpp>

struct elsewhere {};
template <>
struct fokker::backend::tensor<elsewhere> {
  using element = float;
  static const float* data(const elsewhere&) { return nullptr; }
  static extents shape(const elsewhere&) { return {1}; }
  static int space(const elsewhere&) { return 0; }
};

int main() { return fokker::metric::mean_distance(std::vector<float>{1}, elsewhere{}) > 0; }
