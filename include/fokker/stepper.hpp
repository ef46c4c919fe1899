// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/concept/memory_space.hpp>
#include <fokker/concept/noise_source.hpp>
#include <fokker/concept/tensor_backend.hpp>
#include <fokker/detail/nth.hpp>
#include <fokker/kernel/operands.hpp>
#include <fokker/kernel/tape.hpp>
#include <fokker/memory_of_run.hpp>
#include <fokker/noise_of_run.hpp>
#include <fokker/plan/print.hpp>
#include <fokker/plan/program.hpp>
#include <fokker/plan/transition.hpp>

namespace fokker::inline v0 {

/// What x is when a run begins: to be drawn as the noise of the plan's first level, or given at that level.
enum class beginning { noise, given };

namespace detail {

/// The logarithm of the density of so many independent normals of this deviation, from the sum of their squares.
[[nodiscard]] inline double log_normal_density(double squares, double count, double deviation) {
  const double normaliser = std::log(deviation) + 0.91893853320467274178;  // log(2 pi) / 2
  return -std::fma(count, normaliser, squares / deviation / deviation / 2);
}

/// One address for each type.
template <class T>
inline constexpr char address_of_type = 0;

}  // namespace detail

/// A tensor of the caller's that a plan reads, by its name: `{"known", image}`, shaped as x and of its elements. It
/// must outlive the run, which reads it at each update: what it holds may change between steps.
struct given_tensor {
  std::string_view name;
  const void* data = nullptr;
  backend::extents shape;
  const void* element = nullptr;
  template <class T>
  given_tensor(std::string_view as, const T& t)
      : name(as),
        data(detail::data_of(t, as)),
        shape(detail::shape_of(t, as)),
        element(&detail::address_of_type<typename detail::element_of<T>::type>) {}
};

/// Numbers of the caller's that multiply tensors, by their name: `{"mask", m, {1, 2}}` are one for each position of (C,
/// H, W), for all samples, or with an axis of samples in front. Of the type that updates compute in: float, or double
/// for an x of double.
struct given_plane {
  given_tensor values;
  plan::axes over;
  template <class T>
  given_plane(std::string_view name, const T& t, plan::axes along = {}) : values(name, t), over(along) {}
};

/// What a run is given beside noise and networks.
struct given_inputs {
  std::vector<given_tensor> tensors{};
  std::vector<given_plane> planes{};
};

namespace detail {

/// Throws std::invalid_argument where a run is given what no rule of its plan reads.
inline void require_read(const plan::program& p, const given_inputs& given) {
  const auto refuse_unread = [](std::string_view kind, std::string_view name) {
    refuse_text("what the run is given", joined({kind, name, "'"}), "what a rule of the plan asks for by name");
  };
  for (const given_tensor& t : given.tensors)
    if (std::find(p.givens.begin(), p.givens.end(), t.name) == p.givens.end()) refuse_unread("a tensor '", t.name);
  for (const given_plane& g : given.planes) {
    const std::string_view name = g.values.name;  // the tables that a run finds have none
    if (name.empty() || std::none_of(p.tables.begin(), p.tables.end(), [&](auto& t) { return t.name == name; }))
      refuse_unread("a plane '", name);
  }
}

}  // namespace detail

/// The sampling loop inside out, for programs that own their loop: it says what to evaluate and takes the outputs.
///
///     while (!run.done()) { network(run.output(0), run.input(), run.at()); run.advance(); }
///
/// `Network` is the tensor that the network reads and writes, where its elements are not those of x: x and history
/// stay as exact as x is. Plan and x must outlive it. Memory is taken once, in the constructor; a step never allocates.
template <class T, class Noise, class Network = T>
class stepper {
  // What is missing is said here, once; what would fail for it is not compiled.
  static_assert(check_tensor_backend<T>() || true);
  static_assert(check_noise<Noise>() || true);
  static_assert(check_tensor_backend<Network>() || true);
  static_assert(!noise_sequence<Noise> || detail::on_host<T>,
                "fokker: a sequence of noise draws in memory of the host, and x lies elsewhere; "
                "docs/concept/noise_source.md");
  using tensor = backend::tensor<T>;
  using element = typename detail::element_of<T>::type;
  static constexpr bool converts = !std::is_same_v<T, Network>;
  using read_noise = std::conditional_t<noise_sequence<Noise>, detail::drawn_normals, Noise>;
  using memory = detail::memory_of_run<T, Network, read_noise>;
  static constexpr bool complete = [] {
    if constexpr (tensor_backend<T> && (noise_source<Noise> || noise_sequence<Noise>)&&tensor_backend<Network>)
      return check_memory_space<typename memory::space, typename memory::operands, read_noise>();
    else
      return false;
  }();
  static constexpr bool can_measure = memory::can_measure;

