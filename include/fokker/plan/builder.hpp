// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fokker/concept/noise_schedule.hpp>
#include <fokker/concept/prediction_type.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/score.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/plan/clock.hpp>
#include <fokker/plan/trace.hpp>

namespace fokker::inline v0::plan {

/// From a level to the next one towards data.
struct step {
  level from;
  level to;
};

class builder;

/// A prediction as a solver names it. It becomes an expression when it is used, by the row formula; where the network
/// does not determine it at that level, that use throws std::invalid_argument naming both.
class converted {
 public:
  operator expression() const;  // NOLINT(google-explicit-constructor): `t.alpha * m.data` is the point

 private:
  friend struct prediction;
  converted(const builder* planner, int call, int branch, prediction_row row, const char* name)
      : planner_(planner), call_(call), branch_(branch), row_(row), name_(name) {}
  const builder* planner_;
  int call_;
  int branch_;  // -1: guided
  prediction_row row_;
  const char* name_;
};

/// A factor of 0 asks for nothing: the step onto data needs no epsilon.
[[nodiscard]] inline expression operator*(double factor, const converted& m) {
  return factor == 0 ? expression() : factor * static_cast<expression>(m);
}

/// The prediction at a call, guided, in every parameterization; `branch[i]` is what denoiser i said alone.
struct prediction {
  converted data, epsilon, velocity, score, flow;
  converted network;  ///< in the network's own parameterization
  std::vector<prediction> branch;

  prediction(const builder* planner, int call, int index, const level& at, prediction_row predicts)
      : data(make(parameterization::data{}, planner, call, index, at)),
        epsilon(make(parameterization::epsilon{}, planner, call, index, at)),
        velocity(make(parameterization::velocity{}, planner, call, index, at)),
        score(make(parameterization::score{}, planner, call, index, at)),
        flow(make(parameterization::flow{}, planner, call, index, at)),
        network(planner, call, index, predicts, "its own prediction") {}

 private:
  template <prediction_type P>
  static converted make(P target, const builder* planner, int call, int index, const level& at) {
    return {planner, call, index, target.row(at), P::name};
  }
};

/// A Brownian path over [s, t], drawn in disjoint pieces: each piece is one standard normal, and a longer span is the
/// combination of its pieces. Asking for overlapping pieces throws std::invalid_argument.
class noise_path {
 public:
  template <class Expression = expression>
  Expression operator()(const level& s, const level& t);

  /// The standard normal of a span whose pieces were all drawn: theirs, by their shares of its variance.
  [[nodiscard]] expression span(const level& s, const level& t) const;

 private:
  friend class builder;
  noise_path(builder* planner, level from, level to, plan::clock clock)
      : planner_(planner), from_(from), to_(to), clock_(clock) {}
  struct piece {
    level from, to;
    expression normal;
  };
  builder* planner_;
  level from_, to_;
  plan::clock clock_;
  std::uint32_t visit_ = 0;
  std::vector<piece> taken_;  // in order
};

/// Numbers of the caller's, one for each element, channel or position: a mask, or weights.
class plane {
 public:
  friend expression operator*(const plane& m, const expression& e) {
    expression product;
    for (const auto& [of, coefficient] : e.terms()) product.add(expression(m.times(of), coefficient));
    return product;
  }
  friend expression operator*(const expression& e, const plane& m) { return m * e; }

  plane(trace& said, int index) : said_(&said), index_(index) {}

