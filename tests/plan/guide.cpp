// SPDX-License-Identifier: MIT
#include <fokker/plan/guide.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/fokker.hpp>
#include <fokker/guidance/by_name.hpp>
#include <fokker/solver/by_name.hpp>

#include "support/members.hpp"

namespace fk = fokker;
using fk::plan::guide;
using fk::plan::guided;

namespace {

/// u + scale (c - u), in a space of its own.
template <class Say>
struct symbolic {
  static constexpr int branches = 2;
  Say say;
  guided operator()(guide& g) const { return say(g); }
};
template <class Say>
symbolic(Say) -> symbolic<Say>;

/// Writes down what it is asked for.
struct listening {
  static constexpr int branches = 1;
  std::vector<fk::moment>* heard;
  std::array<double, 1> weights(const fk::moment& at) const { return heard->push_back(at), std::array{1.0}; }
};

const auto in_data = [](guide& g) { return guided{.data = 3 * g[0].data - 2 * g[1].data}; };
const auto in_network = [](guide& g) { return guided{.network = 3 * g[0].network - 2 * g[1].network}; };
const auto in_flow = [](guide& g) { return guided{.flow = 3 * g[0].flow - 2 * g[1].flow}; };

const auto first = [](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::sin(x[i]) - at.time;
};
const auto second = [](std::vector<double>& out, const std::vector<double>& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = 0.3 * x[i] + std::cos(at.time);
};

std::vector<double> sampled(const fk::plan::program& plan) {
  std::vector<double> x(5);
  fk::sample(plan, fk::denoisers{first, second}, fk::noise::philox{.seed = 3}, x);
  return x;
}

}  // namespace

TEST_CASE("a rule in the network's space is planned to the bit as its weights are") {
  for (const fk::solver::named& solver : fk::solver::all) {
    const auto plan = [&](const auto& rule) {
      return fk::plan::to_text(
          fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4), solver, rule));
    };
    INFO(solver.name);
    CHECK(plan(symbolic{in_network}) == plan(fk::guidance::classifier_free{.scale = 3}));
  }
}

TEST_CASE("a linear rule is the same in each space") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(6),
                         fk::solver::dpmpp_2m{}, rule);
  };
  const auto expected = sampled(plan(fk::guidance::classifier_free{.scale = 3}));
  const auto near = [&](const auto& rule) {
    const auto x = sampled(plan(rule));
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(expected[i]).epsilon(1e-12));
  };
  near(symbolic{in_data});
  near(symbolic{in_flow});
}

TEST_CASE("the weights of a rule know the level of their call, the step of the grid and how many steps there are") {
  std::vector<fk::moment> heard;
  const fk::schedule::vp_linear schedule;
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::velocity{}, test::inner(3), fk::solver::heun{}, listening{&heard});
  REQUIRE(heard.size() == plan.calls.size());
  CHECK(heard.size() == 6);  // heun calls twice a step
  for (std::size_t c = 0; c < heard.size(); ++c) {
    CHECK(heard[c].time == plan.calls[c].at.time);
    CHECK(heard[c].label == plan.calls[c].at.label);
    CHECK(heard[c].step == static_cast<int>(c) / 2);
    CHECK(heard[c].steps == 3);
  }

  // Steps whose length is chosen while sampling have no number.
  heard.clear();
  const fk::adaptive pair(schedule, fk::parameterization::velocity{}, test::inner(3), fk::solver::bosh3{},
                          listening{&heard});
  (void)pair.step(pair.levels()[0], pair.levels()[1]);
  REQUIRE_FALSE(heard.empty());
  for (const fk::moment& at : heard) CHECK(at.steps == 0);
}

namespace {

/// u + 3 (c - u), with numbers that are all 1, and with a memory.
struct ones {
  static constexpr int branches = 2;
  bool numbers = false, memory = false;
  guided operator()(guide& g) const {
    const fk::plan::expression c = g[0].network, u = g[1].network;
    const auto one = [&](const fk::plan::expression& e) {
      return numbers ? quotient(g.dot(c, c), g.dot(c, c), 1) * e : e;
    };
    const fk::plan::expression G = 3 * one(c) - 2 * one(u);
    if (!memory) return {.network = G};
    const fk::plan::expression before = g.remembered(c - u);
    static_cast<void>(g.remember(c - u));
    return {.network = G - 0.5 * one(before)};
  }
};

/// Samples of more than one element.
std::vector<double> sampled_by_three(const fk::plan::program& plan) {
  std::vector<double> x(6);
  const auto seen = [](const auto& network) {
    return
        [&network](fk::backend::host_view<double>& out, const fk::backend::host_view<double>& in, const fk::level& at) {
          std::vector<double> said(in.shape.size());
          network(said, std::vector<double>(in.data, in.data + said.size()), at);
          std::copy(said.begin(), said.end(), out.data);
        };
  };
  fk::sample(plan, fk::denoisers{seen(first), seen(second)}, fk::noise::philox{.seed = 3},
             fk::backend::host_view<double>{x.data(), {2, 3}});
  return x;
}

struct needs {
  int operands = 0, rows = 0, buffers = 0;
  friend bool operator==(const needs&, const needs&) = default;
};
needs needs_of(const fk::plan::program& p) {
  needs n{.buffers = p.buffers};
  const auto look = [&n](const fk::plan::update& u) {
    n.operands = std::max(n.operands, u.input_count);
    n.rows = std::max(n.rows, u.row_count);
  };
  look(p.enter);
  for (const fk::plan::call& c : p.calls) look(c.then);
  return n;
}

/// `check(name, plan)` for every solver, with and without limits of data and previews; plan(rule) is a program.
template <class Check>
void everywhere(Check check) {
  const fk::parameterization::velocity network;
  for (const auto& solver : fk::solver::all)
    for (const bool preview : {false, true}) {
      const auto planned = [&](const auto& wrapped) {
        return [&, wrapped](const auto& guidance) {
          return fk::make_plan(fk::schedule::vp_linear{}, wrapped, test::inner(12), solver, guidance,
                               {.preview = preview});
        };
      };
      const std::string name = std::string(solver.name) + (preview ? ", preview" : "");
      check(name, planned(network));
      check(name + ", clipped", planned(fk::parameterization::clipped{network}));
      check(name + ", thresholded", planned(fk::parameterization::thresholded{network}));
    }
}

}  // namespace

