// SPDX-License-Identifier: MIT
#include <fokker/tokens.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/half.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/flow_to_data.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/euler_ancestral_rf.hpp>
#include <fokker/solver/flow_map.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using view = fk::backend::host_view<float>;
using token = fk::stepper<view, fk::noise::philox>;
using levels = std::span<const fk::level>;

namespace {

constexpr fk::parameterization::flow predicts;
constexpr std::size_t size = 3;  // elements of a token

template <class Solver, class Guidance = fk::guidance::none>
fk::program planned(const Solver& solver, int steps, const Guidance& guidance = {}) {
  return fk::make_plan(fk::schedule::flow_linear{}, predicts, fk::grid::uniform{.steps = steps}, solver, guidance);
}

/// Depends on the token, its level and the branch, but on no other token.
float net(float x, int branch, const fk::level& at) {
  return static_cast<float>(std::sin(x + 3 * at.label + branch) * at.sigma);
}
auto of(int branch) {
  return [branch](view& out, const view& in, levels each) {
    CHECK(in.shape == fk::backend::extents{each.size(), size});
    for (std::size_t i = 0; i < in.shape.size(); ++i) out.data[i] = net(in.data[i], branch, each[i / size]);
  };
}
auto alone(int branch) {
  return [branch](view& out, const view& in, const fk::level& at) {
    for (std::size_t i = 0; i < in.shape.size(); ++i) out.data[i] = net(in.data[i], branch, at);
  };
}
view part(std::vector<float>& x, std::size_t first, std::size_t count = 1) {
  return {x.data() + first * size, {count, size}};
}
fk::noise::philox noise_of(std::size_t sample) {
  return {.seed = 5, .first_sample = static_cast<std::uint32_t>(sample)};
}

}  // namespace

TEST_CASE("tokens that do not depend on each other get what they get alone, in whatever order they go") {
  const fk::guidance::classifier_free rule{.scale = 2};
  const std::vector<fk::program> plans{planned(fk::solver::dpmpp_2m{}, 5, rule), planned(fk::solver::ddim{}, 3, rule),
                                       planned(fk::solver::euler_ancestral_rf{}, 4, rule)};
  std::vector<float> expected(4 * size);
  fk::sample(plans[0], fk::denoisers{alone(0), alone(1)}, noise_of(0), part(expected, 0));
  fk::sample(plans[1], fk::denoisers{alone(0), alone(1)}, noise_of(1), part(expected, 1, 2));
  fk::sample(plans[2], fk::denoisers{alone(0), alone(1)}, noise_of(3), part(expected, 3));
  for (const int lag : {0, 1, 2, 7}) {
    std::vector<float> x(4 * size);
    std::vector<view> parts{part(x, 0), part(x, 1, 2), part(x, 3)};
    fk::tokens<token> all(predicts);
    CHECK(all.done());
    CHECK(all.join(token(plans[0], noise_of(0), parts[0])) == 0);
    CHECK(all.join(token(plans[1], noise_of(1), parts[1])) == 1);
    CHECK(all.join(token(plans[2], noise_of(3), parts[2])) == 2);
    CHECK(all.size() == 3);
    for (int round = 0; !all.done(); ++round)
      all.advance(fk::denoisers{of(0), of(1)}, [&](std::size_t k) { return round >= lag * (2 - static_cast<int>(k)); });
    CHECK(x == expected);
  }
}

TEST_CASE("the network sees those that wait where they are, and those that are done or known as data", "[bits]") {
  const auto plan = planned(fk::solver::ddim{}, 2);
  std::vector<float> x{7, 8, 9, 0, 0, 0, 0, 0, 0};
  std::vector<view> parts{part(x, 0), part(x, 1), part(x, 2)};
  fk::tokens<token> all(predicts);
  all.join(parts[0]);
  all.join(token(plan, noise_of(1), parts[1]));
  all.join(token(plan, noise_of(2), parts[2]));
  const std::vector<float> start = x;
  std::vector<std::vector<double>> told;
  const auto network = [&](view& out, const view& in, levels each) {
    told.emplace_back();
    for (const fk::level& l : each) told.back().push_back(l.label);
    CHECK(std::equal(start.begin(), start.begin() + size, in.data));  // the context is there, and first
    if (told.size() < 4) CHECK(std::equal(start.begin() + 2 * size, start.end(), in.data + 2 * size));
    if (told.size() > 2) CHECK(std::equal(x.begin(), x.begin() + 2 * size, in.data));
    std::fill_n(out.data, out.shape.size(), 1.0f);
  };
  for (int round = 0; !all.done(); ++round)
    all.advance(network, [&](std::size_t k) { return k == 1 || round > 2; });  // in round 2 none goes
  CHECK(told == std::vector<std::vector<double>>{{0, 1, 1}, {0, 0.5, 1}, {0, 0, 1}, {0, 0, 0.5}});
  // x = z - 1: the flow is 1 throughout.
  for (std::size_t i = size; i < 3 * size; ++i) CHECK(x[i] == Approx(start[i] - 1).epsilon(0).margin(1e-6));
  CHECK(x[0] == 7);
}

