// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/memory_space.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/kernel/reduction.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/sample.hpp>

namespace fokker::inline v0 {

/// How exact, and how its steps are chosen: with k the order of the pair and e the last errors, each as a part of what
/// is allowed, h' = h safety e_n^(-b1) e_{n-1}^(-b2) e_{n-2}^(-b3), b1 = (p + i + d)/k, b2 = -(p + 2 d)/k, b3 = d/k
/// (Soderlind 2003, PID control), and of that factor f 1 + atan(f - 1) (Soderlind & Wang 2006), from 0.2 to 2.6.
struct adaptive_options {
  double relative = 0.01;    ///< to the larger of |x| before and after the step
  double absolute = 0.0078;  ///< in the units of x; a step of 8 bits in [-1, 1]
  double p = 0, i = 1, d = 0;
  double safety = 0.9;
  int max_attempts = 10000;  ///< of one sample
};

/// What a sample took.
struct adaptive_steps {
  int accepted = 0;
  int rejected = 0;
  int calls = 0;  ///< of the network; those of a batch are as many as its slowest sample's
};

/// A sampler whose steps are chosen while it runs, for each sample of a batch by itself: `solver` is a pair of methods,
/// such as dpm_solver_2s (DPM-Solver-12, Lu et al. 2022), dpm_solver_3s (DPM-Solver-23), bosh3 or dopri5. The grid says
/// where it begins and ends, and how long the first step is; a grid that ends at data has its last step taken as it is.
/// Immutable, like a plan.
template <class Schedule, class Parameterization, class Grid, class Solver, class Guidance = guidance::none>
class adaptive {
  static_assert(check_noise_schedule<Schedule>() && check_prediction_type<Parameterization>() &&
                check_level_grid<Grid, Schedule>() && check_guidance_rule<Guidance>());
  static_assert(embedded_pair<Solver>,
                "fokker: steps of its own choice need a solver with 'plan::attempt attempt(plan::builder&, const "
                "plan::expression&, const level&, const level&) const'; docs/api/sample_adaptively.md");

 public:
  /// Throws std::invalid_argument for levels that are not strictly towards data, for a grid without a step between
  /// noise and data, and for options that are not positive.
  adaptive(Schedule schedule, Parameterization network, const Grid& grid, Solver solver, Guidance guidance = {},
           adaptive_options options = {})
      : schedule_(std::move(schedule)),
        network_(std::move(network)),
        solver_(std::move(solver)),
        guidance_(std::move(guidance)),
        options_(options),
        levels_(detail::opaque(grid).levels(schedule_)) {
    detail::require_levels(levels_);
    to_data_ = levels_.back().is_data();
    if (levels_.size() < (to_data_ ? 3u : 2u))
      detail::refuse("steps", levels_.size() - 1, "one or more before that onto data");
    detail::require_positive("absolute", options.absolute);
    detail::require_not_negative("relative", options.relative);
    detail::require_positive("safety", options.safety);
    detail::require_finite("p", options.p);
    detail::require_finite("i", options.i);
    detail::require_finite("d", options.d);
    if (options.max_attempts < 1) detail::refuse("max_attempts", options.max_attempts, "1 or more");
  }

  [[nodiscard]] const adaptive_options& options() const { return options_; }
  [[nodiscard]] const std::vector<level>& levels() const { return levels_; }
  static constexpr int branches = Guidance::branches;
  static constexpr int order = Solver::order;

  /// Where the adaptive steps end.
  [[nodiscard]] const level& last() const { return levels_[levels_.size() - (to_data_ ? 2 : 1)]; }
  [[nodiscard]] bool to_data() const { return to_data_; }

  /// The place of a level on the way, from 0 to 1: in log-SNR, or in time where it begins at noise.
  [[nodiscard]] double place(const level& l) const {
    const level& s = levels_.front();
    if (s.is_noise()) return (l.time - s.time) / (last().time - s.time);
    return towards_data(s, l) ? log_snr_step(s, l) / log_snr_step(s, last()) : 0;
  }
  [[nodiscard]] level at(double place) const {
    const level& s = levels_.front();
    if (place >= 1) return last();
    if (s.is_noise()) return level_at(schedule_, std::fma(place, last().time - s.time, s.time));
    return level_at_ratio(schedule_, s.ratio() * std::exp(-place * log_snr_step(s, last())));
  }

  /// The program of one step; with an estimate of its error but onto data.
  [[nodiscard]] plan::program step(const level& s, const level& t) const {
    plan::rule rule = plan::rule_of(guidance_);
    rule.one_attempt = true;
    plan::builder p(schedule_, network_, {s, t}, rule);
    static_cast<void>(*p.steps().begin());
    const plan::attempt tried = solver_.attempt(p, plan::expression(plan::atom{0}), s, t);
    return detail::planned<plan::program>(std::move(p).finish(tried), false);
  }

