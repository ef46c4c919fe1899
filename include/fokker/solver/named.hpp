// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/fields.hpp>
#include <fokker/concept/sampling_solver.hpp>

namespace fokker::inline v0::solver {

struct named_with_fields;

/// A solver whose type is forgotten, with the defaults of that type: what `by_name` chooses from. Its facts are
/// members.
struct named {
  std::string_view name;
  int order = 0;
  int evaluations = 0;
  int history = 0;
  bool stochastic = false;

  /// `Read(solver, given)` names the fields that can be given: `given("eta", solver.eta)("r", solver.r)`.
  template <sampling_solver S, void (*Read)(S&, detail::given_fields&) = nullptr>
  [[nodiscard]] static constexpr named of(std::string_view name) {
    named n{name, S::order, S::evaluations, S::history, S::stochastic, {}};
    n.steps_ = [](detail::given_fields& given, plan::builder* p, plan::expression x) {
      S solver{};
      if constexpr (Read != nullptr) Read(solver, given);
      return p == nullptr ? x : solver(*p, static_cast<plan::expression&&>(x));
    };
    return n;
  }
  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    const std::vector<field> none;
    detail::given_fields given(name, none);
    return steps_(given, &p, static_cast<plan::expression&&>(x));
  }

  /// The solver with these fields. Throws std::invalid_argument for fields that it does not have, listing its own.
  [[nodiscard]] named_with_fields with(std::vector<field> fields) const;
  /// Its fields that `with` can set, and their defaults.
  [[nodiscard]] std::vector<field_description> fields() const {
    const std::vector<field> none;
    detail::given_fields given(name, none);
    (void)steps_(given, nullptr, {});
    return given.described();
  }

  /// Reads the fields and, where there is a builder, takes the steps.
  plan::expression (*steps_)(detail::given_fields&, plan::builder*, plan::expression) = nullptr;
};

/// A named solver with fields of its own, which it has read without a complaint.
struct named_with_fields : named {
  std::vector<field> given;

  [[nodiscard]] plan::expression operator()(plan::builder& p, plan::expression x) const {
    detail::given_fields fields(name, given);
    return steps_(fields, &p, static_cast<plan::expression&&>(x));
  }
};

inline named_with_fields named::with(std::vector<field> fields) const {
  detail::given_fields given(name, fields);
  (void)steps_(given, nullptr, {});
  given.finish();
  return {*this, std::move(fields)};
}

}  // namespace fokker::inline v0::solver
