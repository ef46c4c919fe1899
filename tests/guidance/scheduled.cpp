// SPDX-License-Identifier: MIT
#include <fokker/guidance/scheduled.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/experts.hpp>
#include <fokker/guidance/instruct_pix2pix.hpp>
#include <fokker/guidance/interval.hpp>
#include <fokker/guidance/momentum.hpp>
#include <fokker/guidance/rescaled.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/restart.hpp>

#include "support/guided.hpp"

namespace fk = fokker;
using namespace fokker::guidance;
using fk::moment;

namespace {
moment step(int i, int of) { return {{}, i, of}; }
}  // namespace

TEST_CASE("a scheduled rule has the scale that its curve says, of every prediction") {
  // four steps of two calls each: 7, 5.5, 4, 2.5
  test::is_its_formula(scheduled{classifier_free{}, linear{.first = 7, .last = 1}},
                       [](const moment& at, const auto& said) {
                         const double w = 7 - 1.5 * at.step;
                         return said[1] + w * (said[0] - said[1]);
                       });
  // by level: a function of one's own
  test::is_its_formula(scheduled{classifier_free{}, [](const moment& at) { return 1 + 2 * at.sigma; }},
                       [](const moment& at, const auto& said) {
                         const double w = 1 + 2 * at.sigma;
                         return said[1] + w * (said[0] - said[1]);
                       });
  // another field than `scale`
  test::is_its_formula(
      scheduled{instruct_pix2pix{.scale = 4}, per_step{{1, 2, 3, 1.5}}, &instruct_pix2pix::image_scale},
      [](const moment& at, const auto& said) {
        const double w = std::array{1.0, 2.0, 3.0, 1.5}[static_cast<std::size_t>(at.step)];
        return said[2] + w * (said[1] - said[2]) + 4 * (said[0] - said[1]);
      });
}

TEST_CASE("a constant curve is the rule itself, and scale 1 is no guidance, to the bit") {
  const scheduled constant{classifier_free{}, [](const moment&) { return 7.5; }};
  CHECK(constant.weights(step(1, 4)) == classifier_free{.scale = 7.5}.weights({}));
  test::is_neutral(scheduled{classifier_free{}, per_step{{1, 1, 1, 1}}});
  test::is_neutral(scheduled{classifier_free{}, linear{.first = 1, .last = 1}});
  CHECK(scheduled{classifier_free{}, linear{.first = 1, .last = 7.5}}.weights(step(0, 4)) == std::array{1.0, 0.0});
}

TEST_CASE("a curve is the same with any number of steps") {
  const auto check = [](const auto& curve) {
    for (int i = 0; i < 10; ++i) CHECK(curve(step(i, 10)) == curve(step(2 * i, 20)));
  };
  check(linear{});
  check(cosine{.power = 4});
  check(triangle{});
}

TEST_CASE("curves are their formulas") {
  const double pi = std::acos(-1.0);
  for (int i = 0; i < 50; ++i) {
    const double u = i / 50.0;
    CHECK(linear{.first = 7.5, .last = 1.5}(step(i, 50)) == Approx(7.5 - 6 * u).epsilon(1e-15));
    CHECK(cosine{.first = 2, .last = 6}(step(i, 50)) == Approx(4 - 2 * std::cos(pi * u)).epsilon(1e-15));
    // CogVideoX, of a scale of 6
    CHECK(cosine{.first = 1, .last = 7, .power = 5}(step(i, 50)) ==
          Approx(1 + 6 * (1 - std::cos(pi * std::pow(u, 5))) / 2).epsilon(2e-15));
    CHECK(triangle{.ends = 1, .middle = 5}(step(i, 50)) == Approx(u < 0.5 ? 1 + 8 * u : 9 - 8 * u).epsilon(1e-15));
  }
}

TEST_CASE("curves lead between 1, no guidance, and 7.5 where no numbers are given") {
  CHECK(cosine{}(step(0, 3)) == 1);
  CHECK(triangle{}(step(2, 4)) == 7.5);
  for (const int i : {1, 3}) CHECK(triangle{}(step(i, 4)) == 4.25);
  CHECK(linear{}(step(1, 2)) == 4.25);
  CHECK(cosine{}(step(1, 2)) == Approx(4.25).epsilon(1e-15));
}

TEST_CASE("a number for each step: as many as there are steps") {
  const per_step list{{6, 6, 5}};
  CHECK(list(step(0, 3)) == 6);
  CHECK(list(step(2, 3)) == 5);
  CHECK(per_step{{6}}(step(0, 1)) == 6);
  law::refused([&] { (void)list(step(0, 4)); }, {"the number of scales is 3; allowed: 4"});
  law::refused([&] { (void)list(step(0, 2)); }, {"the number of scales is 3; allowed: 2"});
  law::refused([&] { (void)per_step{}(step(0, 0)); }, {"the number of scales is 0;"});
}

TEST_CASE("what a curve cannot say is refused") {
  for (const double power :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    law::refused([&] { (void)cosine{.power = power}(step(1, 2)); }, {"power is "});
  law::refused([] { (void)linear{}(step(0, 0)); }, {"the number of steps is 0;"});
  test::is_refused([](double s) { return scheduled{classifier_free{}, [s](const moment&) { return s; }}; }, "scale");
}

TEST_CASE("rules within a scheduled one remember as they do alone, each of two for itself") {
  const auto planned = [](const any& rule) {
    return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                           fk::grid::log_snr{.steps = 6, .sigma_min = 0.2, .sigma_max = 5},
                                           fk::solver::restart{}, rule));
  };
  const momentum rule{apg{.momentum = -0.5}, 0.5};
  const scheduled constant{rule, [](const moment&) { return 0.5; }, &momentum<apg>::amount};
  CHECK(planned(constant) == planned(rule));
  CHECK(planned(experts{constant, constant, along::steps, 0.5}) == planned(experts{rule, rule, along::steps, 0.5}));
  const rescaled around{constant};
  CHECK(planned(scheduled{around, [](const moment&) { return 0.7; }, &decltype(around)::phi}) ==
        planned(rescaled{rule}));
}

TEST_CASE("rules combine: a schedule within an interval") {
  test::is_its_formula(interval{scheduled{classifier_free{}, triangle{.ends = 1, .middle = 5}}, along::ratio, 0.3, 3},
                       [](const moment& at, const auto& said) {
                         const bool in = at.sigma > 0.3 * at.alpha && at.sigma <= 3 * at.alpha;
                         const double w = in ? triangle{.ends = 1, .middle = 5}(at) : 1;
                         return said[1] + w * (said[0] - said[1]);
                       });
}
