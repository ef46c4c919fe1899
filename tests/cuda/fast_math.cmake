# SPDX-License-Identifier: MIT
#
# cmake -DBINARY=<a build folder with compile_commands.json> -P fast_math.cmake
#
# Compiles a few operations as the library's sources are, and fails where one of them is not rounded as it should be.
cmake_minimum_required(VERSION 3.25)

file(READ ${BINARY}/compile_commands.json entries)
string(REGEX MATCH "\"command\": \"([^\n]*update_float_float\\.cu\\.o[^\n]*)\"" found "${entries}")
string(REGEX REPLACE " -x cu .*| -c .*| --generate-code=[^ ]*" "" command "${CMAKE_MATCH_1}")
if(NOT command MATCHES "fast_math")
  message(FATAL_ERROR "-use_fast_math is not given: ${command}")
endif()
file(WRITE ${BINARY}/probe.cu "__global__ void probe(float* x) { x[0] = x[1] * x[2] / x[3] + sqrtf(x[4]); }\n")
separate_arguments(command UNIX_COMMAND "${command}")
execute_process(COMMAND ${command} -arch=sm_80 -ptx ${BINARY}/probe.cu -o ${BINARY}/probe.ptx COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS ${BINARY}/probe.ptx wrong REGEX "\\.(ftz|approx)")
if(wrong)
  message(FATAL_ERROR "fast mathematics is left: ${wrong}")
endif()
