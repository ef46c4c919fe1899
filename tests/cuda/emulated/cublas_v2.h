// SPDX-License-Identifier: MIT
#pragma once

// cuBLAS's products of column-major matrices, by plain loops.

#include <cuda_runtime_api.h>

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS, CUBLAS_STATUS_EXECUTION_FAILED = 13 };
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T };
enum cublasMath_t { CUBLAS_PEDANTIC_MATH };
struct cublasContext {
  cudaStream_t stream = nullptr;
  int device = emulated::current;
};
using cublasHandle_t = cublasContext*;

inline const char* cublasGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS ? "success" : "the function failed to launch on the GPU";
}
inline cublasStatus_t cublasCreate(cublasHandle_t* to) { return *to = new cublasContext, CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasDestroy(cublasHandle_t h) {
  delete h;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetStream(cublasHandle_t h, cudaStream_t s) { return h->stream = s, CUBLAS_STATUS_SUCCESS; }

namespace emulated {

/// c = alpha op(a) op(b) + beta c, `count` times: op(a) is m x k, op(b) k x n.
template <class E>
cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t of_a, cublasOperation_t of_b, int m, int n, int k,
                    const E* alpha, const E* a, int lda, long long next_a, const E* b, int ldb, long long next_b,
                    const E* beta, E* c, int ldc, long long next_c, int count) {
  if (h->device != current || device_of(h->stream) != current) return CUBLAS_STATUS_EXECUTION_FAILED;
  gpu.put(h->stream, {cudaGraphNodeTypeKernel, [=, alpha = *alpha, beta = *beta] {
                        for (std::ptrdiff_t w = 0; w < count; ++w)
                          for (std::ptrdiff_t j = 0; j < n; ++j)
                            for (std::ptrdiff_t i = 0; i < m; ++i) {
                              const E* p = a + w * next_a + (of_a == CUBLAS_OP_N ? i : i * lda);
                              const E* q = b + w * next_b + (of_b == CUBLAS_OP_N ? j * ldb : j);
                              E sum = 0;
                              for (int l = 0; l < k; ++l) {
                                sum += *p * *q;
                                p += of_a == CUBLAS_OP_N ? lda : 1;
                                q += of_b == CUBLAS_OP_N ? 1 : ldb;
                              }
                              E& to = c[w * next_c + i + j * ldc];
                              to = alpha * sum + (beta == 0 ? 0 : beta * to);
                            }
                      }});
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace emulated

inline cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t h, cublasOperation_t of_a, cublasOperation_t of_b, int m,
                                                int n, int k, const float* alpha, const float* a, int lda,
                                                long long next_a, const float* b, int ldb, long long next_b,
                                                const float* beta, float* c, int ldc, long long next_c, int count) {
  return emulated::gemm(h, of_a, of_b, m, n, k, alpha, a, lda, next_a, b, ldb, next_b, beta, c, ldc, next_c, count);
}
inline cublasStatus_t cublasDgemmStridedBatched(cublasHandle_t h, cublasOperation_t of_a, cublasOperation_t of_b, int m,
                                                int n, int k, const double* alpha, const double* a, int lda,
                                                long long next_a, const double* b, int ldb, long long next_b,
                                                const double* beta, double* c, int ldc, long long next_c, int count) {
  return emulated::gemm(h, of_a, of_b, m, n, k, alpha, a, lda, next_a, b, ldb, next_b, beta, c, ldc, next_c, count);
}
