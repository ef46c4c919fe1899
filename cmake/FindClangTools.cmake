# SPDX-License-Identifier: MIT
#
# What the checks ask clang for. Which version each of them needs, it says itself.

find_program(ClangTools_CLANG clang++)
find_program(ClangTools_FORMAT NAMES clang-format-14 clang-format)
find_program(ClangTools_TIDY NAMES clang-tidy-14 clang-tidy)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ClangTools REQUIRED_VARS ClangTools_CLANG ClangTools_FORMAT ClangTools_TIDY)