 private:
  [[nodiscard]] atom times(atom a) const {
    if (nth(said_->symbols, a).what == trace::kind::product)
      detail::refuse("what a plane multiplies", "multiplied already", "a tensor that is kept");
    auto& all = said_->symbols;
    const trace::symbol product{.what = trace::kind::product, .plane = index_, .of = a};
    for (std::size_t i = all.size() - 1; i > 0 && static_cast<atom>(i) > a; --i)
      if (all[i] == product) return static_cast<atom>(i);
    all.push_back(product);
    return static_cast<atom>(all.size()) - 1;
  }
  trace* said_;
  int index_;
};

/// What a solver writes its steps on: it names network calls, keeps history and draws noise, over expressions.
class builder {
 public:
  template <noise_schedule Schedule, prediction_type Parameterization>
  builder(const Schedule& schedule, const Parameterization& network, std::vector<level> levels,
          const rule& guidance = {})
      : bound_{&schedule,
               &network,
               [](const void* s, double time) { return level_at(*static_cast<const Schedule*>(s), time); },
               [](const void* s, double ratio) { return level_at_ratio(*static_cast<const Schedule*>(s), ratio); },
               [](const void* p, const level& l, const level* to) {
                 return row_of(*static_cast<const Parameterization*>(p), l, to);
               },
               [](const void* p, const level& l) { return input_scale(*static_cast<const Parameterization*>(p), l); },
               [](const void* p, const level& l) { return label(*static_cast<const Parameterization*>(p), l); }},
        limit_(limit(network)),
        at_data_(at_data(network)),
        learns_variance_(learns_variance(network)),
        rule_(guidance) {
    trace_.levels = std::move(levels);
    trace_.predicts = network.name;
    trace_.branches = guidance.branches;
    for (const level& l : trace_.levels)
      straight_ = straight_ && !detail::is_nan(l.alpha_rate) && !detail::is_nan(l.sigma_rate) &&
                  l.alpha_rate == trace_.levels.front().alpha_rate && l.sigma_rate == trace_.levels.front().sigma_rate;
    if (trace_.levels.size() > 1) now_ = {trace_.levels[0], trace_.levels[1]};
  }
  builder(const builder&) = delete;
  builder& operator=(const builder&) = delete;

  /// The steps of the grid, in order: `for (auto [s, t] : p.steps())`.
  class step_range {
   public:
    class iterator {
     public:
      iterator(builder* planner, std::size_t i) : planner_(planner), i_(i) {}
      step operator*() const {
        const std::vector<level>& levels = planner_->levels();
        planner_->begin_step({levels[i_], levels[i_ + 1]}, static_cast<int>(i_));
        return planner_->now_;
      }
      iterator& operator++() { return ++i_, *this; }
      bool operator==(const iterator& other) const { return i_ == other.i_; }

     private:
      builder* planner_;
      std::size_t i_;
    };
    explicit step_range(builder* planner) : planner_(planner) {}
    [[nodiscard]] iterator begin() const { return {planner_, 0}; }
    [[nodiscard]] iterator end() const { return {planner_, planner_->levels().size() - 1}; }
    [[nodiscard]] int size() const { return static_cast<int>(planner_->levels().size()) - 1; }

   private:
    builder* planner_;
  };
  [[nodiscard]] step_range steps() { return step_range(this); }

  /// The levels of the grid, or those that the solver is run over.
  [[nodiscard]] const std::vector<level>& levels() const { return piece_ != nullptr ? *piece_ : trace_.levels; }
  /// Runs a solver over other levels: a part of the grid again, or one of its own. From a level of the grid on its
  /// calls are of the grid's step there. Throws std::invalid_argument for less than two levels.
  template <class Solver>
  [[nodiscard]] expression over(const std::vector<level>& levels, const Solver& solver, const expression& x) {
    if (levels.size() < 2) detail::refuse("the number of levels", levels.size(), "2 or more");
    const auto* before = std::exchange(piece_, &levels);
    expression end = solver(*this, x);
    piece_ = before;
    return end;
  }

  /// Calls the network on `x` at a level. From here on `x` is what the network read, rounded to memory. Where the
  /// guidance leaves the steps to one branch, what comes back is what that one said. With `to` the network is told
  /// where x goes as well: data and noise of the prediction are those whose path leads there.
  template <class Prediction = prediction>
  Prediction call(expression& x, const level& at, const std::optional<level>& to = {});
  prediction call(expression&& x, const level& at, const std::optional<level>& to = {}) { return call(x, at, to); }

  /// What the guidance added to x, before the first call of the step, for the step that ended there: nothing, unless it
  /// leaves the steps to one branch. What takes the place of that x is to have it as well.
  [[nodiscard]] const expression& added() const { return added_; }

  /// Keeps a value in memory for later steps, rounded to storage.
  template <class Expression = expression>
  [[nodiscard]] Expression keep(const expression& value);

