// SPDX-License-Identifier: MIT
// Written by cmake/umbrella.cmake.
#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include <fokker/concept/fields.hpp>
#include <fokker/guidance/adg.hpp>
#include <fokker/guidance/any.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/beta_cfg.hpp>
#include <fokker/guidance/by_place.hpp>
#include <fokker/guidance/cfg_pp.hpp>
#include <fokker/guidance/cfg_zero_star.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/ddnm.hpp>
#include <fokker/guidance/differential.hpp>
#include <fokker/guidance/dps.hpp>
#include <fokker/guidance/every.hpp>
#include <fokker/guidance/feedback.hpp>
#include <fokker/guidance/gradient.hpp>
#include <fokker/guidance/inpainted.hpp>
#include <fokker/guidance/instruct_pix2pix.hpp>
#include <fokker/guidance/intersected.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/guidance/ltx2.hpp>
#include <fokker/guidance/mambo_g.hpp>
#include <fokker/guidance/mimic.hpp>
#include <fokker/guidance/momentum.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/guidance/perp_neg.hpp>
#include <fokker/guidance/perturbed.hpp>
#include <fokker/guidance/pigdm.hpp>
#include <fokker/guidance/renormalised.hpp>
#include <fokker/guidance/rescaled.hpp>
#include <fokker/guidance/skipped.hpp>
#include <fokker/guidance/sliding_mode.hpp>
#include <fokker/guidance/superposed.hpp>
#include <fokker/guidance/tangential.hpp>
#include <fokker/guidance/until_alike.hpp>

