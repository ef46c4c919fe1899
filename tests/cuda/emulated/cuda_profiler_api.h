// SPDX-License-Identifier: MIT
#pragma once

// There is no profiler.

#include <cuda_runtime_api.h>

inline cudaError_t cudaProfilerStart() { return cudaSuccess; }
inline cudaError_t cudaProfilerStop() { return cudaSuccess; }
