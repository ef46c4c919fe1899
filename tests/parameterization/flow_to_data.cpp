// SPDX-License-Identifier: MIT
#include <fokker/parameterization/flow_to_data.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/rk4.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::prediction_row;
using fk::parameterization::flow;
using fk::parameterization::flow_to_data;

TEST_CASE("flow_to_data is flow with its sign and its time turned round") {
  const fk::level l = fk::level_at(fk::schedule::flow_linear{}, 0.25);
  CHECK(flow_to_data{}.row(l) == prediction_row{1, -1});  // x0 - eps
  CHECK(fk::label(flow_to_data{}, l) == 0.75);
  CHECK(fk::label(flow_to_data{.label_scale = 1000}, l) == 750);
  CHECK(fk::at_data(flow_to_data{}));
  CHECK(!fk::at_data(flow_to_data{.at_data = false}));
  const auto turned = fk::convert(l, flow_to_data{}.row(l), flow{}.row(l));
  CHECK(turned.determined);
  CHECK(turned.of_x == 0);
  CHECK(turned.of_p == -1);
}

TEST_CASE("a network with data at 1 is sampled as the same network with data at 0, to the bit", "[bits]") {
  const test::two_normals problem;
  const fk::schedule::flow_linear straight;
  const auto same = [&](const auto& solver) {
    const fk::grid::uniform grid{.steps = 7};
    std::vector<double> x(5), y(5);
    fk::sample(
        fk::make_plan(straight, flow{}, grid, solver),
        [&](auto& out, const auto& in, const fk::level& at) {
          for (std::size_t i = 0; i < in.size(); ++i)
            out[i] = at.is_data() ? -in[i] : (in[i] - problem.data(in[i], at)) / at.label;  // (x - D) / t
        },
        fk::noise::philox{}, x);
    fk::sample(
        fk::make_plan(straight, flow_to_data{}, grid, solver),
        [&](auto& out, const auto& in, const fk::level& at) {
          CHECK(at.label == 1 - at.time);
          for (std::size_t i = 0; i < in.size(); ++i)
            out[i] = at.is_data() ? in[i] : -((in[i] - problem.data(in[i], at)) / at.time);
        },
        fk::noise::philox{}, y);
    CHECK(x == y);
  };
  same(fk::solver::ddim{});
  same(fk::solver::dpmpp_2m{});
  same(fk::solver::rk4{});
}
