# SPDX-License-Identifier: MIT
#
# KaTeX_PATH: the folder with katex.min.js, its style and its fonts.

find_path(KaTeX_PATH katex.min.js PATH_SUFFIXES share/javascript/katex javascript/katex)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(KaTeX REQUIRED_VARS KaTeX_PATH)
