# SPDX-License-Identifier: MIT
# Writes what follows from the list of headers: include/fokker/fokker.hpp, every header of the host rooms in one, by_name.hpp of
# the rooms whose members are chosen by name, with their fields, and the list of diffusers' classes; with -DCHECK=ON only says whether they are stale.
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
# member of a room, and tuning, saved runs, certificates and plans in C, which most programs do without; detail/ is nobody's to ask for.
list(FILTER headers EXCLUDE REGEX
  "^fokker/(fokker|cuda_graph|saved_run|backend/(xtensor|eigen|dlpack|cu|thrust|torch|openvino).*|interop/.*|tuning/.*|plan/(certificate|to_c)|kernel/(reference|thread|cuda.*)|concept/fields|[a-z]+/(by_name|named)|detail/.*)\\.hpp$")
list(SORT headers)
set(text "${begin}")
foreach(header IN LISTS headers)
  string(APPEND text "#include <${header}>\n")
endforeach()
write_or_check(fokker/fokker.hpp "${text}")

# The words of every enumeration, as words_of_NAME.
file(GLOB_RECURSE headers ${root}/fokker/concept/*.hpp ${root}/fokker/solver/*.hpp ${root}/fokker/grid/*.hpp ${root}/fokker/schedule/*.hpp ${root}/fokker/guidance/*.hpp)
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
# header of the room or of plans with such members.
function(append_fields out words_used room source name prefix)
  string(FIND "${source}" "struct ${name} {" begin)
  string(SUBSTRING "${source}" ${begin} -1 body)
  string(REPLACE ";" "@" body "${body}")
  string(REPLACE "[" "^" body "${body}")
  string(REGEX REPLACE "\n(}| private:).*" "" body "${body}")
  string(REGEX MATCHALL "\n  [a-z_:]+ [a-z0-9_]+( = [^@\n]*|{})?@" found "${body}")
  foreach(line IN LISTS found)
    string(REGEX MATCH "\n  ([a-z]+::)?([a-z_]+) ([a-z0-9_]+)" line "${line}")
    set(type "${CMAKE_MATCH_2}")
    set(field ${prefix}${CMAKE_MATCH_3})
    if(type MATCHES "^(double|int|bool)$")
      string(APPEND ${out} "(\"${field}\", m.${field})")
    elseif(DEFINED words_of_${type})
      string(APPEND ${out} "(\"${field}\", m.${field}, fields::words(m.${field}))")
      list(APPEND ${words_used} ${type})
    else()
      foreach(file ${room}/${type} plan/operation)
        if(EXISTS ${root}/fokker/${file}.hpp)
          file(READ ${root}/fokker/${file}.hpp inner)
          if(inner MATCHES "struct ${type} {")
            append_fields(${out} ${words_used} "${room}" "${inner}" ${type} ${field}.)
          endif()
        endif()
      endforeach()
    endif()
  endforeach()
  set(${out} "${${out}}" PARENT_SCOPE)
  set(${words_used} "${${words_used}}" PARENT_SCOPE)
endfunction()

# Sets `fields` to what reads those of struct `name`, which `source` defines, or does not, where it has none.
macro(read_fields room)
  set(fields "")
  append_fields(fields enums ${room} "${source}" ${name} "")
  if(fields)
    set(fields " given${fields}@")
  else()
    set(fields " (void)given@")
  endif()
endmacro()

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

# What every by_name.hpp of a room without facts has behind its list.
set(found "/// The ROOM of that name with fields of its own, such as by_name(EXAMPLE). Throws
/// std::invalid_argument that lists all names, or the fields of the one.
[[nodiscard]] inline any by_name(std::string_view name, const std::vector<field>& fields = {}) {
  return detail::found(all, \"ROOM\", name).with(fields);
}
")

# Writes by_name.hpp of a room whose members are `members`, each what reads its fields and makes it. One inside of which
# is another asks for that by a name.
function(write_room room example headers members types enums)
  set(includes "#include <fokker/concept/fields.hpp>\n;#include <fokker/${room}/any.hpp>\n")
  foreach(header IN LISTS headers)
    list(APPEND includes "#include <fokker/${room}/${header}>\n")
  endforeach()
  list(SORT includes)
  list(REMOVE_DUPLICATES includes)
  list(JOIN includes "" includes)
  list(JOIN members "" members)
  string(REPLACE "@" ";" members "${members}")
  write_words(words "${enums}")
  string(REPLACE ROOM ${room} lookup "${found}")
  string(REPLACE EXAMPLE "${example}" lookup "${lookup}")
  write_or_check(fokker/${room}/by_name.hpp "${begin}#include <span>
#include <string_view>
#include <tuple>
#include <vector>

${includes}
namespace fokker::inline v0::${room} {

// clang-format off
namespace fields {

${words}[[nodiscard]] inline any member(detail::given_fields& given, std::string_view name, std::string_view usual);

}  // namespace fields

/// Every ${room} that a name alone chooses.
inline constexpr named_member<any> all[] = {
${members}};

${types}// clang-format on

inline any fields::member(detail::given_fields& given, std::string_view name, std::string_view usual) {
  return given.member(name, usual, all, \"${room}\");
}

${lookup}
}  // namespace fokker::inline v0::${room}
")
endfunction()

# A grid is a struct of its file's name with steps, or a template of another grid.
file(GLOB files ${root}/fokker/grid/*.hpp)
set(headers "")
set(members "")
set(types "")
set(enums "")
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  file(READ ${file} source)
  if(NOT source MATCHES "(template <([^\n]*)>\n)?struct ${name} {")
    continue()
  endif()
  set(template "${CMAKE_MATCH_2}")
  set(fields "")
  append_fields(fields enums grid "${source}" ${name} "")
  if(NOT fields)
    continue()
  endif()
  if(NOT template)
    list(APPEND types ${name})
    set(made "${name} m{}@ given${fields}@")
  elseif(template STREQUAL "class Grid")
    list(APPEND types ${name}<uniform>)
    set(made "${name}<any> m{fields::member(given, \"grid\", \"uniform\")}@ given${fields}@")
  else()
    continue()
  endif()
  list(APPEND headers ${name}.hpp)
  list(APPEND members "    {\"${name}\", [](detail::given_fields& given) -> any { ${made} return m@ }},\n")
endforeach()
list(JOIN types ", " types)
write_room(grid "\"karras\", {{\"rho\", 5}}" "${headers}" "${members}" "/// Their types.
using types = std::tuple<${types}>;
" "${enums}")

# A schedule is a struct of its file's name with an alpha, perhaps a template of another, or a function that makes a table
# of numbers.
file(GLOB files ${root}/fokker/schedule/*.hpp)
set(headers "")
set(members "")
set(types "")
set(enums "")
set(functions "")
set(tables "")
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  file(READ ${file} source)
  if(source MATCHES "(template <([^\n]*)>\n)?struct ${name} {" AND source MATCHES "double alpha\\(double")
    string(REGEX MATCH "(template <([^\n]*)>\n)?struct ${name} {" declared "${source}")
    set(template "${CMAKE_MATCH_2}")
    read_fields(schedule)
    if(template)
      list(APPEND types ${name}<vp_linear>)
      set(made "${name}<any> m{fields::member(given, \"schedule\", \"vp_linear\")}@")
    else()
      list(APPEND types ${name})
      set(made "${name} m{}@")
    endif()
    list(APPEND headers ${name}.hpp)
    list(APPEND members "    {\"${name}\", [](detail::given_fields& given) -> any { ${made}${fields} return m@ }},\n")
  endif()
  string(REGEX MATCHALL "inline tabulated [a-z_]+\\((int|double) [^)]*\\) {" declared "${source}")
  foreach(function IN LISTS declared)
    string(REGEX MATCH "tabulated ([a-z_]+)\\(([^)]*)\\)" function "${function}")
    set(made ${CMAKE_MATCH_1})
    string(REGEX REPLACE ",[ \n]+" "@ " variables "${CMAKE_MATCH_2}")
    string(REGEX REPLACE "(int|double) ([a-z_]+) = [^@]*(@ )?" "\\2, " arguments "${variables}")
    string(REGEX REPLACE ", $" "" arguments "${arguments}")
    string(REGEX REPLACE "([a-z_]+)(, )?" "(\"\\1\", \\1)" fields "${arguments}")
    list(APPEND headers ${name}.hpp)
    list(APPEND functions "&${made}")
    list(APPEND tables "    {\"${made}\", [](detail::given_fields& given) -> any { ${variables}@ given${fields}@ return ${made}(${arguments})@ }},\n")
  endforeach()
  if(source MATCHES "template <discrete_schedule Table>\n[^\n]* ${name}\\(const Table& ([a-z_]+)\\)")
    list(APPEND headers ${name}.hpp)
    list(APPEND of_tables "    {\"${name}\", [](detail::given_fields& given) -> any { return ${name}(fields::member(given, \"${CMAKE_MATCH_1}\", \"linear\"))@ }},\n")
  endif()
endforeach()
list(JOIN types ", " types)
list(JOIN functions ", " functions)
write_room(schedule "\"cosine\", {{\"offset\", 0.01}}" "${headers}" "${members};${tables};${of_tables}" "/// Their types, and then the functions that make tables.
using types = std::tuple<${types}>;
inline constexpr std::tuple functions{${functions}};
" "${enums}")

# A parameterization is a struct of its file's name with a row. Those of others, which take these by their types, are not
# listed.
file(GLOB files ${root}/fokker/parameterization/*.hpp)
set(headers "")
set(members "")
set(types "")
set(enums "")
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  file(READ ${file} source)
  if(NOT source MATCHES "[^>]\nstruct ${name} {")
    continue()
  endif()
  read_fields(parameterization)
  list(APPEND types ${name})
  list(APPEND headers ${name}.hpp)
  list(APPEND members "    {\"${name}\", [](detail::given_fields& given) -> any { ${name} m{}@${fields} return m@ }},\n")
endforeach()
list(JOIN types ", " types)
write_room(parameterization "\"edm\", {{\"sigma_data\", 1}}" "${headers}" "${members}" "/// Their types.
using types = std::tuple<${types}>;
" "${enums}")

# A guidance rule is a struct of its file's name with branches, or a template of another rule. Those of several rules, of
# functions and of any number of branches are not listed.
file(GLOB files ${root}/fokker/guidance/*.hpp)
set(headers "")
set(members "")
set(types "")
set(enums "")
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  file(READ ${file} source)
  if(NOT source MATCHES "(template <([^\n]*)>\n)?struct ${name} {\n  static constexpr int branches")
    continue()
  endif()
  set(template "${CMAKE_MATCH_2}")
  read_fields(guidance)
  if(NOT template)
    list(APPEND types ${name})
    set(made "${name} m{}@${fields} return m@")
  elseif(template MATCHES "^class Rule( = ([a-z_]+))?$")
    set(usual ${CMAKE_MATCH_2})
    if(NOT usual)
      set(usual classifier_free)
    endif()
    list(APPEND types "${name}<${usual}>")
    set(usually "")
    if(source MATCHES "double usual_([a-z_]+) =")
      set(usually "given.usually(\"${CMAKE_MATCH_1}\", ${name}<${usual}>::usual_${CMAKE_MATCH_1})@ ")
    endif()
    set(made "${usually}return around(fields::member(given, \"rule\", \"${usual}\"), [&](auto rule) -> any { ${name}<decltype(rule)> m{rule}@${fields} return m@ })@")
  else()
    continue()
  endif()
  list(APPEND headers ${name}.hpp)
  list(APPEND members "    {\"${name}\", [](detail::given_fields& given) -> any { ${made} }},\n")
endforeach()
list(JOIN types ", " types)
write_room(guidance "\"apg\", {{\"eta\", 0.5}}" "${headers}" "${members}" "/// Their types.
using types = std::tuple<${types}>;
" "${enums}")

# A solver is a struct of its file's name with an order, goes towards data, and asks networks that are told one level. One that is a template by its order is listed for each order that
# its static_assert allows, up to 4, and, where all its arguments have defaults, by its own name as well. One around another solver, or of a table of weights, is not listed.
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
      OR source MATCHES "(towards_noise|two_levels) = true")
    continue()
  endif()
  string(REGEX MATCH "(template <[^\n]*>\n)?struct ${name} {" declared "${source}")
  if(declared MATCHES "^template <(class|const) ")
    continue()
  endif()
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

/// The same with fields of its own, such as by_name(\"ddim\", {{\"eta\", 0.5}}). Throws std::invalid_argument for those
/// that it does not have, listing its own.
[[nodiscard]] inline named_with_fields by_name(std::string_view name, const std::vector<field>& fields) {
  return by_name(name).with(fields);
}

}  // namespace fokker::inline v0::solver
")

# The classes of schedulers that interop/diffusers.hpp knows are those of the lists of_FILE of its folder.
file(GLOB headers RELATIVE ${root} ${root}/fokker/interop/diffusers/*.hpp)
list(SORT headers)
set(includes "#include <fokker/interop/diffusers/reading.hpp>\n")
set(lists "")
foreach(header IN LISTS headers)
  file(READ ${root}/${header} source)
  if(source MATCHES "known_class (of_[a-z0-9_]+)\\[\\] =")
    list(APPEND lists ${CMAKE_MATCH_1})
    list(APPEND includes "#include <${header}>\n")
  endif()
endforeach()
list(SORT includes)
list(JOIN includes "" includes)
list(JOIN lists ", " lists)
write_or_check(fokker/interop/diffusers/known.hpp "${begin}${includes}
namespace fokker::inline v0::interop::diffusers_classes {

// clang-format off
/// Every class that is known.
inline constexpr auto known = in_order(${lists});
// clang-format on

}  // namespace fokker::inline v0::interop::diffusers_classes
")
