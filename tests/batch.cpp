// SPDX-License-Identifier: MIT
#include <fokker/batch.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <fokker/grid/karras.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/by_name.hpp>
#include <fokker/guidance/cfg_zero_star.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/euler_ancestral.hpp>
#include <fokker/solver/flow_map.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using view = fk::backend::host_view<float>;
using run_of_views = fk::stepper<view, fk::noise::philox>;

namespace {

template <class Solver>
fk::plan::program planned(const Solver& solver, int steps, double scale) {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = steps},
                       solver, fk::guidance::classifier_free{.scale = scale});
}

/// Depends on the sample, the level and the branch.
float net(float x, int branch, const fk::level& at) {
  return static_cast<float>(std::sin(x + 0.01 * at.label + branch) * at.sigma);
}

constexpr std::size_t size = 6;  // elements of a sample

std::vector<float> alone(const fk::plan::program& plan, std::size_t samples, std::uint64_t seed) {
  std::vector<float> x(samples * size);
  const auto of = [](int branch) {
    return [branch](view& out, const view& in, const fk::level& at) {
      for (std::size_t i = 0; i < in.shape.size(); ++i) out.data[i] = net(in.data[i], branch, at);
    };
  };
  fk::sample(plan, fk::denoisers{of(0), of(1)}, fk::noise::philox{.seed = seed}, view{x.data(), {samples, 2, 3}});
  return x;
}

}  // namespace

TEST_CASE("requests in one batch get what they get alone, also those that come later") {
  const std::vector<fk::plan::program> plans{planned(fk::solver::dpmpp_2m{}, 12, 5), planned(fk::solver::ddim{}, 5, 1),
                                             planned(fk::solver::euler_ancestral{}, 7, 2)};
  const std::size_t samples[] = {1, 4, 2};
  std::vector<std::vector<float>> x;
  for (const std::size_t n : samples) x.emplace_back(n * size);
  std::vector<view> views;
  for (std::size_t i = 0; i < 3; ++i) views.push_back({x[i].data(), {samples[i], 2, 3}});
  const auto request = [&](std::size_t i) { return run_of_views(plans[i], fk::noise::philox{.seed = i}, views[i]); };
  std::vector<std::size_t> rows;
  const auto network = [&](view& out, const view& in, std::span<const fk::batch<run_of_views>::item> items) {
    CHECK(in.shape == fk::backend::extents{items.size(), 2, 3});
    rows.push_back(items.size());
    for (std::size_t s = 0; s < items.size(); ++s)
      for (std::size_t e = s * size; e < (s + 1) * size; ++e)
        out.data[e] = net(in.data[e], items[s].branch, items[s].at);
  };
  fk::batch<run_of_views> server;
  CHECK(server.done());
  CHECK(server.join(request(0)) == 0);
  CHECK(server.join(request(1)) == 1);
  server.advance(network);
  server.advance(network);
  CHECK(server.join(request(2)) == 2);
  CHECK(server.size() == 3);
  while (!server.done()) server.advance(network);
  for (std::size_t i = 0; i < 3; ++i) CHECK(x[i] == alone(plans[i], samples[i], i));
  // Both branches of request 0; of request 1, whose scale is 1, the conditional one alone: 2 + 4 samples in the first
  // call.
  CHECK(rows.front() == 6);
  CHECK(rows.size() == 12);
}

TEST_CASE("a request whose samples are not like those of the others is refused") {
  const auto plan = planned(fk::solver::ddim{}, 3, 2);
  std::vector<float> memory(12);
  view x{memory.data(), {2, 2, 3}}, other{memory.data(), {2, 3, 2}};
  fk::batch<run_of_views> server;
  server.join(run_of_views(plan, fk::noise::philox{}, x));
  law::refused([&] { server.join(run_of_views(plan, fk::noise::philox{}, other)); },
               {"the shape of a request's x is (2, 3, 2)", "(2, 2, 3)"});
}

