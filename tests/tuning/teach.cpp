// SPDX-License-Identifier: MIT
#include <fokker/tuning/teach.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/half.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
namespace tuning = fk::tuning;

namespace {

const fk::schedule::edm schedule;
const fk::parameterization::edm preconditioned{0.5};
const fk::model::gaussian normals{.mean = 0.3, .deviation = 0.5};

}  // namespace

TEST_CASE("teach records the states of the flow and what is predicted there, over the radius") {
  const fk::model::predicting net_of{preconditioned, normals};  // whose input is scaled
  std::vector<double> memory(12);
  tuning::network net(schedule, preconditioned, net_of, fk::backend::host_view<double>{memory.data(), {4, 3}});
  const tuning::recording r = tuning::teach(net, {.levels = 60, .batches = 2});
  CHECK(r.samples == 8);
  CHECK(r.size == 3);
  CHECK(r.count() == 60);
  CHECK(r.levels.front().sigma == 80);
  CHECK(r.levels[59].ratio() == Approx(0.003));
  CHECK(r.levels.back().is_data());
  // The local error is of order 4 in steps of 10 / 60 of log-SNR.
  for (std::size_t k = 0; k <= 60; k += 6)
    for (std::size_t i = 0; i < 24; ++i) {
      const auto& l = r.levels[k];
      const double start = r.state(0)[i] * tuning::radius(r.levels[0]);
      const double x = r.state(k)[i] * tuning::radius(l);
      CHECK(x == Approx(normals.flow(start, r.levels[0], l)).epsilon(0).margin(2e-3));
      if (k < 60) CHECK(r.prediction(k)[i] == Approx(normals.data(x, l)).epsilon(0).margin(1e-12));
    }
  // Products are means over all samples and elements.
  double product = 0;
  for (std::size_t i = 0; i < 24; ++i) product += r.state(5)[i] * r.prediction(7)[i] / 24;
  CHECK(r.gram[5 * 121 + 61 + 7] == Approx(product).epsilon(1e-13));
  // A change of the state changes the data of this network by one number, exactly.
  for (const std::size_t k : {std::size_t{0}, std::size_t{59}}) {
    const auto& l = r.levels[k];
    CHECK(r.feedback[k] == Approx(0.25 * tuning::radius(l) / (0.25 + l.sigma * l.sigma)).epsilon(0.05));
  }
  CHECK(r.error < 1e-3);
  CHECK(r.error > 0);
  CHECK(r.held_out.size() == 12);
  CHECK(tuning::bytes_of(net, {.levels = 60, .batches = 2}) ==
        static_cast<double>(8 * (r.rows.size() + r.held_out.size())));
  CHECK(tuning::teach(net, {.levels = 60, .batches = 2}).rows == r.rows);
  CHECK(tuning::teach(net, {.levels = 60, .batches = 2, .seed = 1}).rows != r.rows);
}

TEST_CASE("teach records what guidance makes of its branches, from pure noise") {
  const fk::schedule::flow_linear straight;
  const fk::parameterization::flow flow;
  const fk::model::predicting here{flow, fk::model::gaussian{1, 0.5}}, there{flow, fk::model::gaussian{0, 0.5}};
  std::vector<double> memory(4);
  tuning::network net(straight, flow, fk::denoisers{here, there}, memory, fk::guidance::classifier_free{.scale = 3},
                      "two clouds");
  CHECK(net.name == "two clouds");
  const tuning::recording r = tuning::teach(net);
  CHECK(r.levels.front().is_noise());
  CHECK(r.angles.front() == Approx(std::acos(0.0)));
  CHECK(r.prediction(0)[0] == Approx(3));  // 0 + 3 (1 - 0)
  for (const double x : r.rows) CHECK(fk::detail::is_finite(x));

  tuning::network later(straight, flow, here, memory, fk::guidance::none{}, "a cloud", 5.0);
  CHECK(tuning::teach(later).levels.front().ratio() == Approx(5));
}

TEST_CASE("interpolation of four levels is exact for cubic polynomials, also beyond the ends") {
  const std::vector<double> angles{1.5, 1.2, 0.9, 0.7, 0.4, 0.1};
  const auto cubic = [](double t) { return ((2 * t - 1) * t + 3) * t - 4; };
  for (const double theta : {1.5, 1.45, 1.0, 0.7, 0.33, 0.05}) {
    const auto near = tuning::interpolation(angles, 6, theta);
    double found = 0;
    for (std::size_t i = 0; i < 4; ++i) found += near.weight[i] * cubic(angles[near.row[i]]);
    CHECK(found == Approx(cubic(theta)).epsilon(0).margin(1e-13));
  }
}

TEST_CASE("what is read and written on the host is rounded to the elements of a tensor") {
  std::vector<fk::half> x(2);
  const double numbers[] = {1.0 / 3, 3};
  tuning::from_host(numbers, 2.0, x);
  double back[2];
  tuning::to_host(x, 0.5, back);
  CHECK(back[0] == Approx(1.0 / 3).epsilon(0x1p-11));
  CHECK(back[1] == 3);
}

TEST_CASE("teach refuses lessons that teach nothing") {
  std::vector<double> memory(4);
  tuning::network net(schedule, fk::parameterization::data{}, normals, memory);
  CHECK_THROWS_WITH(tuning::teach(net, {.levels = 4}), "fokker: levels is 4; allowed: 10 to 1000");
  CHECK_THROWS_WITH(tuning::teach(net, {.feedback = 1}), "fokker: feedback is 1; allowed: 2 to 25, half of levels");
  CHECK_THROWS_WITH(tuning::teach(net, {.batches = 0}), "fokker: batches is 0; allowed: 1 or more");
  CHECK_THROWS_WITH(tuning::teach(net, {.held_out = 0}), "fokker: held_out is 0; allowed: 1 or more");
  CHECK_THROWS_WITH(tuning::teach(net, {.last = 0}), "fokker: last is 0; allowed: a number > 0");
}
