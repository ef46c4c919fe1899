# SPDX-License-Identifier: MIT
#
# cmake -DCOMPILE=<command> "-DFILES=<source>;..." [-DBATCH=<source to write>] -P compile_fail.cmake
#
# Succeeds when no source compiles and the compiler says of each what its comments ask:
#   // at most N lines      its output is no longer (optional)
#   // expected: TEXT       its output holds TEXT (one or more)
# With a batch they are compiled as one, for a compiler that says which file an error is about and parts errors by empty
# lines, as nvcc does. Some errors hide those of other files, which are then compiled again, at last each alone.

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/batch.cmake)

# CMake's lists split or join at four characters, which therefore count as one and the same.
function(without_lists variable)
  string(REGEX REPLACE "[][;\\]" "?" text "${${variable}}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

set(ENV{LC_ALL} C)  # plain quotes in what the compiler says
function(compile file)
  execute_process(COMMAND ${COMPILE} ${file} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  without_lists(output)
  set(status "${status}" PARENT_SCOPE)
  set(output "${output}" PARENT_SCOPE)
endfunction()

# What is wrong with what the compiler says about a file; empty: nothing.
function(judge result file output)
  file(READ ${file} source)
  without_lists(source)
  set(problem "")
  if(source MATCHES "(^|\n)// at most ([0-9]+) lines")
    set(limit ${CMAKE_MATCH_2})
    # What was compiled before is on the way to each header, and not in a user's program.
    string(REGEX REPLACE "In file included from [^\n]*(headers|archetypes)\\.hpp:[0-9]+:\n" "" counted "${output}")
    # Nor does what is quoted of sources count, of which newer compilers show more.
    string(REGEX REPLACE "(^|\n) *[0-9]* \\|[^\n]*" "" counted "${counted}")
    string(REGEX MATCHALL "\n" lines "${counted}")
    list(LENGTH lines lines)
    if(lines GREATER limit)
      string(APPEND problem "The compiler says ${lines} lines, more than ${limit}:\n")
    endif()
  endif()
  # A compiler quotes the source; a quoted expectation is not met by that.
  string(REGEX REPLACE "[^\n]*// expected: [^\n]*" "" searched "${output}")
  string(REGEX MATCHALL "// expected: [^\n]+" texts "${source}")
  list(TRANSFORM texts REPLACE "^// expected: " "")
  if(NOT texts)
    string(APPEND problem "It holds no line '// expected: TEXT'.\n")
  endif()
  foreach(text IN LISTS texts)
    string(FIND "${searched}" "${text}" position)
    if(position EQUAL -1)
      string(APPEND problem "The compiler does not say '${text}':\n")
    endif()
  endforeach()
  set(${result} "${problem}" PARENT_SCOPE)
endfunction()

set(batched "")
if(BATCH)
  foreach(file IN LISTS FILES)
    compiled_alone(alone ${file})
    if(NOT alone)
      list(APPEND batched ${file})
    endif()
  endforeach()
endif()
set(left 0)
while(batched AND NOT "${batched}" STREQUAL "${left}")
  set(left ${batched})
  write_batch(${BATCH} ${batched})
  compile(${BATCH})
  string(REPLACE "\n\n" ";" errors "${output}")
  foreach(file IN LISTS left)
    cmake_path(GET file FILENAME name)
    set(said ${errors})
    list(FILTER said INCLUDE REGEX "error.*/${name}|/${name}.*error")
    list(JOIN said "\n\n" said)
    judge(problem ${file} "${said}")
    if(NOT problem)
      list(REMOVE_ITEM batched ${file})
      list(REMOVE_ITEM FILES ${file})
    endif()
  endforeach()
endwhile()

foreach(file IN LISTS FILES)
  message(STATUS "Alone: ${file}")
  compile(${file})
  judge(problem ${file} "${output}")
  if(status STREQUAL "0")
    message(SEND_ERROR "${file} compiles, and must not.")
  elseif(problem)
    message(SEND_ERROR "${file}:\n${problem}${output}")
  endif()
endforeach()