 public:
  /// A run that was stopped: how many calls are done, and what was in memory.
  struct state {
    std::size_t calls_done = 0;
    std::vector<detail::alike<T>> buffers;
    std::vector<double> numbers;                       // that rules remember
    std::optional<detail::noise_of_run<Noise>> noise;  // where it is a sequence
    beginning from = beginning::noise;
  };

  /// Throws std::invalid_argument for an x without samples or elements, or with one element where a plan has
  /// quantiles of samples, for a plan without calls, and for one that begins at data, which has no noise to draw.
  stepper(const plan::program& plan, const Noise& noise, T& x, beginning from = beginning::noise,
          const given_inputs& given = {})
      : stepper(plan, noise, x, 0, from == beginning::noise ? plan.draw : plan.enter, given) {
    if (from == beginning::noise && plan.levels.front().is_data())
      detail::refuse("the first level", "data",
                     "one with noise; from data run sample_from, or a stepper with beginning::given");
    from_ = from;
    noise_->before(0);
    apply(from == beginning::noise ? plan.draw : plan.enter, plan.calls.front().input);
  }
  /// Goes on where `stopped` was; its buffers are copied.
  stepper(const plan::program& plan, const Noise& noise, T& x, state& stopped, const given_inputs& given = {})
      : stepper(plan, noise, x, stopped.calls_done, plan.enter, given) {
    if (stopped.buffers.size() != memory_.buffers.size() || stopped.calls_done > plan.calls.size())
      detail::refuse("the state", stopped.buffers.size(), "one of a run of the same plan");
    for (std::size_t b = 0; b < memory_.buffers.size(); ++b) {
      detail::require_shape(tensor::shape(stopped.buffers[b].get()), memory_.shape, "the state");
      copy(stopped.buffers[b].get(), *memory_.buffers[b]);
    }
    from_ = stopped.from;
    if constexpr (can_measure)
      if (memory_.found) memory_.found->keep(stopped.numbers);
    if constexpr (noise_sequence<Noise>)
      if (stopped.noise) noise_.emplace(*stopped.noise);
    if (converts && !done()) apply(plan::update{}, call().input);
  }
  stepper(plan::program&&, const Noise&, T&, beginning = beginning::noise, const given_inputs& = {}) = delete;
  stepper(stepper&&) = default;
  stepper& operator=(stepper&&) = default;
  stepper(const stepper&) = delete;
  stepper& operator=(const stepper&) = delete;

  [[nodiscard]] bool done() const { return call_ == plan_->calls.size(); }
  [[nodiscard]] std::size_t calls_done() const { return call_; }
  /// The call that is to be evaluated now. It and what is of it throw std::invalid_argument where the run is done().
  [[nodiscard]] const plan::call& call() const {
    if (done()) detail::refuse("the calls of the run that are left", 0, "1 or more");
    return plan_->calls[call_];
  }
  [[nodiscard]] const level& at() const { return call().at; }
  [[nodiscard]] const Network& input() const {
    if constexpr (converts)
      return static_cast<void>(call()), memory_.read.front().get();
    else
      return *detail::nth(memory_.buffers, call().input);
  }
  /// Whether branch b must be evaluated at this call: its output is read.
  [[nodiscard]] bool wants(int b) const { return plan_->wants(call(), b); }
  [[nodiscard]] int branches() const { return plan_->branches; }
  /// Where the prediction of branch b goes.
  [[nodiscard]] Network& output(int b) { return detail::nth(memory_.outputs, b).get(); }

  /// Takes the outputs: one update. Throws std::invalid_argument where an output has another shape or strides.
  void advance() { advance_by(call().then); }

  // The next x by itself, for policy gradients. All of it throws std::invalid_argument where the noise of the call has
  // no density that is known, and for a tensor of another shape than x.