TEST_CASE("requests whose steps call no network go on without one", "[bits]") {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 3}, fk::solver::ddim{}, fk::guidance::cfg_zero_star{});
  std::vector<float> memory(size);
  view x{memory.data(), {1, 2, 3}};
  fk::batch<run_of_views> server;
  server.join(run_of_views(plan, fk::noise::philox{.seed = 5}, x));
  std::vector<std::size_t> rows;
  for (int round = 0; round < 3; ++round)
    server.advance([&](view& out, const view& in, std::span<const fk::batch<run_of_views>::item> items) {
      rows.push_back(items.size());
      for (std::size_t e = 0; e < in.shape.size(); ++e)
        out.data[e] = net(in.data[e], items[e / size].branch, items[0].at);
    });
  CHECK(server.done());
  CHECK(rows == std::vector<std::size_t>{2, 2});  // the flow of the first step is 0
  CHECK(memory == alone(plan, 1, 5));
}

TEST_CASE("a request gets what it gets alone by every rule, however late it joins", "[bits]") {
  for (const auto& named : fk::guidance::all) {
    const fk::guidance::any rule = fk::guidance::by_name(named.name);
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                    fk::grid::karras{.steps = 4}, fk::solver::ddim{}, rule);
    std::vector<float> known(2 * size, 0.25f), numbers{0, 0.5f, 1, 0, 0.5f, 1};
    const view tensor{known.data(), {2, 2, 3}}, plane{numbers.data(), {2, 3}};
    fk::given_inputs given;
    for (const std::string& name : plan.givens) given.tensors.push_back({name, tensor});
    for (const fk::plan::table& t : plan.tables)
      if (!t.name.empty()) given.planes.push_back({t.name, plane, {0, 2}});
    // Request i joins before round i, so that all are at steps of their own; alone it has a batch to itself.
    const auto served = [&](std::size_t first, std::size_t last) {
      std::vector<std::vector<float>> x(last, std::vector<float>(2 * size));
      std::vector<view> views;
      for (auto& memory : x) views.push_back({memory.data(), {2, 2, 3}});
      fk::batch<run_of_views> server;
      for (std::size_t i = first; i < last || !server.done(); ++i) {
        if (i < last) server.join(run_of_views(plan, {.seed = i}, views[i], fk::beginning::noise, given));
        REQUIRE(i < first + 30);
        server.advance([](view& out, const view& in, std::span<const fk::batch<run_of_views>::item> items) {
          for (std::size_t e = 0; e < in.shape.size(); ++e) {
            const auto& item = items[e / size];
            out.data[e] = net(in.data[e], item.branch, item.at);
          }
        });
      }
      return x;
    };
    const auto together = served(0, 3);
    INFO(named.name);
    for (std::size_t i = 0; i < 3; ++i) CHECK(served(i, i + 1)[i] == together[i]);
    CHECK(together[0] != together[1]);
  }
}

TEST_CASE("a network that writes elsewhere than it is told is refused") {
  const auto plan = planned(fk::solver::ddim{}, 3, 2);
  std::vector<float> memory(12), elsewhere(48);
  view x{memory.data(), {2, 2, 3}};
  fk::batch<run_of_views> server;
  server.join(run_of_views(plan, fk::noise::philox{}, x));
  law::refused([&] { server.advance([&](view& out, const view&, auto) { out.data = elsewhere.data(); }); },
               {"the network's output is in other memory; allowed: that which out.data points to when"});
  law::refused([&] { server.advance([&](view& out, const view&, auto) { out.shape = {1}; }); },
               {"the shape of the network's output is (1); allowed: (4, 2, 3)"});
}

TEST_CASE("a network of two levels is told where each sample of a batch goes") {
  const auto plan = [](int steps) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = steps},
                         fk::solver::flow_map{});
  };
  const std::vector<fk::plan::program> plans{plan(2), plan(4)};
  std::vector<float> x(size), y(size), all;
  view of_x{x.data(), {1, 2, 3}}, of_y{y.data(), {1, 2, 3}};
  fk::batch<run_of_views> server;
  server.join(run_of_views(plans[0], fk::noise::philox{}, of_x));
  server.join(run_of_views(plans[1], fk::noise::philox{}, of_y));
  std::vector<double> told;
  while (!server.done())
    server.advance([&](view& out, const view&, std::span<const fk::batch<run_of_views>::item> items) {
      std::fill_n(out.data, out.shape.size(), 0.0f);
      for (const auto& item : items) told.push_back(item.to ? item.to->time : -1);
    });
  CHECK(told == std::vector<double>{0.5, 0.75, 0, 0.5, 0.25, 0});
}
