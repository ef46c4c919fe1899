// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/sample.hpp>

/// The least that each concept asks for and nothing more: what a user may write. And the same with one member missing.
namespace archetype {

/// A number by conversion only.
struct number {
  double value;
  operator double() const { return value; }  // NOLINT(google-explicit-constructor)
};

/// Neither copied nor assigned.
struct pinned {
  pinned() = default;
  pinned(const pinned&) = delete;
  pinned& operator=(const pinned&) = delete;
};

/// The straight path with its time turned round: noise at 0, data at 1; no inverse, no rates, no last time.
struct schedule : pinned {
  number alpha(double time) const { return {time}; }
  number sigma(double time) const { return {1 - time}; }
  number noise_time() const { return {0}; }
  number data_time() const { return {1}; }
};
struct schedule_without_alpha : pinned {
  double sigma(double time) const { return 1 - time; }
  double noise_time() const { return 0; }
  double data_time() const { return 1; }
};
struct schedule_without_sigma : pinned {
  double alpha(double time) const { return time; }
  double noise_time() const { return 0; }
  double data_time() const { return 1; }
};
struct schedule_without_noise_time : pinned {
  double alpha(double time) const { return time; }
  double sigma(double time) const { return 1 - time; }
  double data_time() const { return 1; }
};
struct schedule_without_data_time : pinned {
  double alpha(double time) const { return time; }
  double sigma(double time) const { return 1 - time; }
  double noise_time() const { return 0; }
};

struct parameterization : pinned {
  static constexpr const char* name = "archetype";
  fokker::prediction_row row(const fokker::level& l) const { return {-l.sigma, l.alpha}; }
};
struct parameterization_without_row : pinned {
  static constexpr const char* name = "archetype";
};
struct parameterization_without_name : pinned {
  fokker::prediction_row row(const fokker::level& l) const { return {-l.sigma, l.alpha}; }
};

/// Two steps of one schedule alone.
struct grid : pinned {
  std::vector<fokker::level> levels(const schedule& s) const { return fokker::levels_at(s, {0, 0.5, 1}); }
};
struct grid_without_levels : pinned {};

struct solver : pinned {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  fokker::plan::expression operator()(fokker::plan::builder& p, fokker::plan::expression x) const {
    for (auto [s, t] : p.steps()) {
      const auto m = p.call(x, s);
      x = t.alpha * m.data + t.sigma * m.epsilon;
    }
    return x;
  }
};
struct solver_without_order : pinned {
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  fokker::plan::expression operator()(fokker::plan::builder&, fokker::plan::expression x) const { return x; }
};
struct solver_without_evaluations : pinned {
  static constexpr int order = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
  fokker::plan::expression operator()(fokker::plan::builder&, fokker::plan::expression x) const { return x; }
};
struct solver_without_history : pinned {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr bool stochastic = false;
  fokker::plan::expression operator()(fokker::plan::builder&, fokker::plan::expression x) const { return x; }
};
struct solver_without_stochastic : pinned {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  fokker::plan::expression operator()(fokker::plan::builder&, fokker::plan::expression x) const { return x; }
};
struct solver_without_steps : pinned {
  static constexpr int order = 1;
  static constexpr int evaluations = 1;
  static constexpr int history = 0;
  static constexpr bool stochastic = false;
};

struct guidance : pinned {
  static constexpr int branches = 2;
  std::array<double, 2> weights(const fokker::level&) const { return {3, -2}; }
};
struct guidance_without_branches : pinned {
  std::array<double, 2> weights(const fokker::level&) const { return {3, -2}; }
};
struct guidance_without_weights : pinned {
  static constexpr int branches = 2;
};
struct guidance_of_another_size : pinned {
  static constexpr int branches = 2;
  std::array<double, 3> weights(const fokker::level&) const { return {3, -2, 0}; }
};

/// Not random at all.
struct noise {
  struct drawn {
    float z[4];
  };
  drawn normals(std::uint32_t, std::uint32_t, const fokker::noise_piece&) const { return {{0.5f, -1, 2, -0.25f}}; }
};
struct noise_without_normals {};

/// Samples of one element; it moves, and knows nothing else.
struct tensor {
  std::vector<float> memory;
  explicit tensor(std::size_t size) : memory(size) {}
  tensor(tensor&&) = default;
  tensor(const tensor&) = delete;
  tensor& operator=(const tensor&) = delete;
};
struct tensor_without_backend {};
struct tensor_without_data {};
struct tensor_without_shape {};
struct tensor_without_space {};
struct tensor_without_like {};

/// The velocity of a network that knows the data to be 0.25: eps = (x - alpha/4)/sigma.
inline float velocity_of_a_quarter(float x, const fokker::level& at) {
  return static_cast<float>(at.alpha * (static_cast<double>(x) - at.alpha / 4) / at.sigma - at.sigma / 4);
}
struct writing_denoiser : pinned {
  void operator()(tensor& out, const tensor& x, const fokker::level& at) {
    for (std::size_t i = 0; i < out.memory.size(); ++i) out.memory[i] = velocity_of_a_quarter(x.memory[i], at);
  }
};
struct returning_denoiser : pinned {
  std::vector<float> operator()(const std::vector<float>& x, const fokker::level& at) const {
    std::vector<float> out;
    for (const float value : x) out.push_back(velocity_of_a_quarter(value, at));
    return out;
  }
};
struct no_denoiser : pinned {};

}  // namespace archetype

namespace fokker::backend {

template <>
struct tensor<archetype::tensor> {
  using element = float;
  static float* data(archetype::tensor& t) { return t.memory.data(); }
  static const float* data(const archetype::tensor& t) { return t.memory.data(); }
  static extents shape(const archetype::tensor& t) { return {t.memory.size()}; }
  static kernel::host space(const archetype::tensor&) { return {}; }
  static archetype::tensor like(const archetype::tensor& t) { return archetype::tensor(t.memory.size()); }
};
template <>
struct tensor<archetype::tensor_without_data> {
  using element = float;
  static extents shape(const archetype::tensor_without_data&) { return {1}; }
  static kernel::host space(const archetype::tensor_without_data&) { return {}; }
  static archetype::tensor_without_data like(const archetype::tensor_without_data&) { return {}; }
};
template <>
struct tensor<archetype::tensor_without_shape> {
  using element = float;
  static float* data(const archetype::tensor_without_shape&) { return nullptr; }
  static kernel::host space(const archetype::tensor_without_shape&) { return {}; }
  static archetype::tensor_without_shape like(const archetype::tensor_without_shape&) { return {}; }
};
template <>
struct tensor<archetype::tensor_without_space> {
  using element = float;
  static float* data(const archetype::tensor_without_space&) { return nullptr; }
  static extents shape(const archetype::tensor_without_space&) { return {1}; }
  static archetype::tensor_without_space like(const archetype::tensor_without_space&) { return {}; }
};
template <>
struct tensor<archetype::tensor_without_like> {
  using element = float;
  static float* data(const archetype::tensor_without_like&) { return nullptr; }
  static extents shape(const archetype::tensor_without_like&) { return {1}; }
  static kernel::host space(const archetype::tensor_without_like&) { return {}; }
};

}  // namespace fokker::backend
