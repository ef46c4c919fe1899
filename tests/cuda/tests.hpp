// SPDX-License-Identifier: MIT
#pragma once

#include "check.hpp"

namespace test {

// Each list ends with a case without a name; CMake reads the names off the files.
extern const test_case kernel_tests[], sampling_tests[], library_tests[], model_tests[], network_tests[],
    metric_tests[], training_tests[], memory_tests[], graph_tests[];

}  // namespace test
