// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fokker/detail/hypotenuse.hpp>
#include <fokker/grid/explicit_levels.hpp>
#include <fokker/guidance/none.hpp>
#include <fokker/kernel/product.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/sample.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/exp_adams.hpp>
#include <fokker/solver/fitted.hpp>
#include <fokker/solver/named.hpp>

namespace fokker::inline v0::tuning {

/// A network as it is used, which a sampler is tuned for: the arguments of make_plan and of sample, without the grid
/// and the solver. The denoiser is called for samples of the shape of x, which is written over; both are referred to
/// where they are given by name. Conditions are the denoiser's own. `start`: sigma/alpha where runs begin; 0 for the
/// schedule's noise.
template <class Schedule, class Parameterization, class Denoiser, class X, class Guidance = guidance::none>
struct network {
  using tensor = std::remove_cvref_t<X>;
  Schedule schedule;
  Parameterization parameterization;
  Denoiser denoiser;
  X x;
  Guidance guidance;
  std::string name{};
  double start;

  template <class Batch>
  network(const Schedule& path, const Parameterization& predicts, Denoiser&& denoises, Batch&& batch,
          const Guidance& rule = {}, std::string name_of_network = "", double start_ratio = 0)
      : schedule(path),
        parameterization(predicts),
        denoiser(static_cast<Denoiser&&>(denoises)),
        x(static_cast<Batch&&>(batch)),
        guidance(rule),
        name(std::move(name_of_network)),
        start(start_ratio) {
    static_assert(check_result<X>() || true);
  }

  [[nodiscard]] level first_level() const {
    return start == 0 ? level_at(schedule, schedule.noise_time()) : level_at_ratio(schedule, start);
  }
  [[nodiscard]] level last_level() const { return level_at(schedule, schedule.data_time()); }

