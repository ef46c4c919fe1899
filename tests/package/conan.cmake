# SPDX-License-Identifier: MIT
#
# cmake -DCONAN=<program> -DCXX=<compiler> -DRECIPE=<folder> -DVERSION=<version> -DBINARY=<folder> -P conan.cmake
#
# Creates and tests the package in a cache of its own, without any remote.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${BINARY})
set(ENV{CONAN_HOME} ${BINARY}/home)
set(ENV{CXX} ${CXX})
execute_process(COMMAND ${CONAN} profile detect COMMAND_ERROR_IS_FATAL ANY)
file(COPY ${RECIPE}/test_package DESTINATION ${BINARY})  # which is also where it is built
execute_process(COMMAND ${CONAN} create ${RECIPE} --no-remote --settings compiler.cppstd=20
                        --test-folder ${BINARY}/test_package
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CONAN} cache path fokker/${VERSION} COMMAND_ERROR_IS_FATAL ANY)  # its version is version.hpp's
