# SPDX-License-Identifier: MIT
#
# cmake -DPORT=<vcpkg.json> -DCITATION=<CITATION.cff> -DVERSION=<version> -P same_version.cmake
#
# The port of vcpkg and the citation name the version of the project, and the port its name and license.
cmake_minimum_required(VERSION 3.25)

file(READ ${PORT} text)
foreach(member IN ITEMS "name;fokker" "version;${VERSION}" "license;MIT")
  list(POP_FRONT member key)
  string(JSON found GET "${text}" ${key})
  if(NOT found STREQUAL member)
    message(FATAL_ERROR "vcpkg.json: ${key} is ${found}, not ${member}")
  endif()
endforeach()

file(STRINGS ${CITATION} cited REGEX "^version: ")
if(NOT cited STREQUAL "version: ${VERSION}")
  message(FATAL_ERROR "CITATION.cff says '${cited}', and the project's version is ${VERSION}")
endif()
