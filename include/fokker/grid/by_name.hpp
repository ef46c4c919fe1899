// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <fokker/concept/fields.hpp>
#include <fokker/grid/align_your_steps.hpp>
#include <fokker/grid/any.hpp>
#include <fokker/grid/beta.hpp>
#include <fokker/grid/beta_sigmas.hpp>
#include <fokker/grid/bong_tangent.hpp>
#include <fokker/grid/distilled.hpp>
#include <fokker/grid/epss.hpp>
#include <fokker/grid/from_ratio.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/grid/laplace.hpp>
#include <fokker/grid/leading.hpp>
#include <fokker/grid/linear_quadratic.hpp>
#include <fokker/grid/linspace.hpp>
#include <fokker/grid/log_snr.hpp>
#include <fokker/grid/logit_normal.hpp>
#include <fokker/grid/optimal_steps.hpp>
#include <fokker/grid/part.hpp>
#include <fokker/grid/polyexponential.hpp>
#include <fokker/grid/rcm.hpp>
#include <fokker/grid/smoothstep.hpp>
#include <fokker/grid/strength.hpp>
#include <fokker/grid/sway.hpp>
#include <fokker/grid/tangent.hpp>
#include <fokker/grid/terminal_stretch.hpp>
#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/to_ratio.hpp>
#include <fokker/grid/trailing.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/grid/vp.hpp>

