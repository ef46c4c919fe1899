# SPDX-License-Identifier: MIT
#
# cmake -DCOMPILE=<command> -DFILE=<source> -P compile_fail.cmake
#
# Succeeds when the source does not compile and the compiler says what the source's comments ask:
#   // at most N lines      its output is no longer (optional)
#   // expected: TEXT       its output holds TEXT (one or more)

cmake_minimum_required(VERSION 3.25)

set(ENV{LC_ALL} C)  # plain quotes in what the compiler says
execute_process(COMMAND ${COMPILE} ${FILE}
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status STREQUAL "0")
  message(FATAL_ERROR "It compiles, and must not.")
endif()

file(READ ${FILE} source)
if(source MATCHES "(^|\n)// at most ([0-9]+) lines")
  set(limit ${CMAKE_MATCH_2})
  string(REGEX MATCHALL "\n" lines "${output}")
  list(LENGTH lines lines)
  if(lines GREATER limit)
    message(FATAL_ERROR "The compiler says ${lines} lines, more than ${limit}:\n${output}")
  endif()
endif()

# A compiler quotes the source; a quoted expectation is not met by that. And CMake's lists split or
# join at four characters, which therefore count as one and the same.
string(REGEX REPLACE "[^\n]*// expected: [^\n]*" "" searched "${output}")
string(REGEX REPLACE "[][;\\]" "?" searched "${searched}")
string(REGEX REPLACE "[][;\\]" "?" source "${source}")
string(REGEX MATCHALL "// expected: [^\n]+" texts "${source}")
list(TRANSFORM texts REPLACE "^// expected: " "")
if(NOT texts)
  message(FATAL_ERROR "It holds no line '// expected: TEXT'.")
endif()
foreach(text IN LISTS texts)
  string(FIND "${searched}" "${text}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "The compiler does not say '${text}':\n${output}")
  endif()
endforeach()