TEST_CASE("weights that are found while sampling are those that are known, for every solver") {
  everywhere([](const std::string& name, const auto& plan) {
    for (const bool memory : {false, true}) {
      INFO(name << (memory ? ", memory" : ""));
      if (memory && name.starts_with("dopri5")) {
        // Seven calls a step, all of them read by the last update, and the memory.
        const bool fits = name == "dopri5";
        const auto refused = Catch::Contains(fits ? "the update after call 8 needs more than 8 operands"
                                                  : "the update after call 2 needs more than 5 results");
        CHECK_THROWS_WITH(plan(ones{.memory = true}), refused);
        if (!fits) CHECK_THROWS_WITH(plan(ones{.numbers = true, .memory = true}), refused);
        continue;
      }
      // Each weight has some roundings more, and no step of these is steep.
      const auto found = sampled_by_three(plan(ones{.numbers = true, .memory = memory}));
      const auto known = sampled_by_three(plan(ones{.memory = memory}));
      for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(known[i]).epsilon(1e-12).margin(1e-12));
    }
  });
}

TEST_CASE(
    "weights that are found while sampling need no more memory than those that are known, and a memory one more") {
  everywhere([](const std::string& name, const auto& plan) {
    INFO(name);
    const needs known = needs_of(plan(fk::guidance::classifier_free{.scale = 3}));
    CHECK(needs_of(plan(ones{.numbers = true})) == known);
    if (!name.starts_with("dopri5"))
      CHECK(needs_of(plan(ones{.numbers = true, .memory = true})).buffers == known.buffers + 1);
  });
}

