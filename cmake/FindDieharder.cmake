# SPDX-License-Identifier: MIT

find_program(Dieharder_PROGRAM dieharder)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Dieharder REQUIRED_VARS Dieharder_PROGRAM)
