// SPDX-License-Identifier: MIT
// A step of DDIM with every kind of guidance, by a stepper whose outputs were filled before: the network is not run. In
// turn with it, a burst of each: its limit, plain loops that read what the rule measures and then what its update does
// and write what that writes (`limit`); the same step with classifier_free (`plain`), where the tensors fit the cache;
// and the rule in tensor expressions as a user writes them (`xtensor`). All counters are seconds a step.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include <xtensor/xmath.hpp>

#include "../kernel/measured.hpp"

namespace {

using namespace measured;
namespace guidance = fk::guidance;
using batch = xt::xtensor<float, 4>;
using shape = std::array<std::size_t, 4>;

std::size_t size_of(const shape& s) { return s[0] * s[1] * s[2] * s[3]; }

/// Numbers like those of a network: none stands out, and no two tensors agree.
void fill(batch& t, int which) {
  std::uint32_t state = 12345u + static_cast<std::uint32_t>(which);
  for (float& value : t) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
  }
}

constexpr int calls = 1000;

/// A thousand steps, so that each is much like the next.
template <class Guidance>
fk::plan::program planned(const Guidance& rule) {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = calls},
                       fk::solver::ddim{}, rule);
}
/// Of a network that predicts the flow, for a rule that is about it.
template <class Guidance>
fk::plan::program planned_for_flow(const Guidance& rule) {
  return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = calls},
                       fk::solver::ddim{}, rule);
}

/// A run that starts again when it is through.
class running {
 public:
  running(const fk::plan::program& plan, const shape& extents) : plan_(plan), x_(batch::from_shape(extents)) {}

  /// Before `count` steps, all of which remember what earlier ones leave.
  void prepare(int count) {
    if (run_ && run_->calls_done() + static_cast<std::size_t>(count) < plan_.calls.size()) return;
    fill(x_, -1);
    run_.reset();
    run_.emplace(plan_, noise_, x_, fk::beginning::given);
    for (int b = 0; b < run_->branches(); ++b) fill(run_->output(b), b);
    for (int i = 0; i < 3; ++i) run_->advance();
  }
  void operator()(int count) {
    for (int i = 0; i < count; ++i) run_->advance();
    benchmark::ClobberMemory();
  }

 private:
  const fk::plan::program& plan_;
  fk::noise::philox noise_{.seed = 1};
  batch x_;
  std::optional<fk::stepper<batch, fk::noise::philox>> run_;
};

/// The limit of a call: plain loops over what it measures, once, and over its update.
class floor_of {
 public:
  floor_of(const fk::plan::program& plan, std::size_t count) : floor_of(plan.calls[calls / 2], count) {}
  void operator()(int times) const {
    for (int i = 0; i < times; ++i) {
      if (inputs_ > 0) benchmark::DoNotOptimize(native::sum(measured_.inputs.data(), inputs_, count_));
      update_(0, count_);
      benchmark::ClobberMemory();
    }
  }
  [[nodiscard]] std::int64_t floats() const { return floats_; }
  [[nodiscard]] int passes() const { return inputs_ > 0 ? 2 : 1; }

 private:
  floor_of(const fk::plan::call& call, std::size_t count)
      : update_(call.then, memory_for(count).at(call.then)), floats_(touched(call.then)), count_(count) {
    if (call.measures.empty()) return;
    fk::plan::update form = call.measures.front().form;
    inputs_ = static_cast<std::size_t>(form.input_count);
    floats_ += form.input_count;
    form.row_count = 0;  // which are written nowhere
    measured_ = memory_for(count).at(form);
  }
  static memory<>& memory_for(std::size_t count) {
    static std::map<std::size_t, memory<>> all;
    return all.try_emplace(count, count, 3, 3).first->second;
  }

  limit update_;
  fk::kernel::operands<float> measured_;
  std::int64_t floats_;
  std::size_t count_, inputs_ = 0;
};

/// A step of one sample in tensor expressions.
struct expressions {
  explicit expressions(const shape& extents)
      : x(batch::from_shape(extents)), c(x), u(x), before(batch::from_shape(extents)) {
    fill(x, -1), fill(c, 0), fill(u, 1), fill(before, 2);
  }
  batch x, c, u, before;
  // Of a step between two levels, for the prediction of the noise; and then for the flow.
  float alpha = 0.9f, sigma = 0.4f, keep = 0.998f, of_noise = -0.002f, of_data = 0.002f, step = -0.001f, scale = 7.5f;
};

constexpr auto now = xt::evaluation_strategy::immediate;

void rescaled(expressions& e) {
  const batch guided = e.u + e.scale * (e.c - e.u);
  const auto ratio = static_cast<float>(xt::stddev(e.c, now)() / xt::stddev(guided, now)());
  e.x = e.keep * e.x + e.of_noise * (0.7f * ratio + 0.3f) * guided;
}

