# SPDX-License-Identifier: MIT
#
# An overlay port of the tree that it lies in: vcpkg install fokker --overlay-ports=<fokker>/cmake/packaging/vcpkg
# In a registry, vcpkg_from_github takes the place of the next line.
cmake_path(SET SOURCE_PATH NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../../..)
set(VCPKG_BUILD_TYPE release)  # headers only

vcpkg_cmake_configure(SOURCE_PATH ${SOURCE_PATH} OPTIONS -DFOKKER_TESTS=OFF -DFOKKER_EXAMPLES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/fokker)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE ${CURRENT_PACKAGES_DIR}/share/licenses)
vcpkg_install_copyright(FILE_LIST ${SOURCE_PATH}/LICENSE)
file(INSTALL ${CMAKE_CURRENT_LIST_DIR}/usage DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT})
