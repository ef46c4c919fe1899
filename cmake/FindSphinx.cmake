# SPDX-License-Identifier: MIT
#
# Sphinx_PYTHON: a Python which has Sphinx and what the pages need beside it. The first one on PATH need not be the one
# that the system's packages belong to, so every one is tried.

function(sphinx_imports result python)
  execute_process(COMMAND "${python}" -c "import breathe, furo, myst_parser, sphinx"
                  RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status STREQUAL "0")
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

find_program(Sphinx_PYTHON python3 PATHS /usr/bin VALIDATOR sphinx_imports)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Sphinx REQUIRED_VARS Sphinx_PYTHON)
