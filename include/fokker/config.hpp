// SPDX-License-Identifier: MIT
#pragma once

/// Marks a function for host and device; empty where no CUDA compiler reads it.
#if defined(__CUDACC__)
#define FOKKER_HD __host__ __device__
#else
#define FOKKER_HD
#endif
