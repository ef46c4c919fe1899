// SPDX-License-Identifier: MIT
#include <fokker/plan/text.hpp>

#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/rescaled.hpp>

#include <cmath>
#include <cstring>
#include <random>

#include <fokker/grid/karras.hpp>
#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddim_inversion.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/flow_map.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/solver/sde_dpmpp_2m.hpp>

#include "support/dice.hpp"
#include "support/fresh.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::plan::from_text;
using fk::plan::to_text;

namespace {
template <class Solver>
fk::plan::program some(const Solver& solver, int steps = 5) {
  return fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = steps}, solver,
                       fk::guidance::classifier_free{.scale = 3}, {.preview = true});
}
/// A number that outlives its call, and a quantile.
struct remembering {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto before = g.remembered(0.0);
    g.remember(g.quantile(g[0].network, 0.5) + 0.5 * before);
    return {.network = quotient(1, 1 + before, 0) * g[0].network};
  }
};

}  // namespace

TEST_CASE("a plan read back from text is the same to the bit") {
  const auto check = [](const fk::plan::program& plan) {
    const auto text = to_text(plan);
    const auto read = from_text(text);
    CHECK(to_text(read) == text);
    REQUIRE(read.calls.size() == plan.calls.size());
    CHECK(read.draw == plan.draw);
    CHECK(read.enter == plan.enter);
    CHECK(read.buffers == plan.buffers);
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      CHECK(read.calls[i].then == plan.calls[i].then);
      CHECK(read.calls[i].at.label == plan.calls[i].at.label);
      CHECK(read.calls[i].input == plan.calls[i].input);
      CHECK(read.calls[i].raw == plan.calls[i].raw);
      REQUIRE(read.calls[i].to.has_value() == plan.calls[i].to.has_value());
      if (plan.calls[i].to) CHECK(read.calls[i].to->label == plan.calls[i].to->label);
    }
    CHECK(fk::plan::to_string(read) == fk::plan::to_string(plan));
  };
  check(some(fk::solver::heun{}));
  check(some(fk::solver::dpmpp_2m{}));
  check(some(fk::solver::ddpm{}));
  check(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 4},
                      fk::solver::ddim_inversion{}));  // whose levels go towards noise
  check(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 2},
                      fk::solver::flow_map{}));  // whose network is told two levels
  auto of_gradients = some(fk::solver::heun{});
  of_gradients.calls[1].raw = 0x80000001;
  check(of_gradients);
}

TEST_CASE("a rate that is not known is one word, whatever its sign") {
  auto plan = some(fk::solver::heun{});
  plan.levels.back().alpha_rate = fk::level::unknown;
  const auto text = to_text(plan);
  plan.levels.back().alpha_rate = std::copysign(fk::level::unknown, -1.0);
  CHECK(to_text(plan) == text);
}

TEST_CASE("a plan read from text cannot be planned again") {
  const auto read = from_text(to_text(some(fk::solver::heun{})));
  CHECK_THROWS_WITH(read.with(fk::guidance::classifier_free{}), Catch::Contains("read from text"));
}

