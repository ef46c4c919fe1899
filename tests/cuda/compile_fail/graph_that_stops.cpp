// SPDX-License-Identifier: MIT
// expected: fokker: an observer of a cuda_graph returns nothing, as a launch cannot be stopped

#include <fokker/backend/cuda.hpp>
#include <fokker/cuda_graph.hpp>

void f(const fokker::plan::program& plan, fokker::backend::cuda_tensor<float>& x) {
  const auto network = [](auto&, const auto&, const fokker::level&) {};
  const auto stops = [](const auto& seen) { return seen.call < 3; };
  const fokker::cuda_graph run(plan, network, fokker::noise::philox{}, x, stops);
}
