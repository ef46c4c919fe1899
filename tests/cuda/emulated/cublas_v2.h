// SPDX-License-Identifier: MIT
#pragma once

// cuBLAS's products of column-major matrices, by plain loops.

#include <cuda_runtime_api.h>

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS };
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T };
enum cublasMath_t { CUBLAS_PEDANTIC_MATH };
struct cublasContext {
  cudaStream_t stream = nullptr;
};
using cublasHandle_t = cublasContext*;

inline const char* cublasGetStatusString(cublasStatus_t) { return "success"; }
inline cublasStatus_t cublasCreate(cublasHandle_t* to) { return *to = new cublasContext, CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasDestroy(cublasHandle_t h) {
  delete h;
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetStream(cublasHandle_t h, cudaStream_t s) { return h->stream = s, CUBLAS_STATUS_SUCCESS; }

namespace emulated {

/// c = alpha op(a) op(b) + beta c: op(a) is m x k, op(b) k x n.
template <class E>
cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t of_a, cublasOperation_t of_b, int m, int n, int k,
                    const E* alpha, const E* a, int lda, const E* b, int ldb, const E* beta, E* c, int ldc) {
  gpu.put(h->stream, {cudaGraphNodeTypeKernel, [=, alpha = *alpha, beta = *beta] {
                        for (std::ptrdiff_t j = 0; j < n; ++j)
                          for (std::ptrdiff_t i = 0; i < m; ++i) {
                            E sum = 0;
                            for (std::ptrdiff_t l = 0; l < k; ++l)
                              sum += a[of_a == CUBLAS_OP_N ? i + l * lda : l + i * lda] *
                                     b[of_b == CUBLAS_OP_N ? l + j * ldb : j + l * ldb];
                            E& to = c[i + j * ldc];
                            to = alpha * sum + (beta == 0 ? 0 : beta * to);
                          }
                      }});
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace emulated

inline cublasStatus_t cublasSgemm(cublasHandle_t h, cublasOperation_t of_a, cublasOperation_t of_b, int m, int n, int k,
                                  const float* alpha, const float* a, int lda, const float* b, int ldb,
                                  const float* beta, float* c, int ldc) {
  return emulated::gemm(h, of_a, of_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
inline cublasStatus_t cublasDgemm(cublasHandle_t h, cublasOperation_t of_a, cublasOperation_t of_b, int m, int n, int k,
                                  const double* alpha, const double* a, int lda, const double* b, int ldb,
                                  const double* beta, double* c, int ldc) {
  return emulated::gemm(h, of_a, of_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
