# SPDX-License-Identifier: MIT
#
# Chromium_EXECUTABLE: the browser in which the pages with scripts are tried.

find_program(Chromium_EXECUTABLE NAMES chromium chromium-browser google-chrome)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Chromium REQUIRED_VARS Chromium_EXECUTABLE)
