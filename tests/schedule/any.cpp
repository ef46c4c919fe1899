// SPDX-License-Identifier: MIT
#include <fokker/schedule/any.hpp>

#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>

#include "support/laws.hpp"

namespace fk = fokker;
using fk::schedule::any;

static_assert(fk::noise_schedule<any>);

TEST_CASE("a schedule without its type has the levels of its type, to the bit", "[bits]") {
  const fk::schedule::vp_linear path{.beta_max = 15};
  const any same = path;
  for (const double t : {0.0, 0.25, 1.0}) {
    CHECK(same.alpha(t) == path.alpha(t));
    CHECK(same.sigma(t) == path.sigma(t));
    CHECK(fk::level_at(same, t).alpha_rate == fk::level_at(path, t).alpha_rate);
    CHECK(fk::level_at(same, t).sigma_rate == fk::level_at(path, t).sigma_rate);
  }
  CHECK(fk::time_of(same, 3) == fk::time_of(path, 3));
  CHECK(same.noise_time() == path.noise_time());
  CHECK(same.last_time() == path.last_time());
  CHECK(same.data_time() == path.data_time());
}

TEST_CASE("what a schedule does not tell is not known without its type") {
  const any table = fk::schedule::linear();
  CHECK(fk::detail::is_nan(table.alpha_rate(5)));
  CHECK(table.size() == 1000);
  CHECK(fk::timesteps(table) == 1000);
  const any edm = fk::schedule::edm{};
  CHECK(edm.size() == 0);
  CHECK(fk::timesteps(edm) == 0);
}
