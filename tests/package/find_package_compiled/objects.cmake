# SPDX-License-Identifier: MIT
#
# cmake -DCOMPILED=<object> -DBY_HEADERS=<object> -P objects.cmake: what is in the one and not in the other.
foreach(name IN ITEMS 7carrier5carry 10validation4pass avx2 8portable7rows_of)
  file(STRINGS ${BY_HEADERS} found REGEX ${name} LIMIT_COUNT 1)
  if(NOT found AND NOT name STREQUAL "avx2")  # which not every machine has
    message(FATAL_ERROR "${name} is nowhere")
  endif()
  file(STRINGS ${COMPILED} found REGEX ${name} LIMIT_COUNT 1)
  if(found)
    message(FATAL_ERROR "${COMPILED} has compiled ${name} itself")
  endif()
endforeach()
