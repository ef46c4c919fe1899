# SPDX-License-Identifier: MIT
#
# WebAssembly_CXX: a clang++ which makes WebAssembly modules that need nothing of the page, with WASI's C library and a
# libc++ for it. One that lacks its linker, its library or its builtins fails here.

function(webassembly_links result compiler)
  set(folder ${CMAKE_BINARY_DIR}/CMakeFiles/webassembly)
  file(WRITE ${folder}/try.cpp "#include <cmath>\n#include <vector>\nstd::vector<double> x(3);\n"
                               "extern \"C\" double f() { x.push_back(1); return std::exp(x.back()); }\n")
  execute_process(COMMAND "${compiler}" --target=wasm32-wasi -mexec-model=reactor -fno-exceptions -Wl,--export=f
                          ${folder}/try.cpp -o ${folder}/try.wasm
                  RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status STREQUAL "0")
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

find_program(WebAssembly_CXX NAMES clang++-14 clang++ VALIDATOR webassembly_links)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(WebAssembly REQUIRED_VARS WebAssembly_CXX)
