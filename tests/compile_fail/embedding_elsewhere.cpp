// SPDX-License-Identifier: MIT
// at most 20 lines
// expected: embeddings are read in memory of the host
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/embedding/cosine_similarity.hpp>

struct elsewhere {};
template <>
struct fokker::backend::tensor<elsewhere> {
  using element = float;
  static float* data(elsewhere&) { return nullptr; }
  static const float* data(const elsewhere&) { return nullptr; }
  static extents shape(const elsewhere&) { return {1}; }
  static int space(const elsewhere&) { return 0; }
  static elsewhere like(const elsewhere&) { return {}; }
};

int main() {
  return fokker::embedding::cosine_similarity(std::vector<float>{1}, elsewhere{}, fokker::kernel::product{}).empty();
}
