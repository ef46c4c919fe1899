// SPDX-License-Identifier: MIT
#pragma once

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// CFG++ of another rule, Chung et al. 2024, with any solver S: x_t = S_u(x_s) + alpha_t (D - D_u), where S_u is its
/// step by the unguided branch alone, with all its stages, history and noise, and D what the rule makes of the data
/// where the step starts. So ddim is alpha_t D + sigma_t eps_u, the paper's algorithm 2, and dpmpp_2m its higher order,
/// whose correction is unguided. A scale is 0 to 1 there, for guidance adds up over steps instead of over time: a rule
/// that is not given has the scale that stands for 7.5 in the paper. A plan throws std::invalid_argument for a solver
/// that calls nothing where a step starts, such as pfdiff.
template <class Rule = classifier_free>
struct cfg_pp {
  static constexpr int branches = Rule::branches;
  static constexpr double usual_scale = 0.6;
  Rule rule = scaled(Rule{});
  int unguided = branches - 1;  ///< the branch, the last one of a rule such as `classifier_free`

  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (unguided < 0 || unguided >= branches)
      detail::refuse("unguided", unguided, detail::joined({"0 to ", detail::text(branches - 1)}));
    plan::guided said = g(rule);
    said.steps_by = unguided;
    return said;
  }

 private:
  template <class R>
  static constexpr R scaled(R r) {
    if constexpr (requires { r.scale; })
      r.scale = usual_scale;
    else if constexpr (requires { r.rule; })
      r.rule = scaled(r.rule);
    return r;
  }
};
template <class Rule>
cfg_pp(Rule) -> cfg_pp<Rule>;
template <class Rule>
cfg_pp(Rule, int) -> cfg_pp<Rule>;
cfg_pp()->cfg_pp<classifier_free>;

}  // namespace fokker::inline v0::guidance