  template <class Solver>
  [[nodiscard]] plan::program planned(const std::vector<level>& levels, const Solver& solver,
                                      bool preview = false) const {
    return make_plan(schedule, parameterization, grid::explicit_levels{levels}, solver, guidance, {.preview = preview});
  }
};
/// A view is kept by value: a copy of it is the same memory.
template <class X>
using kept_batch = std::conditional_t<copies_share_memory<std::remove_cvref_t<X>>, std::remove_cvref_t<X>, X>;
template <class Schedule, class Parameterization, class Denoiser, class X>
network(const Schedule&, const Parameterization&, Denoiser&&, X&&)
    -> network<Schedule, Parameterization, Denoiser, kept_batch<X>>;
template <class Schedule, class Parameterization, class Denoiser, class X, class Guidance, class... Rest>
network(const Schedule&, const Parameterization&, Denoiser&&, X&&, const Guidance&, const Rest&...)
    -> network<Schedule, Parameterization, Denoiser, kept_batch<X>, Guidance>;

/// The angle of a level, atan(sigma / alpha): pi/2 is noise and 0 the data.
[[nodiscard]] inline double angle(const level& l) { return std::atan2(l.sigma, l.alpha); }

/// The radius of a level. States over it lie on the unit circle.
[[nodiscard]] inline double radius(const level& l) { return detail::hypotenuse(l.alpha, l.sigma); }

/// to[i] = factor * t[i], on the host.
template <class T>
void to_host(const T& t, double factor, double* to) {
  using tensor = backend::tensor<T>;
  const std::size_t size = detail::shape_of(t, "x").size();
  const auto from = tensor::space(t).on_host(detail::data_of(t, "x"), size);
  for (std::size_t i = 0; i < size; ++i) to[i] = factor * static_cast<double>(from[i]);
}

/// t[i] = factor * from[i], rounded to the elements of t.
template <class T>
void from_host(const double* from, double factor, T& t) {
  using tensor = backend::tensor<T>;
  using element = typename tensor::element;
  std::vector<element> rounded(detail::shape_of(t, "x").size());
  for (std::size_t i = 0; i < rounded.size(); ++i) rounded[i] = static_cast<element>(factor * from[i]);
  tensor::space(t).copy(tensor::data(t), rounded.data(), rounded.size());
}

template <class Net>
using stepper_of = stepper<
    typename Net::tensor, noise::philox,
    typename detail::network_tensor<std::remove_cvref_t<decltype(detail::as_denoisers(std::declval<Net&>().denoiser))>,
                                    typename Net::tensor>::type>;

/// Runs a plan: `seen(k, x, data)` is told x at call k, as on its path, and the data predicted there; null where the
/// plan has no previews. At the end once more, without data.
template <class Net, class Seen>
void run(Net& net, const plan::program& plan, stepper_of<Net> r, Seen&& seen) {
  auto&& networks = detail::as_denoisers(net.denoiser);
  using read_by = std::remove_cvref_t<decltype(r.input())>;
  detail::require_networks<read_by>(plan, networks);
  for (int k = 0; !r.done(); ++k) {
    std::vector<double> x(detail::shape_of(net.x, "x").size());
    to_host(r.x(), 1 / r.scale(), x.data());
    detail::call_networks(r, networks);
    r.advance();
    seen(k, x, r.preview());
  }
  std::vector<double> x(detail::shape_of(net.x, "x").size());
  to_host(r.x(), 1, x.data());
  seen(static_cast<int>(plan.calls.size()), x, static_cast<const typename Net::tensor*>(nullptr));
}

/// Batch b of a seed: keys above 2^32, which no seed of a user's is by chance.
[[nodiscard]] inline noise::philox batch(std::uint64_t seed, int b) {
  return noise::philox{((seed + 1) << 32) + static_cast<std::uint64_t>(b)};
}

/// Where a plan ends, for samples of one batch after another, and how many calls that took: of batches `first` on.
template <class Net>
[[nodiscard]] std::vector<double> ends(Net& net, const plan::program& plan, std::uint64_t seed, int first, int count) {
  std::vector<double> all;
  for (int b = first; b < first + count; ++b) {
    stepper_of<Net> r(plan, batch(seed, b), net.x);
    run(net, plan, std::move(r), [&](int k, const std::vector<double>& x, const auto*) {
      if (k == static_cast<int>(plan.calls.size())) all.insert(all.end(), x.begin(), x.end());
    });
  }
  return all;
}

/// The mean over samples of the root mean square of what two of them differ by.
[[nodiscard]] inline double mean_error(const double* a, const double* b, std::size_t samples, std::size_t size) {
  double sum = 0;
  for (std::size_t s = 0; s < samples; ++s) {
    double squares = 0;
    for (std::size_t i = s * size; i < (s + 1) * size; ++i) squares = std::fma(a[i] - b[i], a[i] - b[i], squares);
    sum += std::sqrt(squares / static_cast<double>(size));
  }
  return sum / static_cast<double>(samples);
}

/// How a network is recorded. Seeds come in batches of the samples of network::x, one batch in memory of the network at
/// a time.
struct lesson {
  int levels = 50;      ///< calls of the fine run: 50 are as good as 200 for up to 20 calls
  int batches = 1;      ///< of samples to tune on; 64 samples in all, 24 of images
  int held_out = 1;     ///< batches of other samples, by which what was tuned is chosen
  double last = 0.003;  ///< sigma/alpha of the last call, or the schedule's last level where that is above
  int feedback = 5;     ///< levels at which it is measured how predictions follow the state
  std::uint64_t seed = 0;
};

/// A fine run with all that it met, on the host: states and predictions over the radius of their level, by row: first
/// the states at levels 0, ..., n, the last of which is the end, and then the predictions of the n calls.
struct recording {
  lesson how{};
  std::vector<level> levels{};     ///< n + 1, the data last
  std::vector<double> angles{};    ///< theirs
  std::size_t samples = 0;         ///< of all batches to tune on
  std::size_t size = 0;            ///< of a sample
  std::vector<double> rows{};      ///< 2 n + 1 of samples * size
  std::vector<double> gram{};      ///< the mean of the product of any two rows
  std::vector<double> feedback{};  ///< by call: by how much the prediction follows a change of the state
  std::vector<double> held_out{};  ///< the ends of the other samples
  double error = 0;                ///< of the fine run itself, against one of twice the calls
  double calls = 0;                ///< of the network for each sample to tune on

