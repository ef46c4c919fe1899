// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <fokker/concept/fields.hpp>
#include <fokker/parameterization/any.hpp>
#include <fokker/parameterization/average_velocity.hpp>
#include <fokker/parameterization/consistency.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/flow_to_data.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/trigflow.hpp>
#include <fokker/parameterization/velocity.hpp>

namespace fokker::inline v0::parameterization {

// clang-format off
namespace fields {

[[nodiscard]] inline any member(detail::given_fields& given, std::string_view name, std::string_view usual);

}  // namespace fields

/// Every parameterization that a name alone chooses.
inline constexpr named_member<any> all[] = {
    {"average_velocity", [](detail::given_fields& given) -> any { average_velocity m{}; given("label_scale", m.label_scale); return m; }},
    {"consistency", [](detail::given_fields& given) -> any { consistency m{}; given("sigma_data", m.sigma_data)("sigma_min", m.sigma_min)("label_scale", m.label_scale); return m; }},
    {"data", [](detail::given_fields& given) -> any { data m{}; (void)given; return m; }},
    {"edm", [](detail::given_fields& given) -> any { edm m{}; given("sigma_data", m.sigma_data); return m; }},
    {"epsilon", [](detail::given_fields& given) -> any { epsilon m{}; (void)given; return m; }},
    {"flow", [](detail::given_fields& given) -> any { flow m{}; given("label_scale", m.label_scale)("at_data", m.at_data); return m; }},
    {"flow_to_data", [](detail::given_fields& given) -> any { flow_to_data m{}; given("label_scale", m.label_scale)("at_data", m.at_data); return m; }},
    {"score", [](detail::given_fields& given) -> any { score m{}; (void)given; return m; }},
    {"trigflow", [](detail::given_fields& given) -> any { trigflow m{}; given("sigma_data", m.sigma_data); return m; }},
    {"velocity", [](detail::given_fields& given) -> any { velocity m{}; (void)given; return m; }},
};

/// Their types.
using types = std::tuple<average_velocity, consistency, data, edm, epsilon, flow, flow_to_data, score, trigflow, velocity>;
// clang-format on

inline any fields::member(detail::given_fields& given, std::string_view name, std::string_view usual) {
  return given.member(name, usual, all, "parameterization");
}

/// The parameterization of that name with fields of its own, such as by_name("edm", {{"sigma_data", 1}}). Throws
/// std::invalid_argument that lists all names, or the fields of the one.
[[nodiscard]] inline any by_name(std::string_view name, const std::vector<field>& fields = {}) {
  return detail::found(all, "parameterization", name).with(fields);
}

}  // namespace fokker::inline v0::parameterization
