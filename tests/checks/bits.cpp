// SPDX-License-Identifier: MIT
// Prints hashes of plans, normals and updates: the same lines from every build, which tests/checks/bits.py compares.
#include <cstdint>
#include <cstdio>
#include <functional>
#include <stdexcept>
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

/// A solver whose type is forgotten, so that few planners are compiled.
struct any_solver {
  static constexpr int order = 1, evaluations = 1, history = 0;
  static constexpr bool stochastic = true;
  const char* name;
  std::function<fk::plan::expression(fk::plan::builder&, fk::plan::expression)> steps;
  fk::plan::expression operator()(fk::plan::builder& p, fk::plan::expression x) const { return steps(p, x); }
};

/// Plans by every solver; what does not exist is refused, and by the same words everywhere.
template <class Schedule, class Network>
void plans(const std::string& name, const Schedule& schedule, const Network& network) {
  const fk::grid::log_snr grid{.steps = 40, .sigma_min = 0.03, .sigma_max = 12};
  for (const any_solver& solver :
       {any_solver{"ddim", fk::solver::ddim{.eta = 0.3}}, any_solver{"ddpm", fk::solver::ddpm{}},
        any_solver{"euler", fk::solver::euler{}},
        any_solver{"euler in sigma/alpha", fk::solver::euler{.variable = fk::solver::variable::ratio}},
        any_solver{"euler_ancestral", fk::solver::euler_ancestral{}}, any_solver{"heun", fk::solver::heun{}},
        any_solver{"dpmpp_2m", fk::solver::dpmpp_2m{}}}) {
    std::string text;
    try {
      text = fk::plan::to_text(
          fk::make_plan(schedule, network, grid, solver, fk::guidance::classifier_free{.scale = 7.3}));
    } catch (const std::invalid_argument& error) {
      text = error.what();
    }
    say(name + " " + network.name + " " + solver.name, hash(text.data(), text.size()));
  }
}

template <class Schedule>
void plans(const std::string& name, const Schedule& schedule) {
  plans(name, schedule, fk::parameterization::epsilon{});
  plans(name, schedule, fk::parameterization::data{});
  plans(name, schedule, fk::parameterization::velocity{});
  plans(name, schedule, fk::parameterization::score{});
  plans(name, schedule, fk::parameterization::flow{});
  plans(name, schedule, fk::parameterization::edm{});
}

void normals() {
  const fk::noise::philox noise{.seed = 5, .first_sample = 7};
  std::vector<float> drawn;
  for (std::uint32_t block = 0; block < 100000; ++block)
    for (const float z : noise.normals(block % 3, block, 11, 1).z) drawn.push_back(z);
  say("normals", hash(drawn.data(), drawn.size() * sizeof(float)));
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
  say(name, hash(x.data(), x.size() * sizeof(E)));
}

void reductions() {
  std::vector<float> x(300000);
  fk::fill_normal(fk::noise::philox{.seed = 4}, x);
  const std::vector<fk::half> y(x.begin(), x.end());
  for (const std::size_t size : {300u, 100000u, 300000u}) {
    const std::size_t samples = x.size() / size;
    std::vector<double> results(samples);
    const auto tell = [&](const char* name) {
      say(name + std::to_string(size), hash(results.data(), samples * sizeof(double)));
    };
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
  plans("scaled_linear", fk::schedule::scaled_linear());
  plans("vp_linear", fk::schedule::vp_linear{});
  plans("cosine", fk::schedule::cosine{});
  plans("edm", fk::schedule::edm{});
  plans("flow_linear", fk::schedule::flow_linear{});
  normals();
  update<float>("update float");
  update<double>("update double");
  update<fk::half>("update half");
  update<fk::bfloat16>("update bfloat16");
  reductions();
}