namespace {

struct some_rule {
  std::string name;
  fk::guidance::any rule;
};

/// Every rule that needs nothing given, and some around rules that measure.
std::vector<some_rule> every_rule() {
  using namespace fk::guidance;
  std::vector<some_rule> found;
  for (const auto& r : all)
    if (r.name == "cfg_zero_star")
      found.push_back({"cfg_zero_star", by_name(r.name, {{"zero_steps", 0}})});
    else if (r.name != "inpainted" && r.name != "by_place" && r.name != "ddnm" && r.name != "differential")
      found.push_back({std::string(r.name), by_name(r.name)});
  found.push_back({"every second apg", every<apg>{apg{}, 2}});
  found.push_back({"rescaled mambo_g by excess", rescaled{mambo_g{}, 0.7, true}});
  found.push_back({"mimic from the mean", mimic{.from_mean = true}});
  found.push_back(
      {"rescaled mimic from the mean", rescaled{mimic{.scale = 5, .mimic_scale = 3, .from_mean = true}, 0.7}});
  found.push_back({"momentum of renormalised", momentum{renormalised{classifier_free{}}}});
  return found;
}

template <class Check>
void for_every_network(Check check) {
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::vp_linear{}, fk::parameterization::data{});
  check(fk::schedule::vp_linear{}, fk::parameterization::velocity{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
}

/// x after a run in which branch b says says(b, x, element, call).
template <class E, class Says>
std::vector<E> run(const fk::plan::program& plan, std::vector<E> x, const fk::backend::extents& shape, Says says) {
  fk::backend::host_view<E> view{x.data(), shape};
  const fk::noise::philox noise{};
  fk::stepper all(plan, noise, view, fk::beginning::given);
  while (!all.done()) {
    for (int b = 0; b < all.branches(); ++b)
      if (all.wants(b))
        for (std::size_t i = 0; i < x.size(); ++i) all.output(b).data[i] = says(b, all.input().data[i], i, all.call());
    all.advance();
  }
  return x;
}

}  // namespace

TEST_CASE("branches that agree are what they say, by every rule, and checks of plans find nothing") {
  const fk::backend::extents shape{2, 3, 4};
  std::vector<double> x(24);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 3 * std::sin(static_cast<double>(i));
  const auto says = [](int, double v, std::size_t, const fk::plan::call& c) { return std::sin(v) + 0.1 * c.at.time; };
  for_every_network([&](const auto& schedule, const auto& network) {
    for (const char* solver : {"euler", "heun", "dpmpp_2m", "unipc", "ddpm", "dpmpp_sde", "sa_solver", "restart"}) {
      const auto plan = [&](const auto& rule) {
        return fk::make_plan(schedule, network, test::inner(6), fk::solver::by_name(solver), rule);
      };
      const auto expected = run(plan(fk::guidance::none{}), x, shape, says);
      for (const auto& [name, rule] : every_rule()) {
        INFO(network.name << ", " << solver << ", " << name);
        if (name == "intersected" && fk::solver::by_name(solver).evaluations > 1) continue;  // refused
        if (name == "skipped") continue;  // it leaves calls out: guidance/skipped.cpp has what is held in their place
        const auto guided = plan(rule);
        CHECK(fk::plan::check(guided).empty());
        if (name.starts_with("momentum") || name == "gradient" || name == "pigdm" || name == "dps")
          continue;  // they go on, or add what a branch says
        const auto found = run(guided, x, shape, says);
        double off = 0;
        for (std::size_t i = 0; i < x.size(); ++i) off = std::max(off, std::abs(found[i] - expected[i]));
        // A hundred roundings of numbers up to 360: data are up to 40 where sigma/alpha is 10 and x and epsilon are up
        // to 4, and rules of a scale of 5 add 5 and take off 4 of them.
        CHECK(off < 100 * 360 * 0x1p-53);
      }
    }
    const auto zero = fk::make_plan(schedule, network, test::inner(6), fk::solver::euler{},
                                    fk::guidance::cfg_zero_star{.zero_steps = 1});
    CHECK_FALSE(fk::plan::check(zero).empty());  // a step that is left out takes constant data elsewhere
  });
}

TEST_CASE("neutral parameters are the first network alone, to the bit, whatever it predicts", "[bits]") {
  using namespace fk::guidance;
  const fk::backend::extents shape{2, 3, 4};
  std::vector<float> x(24);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 3 * std::sin(static_cast<float>(i));
  const auto says = [](int b, float v, std::size_t, const fk::plan::call&) {
    return std::sin(static_cast<float>(b + 1) * v) + 0.1f * static_cast<float>(b);
  };
  for_every_network([&](const auto& schedule, const auto& network) {
    const auto planned = [&](const auto& rule) {
      return fk::make_plan(schedule, network, test::inner(5), fk::solver::dpmpp_2m{}, rule);
    };
    const auto end = [&](const fk::plan::program& plan) { return run(plan, x, shape, says); };
    const auto alone = planned(none{});
    const auto plain = end(alone);
    const std::vector<some_rule> neutral{{"adg", adg{.scale = 1}},
                                         {"apg", apg{.scale = 1}},
                                         {"beta_cfg", beta_cfg{.scale = 1, .a = 1, .b = 1, .gamma = 0}},
                                         {"cfg_zero_star", cfg_zero_star{.scale = 1, .zero_steps = 0}},
                                         {"classifier_free", classifier_free{.scale = 1}},
                                         {"feedback", feedback{.pi = 1}},
                                         {"gradient", gradient{.scale = 0}},
                                         {"instruct_pix2pix", instruct_pix2pix{.scale = 1, .image_scale = 1}},
                                         {"ltx2", ltx2{.scale = 1, .perturbed_scale = 0, .modality_scale = 1}},
                                         {"mambo_g", mambo_g{.scale = 1}},
                                         {"mimic", mimic{.scale = 1, .mimic_scale = 1}},
                                         {"momentum", momentum{none{}, 0.0}},
                                         {"perp_neg", perp_neg{.scale = 1, .negative = 0}},
                                         {"perturbed", perturbed{.scale = 1, .perturbed_scale = 0}},
                                         {"pigdm", pigdm{.scale = 0}},
                                         {"renormalised", renormalised{classifier_free{.scale = 1}}},
                                         {"rescaled", rescaled{classifier_free{.scale = 1}}},
                                         {"sliding_mode", sliding_mode{.scale = 1, .gain = 0}},
                                         {"tangential", tangential{.scale = 1}},
                                         {"until_alike", until_alike{.scale = 1}}};
    for (const auto& [name, rule] : neutral) {
      INFO(network.name << ", " << name);
      const auto plan = planned(rule);
      CHECK(end(plan) == plain);
      if (name == "until_alike") continue;  // programs read its numbers
      CHECK(needs_of(plan) == needs_of(alone));
      // These two measure what any rule says.
      CHECK(plan.has_measures() == (name == "renormalised" || name == "rescaled"));
      for (const auto& c : plan.calls)
        for (int b = 1; b < plan.branches; ++b) CHECK_FALSE(plan.wants(c, b));
    }
  });
}

TEST_CASE("numbers of zeros, of constants and of one element are numbers, and NaN stays in its sample") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  using outputs = float (*)(int, float);
  const outputs constants[] = {[](int, float) { return 0.0f; }, [](int, float) { return 0.5f; },
                               [](int b, float) { return b == 0 ? 0.0f : 0.5f; }, [](int, float v) { return v; }};
  for_every_network([&](const auto& schedule, const auto& network) {
    for (const fk::backend::extents& shape : {fk::backend::extents{3}, fk::backend::extents{2, 3, 4}})
      for (const auto& [name, rule] : every_rule()) {
        INFO(network.name << ", " << name << ", samples of " << shape.sample_size());
        const auto plan = fk::make_plan(schedule, network, test::inner(4), fk::solver::dpmpp_2m{}, rule);
        for (const auto says : constants)
          for (const float start : {0.0f, 1.0f}) {
            const auto x = run(plan, std::vector<float>(shape.size(), start), shape,
                               [&](int b, float v, std::size_t, const fk::plan::call&) { return says(b, v); });
            CHECK(std::all_of(x.begin(), x.end(), [](float v) { return fk::detail::is_finite(v); }));
          }
        const std::size_t size = shape.sample_size();
        for (int spoilt = 0; spoilt < plan.branches; ++spoilt) {
          const bool read = std::any_of(plan.calls.begin(), plan.calls.end(),
                                        [&](const fk::plan::call& c) { return plan.wants(c, spoilt); });
          const auto x = run(plan, std::vector<float>(shape.size(), 1.0f), shape,
                             [&](int b, float v, std::size_t i, const fk::plan::call&) {
                               return b == spoilt && i == size ? nan : std::sin(v + static_cast<float>(b));
                             });
          for (std::size_t s = 0; s < shape.samples(); ++s) {
            const auto begin = x.begin() + static_cast<std::ptrdiff_t>(s * size);
            CHECK(std::any_of(begin, begin + static_cast<std::ptrdiff_t>(size),
                              [](float v) { return fk::detail::is_nan(v); }) == (read && s == 1));
          }
        }
      }
  });
}