  [[nodiscard]] std::size_t count() const { return levels.size() - 1; }
  [[nodiscard]] const double* state(std::size_t k) const { return rows.data() + k * samples * size; }
  [[nodiscard]] const double* prediction(std::size_t k) const { return state(count() + 1 + k); }
  [[nodiscard]] const double* end() const { return state(count()); }
};

/// How much memory of the host a recording takes, in bytes.
template <class Net>
[[nodiscard]] double bytes_of(const Net& net, const lesson& how) {
  const auto numbers = static_cast<double>(detail::shape_of(net.x, "x").size());
  return 8 * numbers * ((2.0 * how.levels + 1) * how.batches + how.held_out);
}

/// Throws std::invalid_argument for numbers of which no recording is made.
inline void require_lesson(const lesson& how) {
  if (how.levels < 10 || how.levels > 1000) detail::refuse("levels", how.levels, "10 to 1000");
  if (how.batches < 1) detail::refuse("batches", how.batches, "1 or more");
  if (how.held_out < 1) detail::refuse("held_out", how.held_out, "1 or more");
  if (how.feedback < 2 || how.feedback > how.levels / 2)
    detail::refuse("feedback", how.feedback,
                   detail::joined({"2 to ", detail::text(how.levels / 2), ", half of levels"}));
  detail::require_positive("last", how.last);
}

/// The parameter in which fine levels are even: half of it the angle, half log-SNR; from 0 at the start to 1.
class even {
 public:
  even(double first, double last) : first_(first), last_(last) {}
  [[nodiscard]] double operator()(double theta) const {
    return (first_ - theta) / (first_ - last_) / 2 + (log_snr(theta) - log_snr(first_)) / span() / 2;
  }
  /// The angle of u, by bisection to the last bit.
  [[nodiscard]] double angle(double u) const {
    if (u <= 0) return first_;
    if (u >= 1) return last_;
    double noisy = first_, clean = last_;
    while (true) {
      const double middle = (noisy + clean) / 2;
      if (middle == noisy || middle == clean) return middle;
      ((*this)(middle) < u ? noisy : clean) = middle;
    }
  }

 private:
  /// Beyond sigma/alpha of 100, where it has no end, it stays.
  [[nodiscard]] static double log_snr(double theta) { return -std::log((std::min)(std::tan(theta), 100.0)); }
  [[nodiscard]] double span() const { return log_snr(last_) - log_snr(first_); }
  double first_, last_;
};

/// The levels of a network at falling angles from that of its first level on, and its data.
template <class Net>
[[nodiscard]] std::vector<level> levels_at_angles(const Net& net, const std::vector<double>& angles) {
  std::vector<level> levels{net.first_level()};
  for (std::size_t k = 1; k < angles.size(); ++k) levels.push_back(level_at_ratio(net.schedule, std::tan(angles[k])));
  levels.push_back(net.last_level());
  return levels;
}

/// The angle of the last level at which a network is called.
template <class Net>
[[nodiscard]] double last_angle(const Net& net, double ratio) {
  if constexpr (has_last_time<decltype(net.schedule)>)
    ratio = (std::max)(ratio, level_at(net.schedule, net.schedule.last_time()).ratio());
  return std::atan(ratio);
}

template <class Net>
[[nodiscard]] std::vector<level> fine_levels(const Net& net, const lesson& how, int count) {
  const even u(angle(net.first_level()), last_angle(net, how.last));
  std::vector<double> angles;
  for (int k = 0; k < count; ++k) angles.push_back(u.angle(static_cast<double>(k) / (count - 1)));
  return levels_at_angles(net, angles);
}

/// What of rows at the nearest four of falling angles is at another one: cubic interpolation.
struct four_rows {
  std::array<std::size_t, 4> row{};
  std::array<double, 4> weight{};
};
[[nodiscard]] inline four_rows interpolation(const std::vector<double>& angles, std::size_t count, double theta) {
  std::size_t k = 0;
  while (k < count && angles[k] > theta) ++k;
  const std::size_t first = (std::min)(k < 2 ? 0 : k - 2, count - 4);
  four_rows f;
  for (std::size_t i = 0; i < 4; ++i) {
    f.row[i] = first + i;
    f.weight[i] = 1;
    for (std::size_t j = 0; j < 4; ++j)
      if (j != i) f.weight[i] *= (theta - angles[first + j]) / (angles[first + i] - angles[first + j]);
  }
  return f;
}

/// The guided prediction of data by a network at states of one batch, over the radius as all states are.
template <class Net>
void predict(Net& net, const level& at, const double* state, double* data) {
  const plan::program plan = net.planned({at, net.last_level()}, solver::ddim{}, true);
  from_host(state, radius(at), net.x);
  run(net, plan, stepper_of<Net>(plan, noise::philox{}, net.x, beginning::given),
      [&](int, const std::vector<double>&, const auto* predicted) {
        if (predicted != nullptr) to_host(*predicted, 1, data);
      });
}

/// By how much predictions follow a change of the state, at each level of a recording: found at lesson::feedback levels
/// of the first batch, and straight between them.
template <class Net>
[[nodiscard]] std::vector<double> feedback(Net& net, const recording& r, std::size_t samples) {
  // g = <u, D(x + e u) - D(x)> / e <u, u> along u, where the prediction goes next; e is small beside the noise.
  const auto places = static_cast<std::size_t>(r.how.feedback);
  const double step = sizeof(typename backend::tensor<typename Net::tensor>::element) == 8 ? 1e-3 : 1e-2;
  const std::size_t n = r.count(), ahead = (std::max)(std::size_t{1}, n / 12);
  std::vector<double> at_place, all;
  std::vector<std::size_t> place;
  for (std::size_t p = 0; p < places; ++p) {
    const std::size_t j = p * (n - 1 - ahead) / (places - 1);
    const double e = step * (std::min)(1.0, 3 * std::sin(r.angles[j]));
    const double *x = r.state(j), *now = r.prediction(j), *next = r.prediction(j + ahead);
    std::vector<double> u(samples * r.size), moved(u.size()), data(u.size());
    for (std::size_t s = 0; s < samples; ++s) {
      double squares = 0;
      for (std::size_t i = s * r.size; i < (s + 1) * r.size; ++i)
        squares = std::fma(next[i] - now[i], next[i] - now[i], squares);
      const double scale = squares > 0 ? std::sqrt(static_cast<double>(r.size) / squares) : 0;
      for (std::size_t i = s * r.size; i < (s + 1) * r.size; ++i) {
        u[i] = scale * (next[i] - now[i]);
        moved[i] = std::fma(e, u[i], x[i]);
      }
    }
    predict(net, r.levels[j], moved.data(), data.data());
    double along = 0, itself = 0;
    for (std::size_t i = 0; i < u.size(); ++i) {
      along = std::fma(u[i], data[i] - now[i], along);
      itself = std::fma(u[i], u[i], itself);
    }
    place.push_back(j);
    at_place.push_back(itself > 0 ? along / (e * itself) : 0);
  }
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t p = 0;
    while (p + 2 < place.size() && place[p + 1] <= k) ++p;
    const double share = (std::min)(
        1.0, (static_cast<double>(k) - static_cast<double>(place[p])) / static_cast<double>(place[p + 1] - place[p]));
    all.push_back(std::fma(share, at_place[p + 1] - at_place[p], at_place[p]));
  }
  return all;
}

