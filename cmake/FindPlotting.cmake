# SPDX-License-Identifier: MIT
#
# Plotting_PYTHON: a Python which has what the demo's script imports. The first one on PATH need
# not be the one that the system's packages belong to, so every one is tried.

function(plotting_imports result python)
  execute_process(COMMAND "${python}" -c "import matplotlib, numpy, tabulate, tqdm"
                  RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status STREQUAL "0")
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

find_program(Plotting_PYTHON python3 PATHS /usr/bin VALIDATOR plotting_imports)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Plotting REQUIRED_VARS Plotting_PYTHON)
