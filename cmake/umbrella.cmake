# SPDX-License-Identifier: MIT
# Writes include/fokker/fokker.hpp, every header of the host rooms in one; with -DCHECK=ON only says whether it is stale.
#   cmake -P cmake/umbrella.cmake
set(root ${CMAKE_CURRENT_LIST_DIR}/../include)
file(GLOB_RECURSE headers RELATIVE ${root} ${root}/fokker/*.hpp)
# Other libraries' tensors are asked for by name, as is the oracle of the kernels; detail/ is nobody's to ask for.
list(FILTER headers EXCLUDE REGEX "^fokker/(fokker|backend/xtensor.*|kernel/reference|detail/.*)\\.hpp$")
list(SORT headers)

set(text "// SPDX-License-Identifier: MIT\n// Written by cmake/umbrella.cmake.\n#pragma once\n\n")
foreach(header IN LISTS headers)
  string(APPEND text "#include <${header}>\n")
endforeach()

set(file ${root}/fokker/fokker.hpp)
if(CHECK)
  file(READ ${file} found)
  if(NOT found STREQUAL text)
    message(FATAL_ERROR "include/fokker/fokker.hpp is stale: run cmake -P cmake/umbrella.cmake and commit it")
  endif()
else()
  file(WRITE ${file} "${text}")
endif()