TEST_CASE("what numbers of a sample are depends on no other sample, to the bit") {
  const auto says = [](int b, float v, std::size_t, const fk::plan::call& c) {
    const auto branch = static_cast<float>(b);
    return std::sin(v * (1 + 0.3f * branch)) + static_cast<float>(c.at.time) * branch;
  };
  using namespace fk::guidance;
  for (const fk::backend::extents& one : {fk::backend::extents{1, 2}, {1, 2, 3, 4}, {1, 7, 100, 100}}) {
    fk::backend::extents many = one;
    many.extent[0] = 5;
    std::vector<float> start(many.size());
    for (std::size_t i = 0; i < start.size(); ++i) start[i] = std::sin(static_cast<float>(i));
    auto rules = every_rule();
    if (one.rank == 4) {
      rules.push_back({"apg by channel", apg{.over = {0, 1}}});
      rules.push_back({"renormalised by position", renormalised{classifier_free{}, {1, 2}}});
    }
    for (const auto& [name, rule] : rules) {
      INFO(name << ", samples of " << one.size());
      const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(3),
                                      fk::solver::dpmpp_2m{}, rule);
      const auto together = run(plan, start, many, says);
      std::vector<float> alone;
      for (auto s = start.begin(); s != start.end(); s += static_cast<std::ptrdiff_t>(one.size())) {
        const auto x = run(plan, std::vector<float>(s, s + static_cast<std::ptrdiff_t>(one.size())), one, says);
        alone.insert(alone.end(), x.begin(), x.end());
      }
      const bool same = alone == together;
      CHECK(same);
    }
  }
}

namespace {

/// 1 / (1 + m) of what branch 0 says, m the mean square of the last call, in double.
struct remembering {
  static constexpr int branches = 1;
  guided operator()(guide& g) const {
    const auto before = g.remembered(0.0);
    const auto now = quotient(g.dot(g[0].network, g[0].network), g.count(), 0) + 0.5 * before;
    g.remember(now);
    return {.network = quotient(1, 1 + before, 0) * g[0].network};
  }
};

}  // namespace

TEST_CASE("a number that is remembered moves at each call, also where a step has two, and outlives a stopped run") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4),
                                  fk::solver::heun{}, remembering{});
  // The same by a network that remembers, and no rule.
  const auto alone =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4), fk::solver::heun{});
  REQUIRE(plan.calls.size() == 8);
  std::vector<double> x(6), y(6);
  fk::backend::host_view<double> xs{x.data(), {2, 3}}, ys{y.data(), {2, 3}};
  const fk::noise::philox noise{.seed = 2};
  const auto says = [](double v, const fk::level& at) { return std::sin(v) - at.time; };
  fk::stepper run(plan, noise, xs);
  fk::stepper other(alone, noise, ys);
  std::vector<double> remembered(2);
  while (!run.done()) {
    for (std::size_t i = 0; i < 6; ++i) run.output(0).data[i] = says(run.input().data[i], run.at());
    for (std::size_t s = 0; s < 2; ++s) {
      double square = 0;
      for (std::size_t i = 3 * s; i < 3 * s + 3; ++i) {
        const double said = says(other.input().data[i], other.at());
        square += said * said;
        other.output(0).data[i] = said / (1 + remembered[s]);
      }
      remembered[s] = square / 3 + 0.5 * remembered[s];
    }
    run.advance();
    other.advance();
  }
  for (std::size_t i = 0; i < 6; ++i) CHECK(x[i] == Approx(y[i]).epsilon(1e-12));

  for (const int stop_after : {1, 4, 7}) {
    std::vector<double> before(6), after(6);
    fk::backend::host_view<double> first_x{before.data(), {2, 3}}, second_x{after.data(), {2, 3}};
    const auto go = [&](auto& one) {
      for (std::size_t i = 0; i < 6; ++i) one.output(0).data[i] = says(one.input().data[i], one.at());
      one.advance();
    };
    fk::stepper begun(plan, noise, first_x);
    for (int i = 0; i < stop_after; ++i) go(begun);
    auto state = begun.stop();
    fk::stepper resumed(plan, noise, second_x, state);
    while (!resumed.done()) go(resumed);
    CHECK(after == x);
  }
}

