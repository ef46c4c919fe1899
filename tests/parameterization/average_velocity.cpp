// SPDX-License-Identifier: MIT
#include <fokker/parameterization/average_velocity.hpp>

#include <string>

#include <fokker/parameterization/clipped.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/trained_on.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

namespace fk = fokker;
using fk::parameterization::average_velocity;

TEST_CASE("average_velocity is the path's between two levels, and flow at one, told times by their scale") {
  const fk::schedule::cosine schedule;
  const fk::level s = fk::level_at(schedule, 0.8), t = fk::level_at(schedule, 0.3);
  CHECK(average_velocity{}.row(s) == fk::parameterization::flow{}.row(s));
  const fk::prediction_row u = average_velocity{}.row(s, t);
  CHECK(u.data == Approx((s.alpha - t.alpha) / 0.5).epsilon(1e-15));
  CHECK(u.noise == Approx((s.sigma - t.sigma) / 0.5).epsilon(1e-15));
  CHECK(average_velocity{}.row(s, s) == fk::parameterization::flow{}.row(s));
  CHECK(average_velocity::name == std::string("average_velocity"));
  CHECK(fk::label(average_velocity{.label_scale = 1000}, s) == 800);
}

TEST_CASE("average_velocity on the straight path is eps - x0, to the bit on short ways as well") {
  for (const double s : {1.0, 0.7, 0.1, 0x1p-30})
    for (const double way : {1e-3, 1e-9, 1e-15}) {
      const fk::level from = fk::level_at(fk::schedule::flow_linear{}, s),
                      to = fk::level_at(fk::schedule::flow_linear{}, s - way * s);
      CHECK(average_velocity{}.row(from, to) == fk::prediction_row{-1, 1});
    }
}

TEST_CASE("what is around a parameterization hands on where x goes") {
  const fk::level s = fk::level_at(fk::schedule::cosine{}, 0.8), t = fk::level_at(fk::schedule::cosine{}, 0.3);
  const fk::prediction_row alone = average_velocity{}.row(s, t);
  CHECK(fk::row_of(fk::parameterization::clipped{average_velocity{}}, s, &t) == alone);
  CHECK(fk::row_of(fk::parameterization::clipped{average_velocity{}}, s) == average_velocity{}.row(s));
  CHECK(fk::row_of(fk::parameterization::clipped{fk::parameterization::flow{}}, s, &t) ==
        fk::parameterization::flow{}.row(s));
  // On another path of the same sigma/alpha the levels are those that the network was trained on.
  const auto own = [](const fk::level& l) { return fk::level_at_ratio(fk::schedule::cosine{}, l.ratio()); };
  const fk::level from = fk::level_at_ratio(fk::schedule::vp_linear{}, s.ratio()),
                  to = fk::level_at_ratio(fk::schedule::vp_linear{}, t.ratio());
  const fk::parameterization::trained_on elsewhere{fk::schedule::cosine{}, average_velocity{}};
  CHECK(fk::row_of(elsewhere, from, &to) == average_velocity{}.row(own(from), own(to)));
}
