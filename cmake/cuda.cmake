# SPDX-License-Identifier: MIT
#
# fokker::cuda: kernel::cuda for programs whose own files are not compiled by nvcc. A file for each pair of element
# types, and for what reduces each type; its symbols are hidden, so that a library which links it offers none of them.

# Those that a version of nvcc knows, the last one as PTX too, for what comes after it.
function(fokker_cuda_architectures version result)
  if(version VERSION_LESS 12.8)
    set(${result} 80-real 90 PARENT_SCOPE)
  else()
    set(${result} 80-real 90-real 100 PARENT_SCOPE)
  endif()
endfunction()

if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES AND NOT DEFINED ENV{CUDAARCHS})
  set(CMAKE_CUDA_ARCHITECTURES 80)  # until the version is known
  enable_language(CUDA)
  fokker_cuda_architectures(${CMAKE_CUDA_COMPILER_VERSION} CMAKE_CUDA_ARCHITECTURES)
else()
  enable_language(CUDA)
endif()
find_package(CUDAToolkit REQUIRED)

set(cuda_sources "")
function(add_cuda_source name text)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/cuda/${name}.cu)
  file(CONFIGURE OUTPUT ${file} CONTENT "#include <fokker/kernel/cuda.cuh>\n\nnamespace fokker::kernel {\n${text}}\n" @ONLY)
  set(cuda_sources ${cuda_sources} ${file} PARENT_SCOPE)
endfunction()

# Of x and the network.
foreach(pair IN ITEMS "float float" "double double" "half half" "bfloat16 bfloat16" "float half" "float bfloat16")
  string(REPLACE " " "_" name "update_${pair}")
  string(REPLACE " " ", " types "${pair}")
  string(REGEX MATCH "^[a-z0-9]+" element "${pair}")
  set(text "")
  foreach(noise IN ITEMS philox per_sample)
    set(rest "const operands<${types}>&, const noise::${noise}&) const")
    string(APPEND text
      "template void cuda::update(const plan::update&, ${rest};\n"
      "template void cuda::measure(const plan::measure&, const operands<${types}>&, const noise::${noise}&,\n"
      "                            const tape_memory<computed<${types}>>&, std::size_t, std::size_t) const;\n")
  endforeach()
  if(pair STREQUAL "${element} ${element}")
    string(APPEND text
      "template void cuda::update(std::span<const own<plan::update, ${element}>>, const step_error&) const;\n"
      "template void cuda::measure(std::span<const own<plan::measure, ${element}>>,\n"
      "                            const tape_memory<computed<${element}>>&) const;\n")
  endif()
  add_cuda_source(${name} "${text}")
endforeach()
set(text "")
foreach(element IN ITEMS float double half bfloat16)
  set(a "const ${element}*")
  string(APPEND text
    "template void cuda::dot(${a}, ${a}, std::size_t, std::size_t, double*) const;\n"
    "template void cuda::norm(${a}, std::size_t, std::size_t, double*) const;\n"
    "template void cuda::largest(${a}, std::size_t, std::size_t, double*) const;\n"
    "template void cuda::moments(${a}, std::size_t, std::size_t, kernel::moments*) const;\n"
    "template void cuda::quantile(${a}, std::size_t, std::size_t, double, double*) const;\n"
    "template void cuda::distances(${a}, ${a}, std::size_t, std::size_t, std::size_t, double*) const;\n"
    "template void cuda::centre(${a}, std::size_t, std::size_t, double*, double*) const;\n")
endforeach()
add_cuda_source(reductions "${text}")

add_library(fokker_cuda STATIC ${cuda_sources})
add_library(fokker::cuda ALIAS fokker_cuda)
set_target_properties(fokker_cuda PROPERTIES EXPORT_NAME cuda
  CUDA_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
# CMake 3.25 does not know that nvcc has C++20.
target_compile_options(fokker_cuda PUBLIC $<$<COMPILE_LANGUAGE:CUDA>:--std=c++20>)
# Subnormal numbers are kept, and quotients and roots rounded, whatever a parent's -use_fast_math asks for.
target_compile_options(fokker_cuda PRIVATE
  $<$<COMPILE_LANGUAGE:CUDA>:--ftz=false --prec-div=true --prec-sqrt=true>)
target_link_libraries(fokker_cuda PUBLIC fokker CUDA::cudart)
