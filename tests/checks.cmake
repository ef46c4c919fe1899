# SPDX-License-Identifier: MIT
#
# What is checked beside the tests, each under its name: ctest --preset check -R check.layout
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(add_check name script)
  add_test(NAME check.${name} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/checks/${script}.py ${ARGN})
  # Skipped is not passed: ctest says so, by name.
  set_tests_properties(check.${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS check TIMEOUT 900)
endfunction()

add_check(layout layout)
add_check(snippets snippets)
add_check(format format)
add_check(self_contained self_contained host ${CMAKE_CXX_COMPILER})
add_check(self_contained_cuda self_contained cuda ${CMAKE_CXX_COMPILER})
add_check(bits bits)
add_check(include_cost include_cost ${CMAKE_CXX_COMPILER})
# A measurement wants a quiet machine: it is run by its name, ctest --test-dir build/check -R check.include_cost.
set_tests_properties(check.include_cost PROPERTIES LABELS cost RUN_SERIAL ON)

# What a script writes is committed, and must be what it would write now.
add_test(NAME check.generated COMMAND ${CMAKE_COMMAND} -DCHECK=ON -P ${PROJECT_SOURCE_DIR}/cmake/umbrella.cmake)
set_tests_properties(check.generated PROPERTIES LABELS check)
