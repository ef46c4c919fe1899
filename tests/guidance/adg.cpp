// SPDX-License-Identifier: MIT
#include <fokker/guidance/adg.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/text.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using fk::guidance::adg;

namespace {

std::string planned(const auto& rule) {
  return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                                         fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, rule));
}

}  // namespace

TEST_CASE("adg is the formula of its paper, in data, whatever the network predicts") {
  for (const double scale : {1.4, 6.0})
    for (const double largest : {0.5, 1.0471975511965976, 3.0})
      test::follows<fk::parameterization::data>(adg{.scale = scale, .largest = largest}, [=] {
        return [=](const auto& b, std::size_t, int) {
          const auto &c = b[0], &u = b[1];
          const double angle = std::acos(test::dot(c, u) / test::norm(c) / test::norm(u));
          const double turn = std::min((scale - 1) * angle, largest), across = std::sin(turn) / std::sin(angle);
          const auto result =
              test::sum({{std::cos(turn) + across, c}, {-across * test::dot(c, u) / test::dot(u, u), u}});
          CHECK(test::norm(result) < std::sqrt(2) * test::norm(c) * (1 + 1e-15));
          return result;
        };
      });
}

TEST_CASE("scales up to 1 are the conditional network, to the bit") {
  for (const double scale : {1.0, 0.5, -3.0})
    CHECK(planned(adg{.scale = scale}) == planned(fk::guidance::classifier_free{.scale = 1}));
}

TEST_CASE("a plan with angles is printed and read again") {
  const std::string text = planned(adg{});
  const auto read = fk::plan::from_text(text);
  CHECK(fk::plan::to_text(read) == text);
  const std::string shown = fk::plan::printed::formula(read.calls.at(0).measures.at(0));
  for (const char* name : {"acos_pi(v", "cos_pi(v", "sin_pi(v"}) CHECK(shown.find(name) != std::string::npos);
}

TEST_CASE("near angles are turned by as much as classifier_free goes on") {
  // To second order in the angle, whose cosine is 1 to the last bit.
  const auto run = [](const auto& rule) {
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                    fk::grid::uniform{.steps = 1}, fk::solver::ddim{}, rule);
    std::vector<double> x(2);
    const fk::noise::philox noise{};
    fk::backend::host_view<double> view{x.data(), {1, 2}};
    fk::stepper all(plan, noise, view);
    all.output(0).data[0] = 1, all.output(0).data[1] = 1e-9;
    all.output(1).data[0] = 1, all.output(1).data[1] = 0;
    all.advance();
    return x;
  };
  const auto found = run(adg{.scale = 6}), linear = run(fk::guidance::classifier_free{.scale = 6});
  CHECK(found[0] == Approx(linear[0]).epsilon(1e-15));
  CHECK(found[1] == Approx(linear[1]).epsilon(1e-6));
}

TEST_CASE("adg refuses angles that are none, and scales that float does not hold") {
  for (const double wrong : {-0.1, 3.2, std::numeric_limits<double>::quiet_NaN()})
    law::refused([&] { (void)planned(adg{.largest = wrong}); }, {"largest is ", "0 to pi"});
  law::refused([] { (void)planned(adg{.scale = 1e39}); }, {"scale is ", "a number that a float holds"});
}
