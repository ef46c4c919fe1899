// SPDX-License-Identifier: MIT
// Prints hashes of normals, updates, runs of adaptive steps and reductions: the same lines from every build, which
// tests/checks/bits.py compares.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <fokker/detail/fnv1a.hpp>
#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

/// Of the bytes of each value from its last digits on, wherever the processor has them.
template <class T>
std::uint64_t hash_of(const T* values, std::size_t count) {
  constexpr std::size_t other_end = std::endian::native == std::endian::big ? sizeof(T) - 1 : 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(values);
  fk::detail::fnv1a hash;
  for (std::size_t i = 0; i < count * sizeof(T); ++i) hash.add(bytes[i ^ other_end]);
  return hash.value;
}
void say(const std::string& name, std::uint64_t value) {
  std::printf("%s %016llx\n", name.c_str(), static_cast<unsigned long long>(value));
}

void normals() {
  const fk::noise::philox noise{.seed = 5, .first_sample = 7};
  std::vector<float> drawn;
  for (std::uint32_t block = 0; block < 100000; ++block)
    for (const float z : noise.normals(block % 3, block, {1, 11}).z) drawn.push_back(z);
  say("normals", hash_of(drawn.data(), drawn.size()));
}

template <class E>
void update(const std::string& name) {
  const auto p = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                               fk::grid::log_snr{.steps = 6, .sigma_min = 0.1, .sigma_max = 10}, fk::solver::ddpm{},
                               fk::guidance::classifier_free{.scale = 2});
  std::vector<E> x(40000);
  fk::sample(p,
             fk::denoisers{[](auto& out, const auto& in, const fk::level&) { out = in; },
                           [](auto& out, const auto& in, const fk::level&) {
                             for (std::size_t i = 0; i < in.size(); ++i) out[i] = E(-in[i]);
                           }},
             fk::noise::philox{.seed = 3}, x);
  say(name, hash_of(x.data(), x.size()));
}

/// The steps that samples choose, and where they end by them.
template <class E, class Solver>
void adaptive(const std::string& name, const Solver& solver) {
  const fk::adaptive plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                          fk::grid::log_snr{.steps = 6, .sigma_min = 0.1, .sigma_max = 10}, solver);
  std::vector<E> x(200);
  const auto clips = [](auto& out, const auto& in, std::span<const fk::level>) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = std::clamp(in[i], E(-1), E(1));
  };
  std::string steps;
  for (const auto& [accepted, rejected, calls] : fk::sample_adaptively(plan, clips, fk::noise::philox{.seed = 6}, x))
    steps += std::to_string(accepted) + " " + std::to_string(rejected) + " " + std::to_string(calls) + " ";
  say("steps " + name, hash_of(steps.data(), steps.size()));
  say("adaptive " + name, hash_of(x.data(), x.size()));
}

void reductions() {
  std::vector<float> x(300000);
  fk::fill_normal(fk::noise::philox{.seed = 4}, x);
  const std::vector<fk::half> y(x.begin(), x.end());
  for (const std::size_t size : {300u, 100000u, 300000u}) {
    const std::size_t samples = x.size() / size;
    std::vector<double> results(samples);
    const auto tell = [&](const char* name) { say(name + std::to_string(size), hash_of(results.data(), samples)); };
    fk::kernel::host::dot(x.data(), y.data(), samples, size, results.data());
    tell("dot ");
    fk::kernel::host::largest(x.data(), samples, size, results.data());
    tell("largest ");
    fk::kernel::host::quantile(x.data(), samples, size, 0.99, results.data());
    tell("quantile ");
    std::vector<fk::kernel::moments> moments(samples);
    fk::kernel::host::moments(x.data(), samples, size, moments.data());
    for (std::size_t s = 0; s < samples; ++s) results[s] = moments[s].variance;
    tell("variance ");
  }
}

}  // namespace

int main() {
  normals();
  update<float>("update float");
  update<double>("update double");
  update<fk::half>("update half");
  update<fk::bfloat16>("update bfloat16");
  adaptive<float>("float", fk::solver::dpm_solver_3s{});
  adaptive<double>("double", fk::solver::bosh3{});
  reductions();
}