  /// The deviation of the noise in what x() becomes at this call; 0 where none is drawn.
  [[nodiscard]] double deviation() const { return next().deviation; }
  /// Writes what advance() would make of x(), and changes nothing else.
  void draw(T& drawn) {
    if constexpr (complete) {
      const plan::transition t = next();
      require_alike(drawn);
      if (t.drawn.row_count == 0) detail::refuse("the call", "one that leaves x as it is", "one that changes it");
      ready();
      auto operands = memory_.operands_of(t.drawn);
      detail::nth(operands.rows, t.drawn.row_count - 1) = detail::data_of(drawn, "x'");
      tensor::space(drawn).update(t.drawn, operands, noise_->read());
    }
  }
  /// The logarithm of the density, at `drawn`, of what advance() would make of x(): for each sample, of all elements.
  /// Changes nothing. On a device the host waits for it.
  [[nodiscard]] std::vector<double> log_density(const T& drawn) {
    if constexpr (complete && can_measure) {
      plan::transition t = next();
      require_alike(drawn);
      if (t.deviation == 0) detail::refuse("the deviation of the call", 0, "one above it: a call that draws noise");
      const int x = t.mean.row_count - 1, given = t.mean.input_count++;
      detail::nth(t.mean.inputs, given) = detail::nth(t.given.inputs, given);
      detail::nth(detail::nth(t.mean.rows, x).inputs, given) = -1;
      plan::program distance;
      distance.scalars.emplace_back();
      plan::measure& squares = distance.calls.emplace_back().measures.emplace_back();
      squares.form = t.mean;
      squares.of = {{.what = plan::measured::dot, .a = x, .b = x, .over = {}}};
      squares.tape = {{.what = plan::operation::found, .index = 0},
                      {.what = plan::operation::keep, .a = 0, .index = 0}};
      ready();
      auto found = memory::numbers_of(drawn, distance, memory_.shape);
      const beside one(memory_.givens, drawn);
      tensor::space(drawn).measure(squares, memory_.operands_of(squares.form), noise_->read(), found.of(squares), 0,
                                   memory_.shape.samples());
      std::vector<double> each = found.kept();
      for (double& d : each)
        d = detail::log_normal_density(d, static_cast<double>(memory_.shape.sample_size()), t.deviation);
      return each;
    } else {
      detail::refuse("the memory of x", "without measures", "one that finds numbers while sampling");
    }
  }
  /// The update of a run in which `drawn` was drawn: x() becomes it, to the bit.
  void advance(const T& drawn) {
    if constexpr (complete) {
      const plan::transition t = next();
      require_alike(drawn);
      const beside one(memory_.givens, drawn);
      advance_by(t.given);
    }
  }

  /// The x0-prediction of the last call, where the plan has previews; else null.
  [[nodiscard]] const T* preview() const { return preview_; }
  /// A number that a rule reports by this name, as the last call that did so found it: for each sample, one for each
  /// group of it. On a device the host waits for it. Throws std::invalid_argument where no call has reported it yet.
  [[nodiscard]] std::vector<double> report(std::string_view name) const {
    std::size_t i = 0;
    while (i < plan_->scalars.size() && plan_->scalars[i].name != name) ++i;
    bool found = false;
    for (std::size_t c = 0; c < call_; ++c)
      for (const plan::measure& m : plan_->calls[c].measures)
        for (const plan::operation& o : m.tape)
          found = found || (o.what == plan::operation::keep && static_cast<std::size_t>(o.index) == i);
    if (name.empty() || !found) detail::refuse("the report", name, "one that a call has made already");
    if constexpr (can_measure) return memory_.found->kept(i);
    return {};
  }
  /// What the next call reads, or the result; x is this over `scale()`.
  [[nodiscard]] const T& x() const { return *memory_.buffers[done() ? 0 : static_cast<std::size_t>(call().input)]; }
  [[nodiscard]] double scale() const { return done() ? 1 : call().input_scale; }

  /// The numbers that rules remember, those of one after those of another, on the host: one for each sample, or for
  /// each group of it. None before the first call.
  [[nodiscard]] std::vector<double> remembered() const {
    if constexpr (can_measure)
      if (memory_.found && call_ > 0) return memory_.found->kept();
    return {};
  }

  /// Copies all memory of the run, so that it can go on later, or elsewhere.
  [[nodiscard]] state stop() const {
    state s{call_, {}, {}, {}, from_};
    for (T* b : memory_.buffers) copy(*b, s.buffers.emplace_back(*b).get());
    if constexpr (can_measure)
      if (memory_.found) s.numbers = memory_.found->kept();
    if constexpr (noise_sequence<Noise>) s.noise = noise_;
    return s;
  }

