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
    const auto positive = [](const char* name, double value) {
      if (!(detail::is_finite(value) && value > 0)) detail::refuse(name, value, "a number > 0");
    };
    positive("absolute", options.absolute);
    positive("safety", options.safety);
    if (!(detail::is_finite(options.relative) && options.relative >= 0))
      detail::refuse("relative", options.relative, "a number >= 0");
    for (const auto& [name, value] : {std::pair{"p", options.p}, {"i", options.i}, {"d", options.d}})
      if (!detail::is_finite(value)) detail::refuse(name, value, "a finite number");
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

/// A network that is told a level for each sample.
template <class D, class T>
concept takes_levels = requires(D& network, T& out, const T& x, std::span<const level> each) {
  network(out, x, each);
};

/// One run: x and the proposal are two tensors, and which of them a sample is in is its own.
template <class Plan, class T>
class adaptive_run {
  using tensor = backend::tensor<T>;
  using element = typename element_of<T>::type;

 public:
  adaptive_run(const Plan& plan, T& x) : plan_(plan), x_(&x), shape_(shape_of(x, "x")), next_(x), input_(x) {
    require_samples(shape_, "x");
    for (int b = 0; b < Plan::branches; ++b) outputs_.emplace_back(x);
    static_cast<void>(data_of(x, "x"));
    samples_.resize(shape_.samples());
    const double first = plan.place(plan.levels()[1]);
    for (sample& s : samples_) {
      s.from = plan.levels().front();
      s.h = (std::min)(first, 1.0);
    }
    at_.resize(samples_.size());
  }

  template <class Networks>
  std::vector<adaptive_steps> operator()(Networks& networks) {
    while (std::any_of(samples_.begin(), samples_.end(), [](const sample& s) { return !s.done; })) attempt(networks);
    settle();
    std::vector<adaptive_steps> took;
    for (const sample& s : samples_) took.push_back(s.took);
    return took;
  }

 private:
  /// Whether the memory space can find numbers while sampling, and with what memory.
  using computed = kernel::computed<element, element>;
  using space = typename detail::space_of<T>::type;
  static constexpr bool can_measure =
      has_measure<space, kernel::operands<element>, noise::philox, kernel::tape_memory<computed>>;
  static auto numbers_of() {
    if constexpr (can_measure)
      return std::type_identity<kernel::number_memory<space, computed>>{};
    else
      return std::type_identity<std::nullptr_t>{};
  }
  using numbers = typename decltype(numbers_of())::type;

  struct sample {
    level from, to;
    plan::program step;
    std::optional<numbers> found{};  // where the step has measures
    double place = 0, h = 0;         // where it is, and how far it would go
    double next = 0;                 // where it tries to go
    double errors[2] = {1, 1};       // the last ones that were accepted
    double error = 0;
    bool done = false, in_next = false, written = false;  // written: the step has overwritten buffer 0
    adaptive_steps took;
  };

  [[nodiscard]] element* of(T& t, std::size_t s) const { return tensor::data(t) + s * shape_.sample_size(); }
  /// Where sample s is, and where it would go.
  [[nodiscard]] element* here(std::size_t s) { return of(samples_[s].in_next ? next_.get() : *x_, s); }
  [[nodiscard]] element* there(std::size_t s) { return of(samples_[s].in_next ? *x_ : next_.get(), s); }

