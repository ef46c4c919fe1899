# SPDX-License-Identifier: MIT
#
# cmake -DPORTFILE=<file> -DBINARY=<folder> "-DARGS=<cmake's arguments>" -P vcpkg.cmake
#
# Runs the port's own script; what it asks of vcpkg, these functions do with plain CMake.
cmake_minimum_required(VERSION 3.25)

set(PORT fokker)
set(CURRENT_PACKAGES_DIR ${BINARY}/packages)

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" SOURCE_PATH OPTIONS)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${BINARY}/build ${ARGS} ${arg_OPTIONS}
                          -DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_cmake_install)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${BINARY}/build --target install COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The package moves one folder up, and with it its way to the prefix.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" CONFIG_PATH "")
  file(GLOB files ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/*)
  set(up "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
  foreach(file IN LISTS files)
    file(READ ${file} text)
    string(REPLACE "${up}${up}${up}" "${up}${up}" text "${text}")
    cmake_path(GET file FILENAME name)
    file(WRITE ${CURRENT_PACKAGES_DIR}/share/${PORT}/${name} "${text}")
  endforeach()
  file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/share/cmake)
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" FILE_LIST)
  file(COPY_FILE ${arg_FILE_LIST} ${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright)
endfunction()

file(REMOVE_RECURSE ${BINARY})
include(${PORTFILE})

foreach(file IN ITEMS copyright usage fokker-config.cmake)
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/share/fokker/${file})
    message(FATAL_ERROR "share/fokker/${file} is missing")
  endif()
endforeach()
