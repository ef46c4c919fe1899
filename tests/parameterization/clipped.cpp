// SPDX-License-Identifier: MIT
#include <fokker/parameterization/clipped.hpp>

#include <algorithm>

#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/heun.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::parameterization::clipped;
using fk::parameterization::epsilon;
using fk::parameterization::velocity;

namespace {
const fk::schedule::vp_linear vp;

/// A network that leaves [-1, 1] and depends on x: data = 3 x - level's alpha.
struct wild {
  double data(double x, const fk::level& l) const { return 3 * x - l.alpha; }
};

/// DDIM on one number as it is written by hand, data clamped.
double by_hand(const std::vector<fk::level>& levels, double x, double bound, bool network_epsilon) {
  for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
    const fk::level &s = levels[i], &t = levels[i + 1];
    const double said = wild{}.data(x, s), data = std::clamp(said, -bound, bound);
    x = t.alpha * data + t.sigma * (x - s.alpha * (network_epsilon ? said : data)) / s.sigma;
  }
  return x;
}
}  // namespace

TEST_CASE("clipped is its network but for the limit of data") {
  const clipped network{fk::parameterization::edm{}, 2.0};
  const fk::level l{.time = 0.3, .alpha = 0.8, .sigma = 0.6};
  CHECK(network.row(l) == fk::parameterization::edm{}.row(l));
  CHECK(fk::input_scale(network, l) == fk::input_scale(fk::parameterization::edm{}, l));
  CHECK(fk::label(network, l) == fk::label(fk::parameterization::edm{}, l));
  CHECK(fk::limit(network) == fk::data_limit{.bound = 2});
  CHECK(std::string_view(clipped<epsilon>::name) == "epsilon");
  CHECK(fk::limit(epsilon{}) == fk::data_limit{});
}

TEST_CASE("DDIM with clipped data is the formula with a clamp, for epsilon of the network and of the data") {
  for (const bool network_epsilon : {false, true})
    for (const double bound : {0.25, 1.0}) {
      const auto plan =
          fk::make_plan(vp, clipped{epsilon{}, bound, network_epsilon}, test::inner(7), fk::solver::ddim{});
      for (const double x : {-2.0, -0.1, 0.4, 3.0})
        // 7 steps of some ten roundings, each amplified by the network's 3 and 1 / sigma at most: far below 1e-12
        CHECK(test::run(plan, wild{}, x) == Approx(by_hand(plan.levels, x, bound, network_epsilon)).epsilon(1e-12));
    }
}

TEST_CASE("a bound that data never reach changes nothing but rounding") {
  test::on_every_path([](const auto& schedule) {
    const auto check = [&](const auto& solver) {
      const auto plain = fk::make_plan(schedule, velocity{}, test::inner(9), solver);
      const auto limited = fk::make_plan(schedule, clipped{velocity{}, 1e6}, test::inner(9), solver);
      for (const double x : {-1.5, 0.2, 2.0}) {
        const double start = x * plain.levels.front().alpha * 10;
        CHECK(test::run(limited, test::two_normals{}, start) ==
              Approx(test::run(plain, test::two_normals{}, start)).epsilon(1e-12).margin(1e-12));
      }
    };
    check(fk::solver::ddim{});
    check(fk::solver::dpmpp_2m{});
    check(fk::solver::heun{});
  });
}

TEST_CASE("guidance comes before the clamp") {
  const auto plan = fk::make_plan(vp, clipped{fk::parameterization::data{}}, test::inner(1), fk::solver::ddim{},
                                  fk::guidance::classifier_free{.scale = 3});
  const auto& u = plan.calls[0].then;
  REQUIRE(u.row_count == 2);
  CHECK(u.rows[0].clamp == 1);
  CHECK(u.rows[1].clamp == fk::plan::row::unclamped);
  double of_outputs = 0;
  for (int k = 0; k < u.input_count; ++k) of_outputs += u.rows[0].inputs[static_cast<std::size_t>(k)];
  CHECK(of_outputs == 1);  // 3 - 2, whole numbers
}

TEST_CASE("clipping takes no memory where data are kept, and none where they only pass") {
  test::on_every_path([](const auto& schedule) {
    const auto check = [&](const auto& solver) {
      const auto plain = fk::make_plan(schedule, velocity{}, test::inner(6), solver);
      const auto limited = fk::make_plan(schedule, clipped{velocity{}}, test::inner(6), solver);
      CHECK(limited.buffers == plain.buffers);
      CHECK(limited.calls.size() == plain.calls.size());
      CHECK(fk::plan::check(limited) == fk::plan::check(plain));
    };
    check(fk::solver::ddim{});
    check(fk::solver::dpmpp_2m{});
    check(fk::solver::heun{.variable = fk::solver::variable::ratio});
  });
}

TEST_CASE("previews are the clipped data") {
  const auto plan = fk::make_plan(vp, clipped{velocity{}, 0.5}, test::inner(4), fk::solver::ddim{}, {.preview = true});
  std::vector<double> x{0.3, -0.8};
  fk::stepper run(plan, fk::noise::philox{}, x);
  while (!run.done()) {
    for (int i = 0; i < 2; ++i) run.output(0)[static_cast<std::size_t>(i)] = i == 0 ? 30 : -0.01;
    run.advance();
    REQUIRE(run.preview() != nullptr);
    CHECK((*run.preview())[0] == -0.5);
    CHECK(std::abs((*run.preview())[1]) <= 0.5);
  }
}

TEST_CASE("a clipped plan is read back from text to the bit") {
  const auto plan = fk::make_plan(vp, clipped{epsilon{}}, test::inner(5), fk::solver::dpmpp_2m{});
  const auto text = fk::plan::to_text(plan);
  CHECK(fk::plan::to_text(fk::plan::from_text(text)) == text);
}

TEST_CASE("clipped refuses a bound that is not a positive number, by name") {
  for (const double bound : {0.0, -1.0, std::numeric_limits<double>::infinity()})
    law::refused(
        [&] {
          (void)fk::make_plan(vp, clipped{epsilon{}, bound}, test::inner(2), fk::solver::ddim{});
        },
        {"bound is "});
}
