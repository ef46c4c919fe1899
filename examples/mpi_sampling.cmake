# SPDX-License-Identifier: MIT
#
# PROGRAM prints the same by one process and by three; and by two, where a run was cut before it had made all blocks.
file(REMOVE_RECURSE ${FOLDER})
function(sampled result processes)
  execute_process(COMMAND ${MPIEXEC} ${processes} ${PROGRAM} ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE printed
                  ERROR_VARIABLE told)
  if(NOT status STREQUAL "0")
    message(FATAL_ERROR "${processes} processes: ${status}\n${printed}${told}")
  endif()
  set(${result} "${printed}" PARENT_SCOPE)
  set(told "${told}" PARENT_SCOPE)
endfunction()
sampled(one 1 22)
sampled(three 3 22 ${FOLDER})
file(REMOVE ${FOLDER}/images_4_to_8.f32)
sampled(rest 2 22 ${FOLDER})
if(NOT one MATCHES "fingerprint [0-9a-f]+" OR NOT one STREQUAL three OR NOT one STREQUAL rest)
  message(FATAL_ERROR "one process:\n${one}\nthree:\n${three}\ntwo, of a run that was cut:\n${rest}")
endif()
if(NOT told MATCHES "made 4 of 22 images")
  message(FATAL_ERROR "blocks of the folder were made again:\n${told}")
endif()
