// SPDX-License-Identifier: MIT
#include <fokker/parameterization/edm.hpp>

#include <limits>

#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/ddim.hpp>

#include "support/laws.hpp"

using fokker::level;
using fokker::prediction_row;
using fokker::parameterization::edm;

TEST_CASE("edm has the preconditioning of Karras et al. 2022") {
  // D = c_skip x + c_out F(c_in x, c_noise) is the conversion to data. Independent 40-digit evaluation. A row rounds 4
  // times, a conversion 7 more.
  struct known {
    double sigma, c_skip, c_out, c_in, c_noise;
  };
  for (const known& k :
       {known{0.5, 0.5, 0.3535533905932737622, 1.4142135623730950488, -0.17328679513998632735},
        known{80, 0.00003906097418069606656, 0.49999023466109298201, 0.01249975586652732455, 1.0955066586684704031},
        known{0.002, 0.99998400025599590407, 0.00199998400019199744, 1.99998400019199744, -1.5536520246055479357}}) {
    INFO("sigma " << k.sigma);
    const level l{.time = k.sigma, .alpha = 1, .sigma = k.sigma};
    const auto d = fokker::convert(l, edm{}.row(l), {1, 0});
    CHECK(d.determined);
    CHECK(std::abs(d.of_x / k.c_skip - 1) <= 12 * law::u);
    CHECK(std::abs(d.of_p / k.c_out - 1) <= 12 * law::u);
    CHECK(std::abs(fokker::input_scale(edm{}, l) / k.c_in - 1) <= 3 * law::u);
    CHECK(std::abs(fokker::label(edm{}, l) / k.c_noise - 1) <= 3 * law::u);
  }
}

TEST_CASE("edm on a path with another alpha is the same network in y = x / alpha") {
  const level l{.time = 0, .alpha = 0.25, .sigma = 0.5}, y{.time = 0, .alpha = 1, .sigma = 2};
  const auto d = fokker::convert(l, edm{}.row(l), {1, 0}), of_y = fokker::convert(y, edm{}.row(y), {1, 0});
  // 11 roundings on each side
  CHECK(std::abs(d.of_x * 0.25 / of_y.of_x - 1) <= 24 * law::u);
  CHECK(std::abs(d.of_p / of_y.of_p - 1) <= 24 * law::u);
  CHECK(std::abs(fokker::input_scale(edm{}, l) * 0.25 / fokker::input_scale(edm{}, y) - 1) <= 6 * law::u);
  CHECK(fokker::label(edm{}, l) == fokker::label(edm{}, y));
}

TEST_CASE("edm determines data and noise at both ends") {
  const level noise{.alpha = 0, .sigma = 1}, data{.alpha = 1, .sigma = 0};
  CHECK(edm{}.row(noise) == prediction_row{2, 0});
  CHECK(edm{}.row(data) == prediction_row{0, -1});
  struct known {
    level at;
    prediction_row to;
    double of_x, of_p;
  };
  for (const known& k : {known{noise, {1, 0}, 0, 0.5}, known{noise, {0, 1}, 1, 0}, known{data, {1, 0}, 1, 0},
                         known{data, {0, 1}, 0, -1}}) {
    const auto c = fokker::convert(k.at, edm{}.row(k.at), k.to);
    CHECK(c.determined);
    CHECK(c.of_x == k.of_x);
    CHECK(c.of_p == k.of_p);
  }
  CHECK(fokker::input_scale(edm{}, noise) == 1);
  CHECK(fokker::input_scale(edm{}, data) == 2);
}

TEST_CASE("edm with data of deviation 1 is minus the velocity where variance is preserved") {
  const level l{.alpha = 0.8, .sigma = 0.6};
  const prediction_row f = edm{.sigma_data = 1}.row(l);
  CHECK(std::abs(f.data - 0.6) <= 4 * law::u);
  CHECK(std::abs(f.noise + 0.8) <= 4 * law::u);
}

TEST_CASE("edm refuses a deviation of the data that is none, by name and value") {
  const auto plan = [](double sigma_data) {
    return [=] {
      (void)fokker::make_plan(fokker::schedule::edm{}, edm{.sigma_data = sigma_data}, fokker::grid::karras{.steps = 3},
                              fokker::solver::ddim{});
    };
  };
  law::refused(plan(0), {"sigma_data is 0;"});
  law::refused(plan(-0.5), {"sigma_data is -0.5;"});
  law::refused(plan(std::numeric_limits<double>::quiet_NaN()), {"sigma_data is nan;"});
}