TEST_CASE("what is done is told as the network is, and scaled as it reads x") {
  const auto seen = [](const auto& network, const fk::level& done) {
    std::vector<float> known{2, 2, 2}, x(size);
    view given = part(known, 0), free = part(x, 0);
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 1},
                                    fk::solver::ddim{});
    fk::tokens<token> all(network, done);
    all.join(given);
    all.join(token(plan, noise_of(1), free));
    std::vector<double> found;
    all.advance([&](view&, const view& in, levels each) {
      found = {static_cast<double>(in.data[0]), each[0].label, each[0].sigma};
    });
    return found;
  };
  CHECK(seen(fk::parameterization::flow_to_data{}, {}) == std::vector<double>{2, 1, 0});
  CHECK(seen(fk::parameterization::flow{.label_scale = 1000}, {.time = 0.25, .alpha = 0.75, .sigma = 0.25}) ==
        std::vector<double>{2, 250, 0.25});
  const fk::level small{.time = 0.1, .alpha = 1, .sigma = 0.1};
  const fk::parameterization::edm network{.sigma_data = 0.5};
  const auto found = seen(network, small);
  CHECK(found[0] == static_cast<double>(static_cast<float>(2 * network.input_scale(small))));
  CHECK(found[1] == network.label(small));
  law::refused([] { fk::tokens<token> all(fk::parameterization::edm{}); },
               {"the label of what is done is -inf", "a finite number"});
}

TEST_CASE("a network of half precision reads rounded tokens, also of those that are done") {
  using coarse = fk::backend::host_view<fk::half>;
  const auto plan = planned(fk::solver::ddim{}, 1);
  std::vector<float> x{0.1f, 0.2f, 0.3f, 0, 0, 0};
  view known = part(x, 0), free = part(x, 1);
  fk::tokens<fk::stepper<view, fk::noise::philox, coarse>> all(predicts);
  all.join(known);
  all.join({plan, noise_of(1), free});
  const std::vector<float> start = x;
  all.advance([&](coarse& out, const coarse& in, levels) {
    for (std::size_t i = 0; i < 2 * size; ++i) {
      CHECK(static_cast<float>(in.data[i]) == static_cast<float>(fk::half(start[i])));
      out.data[i] = fk::half(1.0f);
    }
  });
  CHECK(all.done());
  for (std::size_t i = size; i < 2 * size; ++i) CHECK(x[i] == start[i] - 1);
}

TEST_CASE("a branch that no token asks for is not called") {
  const auto plan = planned(fk::solver::ddim{}, 2, fk::guidance::classifier_free{.scale = 1});
  std::vector<float> x(2 * size);
  view of_x = part(x, 0);
  fk::tokens<token> all(predicts);
  all.join(token(plan, noise_of(0), of_x));
  int calls = 0;
  const auto other = [&](view&, const view&, levels) { ++calls; };
  while (!all.done()) all.advance(fk::denoisers{of(0), other});
  CHECK(calls == 0);

  // Nor one for which a token asks that waits.
  const auto asks = planned(fk::solver::ddim{}, 2, fk::guidance::classifier_free{.scale = 2});
  view waits = part(x, 0), goes = part(x, 1);
  fk::tokens<token> two(predicts);
  two.join(token(asks, noise_of(0), waits));
  two.join(token(plan, noise_of(1), goes));
  two.advance(fk::denoisers{of(0), other}, [](std::size_t k) { return k == 1; });
  CHECK(calls == 0);
  two.advance(fk::denoisers{of(0), other}, [](std::size_t k) { return k == 0; });
  CHECK(calls == 1);
}

TEST_CASE("tokens that are not like the others are refused, and so are networks that do not fit") {
  const auto plan = planned(fk::solver::ddim{}, 2);
  std::vector<float> x(6);
  view good{x.data(), {1, 3}}, bad{x.data(), {1, 3, 1}};
  fk::tokens<token> all(predicts);
  law::refused([&] { all.join(view{x.data(), {0, 2}}); }, {"a token's x"});
  all.join(token(plan, noise_of(0), good));
  law::refused([&] { all.join(bad); }, {"the shape of a token's x is (1, 3, 1)", "(1, 3)"});
  law::refused(
      [&] {
        all.advance(fk::denoisers{of(0), of(1)});
      },
      {"the number of denoisers is 2", "1, the branches of the plan"});
  law::refused([&] { all.advance([&](view& out, const view&, levels) { out.data = x.data(); }); },
               {"the network's output is in other memory"});
  const auto two = planned(fk::solver::flow_map{}, 2);
  law::refused([&] { all.join(token(two, noise_of(0), good)); }, {"the plan is of a network of two levels"});
  CHECK(all.size() == 1);
}