TEST_CASE("a branch that numbers alone read is called, and one that nothing reads is not") {
  const auto by_norm = [](guide& g) {
    (void)g.dot(g[0].network, g[0].network);
    return guided{.network = quotient(g.norm(g[1].network), g.norm(g[1].network), 1) * g[0].network};
  };
  const auto asked_in_vain = [](guide& g) {
    (void)(g.norm(g[1].network) * g[1].network);
    return guided{.network = g[0].network};
  };
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(3),
                         fk::solver::dpmpp_2m{}, rule);
  };
  const auto called = plan(symbolic{by_norm}), not_called = plan(symbolic{asked_in_vain});
  for (const auto& c : called.calls) CHECK((called.wants(c, 0) && called.wants(c, 1)));
  for (const auto& c : not_called.calls) CHECK((not_called.wants(c, 0) && !not_called.wants(c, 1)));
  CHECK_FALSE(not_called.has_measures());
}

TEST_CASE("a number that is remembered is found where a later call is told it") {
  const auto in_vain = [](guide& g) {
    g.remember(g.norm(g[1].network));
    return guided{.network = g[0].network};
  };
  const auto told = [](guide& g) {  // a sum of all before, which ends as nothing multiplies the last one
    const fk::plan::scalar before = g.remembered(0);
    g.remember(before + g.norm(g[1].network));
    return guided{.network = g.step() == 2 ? exp(before) * g[0].network : g[0].network};
  };
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4),
                         fk::solver::dpmpp_2m{}, rule);
  };
  const auto none = plan(symbolic{in_vain}), some = plan(symbolic{told});
  CHECK_FALSE(none.has_measures());
  REQUIRE(some.calls.size() == 4);
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK_FALSE(none.wants(none.calls[c], 1));
    CHECK(some.wants(some.calls[c], 1) == (c < 2));
    CHECK(some.calls[c].measures.empty() == (c == 3));
  }
}

TEST_CASE("what a network does not determine is refused by its name where a rule asks for it") {
  const auto of_data = [](guide& g) { return guided{.data = g.norm(g[0].data) * g[1].data}; };
  CHECK_THROWS_WITH(
      fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 3},
                    fk::solver::euler{}, symbolic{of_data}),
      Catch::Contains("a network that predicts epsilon does not determine data") && Catch::Contains("alpha 0"));
}

TEST_CASE("a number is refused after the update of its call") {
  std::optional<fk::plan::scalar> kept;
  const auto plan = [&](const auto& rule) {
    kept.reset();
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(3),
                         fk::solver::dpmpp_2m{}, rule);
  };
  const auto refused = Catch::Contains("the call of a number is 0; allowed: 1");
  CHECK_THROWS_WITH(plan(symbolic{[&](guide& g) {
                      if (!kept) kept = g.norm(g[0].network);
                      return guided{.network = *kept * g[0].network};
                    }}),
                    refused);
  CHECK_THROWS_WITH(plan(symbolic{[&](guide& g) {
                      if (!kept) kept = g.norm(g[0].network);
                      return guided{.network = (*kept + 1) * g[0].network};
                    }}),
                    refused);
  CHECK_THROWS_WITH(plan(symbolic{[&](guide& g) {
                      if (!kept) kept = g.norm(g[0].network);
                      g.remember(*kept);
                      return guided{.network = g[0].network};
                    }}),
                    refused);
}

namespace {

/// The plan of three steps by a rule that says so.
template <class Say>
fk::plan::program planned_by(Say say) {
  return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(3),
                       fk::solver::dpmpp_2m{}, symbolic{std::move(say)});
}

/// A rule of one branch within another one.
template <class Say>
struct inner_rule {
  static constexpr int branches = 1;
  Say say;
  guided operator()(guide& g) const { return say(g); }
};
template <class Say>
inner_rule(Say) -> inner_rule<Say>;

}  // namespace

TEST_CASE("a rule speaks of one prediction, and of branches that there are") {
  const auto spoken = Catch::Contains("the number of predictions that the guidance speaks of is");
  CHECK_THROWS_WITH(planned_by([](guide&) { return guided{}; }), spoken && Catch::Contains("is 0;"));
  CHECK_THROWS_WITH(planned_by([](guide& g) { return guided{.data = g[0].data, .network = g[0].network}; }),
                    spoken && Catch::Contains("is 2;"));
  for (const int branch : {-1, 2})
    CHECK_THROWS_WITH(planned_by([=](guide& g) { return guided{.data = g[branch].data}; }),
                      Catch::Contains("the branch is " + std::to_string(branch) + "; allowed: 0 to 1"));
  const auto within = [](int branch, int from) {
    return planned_by([=](guide& g) {
      return guided{.data = g(inner_rule{[=](guide& h) { return guided{.data = h[branch].data}; }}, from).data};
    });
  };
  for (const auto& c : within(0, 1).calls)
    CHECK((!fk::plan::reads_branch(c.then, 0) && fk::plan::reads_branch(c.then, 1)));
  CHECK_THROWS_WITH(within(1, 1), Catch::Contains("the branch is 1; allowed: 0 to 0"));
  CHECK_THROWS_WITH(within(0, 2), Catch::Contains("the branch is 0; allowed: 0 to -1"));
}

