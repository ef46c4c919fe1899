// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <fokker/concept/fields.hpp>
#include <fokker/schedule/any.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/exponential.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/laplace.hpp>
#include <fokker/schedule/sigmoid.hpp>
#include <fokker/schedule/snr_shift.hpp>
#include <fokker/schedule/squared_cosine.hpp>
#include <fokker/schedule/sub_vp.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/trigflow.hpp>
#include <fokker/schedule/ve.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/schedule/zero_terminal_snr.hpp>

namespace fokker::inline v0::schedule {

// clang-format off
namespace fields {

[[nodiscard]] inline any member(detail::given_fields& given, std::string_view name, std::string_view usual);

}  // namespace fields

/// Every schedule that a name alone chooses.
inline constexpr named_member<any> all[] = {
    {"cosine", [](detail::given_fields& given) -> any { cosine m{}; given("offset", m.offset)("clean_time", m.clean_time); return m; }},
    {"edm", [](detail::given_fields& given) -> any { edm m{}; given("sigma_min", m.sigma_min)("sigma_max", m.sigma_max); return m; }},
    {"flow_linear", [](detail::given_fields& given) -> any { flow_linear m{}; (void)given; return m; }},
    {"snr_shift", [](detail::given_fields& given) -> any { snr_shift<any> m{fields::member(given, "schedule", "vp_linear")}; given("scale", m.scale); return m; }},
    {"sub_vp", [](detail::given_fields& given) -> any { sub_vp m{}; given("beta_min", m.beta_min)("beta_max", m.beta_max)("clean_time", m.clean_time); return m; }},
    {"trigflow", [](detail::given_fields& given) -> any { trigflow m{}; (void)given; return m; }},
    {"ve", [](detail::given_fields& given) -> any { ve m{}; given("sigma_min", m.sigma_min)("sigma_max", m.sigma_max); return m; }},
    {"vp_linear", [](detail::given_fields& given) -> any { vp_linear m{}; given("beta_min", m.beta_min)("beta_max", m.beta_max)("clean_time", m.clean_time); return m; }},
    {"exponential", [](detail::given_fields& given) -> any { int size = 1000; given("size", size); return exponential(size); }},
    {"laplace", [](detail::given_fields& given) -> any { int size = 1000; given("size", size); return laplace(size); }},
    {"sigmoid", [](detail::given_fields& given) -> any { double beta_first = 1e-7; double beta_last = 0.002; int size = 5000; given("beta_first", beta_first)("beta_last", beta_last)("size", size); return sigmoid(beta_first, beta_last, size); }},
    {"squared_cosine", [](detail::given_fields& given) -> any { int size = 1000; double largest_beta = 0.999; given("size", size)("largest_beta", largest_beta); return squared_cosine(size, largest_beta); }},
    {"linear", [](detail::given_fields& given) -> any { double beta_first = 1e-4; double beta_last = 0.02; int size = 1000; given("beta_first", beta_first)("beta_last", beta_last)("size", size); return linear(beta_first, beta_last, size); }},
    {"scaled_linear", [](detail::given_fields& given) -> any { double beta_first = 0.00085; double beta_last = 0.012; int size = 1000; given("beta_first", beta_first)("beta_last", beta_last)("size", size); return scaled_linear(beta_first, beta_last, size); }},
    {"zero_terminal_snr", [](detail::given_fields& given) -> any { return zero_terminal_snr(fields::member(given, "table", "linear")); }},
};

/// Their types, and then the functions that make tables.
using types = std::tuple<cosine, edm, flow_linear, snr_shift<vp_linear>, sub_vp, trigflow, ve, vp_linear>;
inline constexpr std::tuple functions{&exponential, &laplace, &sigmoid, &squared_cosine, &linear, &scaled_linear};
// clang-format on

inline any fields::member(detail::given_fields& given, std::string_view name, std::string_view usual) {
  return given.member(name, usual, all, "schedule");
}

/// The schedule of that name with fields of its own, such as by_name("cosine", {{"offset", 0.01}}). Throws
/// std::invalid_argument that lists all names, or the fields of the one.
[[nodiscard]] inline any by_name(std::string_view name, const std::vector<field>& fields = {}) {
  return detail::found(all, "schedule", name).with(fields);
}

}  // namespace fokker::inline v0::schedule
