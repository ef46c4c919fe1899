// SPDX-License-Identifier: MIT
//
//   test_cuda           runs all tests and says of each how it went
//   test_cuda NAME      runs one
//
// Ends with 0 if all passed, 1 if one failed, and 77 if they were skipped since there is no device.

#include <cuda_runtime_api.h>

#include <cstdio>
#include <exception>
#include <string>

#include "tests.hpp"

int main(int count, char** arguments) {
  int devices = 0;
  const cudaError_t found = cudaGetDeviceCount(&devices);
  const std::string wanted = count > 1 ? arguments[1] : "";
  int passed = 0, failed = 0, skipped = 0;
  for (const test::test_case* tests : {
         test::kernel_tests, test::sampling_tests, test::graph_tests, test::training_tests, test::memory_tests,
#if !defined(WITHOUT_CUBLAS)
             test::library_tests, test::model_tests, test::network_tests, test::metric_tests,
#endif
       })
    for (const test::test_case* t = tests; t->name != nullptr; ++t) {
      if (!wanted.empty() && wanted != t->name) continue;
      if (found != cudaSuccess || devices == 0) {
        std::printf("%s: skipped: no CUDA device (%s)\n", t->name, cudaGetErrorString(found));
        ++skipped;
        continue;
      }
      try {
        t->run();
        std::printf("%s: passed\n", t->name);
        ++passed;
      } catch (const test::skipped& why) {
        std::printf("%s: skipped: %s\n", t->name, why.what());
        ++skipped;
      } catch (const std::exception& problem) {
        std::printf("%s: failed: %s\n", t->name, problem.what());
        ++failed;
      }
      std::fflush(stdout);
    }
  std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
  if (passed + failed + skipped == 0) std::printf("there is no test %s\n", wanted.c_str());
  return failed > 0 || passed + failed + skipped == 0 ? 1 : passed == 0 ? 77 : 0;
}