 private:
  Schedule schedule_;
  Parameterization network_;
  Solver solver_;
  Guidance guidance_;
  adaptive_options options_;
  std::vector<level> levels_;
  bool to_data_ = false;
};
template <class Schedule, class Parameterization, class Grid, class Solver>
adaptive(Schedule, Parameterization, Grid, Solver) -> adaptive<Schedule, Parameterization, Grid, Solver>;
template <class Schedule, class Parameterization, class Grid, class Solver, class Guidance>
adaptive(Schedule, Parameterization, Grid, Solver, Guidance, adaptive_options = {})
    -> adaptive<Schedule, Parameterization, Grid, Solver, Guidance>;

namespace detail {

/// Whether the memory space runs updates of samples by themselves.
template <class T>
consteval bool check_own_updates() {
  using updates = std::span<const kernel::own<plan::update, typename element_of<T>::type>>;
  static_assert(holds<has_own_updates<typename space_of<T>::type, updates, kernel::step_error>>,
                "fokker: samples with steps of their own need a memory space with 'update(span of kernel::own, "
                "step_error) const' and memory for numbers; docs/concept/memory_space.md");
  return has_own_updates<typename space_of<T>::type, updates, kernel::step_error>;
}

/// Lets x outlive a step: until buffer 0 is written it is read from a buffer of its own, the last one.
inline void keep_start(plan::program& p) {
  const int x = p.buffers++;
  bool written = false;
  const auto see = [&](plan::update& u) {
    for (plan::operand& in : u.inputs)
      if (!written && in == plan::operand{}) in.index = x;
    for (int j = 0; j < u.row_count; ++j) written = written || nth(u.rows, j).buffer == 0;
  };
  see(p.enter);
  for (plan::call& c : p.calls) {
    if (!written && c.input == 0) c.input = x;
    for (plan::measure& m : c.measures) see(m.form);
    see(c.then);
  }
}

/// Whether two steps differ in numbers alone: they call, read, find and write the same.
[[nodiscard]] inline bool same_shape(const plan::program& a, const plan::program& b) {
  const auto updates = [](const plan::update& u, const plan::update& v) {
    return u.input_count == v.input_count && u.row_count == v.row_count && u.inputs == v.inputs &&
           u.tables == v.tables &&
           std::equal(u.rows.begin(), u.rows.end(), v.rows.begin(),
                      [](const plan::row& r, const plan::row& s) { return r.buffer == s.buffer; });
  };
  const auto measures = [&](const plan::measure& m, const plan::measure& n) {
    return updates(m.form, n.form) && m.of == n.of && m.tape.size() == n.tape.size();
  };
  const auto calls = [&](const plan::call& c, const plan::call& d) {
    return c.input == d.input && updates(c.then, d.then) &&
           std::equal(c.measures.begin(), c.measures.end(), d.measures.begin(), d.measures.end(), measures);
  };
  return a.buffers == b.buffers && a.error == b.error && a.tables == b.tables && a.scalars == b.scalars &&
         updates(a.enter, b.enter) && std::equal(a.calls.begin(), a.calls.end(), b.calls.begin(), b.calls.end(), calls);
}

/// An adaptive sampler whose types are forgotten, so that a run is compiled once for all of them. It must outlive this.
class adaptive_way {
 public:
  const adaptive_options& options;
  const std::vector<level>& levels;
  int order, branches;
  bool to_data;

  template <class Plan>
  explicit adaptive_way(const Plan& plan)
      : options(plan.options()),
        levels(plan.levels()),
        order(Plan::order),
        branches(Plan::branches),
        to_data(plan.to_data()),
        plan_(&plan),
        place_([](const void* p, const level& l) { return static_cast<const Plan*>(p)->place(l); }),
        at_([](const void* p, double place) { return static_cast<const Plan*>(p)->at(place); }),
        step_([](const void* p, const level& s, const level& t) { return static_cast<const Plan*>(p)->step(s, t); }) {}

  [[nodiscard]] double place(const level& l) const { return place_(plan_, l); }
  [[nodiscard]] level at(double place) const { return at_(plan_, place); }
  [[nodiscard]] plan::program step(const level& s, const level& t) const { return step_(plan_, s, t); }

