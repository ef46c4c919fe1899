// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fokker/detail/holds.hpp>

namespace fokker::inline v0::plan {
struct update;
struct measure;
}  // namespace fokker::inline v0::plan

/// A memory space runs the updates of plans where the tensors of a backend lie, as kernel::host does. `Operands` is
/// kernel::operands of the elements, `Numbers` kernel::tape_memory of what updates compute in.
namespace fokker::inline v0 {

template <class S, class Operands, class Noise>
concept has_update = requires(const S& s, const plan::update& u, const Operands& at, const Noise& noise) {
  s.update(u, at, noise);
};
template <class S>
concept has_on_host = requires(const S& s, const double* from, std::size_t count) {
  s.on_host(from, count)[0];
};

/// Memory of its own, for numbers of a run.
template <class S>
concept has_memory = requires(const S& s, std::size_t count, double* to, const double* from) {
  s.template make<double>(count).data();
  s.copy(to, from, count);
};
template <class S, class Operands, class Noise, class Numbers>
concept has_measure = has_memory<S> && requires(const S& s, const plan::measure& m, const Operands& at,
                                                const Noise& noise, const Numbers& to, std::size_t samples) {
  s.measure(m, at, noise, to, samples, samples);
};

/// Updates of samples by themselves, which adaptive steps need: `Each` is a span of kernel::own, `Error` what these
/// find.
template <class S, class Each, class Error>
concept has_own_updates = has_memory<S> && requires(const S& s, const Each& each, const Error& error) {
  s.update(each, error);
};

namespace detail {

/// As long as what it returns lives, networks are called in this space: on its device, where there are several.
template <class S>
[[nodiscard]] auto entered(const S& s) {
  if constexpr (requires { s.enter(); })
    return s.enter();
  else
    return true;
}

}  // namespace detail

template <class S, class Operands, class Noise>
concept memory_space = has_update<S, Operands, Noise> && has_on_host<S>;

template <class S, class Operands, class Noise>
consteval bool check_memory_space() {
  static_assert(detail::holds<has_update<S, Operands, Noise>>,
                "fokker: a memory space needs 'update(update, operands, noise) const', which runs one update of a "
                "plan; docs/concept/memory_space.md");
  static_assert(detail::holds<has_on_host<S>>,
                "fokker: a memory space needs 'on_host(elements, count) const', where the host reads them by index; "
                "docs/concept/memory_space.md");
  return memory_space<S, Operands, Noise>;
}

}  // namespace fokker::inline v0
