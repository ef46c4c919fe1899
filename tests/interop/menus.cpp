// SPDX-License-Identifier: MIT
#include <fokker/interop/menus.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/grid/trailing.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/stepper.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using Catch::Contains;
using fk::interop::a1111;
using fk::interop::comfyui;
using fk::interop::menu_network;
using fk::interop::stable_diffusion_cpp;

namespace {

const std::filesystem::path folder = std::filesystem::path(__FILE__).parent_path();

/// The normals of tests/parity/menus.py: 1.2 cos(2.3 (element + 1) + 1.1 (draw + 1)), in float32.
struct waves {
  std::vector<std::uint32_t> drawn;  // the numbers that a plan gives them, in their order

  explicit waves(const fk::plan::program& plan) {
    for (const fk::plan::call& c : plan.calls)
      for (int k = 0; k < c.then.normal_count; ++k) drawn.push_back(c.then.normals[static_cast<std::size_t>(k)].id);
    std::sort(drawn.begin(), drawn.end());
    drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
  }
  struct four {
    float z[4] = {};
  };
  [[nodiscard]] four normals(std::uint32_t, std::uint32_t block, const fk::noise_piece& piece) const {
    const auto draw = std::lower_bound(drawn.begin(), drawn.end(), piece.id) - drawn.begin();
    four of;
    for (std::size_t j = 0; j < 4; ++j)
      of.z[j] = static_cast<float>(
          1.2 * std::cos(2.3 * static_cast<double>(4 * block + j + 1) + 1.1 * static_cast<double>(draw + 1)));
    return of;
  }
};

/// What the network was told, and the end of a run from 1.3 sin(1.7 (element + 1)) times the program's initial scale.
struct finished {
  std::vector<double> labels, end;
};
finished run(const fk::interop::recipe& r) {
  using view = fk::backend::host_view<double>;
  const fk::plan::program plan = r.plan(fk::guidance::none{}, {});
  const auto of_theirs = [&](const fk::level& l) { return r.over_alpha ? l.alpha : 1; };
  finished f{{}, {1.3 * std::sin(1.7), 1.3 * std::sin(3.4)}};
  for (double& v : f.end) v *= r.initial_scale * of_theirs(plan.levels.front());
  const waves noise(plan);
  view look{f.end.data(), {1, f.end.size()}};
  for (fk::stepper<view, waves> steps(plan, noise, look, fk::beginning::given); !steps.done(); steps.advance()) {
    f.labels.push_back(steps.call().at.label);
    for (std::size_t i = 0; i < f.end.size(); ++i) {
      const double v = steps.input().data[i];
      steps.output(0).data[i] = 0.7 * v + 0.2 * std::sin(2 * v) + 0.03 * std::sin(f.labels.back() / 100);
    }
  }
  for (double& v : f.end) v /= of_theirs(plan.levels.back());
  return f;
}

menu_network network(const std::string& name) {
  if (name == "flow") return menu_network::flow();
  if (name == "flux") return menu_network::flux();
  if (name == "velocity") return menu_network::stable_diffusion(fk::parameterization::velocity{});
  return menu_network::stable_diffusion();
}

}  // namespace

// Both sides compute in double; what differs is the order of operations, in runs of a network with a slope below 1.2.
TEST_CASE("samplers of menus end where k-diffusion does on the same sigmas") {
  std::ifstream file(folder / "../parity/menus.json");
  const auto cases = nlohmann::json::parse(file).at("cases");
  CHECK(cases.size() > 100);
  for (const auto& c : cases) {
    const fk::interop::menu_choice choice{c.at("sampler"), c.at("scheduler"), c.at("steps"), c.at("denoise")};
    const std::string program = c.at("program");
    INFO(program << ": " << choice.sampler << " on " << choice.scheduler << " of " << c.at("network") << ", "
                 << choice.steps << " steps, " << choice.denoise);
    const menu_network n = network(c.at("network"));
    const finished f = run(program == "a1111" ? a1111(choice, n) : comfyui(choice, n));
    const std::vector<double> labels = c.at("labels"), end = c.at("end");
    REQUIRE(f.labels.size() == labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) CHECK(f.labels[i] == Approx(labels[i]).epsilon(1e-9).margin(1e-9));
    for (std::size_t i = 0; i < end.size(); ++i) CHECK(f.end[i] == Approx(end[i]).epsilon(1e-10).margin(1e-10));
  }
}

namespace {

struct of_program {
  const char* name;
  const fk::interop::menus::menu& menu;
  bool flows;
};
std::vector<of_program> programs() {
  return {{"ComfyUI", fk::interop::menus::of_comfyui(), true},
          {"AUTOMATIC1111", fk::interop::menus::of_a1111(), false},
          {"stable-diffusion.cpp", fk::interop::menus::of_stable_diffusion_cpp(), true}};
}

}  // namespace

