# SPDX-License-Identifier: MIT
# Writes what follows from the list of headers: include/fokker/fokker.hpp, every header of the host rooms in one, and
# by_name.hpp of the rooms whose members are chosen by name, with their fields; with -DCHECK=ON only says whether they are stale.
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
# member of a room; detail/ is nobody's to ask for.
list(FILTER headers EXCLUDE REGEX
  "^fokker/(fokker|cuda_graph|backend/(xtensor|cu|thrust).*|interop/.*|kernel/(reference|thread|cuda.*)|[a-z]+/by_name|detail/.*)\\.hpp$")
list(SORT headers)
set(text "${begin}")
foreach(header IN LISTS headers)
  string(APPEND text "#include <${header}>\n")
endforeach()
write_or_check(fokker/fokker.hpp "${text}")

# The words of every enumeration, as words_of_NAME.
file(GLOB_RECURSE headers ${root}/fokker/concept/*.hpp ${root}/fokker/solver/*.hpp ${root}/fokker/grid/*.hpp ${root}/fokker/schedule/*.hpp)
foreach(header IN LISTS headers)
  file(READ ${header} source)
  string(REGEX REPLACE "//[^\n]*" "" source "${source}")
  string(REPLACE ";" "@" source "${source}")
  string(REGEX MATCHALL "enum class [a-z_]+ {[^}]*}" found "${source}")
  foreach(enum IN LISTS found)
    string(REGEX MATCH "enum class ([a-z_]+) {([^}]*)}" enum "${enum}")
    set(name ${CMAKE_MATCH_1})
    string(REGEX REPLACE " = [a-z0-9_]+" "" words "${CMAKE_MATCH_2}")
    string(REGEX MATCHALL "[a-z_][a-z0-9_]*" words_of_${name} "${words}")
  endforeach()
endforeach()

# Appends to `out` what reads the fields of struct `name`, which `source` defines, and to `words_used` the enumerations
# that they have. They are the public members that are numbers, truths, enumerations, or structs of a
# header of the room with such members.
function(append_fields out words_used room source name prefix)
  string(FIND "${source}" "struct ${name} {" begin)
  string(SUBSTRING "${source}" ${begin} -1 body)
  string(REPLACE ";" "@" body "${body}")
  string(REPLACE "[" "^" body "${body}")
  string(REGEX REPLACE "\n(}| private:).*" "" body "${body}")
  string(REGEX MATCHALL "\n  [a-z_:]+ [a-z0-9_]+( = [^@\n]*)?@" found "${body}")
  foreach(line IN LISTS found)
    string(REGEX MATCH "\n  (${room}::)?([a-z_]+) ([a-z0-9_]+)" line "${line}")
    set(type "${CMAKE_MATCH_2}")
    set(field ${prefix}${CMAKE_MATCH_3})
    if(type MATCHES "^(double|int|bool)$")
      string(APPEND ${out} "(\"${field}\", m.${field})")
    elseif(DEFINED words_of_${type})
      string(APPEND ${out} "(\"${field}\", m.${field}, words(m.${field}))")
      list(APPEND ${words_used} ${type})
    elseif(EXISTS ${root}/fokker/${room}/${type}.hpp)
      file(READ ${root}/fokker/${room}/${type}.hpp inner)
      append_fields(${out} ${words_used} ${room} "${inner}" ${type} ${field}.)
    endif()
  endforeach()
  set(${out} "${${out}}" PARENT_SCOPE)
  set(${words_used} "${${words_used}}" PARENT_SCOPE)
endfunction()

# What a room's by_name.hpp has of enumerations.
function(write_words out enums)
  list(SORT enums)
  list(REMOVE_DUPLICATES enums)
  set(text "")
  foreach(enum IN LISTS enums)
    set(list "")
    foreach(word IN LISTS words_of_${enum})
      string(APPEND list "{\"${word}\", static_cast<int>(${enum}::${word})}, ")
    endforeach()
    string(REGEX REPLACE ", $" "" list "${list}")
    string(APPEND text "[[nodiscard]] inline std::span<const detail::enumerator> words(${enum}) {
  static constexpr detail::enumerator all[] = {${list}};
  return all;
}
")
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# A solver is a struct of its file's name with an order, and goes towards data. One that is a template by its order is listed for each order that
# its static_assert allows, up to 4, and, where all its arguments have defaults, by its own name as well.
macro(append_solver type name)
  list(APPEND types "${type}")
  set(read "")
  if(fields)
    set(read ", fields::${reader}")
  endif()
  string(APPEND members "    named::of<${type}${read}>(\"${name}\"),\n")
endmacro()

file(GLOB_RECURSE headers RELATIVE ${root}/fokker/solver ${root}/fokker/solver/*.hpp)
list(SORT headers)
set(includes "#include <fokker/solver/named.hpp>\n")
set(members "")
set(reads "")
set(types "")
set(enums "")
foreach(header IN LISTS headers)
  cmake_path(GET header STEM name)
  cmake_path(GET header PARENT_PATH room)
  file(READ ${root}/fokker/solver/${header} source)
  if(NOT source MATCHES "(template <([^\n]*)>\n)?struct ${name} {" OR NOT source MATCHES "static constexpr int order"
      OR source MATCHES "towards_noise = true")
    continue()
  endif()
  string(REGEX MATCH "(template <[^\n]*>\n)?struct ${name} {" declared "${source}")
  list(APPEND includes "#include <fokker/solver/${header}>\n")
  set(full ${name})
  if(room)
    set(full ${room}::${name})
  endif()
  set(fields "")
  append_fields(fields enums solver "${source}" ${name} "")
  string(REPLACE "::" "_" reader ${full})
  if(fields)
    string(APPEND reads "template <class M>\nvoid ${reader}(M& m, detail::given_fields& given) { given${fields}@ }\n")
  endif()
  if(NOT declared MATCHES "^template <int ([A-Za-z]+)( = [0-9]+)?([^\n]*)>\n")
    append_solver(${full} ${full})
    continue()
  endif()
  set(parameter ${CMAKE_MATCH_1})
  set(default "${CMAKE_MATCH_2}")
  if(default)
    append_solver(${full}<> ${full})
  endif()
  if(source MATCHES "${parameter} >= ([0-9]+) && ${parameter} <= ([0-9]+)")
    set(least ${CMAKE_MATCH_1})
    set(most ${CMAKE_MATCH_2})
    if(most GREATER 4)
      set(most 4)
    endif()
    foreach(order RANGE ${least} ${most})
      append_solver(${full}<${order}> "${full}<${order}>")
    endforeach()
  endif()
endforeach()
list(SORT includes)
list(JOIN includes "" includes)
list(JOIN types ", " types)
string(REPLACE "@" ";" reads "${reads}")
write_words(words "${enums}")
write_or_check(fokker/solver/by_name.hpp "${begin}#include <span>
#include <string_view>
#include <tuple>
#include <vector>

${includes}
namespace fokker::inline v0::solver {

// clang-format off
namespace fields {

${words}
${reads}
}  // namespace fields

/// Every solver of the library, with its defaults.
inline constexpr named all[] = {
${members}};

/// Their types.
using types = std::tuple<${types}>;
// clang-format on

/// The solver of that name, such as \"dpmpp_2m\" or \"exp_adams<3>\". Throws std::invalid_argument that lists all names.
[[nodiscard]] inline const named& by_name(std::string_view name) { return detail::found(all, \"solver\", name); }

/// The same with fields of its own, such as by_name(\"ddim\", {{\"eta\", 0.5}}). Throws std::invalid_argument for those that
/// it does not have, listing its own.
[[nodiscard]] inline named_with_fields by_name(std::string_view name, const std::vector<field>& fields) {
  return by_name(name).with(fields);
}

}  // namespace fokker::inline v0::solver
")