 private:
  const void* plan_;
  double (*place_)(const void*, const level&);
  level (*at_)(const void*, double);
  plan::program (*step_)(const void*, const level&, const level&);
};

/// One run: x and the proposal are two tensors, and which of them a sample is in is its own. In an attempt the samples
/// whose steps have one shape are a group, whose updates and measures are launched together.
template <class T>
class adaptive_run {
  using memory = memory_of_run<T, T, noise::philox>;
  using tensor = typename memory::tensor;
  using element = typename memory::element;
  using space = typename memory::space;

 public:
  adaptive_run(const adaptive_way& way, T& x)
      : way_(way), x_(&x), next_(x), errors_(tensor::space(x).template make<double>(tensor::shape(x).samples())) {
    memory_.shape = shape_of(x, "x");
    require_samples(memory_.shape, "x");
    for (int b = 0; b < way.branches; ++b) memory_.outputs.emplace_back(x);
    memory_.read.emplace_back(x);
    static_cast<void>(data_of(x, "x"));
    samples_.resize(memory_.shape.samples());
    const double first = way.place(way.levels[1]);
    for (sample& s : samples_) {
      s.from = way.levels.front();
      s.h = first;
    }
    at_.resize(samples_.size());
  }

  template <class Networks>
  std::vector<adaptive_steps> operator()(Networks& networks) {
    [[maybe_unused]] const auto here = entered(tensor::space(*x_));
    while (std::any_of(samples_.begin(), samples_.end(), [](const sample& s) { return !s.done; })) attempt(networks);
    settle();
    std::vector<adaptive_steps> took;
    for (const sample& s : samples_) took.push_back(s.took);
    return took;
  }

 private:
  struct sample {
    level from, to;
    std::shared_ptr<const plan::program> step;
    double place = 0, h = 0;    // where it is, and how far it would go
    double next = 0;            // where it tries to go
    double errors[2] = {1, 1};  // the last ones that were accepted
    bool done = false, in_next = false;
    adaptive_steps took;
  };
  struct group {
    plan::program shape;                              // the step of one of them
    std::optional<typename memory::numbers> found{};  // what the steps find, by sample
    std::vector<std::size_t> samples{};
    std::size_t first = 0;  // where their errors begin
  };

  template <class Networks>
  void attempt(Networks& networks) {
    for (group& g : groups_) g.samples.clear();
    std::size_t calls = 0;
    const sample* before = nullptr;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (samples_[i].done) continue;
      propose(i, before);
      before = &samples_[i];
      calls = (std::max)(calls, before->step->calls.size());
      group_of(*before->step).samples.push_back(i);
    }
    std::erase_if(groups_, [](const group& g) { return g.samples.empty(); });
    std::size_t measured = 0;
    for (group& g : groups_) {
      g.first = measured;
      if (g.shape.error >= 0) measured += g.samples.size();
      apply(g, g.shape.calls.front().input, {}, [](const plan::program& p) { return &p.enter; });
    }
    for (std::size_t c = 0; c < calls; ++c) {
      for (const group& g : groups_)
        for (const std::size_t i : g.samples)
          if (c < g.shape.calls.size()) at_[i] = samples_[i].step->calls[c].at;
      evaluate_all(networks);
      for (group& g : groups_)
        if (c < g.shape.calls.size()) answer(g, c);
    }
    std::vector<double> errors(measured);
    if (measured > 0) {
      const auto all = tensor::space(*x_).on_host(errors_.data(), measured);
      std::copy_n(&all[0], measured, errors.begin());
    }
    for (const group& g : groups_)
      for (std::size_t k = 0; k < g.samples.size(); ++k)
        judge(samples_[g.samples[k]], g.shape.error < 0 ? 0 : errors[g.first + k]);
  }

  /// Plans the step that sample i tries, unless it is that of the sample before.
  void propose(std::size_t i, const sample* before) {
    sample& s = samples_[i];
    s.next = std::fma(1.01, s.h, s.place) < 1 ? s.place + s.h : 1;  // no sliver is left for a step of its own
    s.to = s.place < 1 ? way_.at(s.next) : way_.levels.back();
    const int tried = s.took.accepted + s.took.rejected;
    if (tried == way_.options.max_attempts || !towards_data(s.from, s.to))  // a step may be too short to be one
      throw std::runtime_error(joined({"fokker: sample ", text(i), " is at time ", text(s.from.time), " after ",
                                       text(tried), " attempts: a tolerance below what its network can meet"}));
    if (before != nullptr && before->place == s.place && before->next == s.next) {
      s.step = before->step;
      return;
    }
    plan::program step = way_.step(s.from, s.to);
    keep_start(step);
    s.step = std::make_shared<const plan::program>(std::move(step));
  }

