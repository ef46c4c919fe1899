# SPDX-License-Identifier: MIT
#
# fokker::compiled: the planner and the host's kernels of the common types, for files that would compile them each.
# Headers learn from FOKKER_COMPILED that they need not. Its symbols are hidden, so that a library which links it offers
# none of them.
add_library(fokker_compiled STATIC src/compiled.cpp src/kernels.cpp)
add_library(fokker::compiled ALIAS fokker_compiled)
set_target_properties(fokker_compiled PROPERTIES EXPORT_NAME compiled
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
target_compile_options(fokker_compiled PRIVATE $<$<CONFIG:>:-O2>)  # where a build says nothing
target_compile_definitions(fokker_compiled INTERFACE FOKKER_COMPILED)
target_link_libraries(fokker_compiled PUBLIC fokker)
