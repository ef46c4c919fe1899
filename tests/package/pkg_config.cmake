# SPDX-License-Identifier: MIT
#
# cmake -DPKG_CONFIG=<program> -DCXX=<compiler> -DPREFIX=<prefix> -DVERSION=<version> -DBINARY=<folder> -P pkg_config.cmake
#
# A consumer without CMake: c++ -std=c++20 $(pkg-config --cflags fokker) consumer.cpp
cmake_minimum_required(VERSION 3.25)

set(ENV{PKG_CONFIG_PATH} ${PREFIX}/share/pkgconfig)
execute_process(COMMAND ${PKG_CONFIG} --cflags "fokker = ${VERSION}"
                OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")  # of a path with spaces, as a shell reads it
if(NOT flags MATCHES "^-I[^;]+$")
  message(FATAL_ERROR "flags beside the headers' place: ${flags}")
endif()

file(MAKE_DIRECTORY ${BINARY})
set(program ${BINARY}/consumer)
file(REMOVE ${program})
execute_process(COMMAND ${CXX} -std=c++20 -Wall -Wextra -Wconversion -Werror ${flags}
                        ${CMAKE_CURRENT_LIST_DIR}/consumer.cpp -o ${program}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${program} COMMAND_ERROR_IS_FATAL ANY)