  /// A tensor of the caller's, shaped as x, by the name under which a run is given it.
  [[nodiscard]] expression given(std::string_view name) {
    return expression(known({.what = trace::kind::given, .index = place_of_name(trace_.givens, name)}));
  }
  /// Numbers of the caller's, one for each element, channel or position, by the name under which a run is given them.
  [[nodiscard]] plan::plane plane(std::string_view name) { return {trace_, place_of_name(trace_.planes, name)}; }
  /// A normal of the stream for what is known, another one each time.
  [[nodiscard]] expression known_noise() {
    trace::symbol normal{trace::kind::normal, trace_.knowns++};
    normal.piece = {noise_piece::known, static_cast<std::uint32_t>(normal.index)};
    return expression(name(normal));
  }

  /// Opens a path of noise between two levels, whose variance runs as the clock says; each visit of the same span opens
  /// a new one. Throws std::invalid_argument for a power that is not finite.
  [[nodiscard]] noise_path path(const level& s, const level& t, plan::clock clock = {}) {
    detail::require_finite("clock.power", clock.power);
    return {this, s, t, clock};
  }

  /// The normal z with the deviation e^(slope v + offset), v being what the network of the last call said of its
  /// variance. Throws std::invalid_argument where it says nothing of it.
  [[nodiscard]] expression learned(const expression& z, double slope, double offset) {
    if (trace_.calls.empty() || trace_.calls.back().learned == 0)
      detail::refuse("the variance", "learned", "that of a network with parameterization::learned_variance");
    trace::symbol normal = trace_.symbols[static_cast<std::size_t>(z.terms().front().of)];
    normal.learned = trace_.calls.back().learned;
    normal.slope = slope;
    normal.offset = offset;
    return expression(name(normal), z.terms().front().coefficient);
  }

  /// Levels of the schedule beside those of the grid.
  [[nodiscard]] level at(double time) const { return bound_.at_time(bound_.schedule, time); }
  [[nodiscard]] level at_ratio(double ratio) const { return bound_.at_ratio(bound_.schedule, ratio); }

  /// What the network predicts at a level, as a row.
  [[nodiscard]] prediction_row predicts(const level& at) const { return bound_.row(bound_.network, at, nullptr); }

  /// Whether a call at a level determines a prediction, given as its row; at data only where the network is called
  /// there.
  [[nodiscard]] bool determines(const level& l, prediction_row asked) const {
    if (l.is_data() && (!at_data_ || limit_ != data_limit{})) return false;
    const prediction_row p = predicts(l);
    return detail::is_finite(p.data) && detail::is_finite(p.noise) && fokker::convert(l, p, asked).determined;
  }

  /// How many calls there are so far.
  [[nodiscard]] std::size_t calls() const { return trace_.calls.size(); }

  /// All that was said so far.
  [[nodiscard]] const trace& said() const { return trace_; }

  /// Whether x moves on a straight line in time, alpha and sigma having the same rates at every level.
  [[nodiscard]] bool straight() const { return straight_; }

  /// Ends the plan with `x` as its result.
  [[nodiscard]] trace finish(const expression& x) && {
    require_steps(!is_before(now_.to, trace_.levels.back()));
    trace_.result = x + trace_.levels.back().alpha * gain_;
    arrive(trace_.result, trace_.levels.back(), counted_steps());
    return std::move(trace_);
  }
  [[nodiscard]] trace finish(const attempt& a) && {
    trace_.error = a.error;
    return std::move(*this).finish(a.next);
  }

 private:
  friend class converted;
  friend class noise_path;
  friend class guide;
  friend class arrival;

  /// A prediction of the last call as an expression, and what it predicts.
  struct saying {
    prediction_row row;
    expression value;
  };
  /// Where a rule is within another one, wherever that lies in memory, and of which branches it is asked.
  struct place {
    int within;
    std::uintptr_t offset;
    const void* type;  ///< a rule within a rule may lie at its address
    int first;
    friend bool operator==(const place&, const place&) = default;
  };
  /// What a rule has in memory from one call to a later one: a tensor, a number by its scalar of the program.
  struct memory {
    int place;      ///< of the rule, -1 for the outermost one
    int which = 0;  ///< a rule may remember several
    level at{};     ///< where the tensor was remembered
    std::optional<expression> tensor{};
    int scalar = -1;
  };
  /// What the guidance says of the last call.
  void guided(saying s) {
    trace_.calls.back().guides = s.row;
    trace_.calls.back().guidance = std::move(s.value);
  }

