// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

#include <fokker/kernel/cuda_stream.hpp>

namespace fokker::inline v0::kernel {

/// Puts so many blocks of a kernel into a stream, on its device; of none, nothing. Throws std::runtime_error with the
/// launch's own result: an error that came before stays where it is.
template <class... Parameters>
void cuda_launch(std::string_view what, const cuda_stream& stream, unsigned int blocks, unsigned int threads,
                 void (*kernel)(Parameters...), const std::type_identity_t<Parameters>&... arguments) {
  if (blocks == 0) return;
  const cuda_device device(stream);
  cudaLaunchConfig_t config{};
  config.gridDim.x = blocks;
  config.blockDim.x = threads;
  config.stream = stream;
  cuda_check(cudaLaunchKernelEx(&config, kernel, arguments...), what);
}

}  // namespace fokker::inline v0::kernel