namespace fokker::inline v0::grid {

// clang-format off
namespace fields {

[[nodiscard]] inline std::span<const detail::enumerator> words(aligned_for) {
  static constexpr detail::enumerator all[] = {{"stable_diffusion_1", static_cast<int>(aligned_for::stable_diffusion_1)}, {"stable_diffusion_xl", static_cast<int>(aligned_for::stable_diffusion_xl)}, {"stable_video_diffusion", static_cast<int>(aligned_for::stable_video_diffusion)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(ending) {
  static constexpr detail::enumerator all[] = {{"to_data", static_cast<int>(ending::to_data)}, {"to_last_level", static_cast<int>(ending::to_last_level)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(optimal_for) {
  static constexpr detail::enumerator all[] = {{"flux", static_cast<int>(optimal_for::flux)}, {"wan", static_cast<int>(optimal_for::wan)}, {"chroma", static_cast<int>(optimal_for::chroma)}};
  return all;
}
[[nodiscard]] inline std::span<const detail::enumerator> words(strength_of) {
  static constexpr detail::enumerator all[] = {{"diffusers", static_cast<int>(strength_of::diffusers)}, {"diffusers_flow", static_cast<int>(strength_of::diffusers_flow)}, {"a1111", static_cast<int>(strength_of::a1111)}, {"comfyui", static_cast<int>(strength_of::comfyui)}};
  return all;
}
[[nodiscard]] inline any member(detail::given_fields& given, std::string_view name, std::string_view usual);

}  // namespace fields

/// Every grid that a name alone chooses.
inline constexpr named_member<any> all[] = {
    {"align_your_steps", [](detail::given_fields& given) -> any { align_your_steps m{}; given("steps", m.steps)("network", m.network, fields::words(m.network))("end", m.end, fields::words(m.end)); return m; }},
    {"beta", [](detail::given_fields& given) -> any { beta m{}; given("steps", m.steps)("a", m.a)("b", m.b); return m; }},
    {"beta_sigmas", [](detail::given_fields& given) -> any { beta_sigmas m{}; given("steps", m.steps)("a", m.a)("b", m.b)("sigma_min", m.sigma_min)("sigma_max", m.sigma_max)("end", m.end, fields::words(m.end)); return m; }},
    {"bong_tangent", [](detail::given_fields& given) -> any { bong_tangent m{}; given("steps", m.steps)("pivot", m.pivot)("slope", m.slope); return m; }},
    {"distilled", [](detail::given_fields& given) -> any { distilled m{}; given("steps", m.steps)("original_steps", m.original_steps)("first_ones", m.first_ones)("skipped", m.skipped); return m; }},
    {"epss", [](detail::given_fields& given) -> any { epss m{}; given("steps", m.steps); return m; }},
    {"from_ratio", [](detail::given_fields& given) -> any { from_ratio<any> m{fields::member(given, "grid", "uniform")}; given("ratio", m.ratio); return m; }},
    {"karras", [](detail::given_fields& given) -> any { karras m{}; given("steps", m.steps)("rho", m.rho)("sigma_min", m.sigma_min)("sigma_max", m.sigma_max)("end", m.end, fields::words(m.end)); return m; }},
    {"laplace", [](detail::given_fields& given) -> any { laplace m{}; given("steps", m.steps)("location", m.location)("scale", m.scale)("sigma_min", m.sigma_min)("sigma_max", m.sigma_max)("end", m.end, fields::words(m.end)); return m; }},
    {"leading", [](detail::given_fields& given) -> any { leading m{}; given("steps", m.steps)("offset", m.offset)("end", m.end, fields::words(m.end))("stride", m.stride); return m; }},
    {"linear_quadratic", [](detail::given_fields& given) -> any { linear_quadratic m{}; given("steps", m.steps)("threshold", m.threshold)("linear_steps", m.linear_steps); return m; }},
    {"linspace", [](detail::given_fields& given) -> any { linspace m{}; given("steps", m.steps)("end", m.end, fields::words(m.end))("endpoint", m.endpoint)("rounded", m.rounded); return m; }},
    {"log_snr", [](detail::given_fields& given) -> any { log_snr m{}; given("steps", m.steps)("sigma_min", m.sigma_min)("sigma_max", m.sigma_max)("end", m.end, fields::words(m.end)); return m; }},
    {"logit_normal", [](detail::given_fields& given) -> any { logit_normal m{}; given("steps", m.steps)("mean", m.mean)("deviation", m.deviation)("sigma_max", m.sigma_max); return m; }},
    {"optimal_steps", [](detail::given_fields& given) -> any { optimal_steps m{}; given("steps", m.steps)("network", m.network, fields::words(m.network)); return m; }},
    {"part", [](detail::given_fields& given) -> any { part<any> m{fields::member(given, "grid", "uniform")}; given("first", m.first)("count", m.count); return m; }},
    {"polyexponential", [](detail::given_fields& given) -> any { polyexponential m{}; given("steps", m.steps)("rho", m.rho)("sigma_min", m.sigma_min)("sigma_max", m.sigma_max)("end", m.end, fields::words(m.end)); return m; }},
    {"rcm", [](detail::given_fields& given) -> any { rcm m{}; given("steps", m.steps)("sigma_max", m.sigma_max); return m; }},
    {"smoothstep", [](detail::given_fields& given) -> any { smoothstep m{}; given("steps", m.steps); return m; }},
    {"strength", [](detail::given_fields& given) -> any { strength<any> m{fields::member(given, "grid", "uniform")}; given("share", m.share)("convention", m.convention, fields::words(m.convention)); return m; }},
    {"sway", [](detail::given_fields& given) -> any { sway<any> m{fields::member(given, "grid", "uniform")}; given("coefficient", m.coefficient); return m; }},
    {"tangent", [](detail::given_fields& given) -> any { tangent m{}; given("steps", m.steps)("deviation", m.deviation)("sigma_min", m.sigma_min)("sigma_max", m.sigma_max)("end", m.end, fields::words(m.end)); return m; }},
    {"terminal_stretch", [](detail::given_fields& given) -> any { terminal_stretch<any> m{fields::member(given, "grid", "uniform")}; given("terminal", m.terminal); return m; }},
    {"time_shift", [](detail::given_fields& given) -> any { time_shift<any> m{fields::member(given, "grid", "uniform")}; given("shift", m.shift); return m; }},
    {"to_ratio", [](detail::given_fields& given) -> any { to_ratio<any> m{fields::member(given, "grid", "uniform")}; given("ratio", m.ratio); return m; }},
    {"trailing", [](detail::given_fields& given) -> any { trailing m{}; given("steps", m.steps)("end", m.end, fields::words(m.end))("round_up", m.round_up); return m; }},
    {"uniform", [](detail::given_fields& given) -> any { uniform m{}; given("steps", m.steps); return m; }},
    {"vp", [](detail::given_fields& given) -> any { vp m{}; given("steps", m.steps)("beta_min", m.beta_min)("beta_max", m.beta_max)("clean_time", m.clean_time)("end", m.end, fields::words(m.end)); return m; }},
};

/// Their types.
using types = std::tuple<align_your_steps, beta, beta_sigmas, bong_tangent, distilled, epss, from_ratio<uniform>, karras, laplace, leading, linear_quadratic, linspace, log_snr, logit_normal, optimal_steps, part<uniform>, polyexponential, rcm, smoothstep, strength<uniform>, sway<uniform>, tangent, terminal_stretch<uniform>, time_shift<uniform>, to_ratio<uniform>, trailing, uniform, vp>;
// clang-format on

inline any fields::member(detail::given_fields& given, std::string_view name, std::string_view usual) {
  return given.member(name, usual, all, "grid");
}

/// The grid of that name with fields of its own, such as by_name("karras", {{"rho", 5}}). Throws
/// std::invalid_argument that lists all names, or the fields of the one.
[[nodiscard]] inline any by_name(std::string_view name, const std::vector<field>& fields = {}) {
  return detail::found(all, "grid", name).with(fields);
}

}  // namespace fokker::inline v0::grid
