// SPDX-License-Identifier: MIT
// Any bytes are refused by std::runtime_error, or are a file whose every tensor is read in one rank, or refused by
// name.
#include "../../examples/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

void require(bool true_now) {
  if (!true_now) std::abort();
}

template <std::size_t N>
std::size_t read(const example::safetensors& file, const std::string& name, std::size_t bytes) {
  try {
    const auto tensor = file.get<N>(name);
    std::size_t size = 1;
    for (const std::size_t n : tensor.shape) size *= n;
    require(size == tensor.values.size() && 2 * size <= bytes);
    float sum = 0;
    for (const float x : tensor.values) sum += x;
    volatile float used = sum;
    (void)used;
    return 1;
  } catch (const std::runtime_error&) {
    return 0;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = example::safetensors::parse({reinterpret_cast<const char*>(data), size});
    for (const auto& name : file.names())
      require(read<0>(file, name, size) + read<1>(file, name, size) + read<2>(file, name, size) +
                  read<3>(file, name, size) <=
              1);
  } catch (const std::runtime_error&) {
  }
  return 0;
}
