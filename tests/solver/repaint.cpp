// SPDX-License-Identifier: MIT
#include <fokker/solver/repaint.hpp>

#include <fokker/guidance/inpainted.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::solver::ddpm;
using fk::solver::repaint;

namespace {
template <class Solver>
fk::plan::program planned(const Solver& solver) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 6},
                       solver);
}
}  // namespace

TEST_CASE("without repeats it is its solver, where that keeps no history") {
  CHECK(fk::plan::to_text(planned(repaint{ddpm{}, 2, 1})) == fk::plan::to_text(planned(ddpm{})));
  CHECK(fk::plan::to_text(planned(repaint{fk::solver::dpmpp_2m{}, 6, 1})) ==
        fk::plan::to_text(planned(fk::solver::dpmpp_2m{})));
}

TEST_CASE("each piece of the grid is run as often as is asked, from where it began") {
  const auto plan = planned(repaint{ddpm{}, 2, 3});
  const auto alone = planned(ddpm{});
  REQUIRE(plan.calls.size() == 18);
  for (std::size_t c = 0; c < plan.calls.size(); ++c) {
    const std::size_t step = c / 6 * 2 + c % 2;  // 0 1 0 1 0 1, 2 3 2 3 2 3, ...
    CHECK(plan.calls[c].at.time == alone.calls[step].at.time);
    CHECK(plan.calls[c].step == static_cast<int>(step));
  }
  CHECK(fk::plan::check(plan).empty());
}

TEST_CASE("repaint goes back by forward noise of the exact variance") {
  const auto plan = planned(repaint{ddpm{.variance = fk::solver::ddpm_variance::noiseless}, 2, 2});
  const auto& levels = plan.levels;
  const double ratio = levels[2].alpha / levels[4].alpha;
  // After the second step of the second piece, call 5 of the plan, x goes from level 4 up to level 2.
  const auto& up = plan.calls[5].then.rows[0];
  CHECK(up.normals[0] ==
        Approx(std::sqrt(levels[2].sigma * levels[2].sigma - ratio * ratio * levels[4].sigma * levels[4].sigma))
            .epsilon(1e-13));
}

TEST_CASE("each way up and down of repaint is noise of its own: pieces of one visit are apart") {
  const auto plan = planned(repaint{ddpm{}, 2, 3});
  std::vector<fk::noise_piece> pieces;
  for (const auto& c : plan.calls)
    for (int q = 0; q < c.then.normal_count; ++q) pieces.push_back(c.then.normals[static_cast<std::size_t>(q)]);
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      most = std::max(most, pieces[i].visit);
      const auto [a, b] = std::minmax(pieces[i].from, pieces[i].to);
      const auto [c, d] = std::minmax(pieces[j].from, pieces[j].to);
      CHECK((pieces[i].visit != pieces[j].visit || b <= c || d <= a));
    }
  CHECK(most >= 2);
}

TEST_CASE("repaint refuses no jump and no repeats by name") {
  law::refused([] { (void)planned(repaint{ddpm{}, 0, 3}); }, {"jump is 0;"});
  law::refused([] { (void)planned(repaint{ddpm{}, 2, 0}); }, {"repeats is 0;"});
}

TEST_CASE("repaint costs what its solver does, and a normal where it goes back") {
  test::costs(repaint<>{}, {.inputs = 2, .rows = 1, .normals = 2, .buffers = 1});
}
