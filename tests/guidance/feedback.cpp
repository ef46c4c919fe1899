// SPDX-License-Identifier: MIT
#include <fokker/guidance/feedback.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/text.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using fk::guidance::feedback;

namespace {

fk::plan::program planned(const auto& rule, int steps = 4) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = steps},
                       fk::solver::ddpm{}, rule);
}

}  // namespace

TEST_CASE("feedback is the formula of its paper, of data, whatever the network predicts") {
  // The ratios of the four steps.
  std::vector<double> sigma;
  for (const fk::level& l :
       fk::grid::log_snr{.steps = 4, .sigma_min = 0.2, .sigma_max = 3}.levels(fk::schedule::vp_linear{}))
    sigma.push_back(l.ratio());
  for (const double t1 : {0.0625, 0.6}) {
    const feedback rule{.pi = 0.5, .t0 = 0.25, .t1 = t1, .most = 8};
    const auto variance = [&](std::size_t left) {
      const double s = sigma[3 - left], t = sigma[4 - left];
      return (s * s - t * t) * t * t / (s * s);
    };
    const double offset = std::log(0.5 * 1.5) / (0.75 * 4);
    // 0.25 or 2.4 of the steps are left; the last one leads to the data.
    const double at_t1 = t1 == 0.6 ? 0.6 * variance(2) + 0.4 * variance(3) : 0.25 * variance(1);
    const double temperature = 2 * at_t1 / 10 * std::abs(offset);
    struct past {
      test::column x;
      fk::level at;
      std::vector<test::column> branches;
      double log_ratio = 0;
    };
    std::vector<double> scales;
    test::follows<fk::parameterization::data>(rule, [&] {
      return [&, before = std::vector<past>(3)](const auto& b, std::size_t s, const test::column& x,
                                                const fk::level& at) mutable {
        past& p = before[s];
        if (!p.x.empty()) {
          p.log_ratio += temperature * test::gain(x, at, p.x, p.at, p.branches[0], p.branches[1]) + offset;
          p.log_ratio = std::min(3.0, std::max(p.log_ratio, std::log(0.5 * 8 / 7)));
        }
        p.x = x, p.at = at, p.branches = b;
        const double r = std::exp(p.log_ratio), w = r / (r - 0.5);
        scales.push_back(w);
        return test::sum({{1 - w, b[1]}, {w, b[0]}});
      };
    });
    std::sort(scales.begin(), scales.end());
    INFO(scales.front() << " to " << scales.back());
    if (t1 == 0.6)
      CHECK(scales.front() < 1.2);  // conditional networks are followed, and are likelier by that
    else
      CHECK(scales.back() > 2.2);  // by the offset
  }
}

TEST_CASE("pi 1 is the conditional network, to the bit") {
  CHECK(fk::plan::to_text(planned(feedback{.pi = 1})) ==
        fk::plan::to_text(planned(fk::guidance::classifier_free{.scale = 1})));
}

TEST_CASE("feedback refuses numbers out of their range by name") {
  for (const double wrong : {0.0, 1.1, std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)planned(feedback{.pi = wrong}); }, {"pi is ", "above 0 and up to 1"});
  for (const double wrong : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    law::refused([&] { (void)planned(feedback{.t0 = wrong}); }, {"t0 and t1 is "});
    law::refused([&] { (void)planned(feedback{.t1 = wrong}); }, {"t0 and t1 is "});
  }
  for (const double wrong : {1.0, 1e39}) law::refused([&] { (void)planned(feedback{.most = wrong}); }, {"most is "});
  CHECK_NOTHROW(planned(feedback{.t1 = 0.99}, 1));
}
