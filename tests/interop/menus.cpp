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
#include <fokker/plan/text.hpp>
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
  CHECK_THROWS_WITH(comfyui({.denoise = 1.1}, n), "fokker: denoise is 1.1; allowed: above 0 and up to 1");
  CHECK_THROWS_WITH(comfyui({.steps = 0}, n), Contains("steps is 0"));
  CHECK_THROWS_WITH(comfyui({.sampler = "dpm_2", .steps = 0}, n), Contains("steps is 0"));  // of a grid with one more
  CHECK_THROWS_WITH(comfyui({.steps = 1001}, n), Contains("steps is 1001; allowed: 1 to 1000"));
  CHECK_THROWS_WITH(comfyui({.denoise = 1e-300}, n), Contains("steps is 1000000; allowed: 1 to 1000"));
  CHECK_THROWS_WITH(comfyui({.sampler = "dpm_fast", .steps = 1}, n), Contains("steps is 1; allowed: 2 or more"));
  CHECK_THROWS_WITH(a1111({.sampler = "Euler"}, menu_network::flow()), Contains("network is a flow; allowed: "));
  CHECK_THROWS_WITH(menu_network::flow(0), "fokker: shift is 0; allowed: a number of 0.5 or more");
  CHECK(menu_network::flow(0.5).shifted(0.5) == Approx(1.0 / 3).epsilon(1e-15));
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
  CHECK(of("ddim_uniform", 7).size() == 9);        // eight steps
  CHECK(of("ddim_uniform", 27).size() == 28);      // 1, 38 ... 963: the next one would be 1000
  CHECK(of("ddim_uniform", 1000).size() == 1000);  // each timestep but the first
  CHECK(of("ddim_uniform", 2000) == of("ddim_uniform", 1000));
  CHECK(of("beta", 20) == times(fk::grid::beta{.steps = 20}.levels(n.table)));
  CHECK(of("normal", 20) == times(fk::grid::linspace{.steps = 20, .rounded = false}.levels(n.table)));
  const auto fast = comfyui({.sampler = "dpm_fast", .scheduler = "karras", .steps = 8}, n).levels;
  CHECK(fast.back().time == of("karras", 8)[7]);
}

TEST_CASE("a run with denoise below 1 begins where the program's list of sigmas is cut") {
  const menu_network n = menu_network::stable_diffusion();
  const auto times = [](const fk::interop::recipe& r) {
    std::vector<double> all;
    for (const fk::level& l : r.levels) all.push_back(l.time);
    return all;
  };
  // A1111 has sigmas[N - int(N s) - 1:], whatever comes at the end: here eight steps, of which three are left out.
  CHECK(times(a1111({.sampler = "Euler", .scheduler = "DDIM", .steps = 7, .denoise = 0.5}, n)) ==
        std::vector<double>{569, 427, 285, 143, 1, n.table.data_time()});
  CHECK(
      a1111({.sampler = "Euler", .scheduler = "DDIM", .steps = 7, .denoise = std::nextafter(1, 0)}, n).levels.size() ==
      9);
  CHECK(a1111({.sampler = "Euler", .scheduler = "Karras", .steps = 30, .denoise = 0.95}, n).levels.size() == 30);
  CHECK(a1111({.sampler = "Euler", .scheduler = "DDIM", .steps = 2000, .denoise = 0.1}, n).levels.size() == 2);
  // ComfyUI has sigmas[-(N + 1):] of int(N / s), and all of them where s is above 0.9999.
  CHECK(times(comfyui({.scheduler = "ddim_uniform", .steps = 3, .denoise = 0.42}, n)) ==
        std::vector<double>{285, 143, 1, n.table.data_time()});
  CHECK(comfyui({.scheduler = "ddim_uniform", .steps = 1000, .denoise = 0.9}, n).levels.size() == 1000);
  const auto last = comfyui({.scheduler = "karras", .steps = 19999, .denoise = 0.99995}, n).levels;
  CHECK(last.front().time == Approx(n.table.noise_time()).epsilon(1e-12));
  CHECK(last.size() == 20000);
}