  /// The group of steps of this shape; it and its memory stay while attempts have it.
  group& group_of(const plan::program& p) {
    for (group& g : groups_)
      if (same_shape(g.shape, p)) return g;
    require_quantiles(p, memory_.shape);
    const auto refuse_given = [] {
      refuse("the plan", "with tensors or numbers that a run is given", "without, where samples choose their steps");
    };
    for (const plan::table& t : p.tables)
      if (!t.name.empty()) refuse_given();
    if (!p.givens.empty()) refuse_given();
    const auto draws = [](const plan::update& u) { return u.normal_count > 0; };
    for (const plan::call& c : p.calls)
      if (draws(c.then) || draws(p.enter) ||
          std::any_of(c.measures.begin(), c.measures.end(), [&](const plan::measure& m) { return draws(m.form); }))
        refuse("the plan", "with noise in its steps", "without, where samples choose their steps");
    while (static_cast<int>(memory_.own.size()) < p.buffers - 2) memory_.own.emplace_back(*x_);
    group& g = groups_.emplace_back(group{.shape = p});
    if (auto numbers = memory::found_by(p, *x_, memory_.shape)) g.found.emplace(std::move(*numbers));
    return g;
  }

  /// Launches what the steps of a group do at one place: `of(step)`, an update or a measure, whose operands are those
  /// of `form`.
  template <class Of, class Launch>
  void together(group& g, const plan::update& form, int copied, Of of, Launch launch) {
    memory_.buffers.assign(static_cast<std::size_t>(g.shape.buffers), nullptr);
    for (std::size_t b = 1; b + 1 < memory_.buffers.size(); ++b) memory_.buffers[b] = &memory_.own[b - 1].get();
    memory_.planes.resize(g.shape.tables.size());
    memory_.found.swap(g.found);
    typename memory::operands places[2];  // of samples in x, and of those in the other tensor
    for (const bool in_next : {false, true}) {
      memory_.buffers.front() = in_next ? x_ : &next_.get();
      memory_.buffers.back() = in_next ? &next_.get() : x_;
      places[in_next] = memory_.operands_of(form, copied);
    }
    memory_.found.swap(g.found);
    const element* const data[] = {tensor::data(*x_), tensor::data(next_.get())};
    std::vector<kernel::own<std::remove_cvref_t<decltype(*of(g.shape))>, element>> all;
    for (const std::size_t i : g.samples) {
      const bool in_next = samples_[i].in_next;
      all.push_back({of(*samples_[i].step), &places[in_next], i, data[in_next], data[!in_next]});
    }
    launch(std::span(std::as_const(all)));
  }
  /// The updates of a group; the network reads buffer `next` after them (-1: it reads no more).
  template <class Of>
  void apply(group& g, int next, const kernel::step_error& error, Of of) {
    memory_.apply(*of(g.shape), next, [&](const plan::update& u, int copied) {
      const bool theirs = &u == of(g.shape);  // and not the copy that is the same for all
      together(
          g, u, copied, [&](const plan::program& p) { return theirs ? of(p) : &u; },
          [&](auto each) { tensor::space(*x_).update(each, error); });
    });
  }
  /// Takes what the networks say at a call.
  void answer(group& g, std::size_t c) {
    const plan::call& call = g.shape.calls[c];
    if constexpr (memory::can_measure)
      for (std::size_t m = 0; m < call.measures.size(); ++m)
        together(
            g, call.measures[m].form, -1, [&](const plan::program& p) { return &p.calls[c].measures[m]; },
            [&](auto each) { tensor::space(*x_).measure(each, g.found->of(call.measures[m])); });
    const bool last = c + 1 == g.shape.calls.size();
    kernel::step_error error{};
    for (int j = 0; last && j < call.then.row_count; ++j)
      if (nth(call.then.rows, j).buffer == g.shape.error)
        error = {j, {way_.options.absolute, way_.options.relative}, errors_.data() + g.first};
    apply(g, last ? -1 : g.shape.calls[c + 1].input, error, [c](const plan::program& p) { return &p.calls[c].then; });
  }

  void judge(sample& s, double found) {
    const adaptive_options& o = way_.options;
    s.took.calls += static_cast<int>(s.step->calls.size());
    if (!is_finite(found))
      throw std::runtime_error(joined({"fokker: the step from time ", text(s.from.time), " to ", text(s.to.time),
                                       " is not finite: look at what the network says there"}));
    const double error = (std::max)(found, 1e-10);
    const double k = way_.order;
    const double grown = rounded_product(
        o.safety * std::pow(error, -(o.p + o.i + o.d) / k) * std::pow(s.errors[0], std::fma(2, o.d, o.p) / k),
        std::pow(s.errors[1], -o.d / k));
    const double limited = 1 + std::atan(grown - 1);
    if (found > 1) {
      ++s.took.rejected;
      s.h *= (std::min)(limited, 0.9);
      return;
    }
    ++s.took.accepted;
    s.in_next = !s.in_next;
    s.done = s.place >= 1 || (s.next >= 1 && !way_.to_data);
    s.place = s.next;
    s.from = s.to;
    if (s.step->error < 0) return;  // it says nothing of how long a step may be
    s.h *= limited;
    s.errors[1] = s.errors[0];
    s.errors[0] = error;
  }