namespace fokker::inline v0::guidance {

// clang-format off
namespace fields {

[[nodiscard]] inline std::span<const detail::enumerator> words(along) {
  static constexpr detail::enumerator all[] = {{"ratio", static_cast<int>(along::ratio)}, {"time", static_cast<int>(along::time)}, {"steps", static_cast<int>(along::steps)}};
  return all;
}
[[nodiscard]] inline any member(detail::given_fields& given, std::string_view name, std::string_view usual);

}  // namespace fields

/// Every guidance that a name alone chooses.
inline constexpr named_member<any> all[] = {
    {"adg", [](detail::given_fields& given) -> any { adg m{}; given("scale", m.scale)("largest", m.largest)("over.first", m.over.first)("over.count", m.over.count); return m; }},
    {"apg", [](detail::given_fields& given) -> any { apg m{}; given("scale", m.scale)("eta", m.eta)("radius", m.radius)("momentum", m.momentum)("over.first", m.over.first)("over.count", m.over.count); return m; }},
    {"beta_cfg", [](detail::given_fields& given) -> any { beta_cfg m{}; given("scale", m.scale)("a", m.a)("b", m.b)("gamma", m.gamma); return m; }},
    {"by_place", [](detail::given_fields& given) -> any { by_place m{}; (void)given; return m; }},
    {"cfg_pp", [](detail::given_fields& given) -> any { given.usually("scale", cfg_pp<classifier_free>::usual_scale); return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { cfg_pp<decltype(rule)> m{rule}; given("unguided", m.unguided); return m; }); }},
    {"cfg_zero_star", [](detail::given_fields& given) -> any { cfg_zero_star m{}; given("scale", m.scale)("zero_steps", m.zero_steps); return m; }},
    {"classifier_free", [](detail::given_fields& given) -> any { classifier_free m{}; given("scale", m.scale); return m; }},
    {"ddnm", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "none"), [&](auto rule) -> any { ddnm<decltype(rule)> m{rule}; given("noise", m.noise)("deviation", m.deviation); return m; }); }},
    {"differential", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "none"), [&](auto rule) -> any { differential<decltype(rule)> m{rule}; given("over.first", m.over.first)("over.count", m.over.count); return m; }); }},
    {"dps", [](detail::given_fields& given) -> any { dps m{}; given("scale", m.scale); return m; }},
    {"every", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { every<decltype(rule)> m{rule}; given("k", m.k)("extrapolate", m.extrapolate); return m; }); }},
    {"feedback", [](detail::given_fields& given) -> any { feedback m{}; given("pi", m.pi)("t0", m.t0)("t1", m.t1)("most", m.most); return m; }},
    {"gradient", [](detail::given_fields& given) -> any { gradient m{}; given("scale", m.scale); return m; }},
    {"inpainted", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "none"), [&](auto rule) -> any { inpainted<decltype(rule)> m{rule}; given("noisy", m.noisy); return m; }); }},
    {"instruct_pix2pix", [](detail::given_fields& given) -> any { instruct_pix2pix m{}; given("scale", m.scale)("image_scale", m.image_scale); return m; }},
    {"intersected", [](detail::given_fields& given) -> any { intersected m{}; (void)given; return m; }},
    {"interval", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { interval<decltype(rule)> m{rule}; given("by", m.by, fields::words(m.by))("low", m.low)("high", m.high); return m; }); }},
    {"ltx2", [](detail::given_fields& given) -> any { ltx2 m{}; given("scale", m.scale)("perturbed_scale", m.perturbed_scale)("modality_scale", m.modality_scale); return m; }},
    {"mambo_g", [](detail::given_fields& given) -> any { mambo_g m{}; given("scale", m.scale)("damping", m.damping); return m; }},
    {"mimic", [](detail::given_fields& given) -> any { mimic m{}; given("scale", m.scale)("mimic_scale", m.mimic_scale)("phi", m.phi)("quantile", m.quantile)("from_mean", m.from_mean)("over.first", m.over.first)("over.count", m.over.count); return m; }},
    {"momentum", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { momentum<decltype(rule)> m{rule}; given("amount", m.amount)("keep", m.keep); return m; }); }},
    {"none", [](detail::given_fields& given) -> any { none m{}; (void)given; return m; }},
    {"perp_neg", [](detail::given_fields& given) -> any { perp_neg m{}; given("scale", m.scale)("negative", m.negative); return m; }},
    {"perturbed", [](detail::given_fields& given) -> any { perturbed m{}; given("scale", m.scale)("perturbed_scale", m.perturbed_scale); return m; }},
    {"pigdm", [](detail::given_fields& given) -> any { pigdm m{}; given("scale", m.scale)("noise", m.noise)("deviation", m.deviation); return m; }},
    {"renormalised", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { renormalised<decltype(rule)> m{rule}; given("over.first", m.over.first)("over.count", m.over.count)("least", m.least)("most", m.most); return m; }); }},
    {"rescaled", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { rescaled<decltype(rule)> m{rule}; given("phi", m.phi)("by_excess", m.by_excess); return m; }); }},
    {"skipped", [](detail::given_fields& given) -> any { return around(fields::member(given, "rule", "classifier_free"), [&](auto rule) -> any { skipped<decltype(rule)> m{rule}; given("k", m.k)("extrapolate", m.extrapolate); return m; }); }},
    {"sliding_mode", [](detail::given_fields& given) -> any { sliding_mode m{}; given("scale", m.scale)("rate", m.rate)("gain", m.gain); return m; }},
    {"superposed", [](detail::given_fields& given) -> any { superposed m{}; given("temperature", m.temperature)("bias", m.bias); return m; }},
    {"tangential", [](detail::given_fields& given) -> any { tangential m{}; given("scale", m.scale); return m; }},
    {"until_alike", [](detail::given_fields& given) -> any { until_alike m{}; given("scale", m.scale)("threshold", m.threshold); return m; }},
};

/// Their types.
using types = std::tuple<adg, apg, beta_cfg, by_place, cfg_pp<classifier_free>, cfg_zero_star, classifier_free, ddnm<none>, differential<none>, dps, every<classifier_free>, feedback, gradient, inpainted<none>, instruct_pix2pix, intersected, interval<classifier_free>, ltx2, mambo_g, mimic, momentum<classifier_free>, none, perp_neg, perturbed, pigdm, renormalised<classifier_free>, rescaled<classifier_free>, skipped<classifier_free>, sliding_mode, superposed, tangential, until_alike>;
// clang-format on

inline any fields::member(detail::given_fields& given, std::string_view name, std::string_view usual) {
  return given.member(name, usual, all, "guidance");
}

/// The guidance of that name with fields of its own, such as by_name("apg", {{"eta", 0.5}}). Throws
/// std::invalid_argument that lists all names, or the fields of the one.
[[nodiscard]] inline any by_name(std::string_view name, const std::vector<field>& fields = {}) {
  return detail::found(all, "guidance", name).with(fields);
}

}  // namespace fokker::inline v0::guidance
