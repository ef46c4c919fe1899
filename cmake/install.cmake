# SPDX-License-Identifier: MIT
#
# What `cmake --install` copies: the headers, a CMake package and a pkg-config file. All of it is text that is the same on
# every kind of machine, so it goes to share/. It names no path outside of its folder, so the folder may be moved later.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/fokker)

install(TARGETS fokker EXPORT fokker-targets FILE_SET HEADERS)
install(EXPORT fokker-targets NAMESPACE fokker:: DESTINATION ${package_dir})

# The components. fokker-config.cmake.in says what each looks for.
foreach(component IN ITEMS xtensor eigen diffusers torch openvino)
  install(TARGETS fokker_${component} EXPORT fokker-${component}-targets)
  install(EXPORT fokker-${component}-targets NAMESPACE fokker:: DESTINATION ${package_dir})
endforeach()

# Libraries for this kind of machine, if they were built.
foreach(component IN ITEMS compiled cuda)
  if(TARGET fokker_${component})
    install(TARGETS fokker_${component} EXPORT fokker-${component}-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(EXPORT fokker-${component}-targets NAMESPACE fokker:: DESTINATION ${package_dir})
  endif()
endforeach()

# While the version is 0.x, each new x may change what programs use.
write_basic_package_version_file(fokker-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
configure_file(${CMAKE_CURRENT_LIST_DIR}/fokker-config.cmake.in fokker-config.cmake @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fokker-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/fokker-config-version.cmake
        DESTINATION ${package_dir})

cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig
           OUTPUT_VARIABLE include_dir)
configure_file(${CMAKE_CURRENT_LIST_DIR}/fokker.pc.in fokker.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fokker.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/fokker)