  /// Particles: sample s goes on from where sample parents[s] is, noise apart, which is that of its place. In place,
  /// and so a sample that is a parent has itself for one. Throws std::invalid_argument for other parents, and for as
  /// many as are no samples.
  void take(std::span<const std::size_t> parents) {
    if constexpr (complete) {
      if (parents.size() != memory_.shape.samples())
        detail::refuse("the number of parents", parents.size(), detail::text(memory_.shape.samples()));
      for (const std::size_t parent : parents)
        if (parent >= parents.size() || parents[parent] != parent)
          detail::refuse("a parent", parent, "a sample that is its own parent");
      const auto move = [&](auto* data) {
        auto operands = memory_.places();
        operands.samples = 1;
        for (std::size_t s = 0; s < parents.size(); ++s) {
          if (parents[s] == s) continue;
          operands.inputs[0] = data + parents[s] * operands.size;
          operands.rows[0] = data + s * operands.size;
          tensor::space(*memory_.buffers[0]).update(plan::identity(), operands, noise_->read());
        }
      };
      for (T* b : memory_.buffers) move(tensor::data(*b));
      if constexpr (can_measure)
        if (memory_.found) memory_.found->take(parents);
      if (converts && !done()) apply(plan::update{}, call().input);
    }
  }

 private:
  stepper(const plan::program& plan, Noise noise, T& x, std::size_t call, const plan::update& first,
          const given_inputs& given)
      : plan_(&plan), call_(call) {
    plan::require_calls(plan);
    if constexpr (complete) {
      memory_.shape = detail::shape_of(x, "x");
      detail::require_samples(memory_.shape, "x");
      noise_.emplace(std::move(noise), plan, first, memory_.shape);
      detail::require_quantiles(plan, memory_.shape);
      memory_.own.reserve(static_cast<std::size_t>(plan.buffers - 1));
      for (int b = 1; b < plan.buffers; ++b) memory_.own.emplace_back(x);
      memory_.outputs.reserve(static_cast<std::size_t>(plan.branches));
      for (int b = 0; b < plan.branches; ++b) memory_.outputs.emplace_back(x);
      if (converts) memory_.read.emplace_back(x);
      if (auto numbers = memory::found_by(plan, x, memory_.shape)) memory_.found.emplace(std::move(*numbers));
      take(given);
      static_cast<void>(detail::data_of(x, "x"));
      memory_.buffers.push_back(&x);
      for (auto& m : memory_.own) memory_.buffers.push_back(&m.get());
    }
  }

  void advance_by(const plan::update& then) {
    const plan::call& c = call();
    require_lent();
    noise_->before(call_ + 1);
    if constexpr (noise_sequence<Noise> && std::equality_comparable<Noise>)
      if (call_ == 0 && then.normal_count > 0) noise_->require_other_than(tensor::data(*memory_.buffers[0]));
    const int next = call_ + 1 < plan_->calls.size() ? plan_->calls[call_ + 1].input : -1;
    const std::size_t all = memory_.shape.samples(), some = c.measures.empty() ? all : samples_at_once(then);
    for (std::size_t first = 0; first < all; first += some) {
      const std::size_t count = (std::min)(some, all - first);
      for (const plan::measure& m : c.measures) measure(m, first, count);
      apply(then, next, first, count);
    }
    preview_ = c.preview < 0 ? nullptr : detail::nth(memory_.buffers, c.preview);
    ++call_;
  }

  [[nodiscard]] plan::transition next() const {
    static_cast<void>(call());
    if (!again_) again_ = plan::drawn_again(*plan_);
    return plan::transition_of(*plan_, call_, *again_);
  }
  void require_alike(const T& t) const { detail::require_shape(detail::shape_of(t, "x'"), memory_.shape, "x'"); }
  /// One more tensor that is given, as long as this lives.
  struct beside {
    std::vector<const element*>& all;
    beside(std::vector<const element*>& givens, const T& t) : all(givens) { all.push_back(detail::data_of(t, "x'")); }
    ~beside() { all.pop_back(); }
    beside(const beside&) = delete;
    beside& operator=(const beside&) = delete;
  };
  /// Finds the numbers of the call, and remembers nothing.
  void ready() {
    require_lent();
    noise_->before(call_ + 1);
    for (plan::measure m : call().measures) {
      for (plan::operation& o : m.tape)
        if (o.what == plan::operation::keep) o = {};
      measure(m, 0, memory_.shape.samples());
    }
  }
  /// Samples whose operands are still in the cache for the update when they have been measured.
  [[nodiscard]] std::size_t samples_at_once(const plan::update& then) const {
    const std::size_t tensors = static_cast<std::size_t>(then.input_count) + static_cast<std::size_t>(then.row_count);
    if constexpr (complete && requires { tensor::space(*memory_.buffers[0]).samples_at_once(tensors); })
      if (then.normal_count == 0 && memory_.shape.samples() > 1)
        if (const std::size_t fit = tensor::space(*memory_.buffers[0])
                                        .samples_at_once(tensors * memory_.shape.sample_size() * sizeof(element));
            fit > 0)
          return fit;
    return (std::max)(memory_.shape.samples(), std::size_t{1});
  }