TEST_CASE("every sampler of a menu that has a solver makes a plan, and every scheduler that has a grid") {
  const std::vector<menu_network> networks{menu_network::stable_diffusion(), menu_network::flow()};
  for (const of_program& program : programs()) {
    for (const auto& s : program.menu.samplers)
      for (const menu_network& n : networks) {
        INFO(program.name << ": " << s.name << (n.is_flow() ? " of a flow" : ""));
        CHECK(s.solver.empty() != s.note.empty());
        const auto plan = [&](int steps) {
          const fk::interop::menu_choice choice{.sampler = std::string(s.name), .steps = steps};
          return fk::interop::menus::recipe_of(program.menu, choice, n).plan(fk::guidance::none{}, {});
        };
        if (s.solver.empty())
          CHECK_THROWS_WITH(plan(5), Contains("fokker: sampler is " + std::string(s.name) + "; allowed: another one"));
        else if (n.is_flow() && (!program.flows || s.flows == fk::interop::menus::on_flows::refused))
          CHECK_THROWS_AS(plan(5), std::invalid_argument);
        else
          for (const int steps : {1, 2, 5}) {
            if (steps == 1 && s.solver == "dpm_fast") continue;
            CHECK(plan(steps).calls.size() >= static_cast<std::size_t>(steps));
          }
      }
    for (const auto& s : program.menu.schedulers) {
      INFO(program.name << ": " << s.name);
      const auto levels = [&](int steps) {
        const fk::interop::menu_choice choice{
            .sampler = std::string(program.menu.samplers[0].name), .scheduler = std::string(s.name), .steps = steps};
        return fk::interop::menus::recipe_of(program.menu, choice, networks[0]).levels;
      };
      if (s.levels == nullptr && s.grid != fk::interop::menus::automatic) {
        CHECK_THROWS_WITH(levels(5),
                          Contains("fokker: scheduler is " + std::string(s.name) + "; allowed: another one"));
        continue;
      }
      CHECK(levels(1).size() == 2);
      CHECK(levels(20).size() == 21);
    }
  }
}

TEST_CASE("a choice that a menu does not have is refused with what it has") {
  const menu_network n = menu_network::stable_diffusion();
  CHECK_THROWS_WITH(comfyui({.sampler = "euler_a"}, n),
                    Contains("the name of a sampler is euler_a; allowed: euler, euler_cfg_pp, euler_ancestral, "));
  CHECK_THROWS_WITH(comfyui({.scheduler = "Karras"}, n),
                    Contains("the name of a scheduler is Karras; allowed: simple, sgm_uniform, karras, "));
  CHECK_THROWS_WITH(comfyui({.denoise = 0}, n), "fokker: denoise is 0; allowed: above 0 and up to 1");
  CHECK_THROWS_WITH(comfyui({.steps = 0}, n), Contains("steps is 0"));
  CHECK_THROWS_WITH(comfyui({.sampler = "dpm_fast", .steps = 1}, n), Contains("steps is 1; allowed: 2 or more"));
  CHECK_THROWS_WITH(a1111({.sampler = "Euler"}, menu_network::flow()), Contains("network is a flow; allowed: "));
  CHECK_THROWS_WITH(menu_network::flow(0), "fokker: shift is 0; allowed: a number of 0.5 or more");
}

TEST_CASE("grids of menus are grids of the library where their numbers are the same", "[bits]") {
  const menu_network n = menu_network::stable_diffusion();
  const auto times = [](const std::vector<fk::level>& levels) {
    std::vector<double> all;
    for (const fk::level& l : levels) all.push_back(l.time);
    return all;
  };
  const auto of = [&](const char* scheduler, int steps) {
    return times(comfyui({.scheduler = scheduler, .steps = steps}, n).levels);
  };
  CHECK(of("simple", 20) == times(fk::grid::trailing{.steps = 20, .round_up = true}.levels(n.table)));
  // 1000 / 38 is rounded down, and 19 of it are less than 500.
  CHECK(of("simple", 38)[19] == 500);
  CHECK(fk::grid::trailing{.steps = 38, .round_up = true}.levels(n.table)[19].time == 499);
  CHECK(of("ddim_uniform", 20) == times(fk::grid::leading{.steps = 20, .offset = 1}.levels(n.table)));
  CHECK(of("ddim_uniform", 7).size() == 9);  // eight steps
  CHECK(of("beta", 20) == times(fk::grid::beta{.steps = 20}.levels(n.table)));
  CHECK(of("normal", 20) == times(fk::grid::linspace{.steps = 20, .rounded = false}.levels(n.table)));
}

TEST_CASE("the page of menus has every name") {
  std::ifstream file(folder / "../../docs/interop/menus.md");
  std::stringstream page;
  page << file.rdbuf();
  std::size_t rows = 0;
  const auto has = [&](const std::string& row) {
    CHECK_THAT(page.str(), Contains("\n" + row + "\n"));
    ++rows;
  };
  for (const of_program& program : programs()) {
    for (const auto& s : program.menu.samplers) {
      std::string solver = "`" + std::string(s.solver);
      for (const auto& f : s.fields)
        solver += (&f == &s.fields.front() ? "{." : ", .") + f.name + " = " +
                  (f.word.empty() ? std::to_string(static_cast<int>(f.number)) : f.word);
      if (!s.fields.empty()) solver += "}";
      using enum fk::interop::menus::on_flows;
      const std::string on_flow = !program.flows || s.flows == refused ? "no"
                                  : !s.on_flow.empty()                 ? "`" + std::string(s.on_flow) + "`"
                                  : s.flows == path                    ? "yes"
                                  : s.flows == inner_path              ? "from 0.9999"
                                                                       : "as exploding";
      has("| `" + std::string(s.name) + "` | " +
          (s.solver.empty() ? std::string(s.note) + " | no |" : solver + "` | " + on_flow + " |"));
    }
    for (const auto& s : program.menu.schedulers)
      has("| `" + std::string(s.name) + "` | " +
          (s.levels != nullptr                       ? "`" + std::string(s.grid) + "` |"
           : s.grid == fk::interop::menus::automatic ? std::string(s.grid) + " |"
                                                     : std::string(s.grid) + " |"));
  }
  std::size_t found = 0;
  for (std::size_t at = page.str().find("\n| `"); at != std::string::npos; at = page.str().find("\n| `", at + 1))
    ++found;
  CHECK(found == rows);
}