TEST_CASE("text 1, which told no places of normals, is read", "[bits]") {
  const auto ones = [](fk::plan::program plan) {  // what it had
    for (auto& c : plan.calls)
      for (auto& z : c.then.normals) z.visit = 0, z.from = z.to = 0;
    return plan;
  };
  const auto check = [&](const std::string& text, const fk::plan::program& plan) {
    const auto read = from_text(text);
    REQUIRE(read.calls.size() == plan.calls.size());
    CHECK(read.draw == plan.draw);
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      CHECK(read.calls[i].then == ones(plan).calls[i].then);
      CHECK((read.calls[i].then != plan.calls[i].then) == (plan.calls[i].then.normal_count > 0));
    }
    CHECK(to_text(read) == to_text(ones(plan)));
    CHECK(to_text(read).starts_with("fokker-plan 2\n"));
  };
  check(R"(fokker-plan 1
3 2 2 2 1 edm
1.4p+6 1p+0 1.4p+6 0p+0 1p+0 nan
1.0624dd2f1a9fcp-9 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 nan
0p+0 1p+0 0p+0 0p+0 1p+0 nan
0 1 1 0 0 -1 0 1.fffffffffffffp+1023 1.fffd70a8c14a4p-1
1 0 1 0 0 0 1.fffffffffffffp+1023 1.99978d53cdd5p-7
0 1.4p+6 1p+0 1.4p+6 0p+0 1p+0 1.18731fd788044p+0 1.fffd70a8c14a4p+0 -1.99978d53cdd5p-8 1.99978d53cdd5p-7 0 1 0 3 1 2 0 0 1 0 1 1 1 0 -1 1 1.fffffffffffffp+1023 1.99978d53cdd51p-9 1.7ffe147e90f7cp+0 -1.fffd70a8c14a6p-1 0p+0 0 1.fffffffffffffp+1023 1.ad806e3d65bep-24 0p+0 0p+0 1.fffef38bfaae3p+0 1.062453bdc79dp-8
1 1.0624dd2f1a9fcp-9 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 -1.8dbc239b0b862p+0 1.062453bf27744p-7 -1.fffef391590f2p-1 1.fffef391590f2p+0 0 1 0 3 0 2 0 0 1 0 1 1 1 1.fffffffffffffp+1023 1.fffef391590f2p-2 1.89367d9ebb2e6p-8 -1.062453bf27744p-8 0 1.fffffffffffffp+1023 1.fffef391590f2p-2 1.89367d9ebb2e6p-8 -1.062453bf27744p-8 0p+0
)",
        some(fk::solver::sde_dpmpp_2m{}, 2));
  check(R"(fokker-plan 1
3 2 1 2 0 epsilon
1.4p+6 1p+0 1.4p+6 0p+0 1p+0 nan
1.0624dd2f1a9fcp-9 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 nan
0p+0 1p+0 0p+0 0p+0 1p+0 nan
0 1 1 0 0 -1 0 1.fffffffffffffp+1023 1.4p+6
0 0 0
0 1.4p+6 1p+0 1.4p+6 0p+0 1p+0 1.4p+6 0p+0 1p+0 1p+0 0 -1 0 3 1 1 0 0 1 0 1 1 1 0 2 1p-1 0p+0 0 1.fffffffffffffp+1023 1p+0 -1.3ffffffca501ap+6 0p+0 1p+0
1 1.0624dd2f1a9fcp-9 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 1p+0 0 -1 0 2 0 1 0 0 1 0 0 1.fffffffffffffp+1023 1p+0 -1.0624dd2f1a9fcp-9
)",
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::learned_variance{fk::parameterization::epsilon{}},
                      fk::grid::karras{.steps = 2}, fk::solver::ddpm{fk::solver::ddpm_variance::learned}));
  check(R"(fokker-plan 1
3 2 2 1 0 epsilon
1.4p+6 1p+0 1.4p+6 0p+0 1p+0 nan
1.0624dd2f1a9fcp-9 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 nan
0p+0 1p+0 0p+0 0p+0 1p+0 nan
0 1 1 0 0 -1 0 1.fffffffffffffp+1023 1.4p+6
0 0 0
0 1.4p+6 1p+0 1.4p+6 0p+0 1p+0 1.4p+6 0p+0 1p+0 1p+0 0 -1 1 1.ccccccccccccdp-1 1p+0 1.8p+0 0 2 0 1 0 0 1 0 1 1.fffffffffffffp+1023 1p+0 -1.4p+6
2 0 2 0 1 0 0 0 1p+0 1p+0 0p+0 0 1.fffffffffffffp+1023 0p+0 1.a36e2eb1c432dp-16 1.fffcb923a29c7p-1
1 1.0624dd2f1a9fcp-9 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 1.0624dd2f1a9fcp-9 0p+0 1p+0 1p+0 0 -1 1 1.ccccccccccccdp-1 1p+0 1.8p+0 0 2 0 1 0 0 1 0 1 1.fffffffffffffp+1023 1p+0 -1.0624dd2f1a9fcp-9
1 0 2 0 1 0 1p+0 1p+0 0 1.fffffffffffffp+1023 0p+0 1p+0
)",
        fk::make_plan(fk::schedule::edm{}, fk::parameterization::thresholded{fk::parameterization::epsilon{}, 0.9, 1.5},
                      fk::grid::karras{.steps = 2}, fk::solver::ddim{}));
}

TEST_CASE("text that is no plan is refused with its line and what was expected") {
  const std::string text = to_text(some(fk::solver::heun{}));
  CHECK_THROWS_WITH(from_text(""), Catch::Contains("line 1") && Catch::Contains("'fokker-plan'"));
  CHECK_THROWS_WITH(from_text("fokker-plan 3\n"), Catch::Contains("expected a whole number from 1 to 2, found '3'"));
  CHECK_THROWS_WITH(from_text(text + "x"), Catch::Contains("end of the text"));
  CHECK_THROWS_WITH(from_text(text.substr(0, text.size() / 2)), Catch::Contains("expected"));
  CHECK_THROWS_WITH(from_text("fokker-plan 2\n999999999999 1 1 1 0 data\n"), Catch::Contains("a whole number from 2"));
  // Behind a number and what can be read of it nothing else stands.
  for (const auto& [number, expected] :
       {std::pair("fokker-plan 2", "a whole number"), {" 1p+0", "a hexadecimal number"}}) {
    std::string damaged = text;
    damaged.insert(damaged.find(number) + std::strlen(number), "x");
    CHECK_THROWS_WITH(from_text(damaged), Catch::Contains(expected));
  }
}