// What sd_samplers_kdiffusion.py has for each of its samplers.
TEST_CASE("AUTOMATIC1111's automatic scheduler is the sampler's own") {
  const menu_network n = menu_network::stable_diffusion();
  const auto first = [&](const std::string& sampler, const std::string& scheduler) {
    return a1111({.sampler = sampler, .scheduler = scheduler, .steps = 6}, n).levels[1].ratio();
  };
  std::size_t found = 0;
  const auto own = [&](const std::string& scheduler, const std::vector<std::string>& samplers) {
    for (const std::string& sampler : samplers) {
      INFO(sampler);
      CHECK(first(sampler, "") == first(sampler, scheduler));
      CHECK(first(sampler, "Automatic") == first(sampler, scheduler));
      ++found;
    }
  };
  own("Karras", {"DPM++ 2M", "DPM++ SDE", "DPM++ 2S a", "DPM2", "DPM2 a"});
  own("Exponential", {"DPM++ 2M SDE", "DPM++ 2M SDE Heun", "DPM++ 3M SDE"});
  own("Uniform", {"Euler a", "Euler", "LMS", "Heun", "DPM fast"});
  for (const auto& s : fk::interop::menus::of_a1111().samplers) found -= !s.solver.empty();
  CHECK(found == 0);
}

TEST_CASE("AUTOMATIC1111 gives DPM fast the ends of the table, and of a part of a run those of the grid") {
  const menu_network n = menu_network::stable_diffusion();
  const double most = fk::level_at(n.table, 999).ratio(), least = fk::level_at(n.table, 0).ratio();
  for (const auto& s : fk::interop::menus::of_a1111().schedulers) {
    if (s.levels == nullptr) continue;
    INFO(s.name);
    const std::string scheduler(s.name);
    const auto whole = a1111({.sampler = "DPM fast", .scheduler = scheduler, .steps = 7}, n);
    CHECK(whole.levels.front().ratio() == Approx(most).epsilon(1e-12));
    CHECK(whole.levels.back().ratio() == Approx(least).epsilon(1e-12));
    CHECK(whole.plan(fk::guidance::none{}, {}).calls.size() == 7);
    const auto grid = a1111({.sampler = "Euler", .scheduler = scheduler, .steps = 7, .denoise = 0.6}, n);
    const auto part = a1111({.sampler = "DPM fast", .scheduler = scheduler, .steps = 7, .denoise = 0.6}, n);
    CHECK(whole.initial_scale ==
          a1111({.sampler = "Euler", .scheduler = scheduler, .steps = 7}, n).initial_scale);  // the grid's all the same
    CHECK(part.levels.front().ratio() == Approx(grid.levels.front().ratio()).epsilon(1e-12));
    CHECK(part.levels.back().ratio() == Approx(grid.levels[grid.levels.size() - 2].ratio()).epsilon(1e-12));
  }
}

TEST_CASE("stable-diffusion.cpp's schedulers are those of the others, or of their formulas") {
  for (const menu_network& n : {menu_network::stable_diffusion(), menu_network::flow()}) {
    const auto times = [](const fk::interop::recipe& r) {
      std::vector<double> all;
      for (const fk::level& l : r.levels) all.push_back(l.is_data() ? -1 : l.time);
      return all;
    };
    const auto cpp = [&](const char* scheduler) {
      return times(stable_diffusion_cpp({.sampler = "euler_a", .scheduler = scheduler, .steps = 7}, n));
    };
    const auto comfy = [&](const char* scheduler) { return times(comfyui({.scheduler = scheduler, .steps = 7}, n)); };
    for (const char* same : {"karras", "exponential", "sgm_uniform", "simple", "kl_optimal"}) {
      INFO(same);
      CHECK(cpp(same) == comfy(same));
    }
    CHECK(cpp("discrete") == comfy("normal"));
    CHECK(cpp("") == comfy("normal"));
    const auto smooth = cpp("smoothstep");
    for (std::size_t i = 0; i < 7; ++i) {
      const double u = 1 - static_cast<double>(i) / 7, time = std::round(u * u * (3 - 2 * u) * 999);
      CHECK(smooth[i] == Approx(n.is_flow() ? n.shifted((time + 1) / 1000) : time).epsilon(1e-15));
    }
  }
}