TEST_CASE("a quantile is one between the least and the largest, also where nothing reads it") {
  const auto ask = [](double q) {
    return planned_by([=](guide& g) {
      static_cast<void>(g.quantile(g[0].network, q));
      return guided{.network = g[0].network};
    });
  };
  for (const double q : {0.0, 0.5, 1.0}) CHECK_NOTHROW(ask(q));
  for (const double q :
       {-0.25, 1.25, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_WITH(ask(q), Catch::Contains("a quantile is ") && Catch::Contains("; allowed: 0 to 1"));
}

TEST_CASE("what a rule tells a run, remembers and says is of numbers of its call, and of the same axes") {
  std::optional<fk::plan::scalar> kept;
  std::optional<fk::plan::expression> product;
  const auto late = [&](const auto& use) {
    kept.reset(), product.reset();
    return planned_by([&, use](guide& g) {
      if (!kept) kept = g.norm(g[0].network), product = *kept * g[0].network;
      return guided{.network = g.step() == 2 ? use(g) : fk::plan::expression(g[0].network)};
    });
  };
  const auto refused = Catch::Contains("the call of a number is 0; allowed: 2");
  CHECK_THROWS_WITH(late([&](guide&) { return *product; }), refused);
  CHECK_THROWS_WITH(late([&](guide& g) { return g.report("norm", *kept), fk::plan::expression(g[0].network); }),
                    refused);
  CHECK_THROWS_WITH(late([&](guide& g) { return g.remember(*kept), fk::plan::expression(g[0].network); }), refused);
  CHECK_THROWS_WITH(late([&](guide& g) { return g.remember(*product), fk::plan::expression(g[0].network); }), refused);

  const auto two_axes = [](bool told) {
    return planned_by([=](guide& g) {
      const fk::plan::expression x = g[0].network;
      const auto s = g.step() == 1 ? g.norm(x, {0, 1}) : g.norm(x, {1, 2});
      told ? g.report("norm", s) : g.remember(s);
      return guided{.network = x};
    });
  };
  const auto axes = Catch::Contains("the axes of a number is other ones; allowed: those that it was");
  CHECK_THROWS_WITH(two_axes(true), axes && Catch::Contains("reported by"));
  CHECK_THROWS_WITH(two_axes(false), axes && Catch::Contains("remembered by"));
  CHECK_THROWS_WITH(planned_by([](guide& g) {
                      g.report("two words", g.count());
                      return guided{.network = g[0].network};
                    }),
                    Catch::Contains("a word of up to 40 letters"));
}

TEST_CASE("numbers of channels are found, told and remembered a channel each") {
  // Of samples of 2 channels and 3 places.
  const fk::plan::axes channel{0, 1};
  const auto plan = planned_by([=](guide& g) {
    const fk::plan::expression x = g[0].network, y = g[1].network;
    g.remember(g.sum(g[1].network));  // of the whole sample
    g.report("all", g.count());
    const auto last = g.remembered(-1, 1);
    CHECK(last.quantity().over == (g.step() == 0 ? fk::plan::axes{} : channel));
    g.report("before", last + 0 * g.sum(x, channel));  // of each channel from the first call on
    g.remember(g.sum(x, channel), 1);                  // two of one rule
    g.report("sum", g.sum(x, channel)), g.report("dot", g.dot(x, y, channel));
    g.report("norm", g.norm(x, channel)), g.report("count", g.count(channel));
    g.report("deviation", g.deviation(x, channel)), g.report("largest", g.quantile(x, 1, channel));
    return guided{.network = x};
  });
  const auto says = [](int b, std::size_t i, int call) { return std::sin(3.0 * b + static_cast<double>(i) + call); };
  std::vector<double> x(12, 0.5);
  fk::backend::host_view<double> view{x.data(), {2, 2, 3}};
  const fk::noise::philox noise{};
  fk::stepper run(plan, noise, view, fk::beginning::given);
  std::vector<double> before(4, -1);
  for (int call = 0; !run.done(); ++call) {
    for (int b = 0; b < 2; ++b)
      for (std::size_t i = 0; i < x.size(); ++i) run.output(b).data[i] = says(b, i, call);
    run.advance();
    const auto same = [&](const char* name, std::size_t group, double expected) {
      CAPTURE(name, group, call);
      // Some roundings of numbers up to 3.
      CHECK(run.report(name).at(group) == Approx(expected).epsilon(1e-13).margin(1e-15));
    };
    CHECK(run.report("all") == std::vector<double>{6, 6});
    for (const char* name : {"before", "sum", "dot", "norm", "count", "deviation", "largest"})
      CHECK(run.report(name).size() == 4);
    for (std::size_t group = 0; group < 4; ++group) {
      double sum = 0, dot = 0, square = 0, apart = 0, largest = 0;
      for (std::size_t i = 3 * group; i < 3 * group + 3; ++i) {
        const double v = says(0, i, call);
        sum += v, dot += v * says(1, i, call), square += v * v, largest = std::max(largest, std::abs(v));
      }
      for (std::size_t i = 3 * group; i < 3 * group + 3; ++i) apart += std::pow(says(0, i, call) - sum / 3, 2);
      same("before", group, before[group]);
      same("sum", group, sum);
      same("dot", group, dot);
      same("norm", group, std::sqrt(square));
      same("count", group, 3);
      same("deviation", group, std::sqrt(apart / 2));
      same("largest", group, largest);
      before[group] = sum;
    }
  }
}

namespace {

/// What the first call reports of two samples, of which a network says 0.75.
std::vector<double> reported(const fk::plan::program& plan, const char* name, std::size_t size) {
  std::vector<double> x(2 * size, 0.5);
  fk::backend::host_view<double> view{x.data(), {2, size}};
  const fk::noise::philox noise{};
  fk::stepper run(plan, noise, view, fk::beginning::given);
  for (std::size_t i = 0; i < x.size(); ++i) run.output(0).data[i] = 0.75;
  run.advance();
  return run.report(name);
}

}  // namespace

TEST_CASE("a deviation of one element is 0") {
  const auto plan = planned_by([](guide& g) {
    g.report("deviation", g.deviation(g[0].network));
    return guided{.network = g[0].network};
  });
  CHECK(reported(plan, "deviation", 1) == std::vector<double>{0, 0});
}

namespace {

/// What a branch said one call before, and what it says at the first one.
struct late_by_one {
  static constexpr int branches = 1;
  guided operator()(guide& g) const {
    const fk::plan::expression now = g[0].network, before = g.remembered(now);
    CHECK(g.remember(now).terms().size() == 1);
    return {.network = before};
  }
};
/// Each of several rules, some of one type, and one of them asked of two branches.
struct several {
  static constexpr int branches = 2;
  late_by_one one, other;
  guided operator()(guide& g) const {
    return {.network = 0.5 * g(one).network + 0.25 * g(one, 1).network + 0.25 * g(other).network};
  }
};
struct several_twice {
  static constexpr int branches = 2;
  several one, other;
  guided operator()(guide& g) const { return {.network = 2 * g(one).network - g(other).network}; }
};
/// The same by a rule alone that remembers two tensors.
struct of_two {
  static constexpr int branches = 2;
  guided operator()(guide& g) const {
    const fk::plan::expression c = g[0].network, u = g[1].network;
    const auto before = g.remembered(c), other = g.remembered(u, 1);
    CHECK(g.remembered_at().has_value() == (g.step() > 0));
    CHECK(g.remembered_at(1).has_value() == (g.step() > 0));
    const fk::plan::expression kept = g.remember(c), kept_other = g.remember(u, 1);
    CHECK(kept.terms().size() == 1);
    CHECK(g.remembered(u) == kept);
    CHECK(g.remembered(c, 1) == kept_other);
    CHECK(g.whole(c) == c);
    return {.network = 0.75 * before + 0.25 * other};
  }
};

}  // namespace

TEST_CASE("each rule within a rule remembers what it is asked of, wherever it is, and a rule may remember several") {
  const auto end = [](const auto& rule, auto says) {
    const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(4),
                                    fk::solver::ddim{}, rule);
    std::vector<double> x{0.5, -1.5, 2.5};
    fk::backend::host_view<double> view{x.data(), {1, 3}};
    const fk::noise::philox noise{};
    fk::stepper run(plan, noise, view, fk::beginning::given);
    while (!run.done()) {
      for (std::size_t i = 0; i < 3; ++i) {
        const double v = run.input().data[i];
        says(i, std::sin(v), v * v, run);
      }
      run.advance();
    }
    return x;
  };
  // By hand.
  std::vector<double> last(3), other(3);
  int calls = 0;
  const auto expected = end(fk::guidance::none{}, [&](std::size_t i, double c, double u, auto& run) {
    if (calls++ < 3) last[i] = c, other[i] = u;
    run.output(0).data[i] = 0.75 * std::exchange(last[i], c) + 0.25 * std::exchange(other[i], u);
  });
  const auto both = [](std::size_t i, double c, double u, auto& run) {
    run.output(0).data[i] = c;
    run.output(1).data[i] = u;
  };
  for (const auto& found : {end(several{}, both), end(several_twice{}, both), end(of_two{}, both)})
    for (std::size_t i = 0; i < 3; ++i) CHECK(found[i] == Approx(expected[i]).epsilon(1e-12));
}

TEST_CASE("a rule within a rule reads its own branches as they are, and x where the network's input is scaled") {
  const auto plan = fk::make_plan(
      fk::schedule::edm{}, fk::parameterization::edm{}, test::inner(2), fk::solver::ddim{}, symbolic{[](guide& g) {
        const auto inner = [](guide& h) {
          CHECK(h.x().terms().size() == 1);
          CHECK(h.x().terms()[0].coefficient == Approx(std::sqrt(0.25 + h.at().sigma * h.at().sigma)).epsilon(1e-14));
          return guided{.data = h.x() + h.raw(0)};
        };
        return guided{.data = g[0].data + 0.5 * g(inner_rule{inner}, 1).data};
      }});
  for (const auto& c : plan.calls) {
    CHECK(c.raw == 2);
    CHECK(fk::plan::reads_branch(c.then, 1));
  }
}

namespace {

/// What is refused after the first update: a number of all x that a step leads to.
template <class Say>
struct arriving_rule {
  static constexpr int branches = 2;
  Say say;
  guided operator()(guide& g) const { return say(g); }
  fk::plan::expression arriving(fk::plan::arrival& a, const fk::plan::expression& x) const {
    guide* before = a.before();
    return before == nullptr ? x : quotient(before->norm(x), before->norm(x), 1) * x;
  }
};
template <class Say>
arriving_rule(Say) -> arriving_rule<Say>;

template <int N>
struct sums {
  static constexpr int branches = N;
  guided operator()(guide& g) const {
    for (int b = 0; b < N; ++b) g.report("sum_" + std::to_string(b), g.sum(g[b].network));
    return {.network = g[0].network};
  }
};

}  // namespace

TEST_CASE("numbers that an update does not find are refused by what they are of") {
  const auto plain = [](guide& g) { return guided{.network = g[0].network}; };
  const auto plan = [](const auto& network, const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, network, test::inner(3), fk::solver::ddim{}, rule);
  };
  const fk::parameterization::velocity network;
  CHECK_NOTHROW(plan(network, arriving_rule{plain}));
  CHECK_THROWS_WITH(plan(fk::parameterization::clipped{network}, arriving_rule{plain}),
                    Catch::Contains("a number is asked of data that its call limits"));
  const auto multiplied = [](guide& g) { return guided{.network = g.norm(g[0].network) * g[1].network}; };
  CHECK_THROWS_WITH(plan(network, arriving_rule{multiplied}),
                    Catch::Contains("a number is asked of what other numbers multiply"));

  CHECK_NOTHROW(plan(network, sums<5>{}));
  CHECK_THROWS_WITH(plan(network, sums<6>{}), Catch::Contains("after call 0 needs more than 5 rows of a measure"));
  const auto roots = [&](int count) {
    return plan(network, symbolic{[=](guide& g) {
                  auto s = g.sum(g[0].network);
                  for (int i = 0; i < count; ++i) s = root(s);
                  return guided{.network = s * g[1].network};
                }});
  };
  CHECK(roots(126).calls[0].measures[0].tape.size() == 128);  // the sum first, and what stores the last root
  CHECK_THROWS_WITH(roots(127), Catch::Contains("after call 0 needs more than 128 operations on numbers"));
  CHECK(roots(0).has_measures());

  const auto planes = [&](const auto& of) { return plan(network, symbolic{of}); };
  const auto refused = Catch::Contains("after call 0 needs more than 1 planes that multiply one tensor");
  CHECK_THROWS_WITH(planes([](guide& g) {
                      const fk::plan::expression x = g.x();
                      return guided{.network = g.plane("a") * x + g.plane("b") * x};
                    }),
                    refused);
  CHECK_THROWS_WITH(planes([](guide& g) {
                      const fk::plan::expression x = g.x();
                      return guided{.network = g.plane("a") * x + g.norm(x) * x};
                    }),
                    refused);
  CHECK_THROWS_WITH(planes([](guide& g) {
                      const fk::plan::expression x = g.x();
                      if (g.step() == 0) return guided{.network = g[0].network};
                      return guided{.network = g.norm(x) * x + g.plane("a") * x};
                    }),
                    Catch::Contains("after call 1 needs more than 1 planes"));
}

