# SPDX-License-Identifier: MIT
#
# cmake -DFILE=<vcpkg.json> -DVERSION=<version> -P vcpkg_version.cmake
cmake_minimum_required(VERSION 3.25)

file(READ ${FILE} text)
foreach(member IN ITEMS "name;fokker" "version;${VERSION}" "license;MIT")
  list(POP_FRONT member key)
  string(JSON found GET "${text}" ${key})
  if(NOT found STREQUAL member)
    message(FATAL_ERROR "vcpkg.json: ${key} is ${found}, not ${member}")
  endif()
endforeach()

# The citation names it, too.
file(STRINGS ${CITATION} cited REGEX "^version: ")
if(NOT cited STREQUAL "version: ${VERSION}")
  message(FATAL_ERROR "CITATION.cff says '${cited}', and the project's version is ${VERSION}")
endif()
