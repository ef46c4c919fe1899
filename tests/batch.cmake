# SPDX-License-Identifier: MIT
#
# Several files compiled as one share the headers and templates that all of them use.

# What specialises templates of the library, replaces operators or defines macros is compiled alone.
function(compiled_alone result source)
  file(STRINGS ${source} alone REGEX "^(namespace (fokker|std)|template <>|#define|.*operator (new|delete))")
  set(${result} "${alone}" PARENT_SCOPE)
endfunction()

# Writes the file that compiles others as one, each in a namespace of its own, after all that they include.
function(write_batch path)
  set(includes "")
  set(bodies "")
  foreach(source IN LISTS ARGN)
    file(STRINGS ${source} lines REGEX "^#include ")
    cmake_path(GET source PARENT_PATH folder)
    list(TRANSFORM lines REPLACE "\"(\\.\\./.*)\"" "\"${folder}/\\1\"")
    list(APPEND includes ${lines})
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_FUNCTION_LIST_DIR} OUTPUT_VARIABLE name)
    string(MAKE_C_IDENTIFIER "${name}" name)
    string(APPEND bodies "namespace ${name} {\n#include \"${source}\"\n}\n")
  endforeach()
  list(REMOVE_DUPLICATES includes)
  list(JOIN includes "\n" includes)
  file(CONFIGURE OUTPUT ${path} CONTENT "${includes}\n\n${bodies}" @ONLY)
endfunction()