  /// What the rule makes of x before a call, and at the end. x is a tensor of its own there, so that what multiplies it
  /// multiplies what it is then, and no part of it that was known before.
  void arrive(expression& x, const level& at, int step) {
    if (rule_.arriving == nullptr) return;
    if (!in_memory(x)) x = keep(x);
    x = rule_.arriving(rule_.object, *this, x, {at, step, counted_steps()});
  }
  /// How many steps there are; 0 where they are chosen while sampling.
  [[nodiscard]] int counted_steps() const { return rule_.one_attempt ? 0 : static_cast<int>(trace_.levels.size()) - 1; }
  /// Whether numbers multiply a part of an expression, or of the guidance in it.
  [[nodiscard]] bool is_multiplied(const expression& e) const {
    return std::any_of(e.terms().begin(), e.terms().end(), [this](const auto& term) {
      const trace::symbol& s = plan::nth(trace_.symbols, term.of);
      return s.what == trace::kind::product ||
             (s.what == trace::kind::guided && is_multiplied(plan::nth(trace_.calls, s.index).guidance));
    });
  }
  /// Throws std::invalid_argument where the guidance leaves the steps to a branch and the solver has steps of its own.
  void require_steps(bool known) const {
    if (left_to_ >= 0 && !known)
      detail::refuse("the solver", "one with steps of its own",
                     "one that takes builder::steps(), where the guidance adds to x at the end of each");
  }
  [[nodiscard]] bool is_before(const level& a, const level& b) const {
    return towards_data(now_.from, now_.to) ? towards_data(a, b) : towards_data(b, a);
  }
  /// Counts the step that begins at a level: the i-th of the grid, or of a piece the grid's of that level, if it has
  /// it.
  void begin_step(const step& now, int i) {
    now_ = now;
    begins_ = true;
    const level& l = now.from;
    if (piece_ == nullptr) {
      step_ = i;
      return;
    }
    for (std::size_t k = 0; k + 1 < trace_.levels.size(); ++k)
      if (const level& g = trace_.levels[k]; !towards_data(g, l) && !towards_data(l, g)) step_ = static_cast<int>(k);
  }
  static void require_name(std::string_view name) {
    if (name.empty() || name.size() > 40 || name.find_first_of(" \n\t") != std::string_view::npos)
      detail::refuse("the name of what is given", name, "a word of up to 40 letters");
  }
  /// The place of a name in a list. Throws std::invalid_argument for one that is no word.
  [[nodiscard]] static int place_of_name(std::vector<std::string>& names, std::string_view name) {
    require_name(name);
    const auto known = std::find(names.begin(), names.end(), name);
    const auto place = known - names.begin();
    if (known == names.end()) names.emplace_back(name);
    return static_cast<int>(place);
  }

  struct binding {  // a schedule and a parameterization, their types forgotten
    const void* schedule;
    const void* network;
    level (*at_time)(const void*, double);
    level (*at_ratio)(const void*, double);
    prediction_row (*row)(const void*, const level&, const level*);
    double (*scale)(const void*, const level&);
    double (*label)(const void*, const level&);
  };

  /// The atom of what is the same throughout.
  [[nodiscard]] atom known(const trace::symbol& s) {
    for (std::size_t a = 1; a < trace_.symbols.size(); ++a)
      if (trace_.symbols[a] == s) return static_cast<atom>(a);
    return name(s);
  }
  /// The tensor of ones, which numbers multiply.
  [[nodiscard]] atom one() { return known({.what = trace::kind::one}); }

  atom name(trace::symbol s) {
    trace_.symbols.push_back(s);
    return static_cast<atom>(trace_.symbols.size()) - 1;
  }
  [[nodiscard]] bool in_memory(const expression& x) const {
    if (x.terms().size() != 1 || x.terms().front().coefficient != 1) return false;
    const auto what = trace_.symbols[static_cast<std::size_t>(x.terms().front().of)].what;
    return what == trace::kind::start || what == trace::kind::input || what == trace::kind::kept;
  }
  [[nodiscard]] static std::string where(const level& l) {
    return detail::joined(
        {"time ", detail::text(l.time), " (alpha ", detail::text(l.alpha), ", sigma ", detail::text(l.sigma), ")"});
  }
  template <class Expression = expression>
  [[nodiscard]] Expression convert(int call, int branch, prediction_row row, const char* name) const;

