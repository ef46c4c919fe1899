// SPDX-License-Identifier: MIT
#include <fokker/parameterization/latent_consistency.hpp>

#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/tabulated.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::parameterization::epsilon;
using fokker::parameterization::latent_consistency;
using fokker::parameterization::velocity;

TEST_CASE("latent_consistency is c_skip x + c_out D of its network") {
  // Luo et al. 2023, eq. 9, by its formulas.
  const auto table = fokker::schedule::scaled_linear();
  for (const double t : {1.0, 19.0, 259.0, 999.0})
    for (const double scale : {0.01, 10.0}) {
      const level l = fokker::level_at(table, t);
      const auto check = [&](const auto& network) {
        const latent_consistency f{network, 0.5, scale};
        const auto data = fokker::convert(l, f.row(l), {1, 0}), inner = fokker::convert(l, network.row(l), {1, 0});
        const double skip = 0.25 / (scale * t * scale * t + 0.25), out = scale * t / std::hypot(scale * t, 0.5);
        // Rows and conversions of some 20 roundings; the conversion's x has the size of out * inner, which may cancel.
        const double size = std::abs(skip) + std::abs(out * inner.of_x);
        CHECK(std::abs(data.of_x - (skip + out * inner.of_x)) <= 64 * law::u * size / l.alpha);
        CHECK(std::abs(data.of_p / (out * inner.of_p) - 1) <= 64 * law::u / l.alpha);
        CHECK(fokker::label(f, l) == t);
      };
      check(epsilon{});
      check(velocity{});
    }
}

TEST_CASE("latent_consistency refuses timestep 0 and a wrong deviation, by name") {
  const level zero{.time = 0, .alpha = 0.9, .sigma = 0.1}, one{.time = 1, .alpha = 0.9, .sigma = 0.1};
  law::refused([&] { (void)latent_consistency{epsilon{}}.row(zero); }, {"the scaled label is 0"});
  law::refused([&] { (void)latent_consistency{epsilon{}, -0.5}.row(one); }, {"sigma_data is -0.5"});
}
