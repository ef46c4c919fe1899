// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

#include <fokker/guidance/along.hpp>
#include <fokker/plan/guide.hpp>

namespace fokker::inline v0::guidance {

/// Two rules, each with denoisers of its own: `noisy` at the boundary and on the side of noise, `clean` on the side of
/// data. The denoisers are those of `noisy`, then those of `clean`; only those of one side are called. It is for
/// networks each of which was trained for a part of the path, such as Wan 2.2's two experts, whose boundary is 0.875 in
/// time for text and 0.9 for images. By steps, `noisy` has the first `boundary` of them, rounded down.
template <class Noisy, class Clean>
struct experts {
  static constexpr int branches = Noisy::branches + Clean::branches;
  Noisy noisy;
  Clean clean;
  along by = along::time;
  double boundary = 0.875;

  [[nodiscard]] std::array<double, static_cast<std::size_t>(branches)> weights(const moment& at) const requires
      has_weights<Noisy> && has_weights<Clean> {
    std::array<double, static_cast<std::size_t>(branches)> both{};
    if (is_noisy(at)) {
      const auto said = noisy.weights(at);
      std::copy(said.begin(), said.end(), both.begin());
    } else {
      const auto said = clean.weights(at);
      std::copy(said.begin(), said.end(), both.begin() + Noisy::branches);
    }
    return both;
  }
  [[nodiscard]] plan::guided operator()(plan::guide& g) const {
    if (is_noisy(g.now())) return g(noisy);
    return g(clean, Noisy::branches);
  }

 private:
  [[nodiscard]] bool is_noisy(const moment& at) const {
    if (!(detail::is_finite(boundary) && boundary >= 0 && !(by == along::steps && boundary > 1)))
      detail::refuse("boundary", boundary, by == along::steps ? "0 to 1, a part of the steps" : "a number from 0");
    if (by == along::time) return at.time >= boundary;
    if (by == along::ratio) return at.sigma >= boundary * at.alpha;
    static_cast<void>(part_done(at));
    return at.step < std::floor(boundary * at.steps);
  }
};
template <class Noisy, class Clean>
experts(Noisy, Clean) -> experts<Noisy, Clean>;
template <class Noisy, class Clean>
experts(Noisy, Clean, along, double) -> experts<Noisy, Clean>;

}  // namespace fokker::inline v0::guidance
