# SPDX-License-Identifier: MIT
#
# cmake -DSOURCE=<project> -DBINARY=<its build folder> "-DARGS=<cmake's arguments>" -P run.cmake
#
# Configures a consumer's project where nothing was before, builds it and runs its program.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${BINARY})
foreach(step IN ITEMS "-S;${SOURCE};-B;${BINARY};${ARGS}" "--build;${BINARY}")
  execute_process(COMMAND ${CMAKE_COMMAND} ${step} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${BINARY}/consumer COMMAND_ERROR_IS_FATAL ANY)
