# SPDX-License-Identifier: MIT
# Writes what follows from the list of headers: include/fokker/fokker.hpp, every header of the host rooms in one, and
# include/fokker/solver/by_name.hpp, every solver by its name; with -DCHECK=ON only says whether they are stale.
#   cmake -P cmake/umbrella.cmake
set(root ${CMAKE_CURRENT_LIST_DIR}/../include)

function(write_or_check file text)
  if(CHECK)
    file(READ ${root}/${file} found)
    if(NOT found STREQUAL text)
      message(FATAL_ERROR "include/${file} is stale: run cmake -P cmake/umbrella.cmake and commit it")
    endif()
  else()
    file(WRITE ${root}/${file} "${text}")
  endif()
endfunction()

set(begin "// SPDX-License-Identifier: MIT\n// Written by cmake/umbrella.cmake.\n#pragma once\n\n")

file(GLOB_RECURSE headers RELATIVE ${root} ${root}/fokker/*.hpp)
# Other libraries' tensors and files are asked for by name, as are the oracle of the kernels and those of devices, and what compiles every
# solver; detail/ is nobody's to ask for.
list(FILTER headers EXCLUDE REGEX
  "^fokker/(fokker|cuda_graph|backend/(xtensor|cu|thrust).*|interop/.*|kernel/(reference|thread|cuda.*)|solver/by_name|detail/.*)\\.hpp$")
list(SORT headers)
set(text "${begin}")
foreach(header IN LISTS headers)
  string(APPEND text "#include <${header}>\n")
endforeach()
write_or_check(fokker/fokker.hpp "${text}")

# A solver is a struct of its file's name with an order, and goes towards data. One that is a template by its order is listed for each order that
# its static_assert allows, up to 4, and, where all its arguments have defaults, by its own name as well. One around another solver is not listed.
file(GLOB_RECURSE headers RELATIVE ${root}/fokker/solver ${root}/fokker/solver/*.hpp)
list(SORT headers)
set(includes "#include <fokker/solver/named.hpp>\n")
set(members "")
foreach(header IN LISTS headers)
  cmake_path(GET header STEM name)
  cmake_path(GET header PARENT_PATH room)
  file(READ ${root}/fokker/solver/${header} source)
  if(NOT source MATCHES "(template <([^\n]*)>\n)?struct ${name} {" OR NOT source MATCHES "static constexpr int order"
      OR source MATCHES "towards_noise = true")
    continue()
  endif()
  string(REGEX MATCH "(template <[^\n]*>\n)?struct ${name} {" declared "${source}")
  if(declared MATCHES "^template <class ")
    continue()
  endif()
  list(APPEND includes "#include <fokker/solver/${header}>\n")
  set(full ${name})
  if(room)
    set(full ${room}::${name})
  endif()
  if(NOT declared MATCHES "^template <int ([A-Za-z]+)( = [0-9]+)?([^\n]*)>\n")
    string(APPEND members "    named::of<${full}>(\"${full}\"),\n")
    continue()
  endif()
  set(parameter ${CMAKE_MATCH_1})
  set(default "${CMAKE_MATCH_2}")
  if(default)
    string(APPEND members "    named::of<${full}<>>(\"${full}\"),\n")
  endif()
  if(source MATCHES "${parameter} >= ([0-9]+) && ${parameter} <= ([0-9]+)")
    set(least ${CMAKE_MATCH_1})
    set(most ${CMAKE_MATCH_2})
    if(most GREATER 4)
      set(most 4)
    endif()
    foreach(order RANGE ${least} ${most})
      string(APPEND members "    named::of<${full}<${order}>>(\"${full}<${order}>\"),\n")
    endforeach()
  endif()
endforeach()
list(SORT includes)
list(JOIN includes "" includes)
write_or_check(fokker/solver/by_name.hpp "${begin}#include <string>
#include <string_view>

${includes}
namespace fokker::inline v0::solver {

// clang-format off
/// Every solver of the library, with its defaults.
inline constexpr named all[] = {
${members}};
// clang-format on

/// The solver of that name, such as \"dpmpp_2m\" or \"exp_adams<3>\". Throws std::invalid_argument that lists all names.
[[nodiscard]] inline const named& by_name(std::string_view name) {
  std::string names;
  for (const named& s : all) {
    if (s.name == name) return s;
    names += names.empty() ? \"\" : \", \";
    names += s.name;
  }
  detail::refuse(\"the name of a solver\", name, names);
}

}  // namespace fokker::inline v0::solver
")
