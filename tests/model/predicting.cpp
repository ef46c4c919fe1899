// SPDX-License-Identifier: MIT
#include <fokker/model/predicting.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/concept/noise_schedule.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::level;

namespace {

const fk::model::gaussian model{.mean = -0.4, .deviation = 0.3};

template <class P>
constexpr bool scales = fk::has_input_scale<P>;

/// What the network says, converted back, is what the model says of the data.
template <class E, class P>
void comes_back(const P& parameterization, const level& at) {
  const double eps = std::numeric_limits<E>::epsilon();
  const fk::model::predicting network{parameterization, model};
  const double scale = fk::input_scale(parameterization, at);
  const auto there = fk::convert(at, {1, 0}, parameterization.row(at)),
             back = fk::convert(at, parameterization.row(at), {1, 0});
  if (!back.determined) return;  // epsilon and score at alpha = 0
  std::vector<E> input{E(-1.5), E(-0.3), E(0.2), E(2)}, out(4);
  network(out, input, at);
  for (std::size_t i = 0; i < input.size(); ++i) {
    const double x = static_cast<double>(input[i]) / scale, p = static_cast<double>(out[i]);
    const double D = model.data(x, at), slope = model.data(1, at) - model.data(0, at);
    // D is rounded to E, and x with it where it is scaled; then p is. The way back multiplies that by `of_p`.
    const double error_of_D = eps * std::abs(D) + (scales<P> ? eps * std::abs(slope * x) : 0);
    const double error_of_p = std::abs(there.of_p) * error_of_D + eps * std::abs(p);
    // All else is in double: eight roundings of each term, a tenth of eps where E is float.
    const double rest =
        8 * std::numeric_limits<double>::epsilon() *
        (std::abs(back.of_x * x) + std::abs(back.of_p) * (std::abs(there.of_x * x) + std::abs(there.of_p * D)));
    INFO(P::name << " at alpha " << at.alpha << " sigma " << at.sigma << " x " << x);
    CHECK(std::abs(back.of_x * x + back.of_p * p - D) <= std::abs(back.of_p) * error_of_p + rest);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("what a network of any parameterization says comes back as data", "", float, double) {
  const auto check = [](const auto& schedule) {
    for (const double share : {0.0, 0.01, 0.3, 0.7, 0.999}) {
      const level at = fk::level_at(schedule, schedule.noise_time() * (1 - share));
      comes_back<TestType>(fk::parameterization::data{}, at);
      comes_back<TestType>(fk::parameterization::epsilon{}, at);
      comes_back<TestType>(fk::parameterization::score{}, at);
      comes_back<TestType>(fk::parameterization::velocity{}, at);
      comes_back<TestType>(fk::parameterization::flow{}, at);
      comes_back<TestType>(fk::parameterization::edm{}, at);
    }
  };
  check(fk::schedule::flow_linear{});
  check(fk::schedule::cosine{});
  check(fk::schedule::edm{});
}

TEST_CASE("the predictions are what their names say") {
  const level at{.time = 0.8, .alpha = 0.6, .sigma = 0.8, .alpha_rate = -1, .sigma_rate = 1};
  const double x = 0.7, D = model.data(x, at), noise = (x - 0.6 * D) / 0.8;
  const auto say = [&](const auto& parameterization, double input) {
    std::vector<double> in{input}, out{0};
    fk::model::predicting{parameterization, model}(out, in, at);
    return Approx(out[0]).epsilon(1e-14);  // a few roundings of numbers of size 1
  };
  CHECK(D == say(fk::parameterization::data{}, x));
  CHECK(noise == say(fk::parameterization::epsilon{}, x));
  CHECK(-noise / 0.8 == say(fk::parameterization::score{}, x));
  CHECK(0.6 * noise - 0.8 * D == say(fk::parameterization::velocity{}, x));
  CHECK(noise - D == say(fk::parameterization::flow{}, x));
  // Karras et al. 2022, table 1, for y = x/alpha at sigma/alpha: D = c_skip y + c_out F(c_in y).
  const double y = x / 0.6, s = 0.8 / 0.6, r = std::hypot(s, 0.5);
  CHECK((D - 0.25 / (r * r) * y) / (0.5 * s / r) == say(fk::parameterization::edm{}, y / r));
}

TEST_CASE("a level at which data do not determine the prediction is refused") {
  std::vector<double> x{0.5}, out{0};
  const level data{.alpha = 0.5, .sigma = 0};
  using fk::model::predicting;
  CHECK_THROWS_AS((predicting{fk::parameterization::epsilon{}, model}(out, x, data)), std::invalid_argument);
  CHECK_THROWS_AS((predicting{fk::parameterization::velocity{}, model}(out, x, data)), std::invalid_argument);
  CHECK_THROWS_AS((predicting{fk::parameterization::flow{}, model}(out, x, level{.alpha = 0.5, .sigma = 0.5})),
                  std::invalid_argument);
  predicting{fk::parameterization::data{}, model}(out, x, data);
  CHECK(out[0] == Approx(1).epsilon(1e-15));
  // A network that is called there says the mean, 0, of the noise.
  const level end{.alpha = 1, .sigma = 0, .alpha_rate = -1, .sigma_rate = 1};
  predicting{fk::parameterization::flow{}, model}(out, x, end);
  CHECK(out[0] == -0.5);
  CHECK_THROWS_AS((predicting{fk::parameterization::flow{.at_data = false}, model}(out, x, end)),
                  std::invalid_argument);
}

TEST_CASE("the model may be any denoiser, also one that returns its prediction") {
  const auto half = [](const xt::xtensor<float, 2>& x, const level&) { return xt::xtensor<float, 2>(x * 0.5f); };
  xt::xtensor<float, 2> x{{1, 2}, {3, 4}}, out = xt::zeros_like(x);
  fk::model::predicting{fk::parameterization::epsilon{}, half}(out, x, {.alpha = 1, .sigma = 0.5});
  CHECK((out == x));  // (x - x/2) / 0.5
}