TEST_CASE("damaged text never gives a plan that leaves its buffers") {
  const std::string text = to_text(some(fk::solver::dpmpp_2m{}));
  std::mt19937 random(7);
  int refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string damaged = text;
    for (int i = 0; i < 1 + trial % 3; ++i)
      damaged[random() % damaged.size()] = "0123456789abcdefpx+-. \n"[random() % 23];
    try {
      const auto plan = from_text(damaged);
      for (const auto& c : plan.calls) {
        CHECK(c.input < plan.buffers);
        for (int k = 0; k < c.then.input_count; ++k) {
          const auto& in = c.then.inputs[static_cast<std::size_t>(k)];
          CHECK(in.index < (in.where == fk::plan::operand::buffer ? plan.buffers : plan.branches));
        }
      }
    } catch (const std::invalid_argument&) {
      ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a plan with another token is refused, or reads what was written alone and has numbers alone") {
  const auto planned = [](const auto& network, const auto& solver, fk::plan_options options) {
    return to_text(fk::make_plan(fk::schedule::vp_linear{}, network, test::inner(3), solver,
                                 fk::guidance::classifier_free{.scale = 3}, options));
  };
  const fk::parameterization::thresholded limited{fk::parameterization::epsilon{}};
  const fk::parameterization::learned_variance learning{fk::parameterization::epsilon{}};
  const std::vector<std::string> texts{
      to_text(some(fk::solver::heun{})),
      planned(fk::parameterization::epsilon{}, fk::solver::dpmpp_2m{}, {.preview = true}),
      planned(limited, fk::solver::dpmpp_2m{}, {.preview = true}),
      planned(learning, fk::solver::ddpm{fk::solver::ddpm_variance::learned_range}, {}),
      to_text(fk::make_plan(fk::schedule::vp_linear{}, limited, test::inner(3), fk::solver::heun{},
                            fk::guidance::apg{.over = {0, 1}})),
      to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(3),
                            fk::solver::heun{}, remembering{})),
      to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, test::inner(3),
                            fk::solver::heun{}, fk::guidance::rescaled{fk::guidance::classifier_free{}})),
  };
  const std::vector<std::string> others{"0",       "1",        "2",      "3",    "4",     "5",      "8",    "31",
                                        "64",      "nan",      "-nan",   "inf",  "-inf",  "-1",     "1p+0", "-1p+0",
                                        "1p+1023", "-1p+1023", "1p+127", "0p+0", "-0p+0", "1p-1074"};
  test::dice d(1);
  int read = 0;
  for (int trial = 0; trial < 8000; ++trial) {
    const std::string& text = texts[static_cast<std::size_t>(d.below(static_cast<int>(texts.size())))];
    const auto begin = text.find_first_of(" \n", static_cast<std::size_t>(d.below(static_cast<int>(text.size()))));
    if (begin == std::string::npos || begin + 1 == text.size()) continue;
    const auto end = std::min(text.find_first_of(" \n", begin + 1), text.size());
    const std::string& other = others[static_cast<std::size_t>(d.below(static_cast<int>(others.size())))];
    const std::string changed = text.substr(0, begin + 1) + other + text.substr(end);
    INFO(changed);
    try {
      const auto plan = from_text(changed);
      ++read;
      bool as_written = true;
      try {
        as_written = test::reads_what_was_written(plan);
      } catch (const std::invalid_argument& error) {  // which axes there are is the run's to say
        CHECK_THAT(error.what(), Catch::Contains("axes is {") && Catch::Contains("of a sample's"));
      }
      CHECK(as_written);
      for (const auto& c : plan.calls)
        for (const double value :
             {c.at.time, c.at.alpha, c.at.sigma, c.at.label, c.predicts.data, c.predicts.noise, c.input_scale})
          CHECK(fk::detail::is_finite(value));
    } catch (const std::invalid_argument& error) {
      CHECK(std::string_view(error.what()).starts_with("fokker: "));
    }
  }
  CHECK(read > 100);
}

TEST_CASE("a message quotes the beginning of a long token") {
  const std::string text = to_text(some(fk::solver::heun{}));
  const std::string token(100'000, '7');
  for (const auto& damaged : {token, "fokker-plan 2\n" + token, text + token}) try {
      (void)from_text(damaged);
      FAIL();
    } catch (const std::invalid_argument& error) {
      CHECK(std::string_view(error.what()).size() < 160);
    }
}

TEST_CASE("measures, factors and what outlives a call come back to the bit") {
  const auto check = [](const auto& rule) {
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::uniform{.steps = 3}, fk::solver::dpmpp_2m{}, rule);
    CHECK(plan.has_measures());
    const std::string text = fk::plan::to_text(plan);
    const auto read = fk::plan::from_text(text);
    CHECK(fk::plan::to_text(read) == text);
    CHECK(read.tables == plan.tables);
    CHECK(read.scalars == plan.scalars);
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      CHECK(read.calls[i].measures == plan.calls[i].measures);
      CHECK(read.calls[i].then == plan.calls[i].then);
    }
  };
  check(fk::guidance::apg{.over = {1, 2}});
  check(fk::guidance::rescaled{fk::guidance::classifier_free{}});
  check(remembering{});
}