  /// Throws where a network took away what it was lent, or gave it another shape.
  void require_lent() {
    if constexpr (complete) {
      detail::require_shape(tensor::shape(*memory_.buffers[0]), memory_.shape, "x during the run");
      static_cast<void>(detail::data_of(*memory_.buffers[0], "x"));
      for (int b = 0; b < plan_->branches; ++b)
        if (wants(b)) {
          detail::require_shape(detail::shape_of(output(b), "the network's output"), memory_.shape,
                                "the network's output");
          static_cast<void>(detail::data_of(output(b), "the network's output"));
        }
    }
  }

  void apply(const plan::update& u, int next) { apply(u, next, 0, memory_.shape.samples()); }
  /// An update of some samples; the network reads buffer `next` after it (-1: it reads no more).
  void apply(const plan::update& u, int next, std::size_t first, std::size_t samples) {
    if constexpr (complete)
      memory_.apply(u, next, [&](const plan::update& one, int copied) {
        auto operands = memory_.operands_of(one, copied);
        if (samples < operands.samples) operands = kernel::part_of(operands, first, samples);
        tensor::space(*memory_.buffers[0]).update(one, operands, noise_->read());
      });
  }

  /// Finds what the plan is given by its names, and refuses what it does not read.
  void take(const given_inputs& given) {
    for (const std::string& name : plan_->givens) {
      const auto found =
          std::find_if(given.tensors.begin(), given.tensors.end(), [&](const auto& t) { return t.name == name; });
      if (found == given.tensors.end())
        detail::refuse("what the run is given", "nothing of this name", detail::joined({"a tensor '", name, "'"}));
      detail::require_shape(found->shape, memory_.shape, name);
      if (found->element != &detail::address_of_type<element>)
        detail::refuse(name, "of other elements than x", "of the same");
      memory_.givens.push_back(static_cast<const element*>(found->data));
    }
    for (const plan::table& t : plan_->tables) {
      memory_.planes.emplace_back();
      if (t.name.empty()) continue;
      const auto found = std::find_if(given.planes.begin(), given.planes.end(),
                                      [&](const auto& p) { return p.values.name == t.name; });
      if (found == given.planes.end())
        detail::refuse("what the run is given", "nothing of this name", detail::joined({"a plane '", t.name, "'"}));
      if (found->values.element != &detail::address_of_type<typename memory::computed>)
        detail::refuse(t.name, "of other elements than updates compute in", "float, or double where x is");
      const kernel::grouping by = kernel::groups_of(found->over, detail::sample_extents(memory_.shape));
      const std::size_t size = found->values.shape.size();
      if (size != by.count && size != by.count * memory_.shape.samples())
        detail::refuse(
            detail::joined({"the size of ", t.name}), size,
            detail::joined({detail::text(by.count), ", or as many for each sample, along the axes that it names"}));
      memory_.planes.back() = {static_cast<const typename memory::computed*>(found->values.data), by.repeat, by.count,
                               size == by.count ? 0 : by.count};
    }
    detail::require_read(*plan_, given);
  }

  void measure(const plan::measure& m, std::size_t first, std::size_t samples) {
    if constexpr (complete && can_measure)
      tensor::space(*memory_.buffers[0])
          .measure(m, memory_.operands_of(m.form), noise_->read(), memory_.found->of(m), first, samples);
  }

  void copy(T& from, T& to) const {
    if constexpr (complete) {
      auto operands = memory_.places();
      operands.inputs[0] = tensor::data(from);
      operands.rows[0] = tensor::data(to);
      tensor::space(to).update(plan::identity(), operands, noise_->read());
    }
  }

  const plan::program* plan_;
  std::optional<detail::noise_of_run<Noise>> noise_;
  std::size_t call_;
  beginning from_ = beginning::noise;
  memory memory_;  // buffer 0 is the caller's x
  const T* preview_ = nullptr;
  mutable std::optional<std::vector<noise_piece>> again_;  // what the plan draws more than once, when it is asked for
};

}  // namespace fokker::inline v0
