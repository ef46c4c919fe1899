# SPDX-License-Identifier: MIT
#
# Each of PAGES shows what PROGRAM prints, in a block of text.
execute_process(COMMAND ${PROGRAM} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
foreach(path IN LISTS PAGES)
  file(READ ${path} page)
  string(FIND "${page}" "```text\n${printed}```" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${path} does not show what ${PROGRAM} prints:\n${printed}")
  endif()
endforeach()