  template <class Networks>
  void attempt(Networks& networks) {
    const adaptive_options& o = plan_.options();
    std::size_t calls = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      sample& s = samples_[i];
      if (s.done) continue;
      if (s.took.accepted + s.took.rejected == o.max_attempts)
        throw std::runtime_error(
            joined({"fokker: sample ", text(i), " is at time ", text(s.from.time), " after ", text(o.max_attempts),
                    " attempts: a tolerance below what its network can meet"}));
      s.next = std::fma(1.01, s.h, s.place) < 1 ? s.place + s.h : 1;  // no sliver is left for a step of its own
      s.to = s.place < 1 ? plan_.at(s.next) : plan_.levels().back();
      s.step = plan_.step(s.from, s.to);
      require_quantiles(s.step, shape_);
      for (const plan::table& t : s.step.tables)
        if (!t.name.empty()) refuse_given();
      if (!s.step.givens.empty()) refuse_given();
      if (s.step.has_measures()) {
        if constexpr (can_measure)
          s.found.emplace(tensor::space(*x_), s.step, 1, sample_extents(shape_));
        else
          refuse("the plan", "with measures", "without: this memory finds no numbers while sampling");
      }
      s.written = false;
      reserve(s.step.buffers);
      begin(i);
      calls = (std::max)(calls, s.step.calls.size());
    }
    for (std::size_t c = 0; c < calls; ++c) {
      for (std::size_t i = 0; i < samples_.size(); ++i)
        if (has_call(i, c)) at_[i] = samples_[i].step.calls[c].at;
      evaluate_all(networks);
      for (std::size_t i = 0; i < samples_.size(); ++i)
        if (has_call(i, c)) apply(i, c);
    }
    for (sample& s : samples_)
      if (!s.done) judge(s);
  }
  [[noreturn]] static void refuse_given() {
    refuse("the plan", "with tensors or numbers that a run is given", "without, where samples choose their steps");
  }
  [[nodiscard]] bool has_call(std::size_t i, std::size_t c) const {
    return !samples_[i].done && c < samples_[i].step.calls.size();
  }

  void reserve(int buffers) {
    while (static_cast<int>(memory_.size()) < buffers - 1) memory_.emplace_back(*x_);
  }

  /// Where buffer b of a step lies: buffer 0 is x until it is overwritten, so that x outlives the step.
  [[nodiscard]] element* place_of(int b, std::size_t i, bool to_write) {
    if (b > 0) return of(detail::at(memory_, b - 1).get(), i);
    return to_write || samples_[i].written ? there(i) : here(i);
  }
  [[nodiscard]] kernel::operands<element> operands_of(const plan::update& u, std::size_t i, int next) {
    kernel::operands<element> at;
    at.samples = 1;
    at.size = shape_.sample_size();
    for (int k = 0; k < u.input_count; ++k) {
      const plan::operand& in = detail::at(u.inputs, k);
      detail::at(at.inputs, k) = in.where == plan::operand::buffer ? place_of(in.index, i, false)
                                                                   : of(detail::at(outputs_, in.index).get(), i);
    }
    for (int j = 0; j < u.row_count; ++j) {
      const int b = detail::at(u.rows, j).buffer;
      if (b < 0) continue;  // a row of a measure
      detail::at(at.rows, j) = place_of(b, i, true);
      if (b == next) {
        at.copy = of(input_.get(), i);
        at.copied = j;
      }
    }
    if constexpr (can_measure)
      for (std::size_t t = 0; t < u.tables.size(); ++t) at.tables[t] = (*samples_[i].found)[u.tables[t]];
    return at;
  }
  void launch(const plan::update& u, const kernel::operands<element>& at) {
    tensor::space(*x_).update(u, at, noise::philox{});
  }
  void overwrote(const plan::update& u, std::size_t i) {
    for (int j = 0; j < u.row_count; ++j)
      samples_[i].written = samples_[i].written || detail::at(u.rows, j).buffer == 0;
  }

  /// Gives the network what the first call reads.
  void begin(std::size_t i) {
    const plan::program& p = samples_[i].step;
    const int next = p.calls.front().input;
    if (p.enter.row_count > 0) {
      launch(p.enter, operands_of(p.enter, i, next));
      overwrote(p.enter, i);
    }
    const auto& rows = p.enter.rows;
    for (int j = 0; j < p.enter.row_count; ++j)
      if (detail::at(rows, j).buffer == next) return;
    copy(place_of(next, i, false), of(input_.get(), i));
  }

  /// Finds the numbers of a call, of this sample alone.
  void measure(const plan::measure& m, std::size_t i) {
    if constexpr (can_measure)
      tensor::space(*x_).measure(m, operands_of(m.form, i, -1), noise::philox{}, samples_[i].found->of(m), 0, 1);
    overwrote(m.form, i);
  }

  void apply(std::size_t i, std::size_t c) {
    sample& s = samples_[i];
    for (const plan::measure& m : s.step.calls[c].measures) measure(m, i);
    const plan::update& u = s.step.calls[c].then;
    const bool last = c + 1 == s.step.calls.size();
    const auto at = operands_of(u, i, last ? -1 : s.step.calls[c + 1].input);
    ++s.took.calls;
    int error = -1;
    if (last)
      for (int j = 0; j < u.row_count; ++j)
        if (detail::at(u.rows, j).buffer == s.step.error) error = j;
    if (error < 0)
      launch(u, at);
    else
      s.error = tensor::space(*x_).update(u, at, error, static_cast<const element*>(here(i)),
                                          static_cast<const element*>(there(i)),
                                          kernel::tolerance{plan_.options().absolute, plan_.options().relative});
    overwrote(u, i);
    if (last && error < 0) s.error = 0;
  }

  void judge(sample& s) {
    const adaptive_options& o = plan_.options();
    if (!is_finite(s.error))
      throw std::runtime_error(joined({"fokker: the step from time ", text(s.from.time), " to ", text(s.to.time),
                                       " is not finite: look at what the network says there"}));
    const double error = (std::max)(s.error, 1e-10);
    const double k = Plan::order;
    const double grown = rounded_product(
        o.safety * std::pow(error, -(o.p + o.i + o.d) / k) * std::pow(s.errors[0], std::fma(2, o.d, o.p) / k),
        std::pow(s.errors[1], -o.d / k));
    const double limited = 1 + std::atan(grown - 1);
    if (s.error > 1) {
      ++s.took.rejected;
      s.h *= (std::min)(limited, 0.9);
      return;
    }
    ++s.took.accepted;
    s.in_next = !s.in_next;
    s.done = s.place >= 1 || (s.next >= 1 && !plan_.to_data());
    s.place = s.next;
    s.from = s.to;
    if (s.step.error < 0) return;  // it says nothing of how long a step may be
    s.h *= limited;
    s.errors[1] = s.errors[0];
    s.errors[0] = error;
  }

  template <class Networks>
  void evaluate_all(Networks& networks) {
    if constexpr (requires { networks.begin_call(); }) networks.begin_call();
    int b = 0;
    std::apply([&](auto&... network) { (evaluate_one(network, detail::at(outputs_, b++).get()), ...); }, networks.each);
    require_shape(tensor::shape(*x_), shape_, "x during the run");
    for (alike<T>& out : outputs_) static_cast<void>(data_of(out.get(), "the network's output"));
  }
  template <class Network>
  void evaluate_one(Network& network, T& out) {
    const T& in = input_.get();
    if constexpr (takes_levels<Network, T>) {
      if constexpr (check_denoiser<Network, T, std::span<const level>>()) network(out, in, std::span<const level>(at_));
    } else if constexpr (check_denoiser<Network, T>()) {
      if (samples_.size() > 1)
        refuse("the number of samples of x", samples_.size(),
               "1, or a denoiser that takes a level for each: (out, x, std::span<const level>)");
      evaluate(network, out, in, at_.front());
    }
    require_shape(shape_of(out, "the network's output"), shape_, "the network's output");
  }

  /// Samples that ended in the other tensor come back to x.
  void settle() {
    for (std::size_t i = 0; i < samples_.size(); ++i)
      if (samples_[i].in_next) copy(of(next_.get(), i), of(*x_, i));
  }

  void copy(const element* from, element* to) {
    kernel::operands<element> at;
    at.inputs[0] = from;
    at.rows[0] = to;
    at.samples = 1;
    at.size = shape_.sample_size();
    launch(plan::identity(), at);
  }

  const Plan& plan_;
  T* x_;
  backend::extents shape_;
  alike<T> next_, input_;
  std::vector<alike<T>> outputs_, memory_;
  std::vector<sample> samples_;
  std::vector<level> at_;
};

template <class Plan, class Networks, class X>
std::vector<adaptive_steps> run_adaptively(const Plan& plan, Networks&& networks, X&& x) {
  constexpr int given = std::tuple_size_v<decltype(networks.each)>;
  static_assert(given == Plan::branches, "fokker: as many denoisers as the guidance has branches");
  if constexpr (check_result<X>())
    return adaptive_run<Plan, std::remove_cvref_t<X>>(plan, x)(networks);
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