/// Runs a network in fine steps and keeps all that it says, its guidance in it. It calls the network `levels` times for
/// each sample, twice as often again for the first batch, and `feedback` times to find how predictions follow a change
/// of the state. `bytes_of` tells how much memory that takes. Throws std::invalid_argument for a lesson of no levels or
/// batches, and what make_plan and sample throw.
template <class Net>
[[nodiscard]] recording teach(Net&& net, const lesson& how = {}) {
  using type = std::remove_cvref_t<Net>;
  require_lesson(how);
  const backend::extents shape = detail::shape_of(net.x, "x");
  detail::require_samples(shape, "x");
  recording r{.how = how, .levels = fine_levels(net, how, how.levels), .size = shape.sample_size()};
  for (const level& l : r.levels) r.angles.push_back(angle(l));
  const std::size_t n = r.count(), batch_size = shape.size();
  r.samples = shape.samples() * static_cast<std::size_t>(how.batches);
  const std::size_t length = r.samples * r.size;
  r.rows.resize((2 * n + 1) * length);
  const plan::program plan =
      net.planned(r.levels, solver::exp_adams<3, true>{.variable = solver::variable::log_snr}, true);
  for (int b = 0; b < how.batches; ++b) {
    const std::size_t column = static_cast<std::size_t>(b) * batch_size;
    run(net, plan, stepper_of<type>(plan, batch(how.seed, b), net.x),
        [&](int call, const std::vector<double>& x, const auto* data) {
          const auto k = static_cast<std::size_t>(call);
          for (std::size_t i = 0; i < batch_size; ++i) r.rows[k * length + column + i] = x[i] / radius(r.levels[k]);
          if (data != nullptr) to_host(*data, 1, r.rows.data() + (n + 1 + k) * length + column);
        });
  }
  r.held_out = ends(net, plan, how.seed, how.batches, how.held_out);
  const std::size_t count = 2 * n + 1;
  r.gram.resize(count * count);
  kernel::product::times_transposed(count, count, length, r.rows.data(), r.rows.data(), r.gram.data());
  for (double& g : r.gram) g /= static_cast<double>(length);

  const plan::program finer = net.planned(fine_levels(net, how, 2 * how.levels),
                                          solver::exp_adams<3, true>{.variable = solver::variable::log_snr});
  const std::vector<double> truth = ends(net, finer, how.seed, 0, 1);
  r.error = mean_error(truth.data(), r.end(), shape.samples(), r.size);

  r.feedback = feedback(net, r, shape.samples());
  const double of_batch = how.levels * (how.batches + how.held_out + 2) + how.feedback;
  r.calls = of_batch / how.batches;
  return r;
}

}  // namespace fokker::inline v0::tuning