TEST_CASE("two planes of a caller's, tensors of theirs and numbers that are found multiply what they are asked to") {
  const auto planned = [](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::velocity{}, test::inner(3),
                         fk::solver::ddim{}, rule);
  };
  const auto plan = planned(symbolic{[](guide& g) {
    g.report("elements", g.count());
    const fk::plan::expression one = g.given("first"), other = g.given("second"), u = g[1].network;
    return guided{.network = g[0].network + g.plane("a") * one + g.plane("b") * other + g.sum(u) * u};
  }});
  const std::vector<double> first_given{1, -2, 0.5}, second_given{0.25, 3, -1}, a{0.5, 2, -1}, b{1.5, -0.25, 0.75};
  const auto view_of = [](const std::vector<double>& v) {
    return fk::backend::host_view<double>{const_cast<double*>(v.data()), {1, 3}};
  };
  const auto row = [](const std::vector<double>& v) {
    return fk::backend::host_view<double>{const_cast<double*>(v.data()), {3}};
  };
  std::vector<double> x{0.5, -1.5, 2.5}, y = x;
  const fk::noise::philox noise{};
  auto xs = view_of(x), ys = view_of(y);
  fk::stepper run(plan, noise, xs, fk::beginning::given,
                  {{{"first", view_of(first_given)}, {"second", view_of(second_given)}},
                   {{"a", row(a), {0, 1}}, {"b", row(b), {0, 1}}}});
  const auto unguided = planned(fk::guidance::none{});
  fk::stepper alone(unguided, noise, ys, fk::beginning::given);
  while (!run.done()) {
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += std::cos(alone.input().data[i]);
    for (std::size_t i = 0; i < 3; ++i) {
      run.output(0).data[i] = std::sin(run.input().data[i]);
      run.output(1).data[i] = std::cos(run.input().data[i]);
      const double v = alone.input().data[i];
      alone.output(0).data[i] = std::sin(v) + a[i] * first_given[i] + b[i] * second_given[i] + sum * std::cos(v);
    }
    run.advance();
    alone.advance();
    CHECK(run.report("elements") == std::vector<double>{3});
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(x[i] == Approx(y[i]).epsilon(1e-12));
}

TEST_CASE("the number of elements alone is found") {
  const auto plan = planned_by([](guide& g) {
    g.report("elements", g.count());
    return guided{.network = g[0].network};
  });
  CHECK(reported(plan, "elements", 5) == std::vector<double>{5, 5});
}
