# SPDX-License-Identifier: MIT
#
# What is checked beside the tests, each under its name: ctest --preset check -R check.layout
find_package(Python3 REQUIRED COMPONENTS Interpreter)

list(APPEND CMAKE_MODULE_PATH ${PROJECT_SOURCE_DIR}/cmake)
find_package(ClangTools REQUIRED)
find_package(Dieharder REQUIRED)
find_package(benchmark REQUIRED)
if(CMAKE_HOST_SYSTEM_PROCESSOR STREQUAL "x86_64")
  find_package(CrossTools REQUIRED)
endif()

# Skipped is not passed: ctest says so, by name.
function(add_check name script)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/checks/${script}.py ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS check TIMEOUT 900)
endfunction()

# The longest ones first.
add_check(check.bits bits)
add_check(check.headers headers ${CMAKE_CXX_COMPILER})
add_check(check.tidy tidy)
add_check(check.cuda_code cuda_code)
add_check(check.cuda_run cuda_run)
add_check(check.bits_emulated bits aarch64 s390x)
add_check(check.dieharder dieharder ${CMAKE_CXX_COMPILER})
add_check(check.cuda_headers cuda_headers ${CMAKE_CXX_COMPILER})
add_check(check.benchmarks benchmarks ${CMAKE_CXX_COMPILER})
add_check(check.normals normals ${CMAKE_CXX_COMPILER})
add_check(check.format format)
add_check(check.layout layout)
add_check(check.snippets snippets)
add_check(fuzz.from_text fuzz from_text 30)
add_check(fuzz.safetensors fuzz safetensors 30)

# What a script writes is committed, and must be what it would write now.
add_test(NAME check.generated COMMAND ${CMAKE_COMMAND} -DCHECK=ON -P ${PROJECT_SOURCE_DIR}/cmake/umbrella.cmake)
set_tests_properties(check.generated PROPERTIES LABELS check)