TEST_CASE("SA-Solver's noise is that of steps to the middle of the times") {
  // percent_to_sigma(0.2) and (0.8): of a table timesteps 799.2 and 199.8, of a flow the times 0.8 and 0.2, shifted.
  const auto noisy = [](const fk::interop::recipe& r) {
    std::vector<int> normals;
    for (const fk::plan::call& c : r.plan(fk::guidance::none{}, {}).calls) normals.push_back(c.then.normal_count);
    return normals;
  };
  const auto check = [&](const menu_network& n, const char* scheduler, int steps, const std::vector<double>& places) {
    const auto normals = noisy(comfyui({.sampler = "sa_solver", .scheduler = scheduler, .steps = steps}, n));
    REQUIRE(normals.size() == static_cast<std::size_t>(steps));
    for (std::size_t i = 0; i + 1 < places.size(); ++i) {
      INFO(scheduler << ", step " << i << " to " << places[i + 1]);
      CHECK(normals[i] == (places[i + 1] > 0.2 && places[i + 1] < 0.8 ? 1 : 0));
    }
  };
  std::vector<double> table, flow;  // shares of 999, and times before the shift; one step is near each of the ends
  for (int i = 0; i < 291; ++i) table.push_back((291.0 - i) / 291);
  for (int i = 0; i < 293; ++i) flow.push_back((1000 - std::floor(i * 1000.0 / 293)) / 1000);
  check(menu_network::stable_diffusion(), "sgm_uniform", 291, table);
  check(menu_network::flow(), "simple", 293, flow);
}

TEST_CASE("on a grid that ends above the data samplers end where it does") {
  auto menu = fk::interop::menus::of_comfyui();
  menu.schedulers = {{"to least", "tangent{.end = to_last_level}", fk::interop::menus::detail::kl_optimal_to_least}};
  const menu_network n = menu_network::stable_diffusion();
  const double least = fk::level_at(n.table, 0).ratio();
  for (const auto& s : menu.samplers) {
    if (s.solver.empty()) continue;
    INFO(s.name);
    auto r = fk::interop::menus::recipe_of(menu, {.sampler = std::string(s.name), .steps = 8}, n);
    const auto plan = r.plan(fk::guidance::none{}, {});
    CHECK(plan.levels.back().ratio() == Approx(least).epsilon(1e-12));
    if (s.solver == "sa_solver") {
      CHECK(r.solver.order == fk::solver::sa_solver<3, 4>::order);
      CHECK(r.solver.history == fk::solver::sa_solver<3, 4>::history);
    }
    if (s.adapt == fk::interop::menus::detail::end_on_data) {
      const auto plain = fk::solver::by_name(s.solver, s.fields);
      CHECK(r.solver.order == plain.order);
      CHECK(r.solver.evaluations == plain.evaluations);
      CHECK(r.solver.history == plain.history);
      CHECK(r.solver.stochastic == plain.stochastic);
      r.solver = plain;
      CHECK(fk::plan::to_text(plan) == fk::plan::to_text(r.plan(fk::guidance::none{}, {})));
    }
    // ComfyUI lowers the orders of SA-Solver towards a sigma of 0 alone: here the last step reads three predictions.
    if (s.solver == "sa_solver") CHECK(plan.calls.back().then.input_count >= 4);
  }
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