  template <class Networks>
  void evaluate_all(Networks& networks) {
    if constexpr (requires { networks.begin_call(); }) networks.begin_call();
    int b = 0;
    std::apply([&](auto&... network) { (evaluate_one(network, detail::nth(memory_.outputs, b++).get()), ...); },
               networks.each);
    require_shape(tensor::shape(*x_), memory_.shape, "x during the run");
    for (alike<T>& out : memory_.outputs) static_cast<void>(data_of(out.get(), "the network's output"));
  }
  template <class Network>
  void evaluate_one(Network& network, T& out) {
    const T& in = memory_.read.front().get();
    if constexpr (takes_levels<Network, T>) {
      if constexpr (check_denoiser<Network, T, std::span<const level>>()) network(out, in, std::span<const level>(at_));
    } else if constexpr (takes_two_levels<Network, T>) {
      static_assert(
          !takes_two_levels<Network, T>,
          "fokker: sample_adaptively tells a denoiser where x is, and this one is to be told where it goes as "
          "well: sample with solver::flow_map; docs/concept/denoiser.md");
    } else if constexpr (check_denoiser<Network, T>()) {
      if (samples_.size() > 1)
        refuse("the number of samples of x", samples_.size(),
               "1, or a denoiser that takes a level for each: (out, x, std::span<const level>)");
      evaluate(network, out, in, at_.front());
    }
    require_shape(shape_of(out, "the network's output"), memory_.shape, "the network's output");
  }

  /// Samples that ended in the other tensor come back to x.
  void settle() {
    const plan::update same = plan::identity();
    auto places = memory_.places();
    places.inputs[0] = tensor::data(next_.get());
    places.rows[0] = tensor::data(*x_);
    std::vector<kernel::own<plan::update, element>> all;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      if (samples_[i].in_next) all.push_back({&same, &places, i});
    tensor::space(*x_).update(std::span(std::as_const(all)), kernel::step_error{});
  }

  const adaptive_way& way_;
  T* x_;
  alike<T> next_;
  memory memory_;
  decltype(std::declval<const space&>().template make<double>(std::size_t{})) errors_;  // of the samples
  std::vector<group> groups_;
  std::vector<sample> samples_;
  std::vector<level> at_;
};

template <class Plan, class Networks, class X>
std::vector<adaptive_steps> run_adaptively(const Plan& plan, Networks&& networks, X&& x) {
  constexpr int given = std::tuple_size_v<decltype(networks.each)>;
  static_assert(given == Plan::branches, "fokker: as many denoisers as the guidance has branches");
  if constexpr (check_result<X>() && check_own_updates<std::remove_cvref_t<X>>())
    return adaptive_run<std::remove_cvref_t<X>>(adaptive_way(plan), x)(networks);
  else
    return {};
}

}  // namespace detail

/// Runs from the given x, at the scale of the plan's first level, in steps of its own choice. Each sample gets what it
/// would get alone, to the bit, if a sample of the network's output depends on that sample alone. For more than one the
/// denoiser takes a level for each: (out, x, std::span<const level>). Throws std::runtime_error for a step that is
/// not finite, and after `max_attempts`.
template <class S, class P, class G, class Solver, class Guidance, class Denoiser, class X>
std::vector<adaptive_steps> sample_adaptively_from(const adaptive<S, P, G, Solver, Guidance>& plan, Denoiser&& network,
                                                   X&& x) {
  return detail::run_adaptively(plan, detail::as_denoisers(network), static_cast<X&&>(x));
}

/// The same from the noise of the plan's first level.
template <class S, class P, class G, class Solver, class Guidance, class Denoiser, class Noise, class X>
std::vector<adaptive_steps> sample_adaptively(const adaptive<S, P, G, Solver, Guidance>& plan, Denoiser&& network,
                                              const Noise& noise, X&& x) {
  fill_normal(noise, static_cast<X&&>(x), {noise_piece::start, 0}, plan.levels().front().sigma);
  return detail::run_adaptively(plan, detail::as_denoisers(network), static_cast<X&&>(x));
}

}  // namespace fokker::inline v0
