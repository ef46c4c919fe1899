// SPDX-License-Identifier: MIT
#pragma once

// What tests ask of CUDA itself: a stream of their own, and errors which do not stay the last one.

#include <fokker/kernel/cuda_memory.hpp>

#include <string>

#include "check.hpp"

namespace test {

struct stream {
  cudaStream_t handle = nullptr;
  stream() { fokker::kernel::cuda_check(cudaStreamCreate(&handle), "cudaStreamCreate"); }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() { cudaStreamDestroy(handle); }
};

template <class Error, class Call>
void require_thrown(Call call, const std::string& said) {
  try {
    call();
  } catch (const Error& problem) {
    require(std::string(problem.what()).find(said) != std::string::npos, problem.what());
    require(cudaGetLastError() == cudaSuccess, "the error is the last one still: " + said);
    return;
  }
  require(false, "no error was thrown: " + said);
}

}  // namespace test
