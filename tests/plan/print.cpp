// SPDX-License-Identifier: MIT
#include <fokker/plan/print.hpp>

#include <sstream>
#include <string>

#include <fokker/guidance/inpainted.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/members.hpp"

namespace fk = fokker;

namespace {

struct each_operation {
  static constexpr int branches = 2;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const fk::plan::expression x = g[0].network, y = g[1].network;
    const auto a = g.sum(x), b = g.dot(x, y), before = g.remembered(2), q = g.quantile(x, 0.9);
    g.remember(root(a) - g.count());
    g.report("most", largest(least(a, b * q), choose(a, b, 0.5, before)));
    g.report("angles", cos_pi(sin_pi(acos_pi(b))));
    return {.network = quotient(fk::plan::exp(a), fk::plan::log(b), 0) * x + y};
  }
};
struct along_axes {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const fk::plan::expression x = g[0].network;
    return {.network = (g.sum(x, {1, 2}) + g.count({1, 2})) * x};
  }
};

}  // namespace

TEST_CASE("a plan prints as a table that says what is computed") {
  const fk::schedule::flow_linear schedule;
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::flow{.label_scale = 1000}, fk::grid::uniform{.steps = 2},
                    fk::solver::ddim{.eta = 1}, fk::guidance::classifier_free{.scale = 3});
  std::ostringstream out;
  out << plan;
  CHECK(out.str() ==
        "plan: 2 steps, 2 network calls, 4 evaluations, 1 normals, 1 buffers; the network predicts flow\n"
        "start   x = 1 z_start\n"
        "call step       time      label      alpha      sigma    log-snr  reads   then\n"
        "   0    0          1       1000          0          1       -inf  x       x = 0.5 x - 1.5 n0 + 1 n1 + 0.5 z0\n"
        "   1    1        0.5        500        0.5        0.5          0  x       x = 1 x - 1.5 n0 + 1 n1\n"
        "end                0                     1          0\n");
}

TEST_CASE("counts of evaluations and normals leave out what is not used") {
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 10},
                    fk::solver::ddim{.eta = 0.5}, fk::guidance::classifier_free{.scale = 1});
  CHECK(fk::plan::evaluations(plan) == 10);
  CHECK(fk::plan::normals(plan) == 9);  // none on the data
}

TEST_CASE("a plan of nothing prints as one") {
  CHECK(fk::plan::to_string(fk::plan::program{}) ==
        "plan: 0 steps, 0 network calls, 0 evaluations, 0 normals, 1 buffers; the network predicts \n"
        "start   \n"
        "call step       time      label      alpha      sigma    log-snr  reads   then\n");
}

TEST_CASE("a plan prints what is found while sampling, and what multiplies") {
  const auto printed = [](const auto& network, const auto& rule, double eta, fk::plan_options options = {}) {
    const std::string text =
        fk::plan::to_string(fk::make_plan(fk::schedule::flow_linear{}, network, fk::grid::uniform{.steps = 2},
                                          fk::solver::ddim{.eta = eta}, rule, options));
    return text.substr(text.find('\n') + 1);
  };
  const fk::parameterization::flow network;
  const std::string head = "call step       time      label      alpha      sigma    log-snr  reads   then\n",
                    end = "end                0                     1          0\n";
  const std::string at[] = {"   0    0          1          1          0          1       -inf  x       ",
                            "   1    1        0.5        0.5        0.5        0.5          0  x       "};
  CHECK(printed(network, fk::guidance::inpainted{each_operation{}}, 1) ==
        "start   x = 1 t0 z0 + (1 + -1 t0) z_start\n"
        "enter   x = (1 + -1 t0) x + 1 t0 z0\n" +
            head + at[0] +
            "measure b1 = 1 n0; r1 = 1 n1; v0 = sum(b1); v1 = exp(v0); v2 = dot(b1, r1); v3 = log(v2); v4 = 0; "
            "v5 = quotient(v1, v3, v4); v6 = root(v0); v7 = count(); v8 = subtract(v6, v7); s0 = v8; "
            "v10 = quantile(b1, 0.9); v11 = multiply(v2, v10); v12 = least(v0, v11); v13 = 0.5; v14 = 2; "
            "v15 = choose(v0, v2, v13, v14); v16 = largest(v12, v15); s1 = v16; v18 = acos_pi(v2); "
            "v19 = sin_pi(v18); v20 = cos_pi(v19); s2 = v20; t1 = v5; "
            "x = 0.5 x - 0.5 n1 + -0.5 t1 n0 + 0.5 z0; x = 0.5 t0 g0 + (1 + -1 t0) x' + 0.5 t0 z1\n" +
            at[1] +
            "measure b1 = 1 n0; r1 = 1 n1; v0 = sum(b1); v1 = exp(v0); v2 = dot(b1, r1); v3 = log(v2); v4 = 0; "
            "v5 = quotient(v1, v3, v4); v6 = quantile(b1, 0.9); v7 = multiply(v2, v6); v8 = least(v0, v7); v9 = 0.5; "
            "v10 = s0; v11 = choose(v0, v2, v9, v10); v12 = largest(v8, v11); s1 = v12; v14 = acos_pi(v2); "
            "v15 = sin_pi(v14); v16 = cos_pi(v15); s2 = v16; t1 = v5; "
            "x = 1 x - 0.5 n1 + -0.5 t1 n0; x = 1 t0 g0 + (1 + -1 t0) x'\n" +
            end);
  CHECK(printed(network, along_axes{}, 0) ==
        "start   x = 1 z_start\n" + head + at[0] +
            "measure r0 = 1 n0; v0 = sum(r0) by axes 1 to 2; v1 = count() by axes 1 to 2; v2 = add(v0, v1); t0 = v2; "
            "x = 1 x + -0.5 t0 n0\n" +
            at[1] +
            "measure r0 = 1 n0; v0 = sum(r0) by axes 1 to 2; v1 = count() by axes 1 to 2; v2 = add(v0, v1); t0 = v2; "
            "x = 1 x + -0.5 t0 n0\n" +
            end);
  CHECK(printed(fk::parameterization::thresholded{network, 0.9, 4.0}, fk::guidance::none{}, 0, {.preview = true}) ==
        "start   x = 1 z_start\n" + head + at[0] +
            "measure b1 = 1 x - 1 n0; v0 = 1; v1 = 4; v2 = quantile(b1, 0.9); v3 = largest(v2, v0); "
            "v4 = least(v3, v1); v5 = quotient(v0, v4, v0); t0 = v5; "
            "b1 = clamp(1 t0 b1, 1); x = 0.5 x + 0.5 b1'\n" +
            at[1] +
            "measure b2 = 1 x - 0.5 n0; v0 = 1; v1 = 4; v2 = quantile(b2, 0.9); v3 = largest(v2, v0); "
            "v4 = least(v3, v1); v5 = quotient(v0, v4, v0); t0 = v5; "
            "b1 = clamp(1 t0 b2, 1); x = 1 b1'\n" +
            end);
  fk::plan::program nothing;  // a result of nothing is 0
  nothing.draw.row_count = 1;
  CHECK_THAT(fk::plan::to_string(nothing), Catch::Contains("start   x = 0\n"));
}