  binding bound_;
  data_limit limit_;
  bool at_data_;
  bool learns_variance_;
  rule rule_;
  std::vector<saying> sayings_;  // of the last call, by rules within the rule
  std::vector<place> places_;
  std::vector<memory> memories_;
  trace trace_;
  const std::vector<level>* piece_ = nullptr;  // that a solver is run over, in the place of the grid
  std::vector<expression> network_inputs_;     // x at each call, in terms of its atom
  visits visited_;                             // by paths of the steps' stream
  int step_ = 0;
  bool straight_ = true;
  step now_{};  // the step, and whether its first call is still to come
  bool begins_ = true;
  level starts_{};     // the level of its first call
  int steps_by_ = -1;  // the branch that the guidance left a step to at the last call, else -1
  int left_to_ = -1;   // the same at the first call of the step
  expression gain_;    // what guidance makes of the data of that branch, where the step starts
  expression added_;
};

// What fokker::compiled has: templates of their results, for compilers take the others for inline.

template <class Prediction>
Prediction builder::call(expression& x, const level& at, const std::optional<level>& to) {
  const auto labelled = [this](level l) {
    l.label = bound_.label(bound_.network, l);
    return l;
  };
  const prediction_row predicts = bound_.row(bound_.network, at, to ? &*to : nullptr);
  if (!detail::is_finite(predicts.data) || !detail::is_finite(predicts.noise))
    throw std::invalid_argument(
        detail::joined({"fokker: at ", where(at), " a prediction of ", trace_.predicts,
                        " is not finite: a flow needs a schedule that tells its rates there, and ",
                        "nothing is called at sigma = 0 that divides by sigma"}));
  const bool first = std::exchange(begins_, false);
  require_steps(first || !is_before(at, starts_));
  if (first) {
    added_ = at.alpha * std::exchange(gain_, {});
    x = x + added_;
  }
  arrive(x, at, step_);
  const double scale = bound_.scale(bound_.network, at);
  const int index = static_cast<int>(trace_.calls.size());
  trace::call c{.step = step_, .at = labelled(at), .predicts = predicts, .input_scale = scale, .value = {}};
  if (to) c.to = labelled(*to);
  if (in_memory(x) && scale == 1) {
    c.input = x.terms().front().of;
  } else {
    c.value = scale * x;
    c.input = name({trace::kind::input, index});
    x = expression(c.input) / scale;
  }
  c.guided = name({trace::kind::guided, index});
  prediction m(this, index, -1, at, predicts);
  for (int b = 0; b < trace_.branches; ++b) {
    name({trace::kind::branch, index, b});
    m.branch.emplace_back(this, index, b, at, predicts);
  }
  if (learns_variance_) {
    c.learned = name({trace::kind::branch, index, trace_.branches});
    trace_.learned = 1;
  }
  network_inputs_.push_back(x);
  trace_.calls.push_back(std::move(c));
  sayings_.clear();
  steps_by_ = -1;
  if (rule_.apply != nullptr)
    rule_.apply(rule_.object, *this);
  else
    guided({predicts, expression(trace_.calls.back().guided + 1)});
  if (limit_ != data_limit{}) {
    const expression data = m.data;
    trace::call& limited = trace_.calls.back();
    limited.limited = name({trace::kind::kept, static_cast<int>(trace_.keeps.size())});
    limited.limit = limit_;
    trace_.keeps.push_back({limited.limited, data, index, limit_});
  }
  if (first) {
    left_to_ = steps_by_;
    starts_ = at;
  }
  if (left_to_ < 0) return m;
  prediction alone = m.branch[static_cast<std::size_t>(steps_by_ < 0 ? left_to_ : steps_by_)];
  if (!towards_data(starts_, at) && !towards_data(at, starts_)) {
    const trace::call& here = trace_.calls.back();
    gain_ = m.data - alone.data;
    gain_.substitute(here.guided, here.guidance);  // at once: what agrees to the bit is nothing
    if (!gain_.empty() && is_before(now_.from, at))
      detail::refuse("the solver", "one that calls nothing where a step starts, such as pfdiff",
                     "one that does, where guidance such as cfg_pp takes what it adds to x");
  }
  alone.branch = {alone};
  return alone;
}

template <class Expression>
Expression builder::keep(const expression& value) {
  if (value.terms().size() == 1 && value.terms().front().coefficient == 1 &&
      trace_.symbols[static_cast<std::size_t>(value.terms().front().of)].what == trace::kind::kept)
    return value;
  const atom a = name({trace::kind::kept, static_cast<int>(trace_.keeps.size())});
  trace_.keeps.push_back({a, value, static_cast<int>(trace_.calls.size()) - 1});
  return expression(a);
}

template <class Expression>
Expression builder::convert(int call, int branch, prediction_row row, const char* name) const {
  const auto i = static_cast<std::size_t>(call);
  const trace::call& c = trace_.calls[i];
  const bool of_limited =
      c.limited != 0 && branch == -1 && !(c.limit.network_epsilon && row == parameterization::epsilon{}.row(c.at));
  const saying* inner = branch < -1 ? &plan::nth(sayings_, -2 - branch) : nullptr;
  const prediction_row from = of_limited   ? prediction_row{1, 0}
                              : inner      ? inner->row
                              : branch < 0 ? c.guides
                                           : c.predicts;
  const conversion q = fokker::convert(c.at, from, row);
  if (!q.determined)
    throw std::invalid_argument(detail::joined(
        {"fokker: at ", where(c.at), " a network that predicts ", trace_.predicts, " does not determine ", name}));
  if (inner != nullptr) return q.of_x * network_inputs_[i] + q.of_p * inner->value;
  return q.of_x * network_inputs_[i] + expression(of_limited ? c.limited : c.guided + 1 + branch, q.of_p);
}

template <class Expression>
Expression noise_path::operator()(const level& s, const level& t) {
  if (!towards_data(s, t) || towards_data(s, from_) || towards_data(to_, t))
    throw std::invalid_argument(detail::joined({"fokker: the piece of noise from ", builder::where(s), " to ",
                                                builder::where(t), " is not a part of its path, towards data"}));
  // Pieces lie in order, towards data; this one goes before the first that ends nearer to data than it begins.
  const auto next = std::partition_point(taken_.begin(), taken_.end(),
                                         [&s](const piece& earlier) { return !towards_data(s, earlier.to); });
  if (next != taken_.end() && towards_data(next->from, t))
    throw std::invalid_argument(
        detail::joined({"fokker: the piece of noise from ", builder::where(s), " to ", builder::where(t),
                        " overlaps one that was drawn: write the longer span as its pieces"}));
  if (taken_.empty()) visit_ = planner_->visited_(clock_(from_), clock_(to_));
  trace::symbol normal{trace::kind::normal, planner_->trace_.normals++};
  normal.piece = {noise_piece::steps, static_cast<std::uint32_t>(normal.index), visit_, clock_(s), clock_(t)};
  return taken_.insert(next, {s, t, expression(planner_->name(normal))})->normal;
}

#if defined(FOKKER_COMPILED)
extern template prediction builder::call(expression&, const level&, const std::optional<level>&);
extern template expression builder::keep(const expression&);
extern template expression builder::convert(int, int, prediction_row, const char*) const;
extern template expression noise_path::operator()(const level&, const level&);
#endif

inline converted::operator expression() const { return planner_->convert(call_, branch_, row_, name_); }

inline expression noise_path::span(const level& s, const level& t) const {
  const auto here = [](const level& a, const level& b) { return !towards_data(a, b) && !towards_data(b, a); };
  auto next = std::find_if(taken_.begin(), taken_.end(), [&](const piece& first) { return here(first.from, s); });
  expression sum;
  for (level at = s; !here(at, t); at = next++->to) {
    if (next == taken_.end() || !here(next->from, at) || towards_data(t, next->to))
      throw std::invalid_argument(detail::joined({"fokker: the span of noise from ", builder::where(s), " to ",
                                                  builder::where(t), " is not joined of pieces that were drawn"}));
    if (here(next->from, s) && here(next->to, t)) return next->normal;
    if (clock_.power == 0) detail::refuse("clock.power", 0, "another number, where a span has more than one piece");
    sum = sum + std::sqrt(clock_.share(next->from, next->to, s, t)) * next->normal;
  }
  return sum;
}

}  // namespace fokker::inline v0::plan
