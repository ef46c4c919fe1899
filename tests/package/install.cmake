# SPDX-License-Identifier: MIT
#
# cmake -DSOURCE=<fokker> -DBINARY=<folder> "-DARGS=<cmake's arguments>" -P install.cmake
#
# Installs as a user does who has a compiler and nothing else, then moves the prefix away from where it was installed.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${BINARY})
set(installed ${BINARY}/installed)
foreach(step IN ITEMS
    "-S;${SOURCE};-B;${BINARY}/build;-DFOKKER_TESTS=OFF;-DFOKKER_EXAMPLES=OFF;-DFOKKER_COMPILED=ON;${ARGS}"
    "--build;${BINARY}/build"
    "--install;${BINARY}/build;--prefix;${installed}")
  execute_process(COMMAND ${CMAKE_COMMAND} ${step} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# Nothing knows where it came from or lies.
file(GLOB_RECURSE files LIST_DIRECTORIES FALSE ${installed}/*)
foreach(file IN LISTS files)
  file(READ ${file} text)
  foreach(path IN ITEMS ${SOURCE}/ ${BINARY}/)
    string(FIND "${text}" "${path}" position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${file} names ${path}")
    endif()
  endforeach()
endforeach()

file(RENAME ${installed} ${BINARY}/moved)
