// SPDX-License-Identifier: MIT
// Prints hashes of plans, normals and updates: the same lines from every build, which tests/checks/bits.py compares.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

std::uint64_t hash(const void* data, std::size_t size) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < size; ++i) h = (h ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3u;
  return h;
}
void say(const std::string& name, std::uint64_t value) {
  std::printf("%s %016llx\n", name.c_str(), static_cast<unsigned long long>(value));
}

template <class Schedule, class Network, class Solver>
void plan(const std::string& name, const Schedule& schedule, const Network& network, const Solver& solver) {
  const fk::grid::log_snr grid{.steps = 40, .sigma_min = 0.03, .sigma_max = 12};
  const auto p = fk::make_plan(schedule, network, grid, solver, fk::guidance::classifier_free{.scale = 7.3});
  const std::string text = fk::plan::to_text(p);
  say(name, hash(text.data(), text.size()));
}

template <class Schedule>
void plans(const std::string& name, const Schedule& schedule) {
  const auto each = [&](const auto& network) {
    const std::string n = name + " " + network.name;
    plan(n + " ddim", schedule, network, fk::solver::ddim{.eta = 0.3});
    plan(n + " ddpm", schedule, network, fk::solver::ddpm{});
    plan(n + " euler", schedule, network, fk::solver::euler{.variable = fk::solver::variable::ratio});
    plan(n + " euler_ancestral", schedule, network, fk::solver::euler_ancestral{});
    plan(n + " heun", schedule, network, fk::solver::heun{});
    plan(n + " dpmpp_2m", schedule, network, fk::solver::dpmpp_2m{});
  };
  each(fk::parameterization::epsilon{});
  each(fk::parameterization::velocity{});
  each(fk::parameterization::edm{});
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
                             for (std::size_t i = 0; i < in.size(); ++i) out[i] = -in[i];
                           }},
             fk::noise::philox{.seed = 3}, x);
  say(name, hash(x.data(), x.size() * sizeof(E)));
}

}  // namespace

int main() {
  plans("scaled_linear", fk::schedule::scaled_linear());
  plans("vp_linear", fk::schedule::vp_linear{});
  plans("cosine", fk::schedule::cosine{});
  plans("edm", fk::schedule::edm{});
  plans("flow_linear", fk::schedule::flow_linear{});
  update<float>("update float");
  update<double>("update double");
}