void apg(expressions& e) {
  const batch D = (e.x - e.sigma * e.c) / e.alpha;
  batch m = D - (e.x - e.sigma * e.u) / e.alpha - 0.5f * e.before;
  e.before = m;
  m *= std::min(1.0f, 15 / static_cast<float>(std::sqrt(xt::sum(m * m, now)())));
  const auto along = static_cast<float>(xt::sum(m * D, now)() / xt::sum(D * D, now)());
  e.x = e.keep * e.x + e.of_data * (D + (e.scale - 1) * (m - along * D));
}

void cfg_zero_star(expressions& e) {
  const auto a = static_cast<float>(xt::sum(e.c * e.u, now)() / xt::sum(e.u * e.u, now)());
  e.x += e.step * (a * e.u + e.scale * (e.c - a * e.u));
}

struct rule {
  const char* name;
  fk::plan::program plan;
  void (*expressed)(expressions&) = nullptr;
};

void step(benchmark::State& state, const rule& of, const shape& extents) {
  static const fk::plan::program plain_plan = planned(guidance::classifier_free{7.5});
  const std::size_t count = size_of(extents);
  const int burst = burst_of(count);
  const bool small = count < (1 << 24);
  running here(of.plan, extents);
  const floor_of floor(of.plan, count);
  std::optional<running> plain;
  std::optional<expressions> user;
  if (small) plain.emplace(plain_plan, extents);
  if (of.expressed != nullptr && small && extents[0] == 1) user.emplace(extents);
  double limits = 0, plains = 0, users = 0;
  while (state.KeepRunningBatch(burst)) {
    here.prepare(burst);
    state.SetIterationTime(seconds_of([&] { here(burst); }));
    limits += seconds_of([&] { floor(burst); });
    if (plain) {
      plain->prepare(burst);
      plains += seconds_of([&] { (*plain)(burst); });
    }
    if (user)
      users += seconds_of([&] {
        for (int i = 0; i < burst; ++i) of.expressed(*user);
        benchmark::ClobberMemory();
      });
  }
  const auto average = [](double seconds) { return benchmark::Counter(seconds, benchmark::Counter::kAvgIterations); };
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(count * sizeof(float)) * floor.floats());
  state.counters["limit"] = average(limits);
  if (plain) state.counters["plain"] = average(plains);
  if (user) state.counters["xtensor"] = average(users);
  state.counters["floats"] = static_cast<double>(floor.floats());
  state.counters["passes"] = floor.passes();
}

const bool registered = [] {
  const guidance::classifier_free two{7.5};
  const guidance::interval within{guidance::rescaled{two}, guidance::along::steps, 0, 1};
  const rule rules[] = {
      {"none", planned(guidance::none{})},
      {"classifier_free", planned(two)},
      {"interval", planned(guidance::interval{two, guidance::along::steps, 0, 1})},
      {"momentum", planned(guidance::momentum{two})},
      {"rescaled", planned(guidance::rescaled{two}), rescaled},
      {"interval<rescaled>", planned(within)},
      {"renormalised", planned(guidance::renormalised{two})},
      {"renormalised by position", planned(guidance::renormalised{two, {1, 2}})},
      {"apg", planned(guidance::apg{}), apg},
      {"cfg_zero_star", planned_for_flow(guidance::cfg_zero_star{}), cfg_zero_star},
      {"tangential", planned(guidance::tangential{})},
      {"perp_neg", planned(guidance::perp_neg{})},
      {"mambo_g", planned(guidance::mambo_g{})},
      {"sliding_mode", planned(guidance::sliding_mode{})},
      {"adg", planned(guidance::adg{})},
      {"beta_cfg", planned(guidance::beta_cfg{})},
      {"feedback", planned(guidance::feedback{})},
      {"mimic", planned(guidance::mimic{})},
      {"superposed", planned(guidance::superposed{})},
      {"intersected", planned(guidance::intersected{})},
      {"until_alike", planned(guidance::until_alike{})},
  };
  struct named_shape {
    const char* name;
    shape extents;
  };
  const named_shape shapes[] = {{"16Mi", {1, 4, 2048, 2048}},
                                {"16 of 1Mi", {16, 4, 512, 512}},
                                {"1Mi", {1, 4, 512, 512}},
                                {"16Ki", {1, 4, 64, 64}},
                                {"points", {65536, 2, 1, 1}}};
  for (const named_shape& s : shapes)
    for (const rule& r : rules)
      benchmark::RegisterBenchmark(("guidance/" + std::string(r.name) + '/' + s.name).c_str(), step, r, s.extents)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
