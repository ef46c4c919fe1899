# SPDX-License-Identifier: MIT
#
# A dependency provider that installs a missing Debian package when it may, and else says which
# command does. Only the presets load it (CMAKE_PROJECT_TOP_LEVEL_INCLUDES).

# The table: a name given to find_package, then the Debian packages which hold it.
set(debian_table
  "BLAS          libopenblas-dev"
  "CLI11         libcli11-dev"
  "Catch2        catch2"
  "Chromium      chromium"
  "ClangTools    clang clang-format clang-tidy libclang-rt-14-dev"
  "CrossTools    g++-aarch64-linux-gnu g++-s390x-linux-gnu qemu-user"
  "Dieharder     dieharder"
  "Doxygen       doxygen"
  "Eigen3        libeigen3-dev"
  "FashionMNIST  dataset-fashion-mnist"
  "KaTeX         libjs-katex fonts-katex"
  "LAPACK        libopenblas-dev"
  "MPI           libopenmpi-dev openmpi-bin"
  "OpenVINO      python3-pip"
  "Plotting      python3-matplotlib python3-numpy python3-pil python3-tabulate python3-tqdm"
  "Sphinx        python3-sphinx python3-myst-parser python3-breathe furo graphviz"
  "Torch         libtorch-dev"
  "WebAssembly   clang-14 lld-14 wasi-libc libc++-14-dev-wasm32 libc++abi-14-dev-wasm32 libclang-rt-14-dev-wasm32"
  "ZLIB          zlib1g-dev"
  "benchmark     libbenchmark-dev"
  "clang++       clang"
  "dlpack        libdlpack-dev"
  "nlohmann_json nlohmann-json3-dev"
  "xtensor       libxtensor-dev"
  "xtensor-blas  libxtensor-blas-dev libopenblas-dev"
)

# What Debian has not and PyPI has: the name, the wheel, and where in it the package's CMake files lie.
set(pypi_table
  "OpenVINO openvino==2026.4.1 openvino/cmake"
)

# Puts the wheel of a row into the build folder, and sets NAME_DIR; if it cannot, sets failure to what the user should read.
function(pypi_install failure name)
  set(${failure} "" PARENT_SCOPE)
  list(FILTER pypi_table INCLUDE REGEX "^${name} ")
  if(NOT pypi_table)
    return()
  endif()
  string(REPLACE " " ";" row "${pypi_table}")
  list(GET row 1 wheel)
  list(GET row 2 place)
  message(STATUS "Installing ${wheel} into ${CMAKE_BINARY_DIR}/wheels")
  execute_process(COMMAND python3 -m pip install --quiet --no-deps --upgrade --target ${CMAKE_BINARY_DIR}/wheels ${wheel}
    RESULT_VARIABLE status OUTPUT_VARIABLE log ERROR_VARIABLE log)
  if(status STREQUAL "0")
    set(${name}_DIR ${CMAKE_BINARY_DIR}/wheels/${place} CACHE PATH "From the wheel ${wheel}" FORCE)
  else()
    set(${failure} "${name} is missing. Give -D${name}_DIR=..., or let pip install ${wheel}.\n${log}" PARENT_SCOPE)
  endif()
endfunction()

# The Debian packages of the table's rows which match a regular expression, less the installed.
function(debian_missing result rows)
  list(FILTER debian_table INCLUDE REGEX "${rows}")
  list(TRANSFORM debian_table REPLACE "^[^ ]+ +(.*)$" "\\1")
  list(JOIN debian_table " " packages)
  separate_arguments(packages)
  list(REMOVE_DUPLICATES packages)
  foreach(package IN LISTS packages)
    execute_process(COMMAND dpkg-query --show "--showformat=\${db:Status-Status}" ${package}
                    OUTPUT_VARIABLE status ERROR_QUIET)
    if(status STREQUAL "installed")
      list(REMOVE_ITEM packages ${package})
    endif()
  endforeach()
  set(${result} ${packages} PARENT_SCOPE)
endfunction()

function(debian_apt_get failure)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env DEBIAN_FRONTEND=noninteractive
            apt-get --quiet --yes --option DPkg::Lock::Timeout=300 ${ARGN}
    RESULT_VARIABLE status OUTPUT_VARIABLE log ERROR_VARIABLE log)
  if(status STREQUAL "0")
    set(${failure} "" PARENT_SCOPE)
  else()
    set(${failure} "\n${log}" PARENT_SCOPE)
  endif()
endfunction()

# Installs what is missing of a row; if it cannot, sets failure to what the user should read.
function(debian_install failure name)
  set(${failure} "" PARENT_SCOPE)
  debian_missing(packages "^${name} ")
  if(NOT packages)
    return()  # installed and still not found: find_package says why
  endif()

  set(log "")
  find_program(apt_get apt-get NO_CACHE)
  execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(apt_get AND user STREQUAL "0")
    list(JOIN packages " " text)
    message(STATUS "Installing ${text}")
    debian_apt_get(log install --no-install-recommends ${packages})
    if(log)  # the package lists may be empty or old
      debian_apt_get(log update)
      debian_apt_get(log install --no-install-recommends ${packages})
    endif()
    if(NOT log)
      return()
    endif()
  endif()

  debian_missing(packages ".")
  list(JOIN packages " " text)
  string(CONCAT text "${name} is missing. This installs all that the project lacks:\n"
                     "  sudo apt-get install ${text}\n${log}")
  set(${failure} "${text}" PARENT_SCOPE)
endfunction()

# A macro, so that what find_package sets reaches its caller. Only what is REQUIRED is installed:
# what is optional stays so. CMake itself then looks for what is not found in here.
macro(debian_find_package method name)
  set(debian_arguments ${ARGN})
  if("REQUIRED" IN_LIST debian_arguments)
    list(REMOVE_ITEM debian_arguments REQUIRED QUIET)
    find_package(${name} ${debian_arguments} QUIET BYPASS_PROVIDER)
    if(NOT ${name}_FOUND)
      debian_install(debian_failure ${name})
      if(NOT debian_failure)
        pypi_install(debian_failure ${name})
      endif()
      if(debian_failure)
        set(${name}_FOUND TRUE)  # or CMake adds a message of its own
        message(FATAL_ERROR "${debian_failure}")
      endif()
    endif()
  endif()
endmacro()

cmake_language(SET_DEPENDENCY_PROVIDER debian_find_package SUPPORTED_METHODS FIND_PACKAGE)

# The compiler that a preset names is needed before the project can ask for it.
if(CMAKE_CXX_COMPILER STREQUAL "clang++")
  find_program(debian_clang clang++ NO_CACHE)
  if(NOT debian_clang)
    debian_install(debian_failure "clang[+][+]")
    if(debian_failure)
      message(FATAL_ERROR "${debian_failure}")
    endif()
  endif()
endif()
