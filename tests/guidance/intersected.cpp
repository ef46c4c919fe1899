// SPDX-License-Identifier: MIT
#include <fokker/guidance/intersected.hpp>

#include <random>

#include <fokker/guidance/classifier_free.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using fk::guidance::intersected;

namespace {

const fk::grid::log_snr levels{.steps = 5, .sigma_min = 0.1, .sigma_max = 8};

}  // namespace

TEST_CASE("each step is that of the mean, moved along the difference to where neither is likelier") {
  const auto check = [](const auto& schedule, const auto& network) {
    INFO(network.name);
    const auto plan = fk::make_plan(schedule, network, levels, fk::solver::ddpm{}, intersected{});
    CHECK(fk::plan::check(plan).empty());
    CHECK_NOTHROW(fk::plan::require_valid(plan));
    const auto mean =
        fk::make_plan(schedule, network, levels, fk::solver::ddpm{}, fk::guidance::classifier_free{.scale = 0.5});
    constexpr std::size_t samples = 3, size = 7;
    std::vector<double> memory(samples * size), other(samples * size);
    fk::backend::host_view<double> x{memory.data(), {samples, size}}, y{other.data(), {samples, size}};
    fk::stepper run(plan, fk::noise::philox{.seed = 5}, x), plain(mean, fk::noise::philox{.seed = 5}, y);
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    while (!run.done()) {
      const fk::level at = run.at();
      std::vector<test::column> before;
      std::vector<std::vector<test::column>> data;
      for (std::size_t s = 0; s < samples; ++s) {
        before.emplace_back(run.input().data + s * size, run.input().data + (s + 1) * size);
        std::copy(before[s].begin(), before[s].end(), const_cast<double*>(plain.input().data) + s * size);
        data.emplace_back();
        for (int b = 0; b < 2; ++b) {
          test::column D(size);
          for (double& v : D) v = normal(random);
          if (s == 2 && b == 1) D = data[s][0];  // branches that agree
          data[s].push_back(D);
          const test::column said = test::as(at, {1, 0}, network.row(at), before[s], D);
          for (auto* to : {run.output(b).data, plain.output(b).data})
            std::copy(said.begin(), said.end(), to + s * size);
        }
      }
      run.advance();
      plain.advance();
      for (std::size_t s = 0; s < samples; ++s) {
        const test::column now(memory.data() + s * size, memory.data() + (s + 1) * size);
        const test::column from(other.data() + s * size, other.data() + (s + 1) * size);
        const test::column apart = test::sum({{1, data[s][0]}, {-1, data[s][1]}});
        const test::column moved = test::sum({{1, now}, {-1, from}});
        const double square = test::dot(apart, apart), along = square > 0 ? test::dot(moved, apart) / square : 0;
        for (std::size_t i = 0; i < size; ++i) CHECK(moved[i] == Approx(along * apart[i]).epsilon(0).margin(1e-12));
        if (run.done()) {
          CHECK(along == Approx(0).margin(1e-12));
          continue;
        }
        // A logarithm whose terms are up to (alpha' / sigma')^2 = 100 times numbers below 10, some hundred roundings.
        CHECK(test::gain(now, run.at(), before[s], at, data[s][0], data[s][1]) == Approx(0).margin(1e-9));
        CHECK((square > 0) == (std::abs(along) > 1e-6));
      }
    }
  };
  check(fk::schedule::vp_linear{}, fk::parameterization::epsilon{});
  check(fk::schedule::vp_linear{}, fk::parameterization::velocity{});
  check(fk::schedule::edm{}, fk::parameterization::data{});
  check(fk::schedule::flow_linear{}, fk::parameterization::flow{});
}

TEST_CASE("the networks of two Gaussians make samples that lie as near to both", "[statistics]") {
  // Normal about (1, 0.5) and about (-1, 0.5), of deviation 0.4: equally likely where the first element is 0. The
  // second one is as in both.
  const auto normal_about = [](double mean) {
    return [mean](auto& out, const auto& x, const fk::level& at) {
      const double trust = at.alpha * 0.16 / std::fma(at.alpha * at.alpha, 0.16, at.sigma * at.sigma);
      for (std::size_t i = 0; i < x.shape.size(); ++i) {
        const double m = i % 2 == 0 ? mean : 0.5;
        out.data[i] = m + trust * (x.data[i] - at.alpha * m);
      }
    };
  };
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::log_snr{.steps = 200, .sigma_min = 0.01, .sigma_max = 80},
                                  fk::solver::ddpm{}, intersected{});
  constexpr std::size_t n = 4000;
  std::vector<double> memory(2 * n);
  fk::backend::host_view<double> x{memory.data(), {n, 2}};
  fk::sample(plan, fk::denoisers{normal_about(1), normal_about(-1)}, fk::noise::philox{.seed = 6}, x);
  double sum = 0, squares = 0, worst = 0;
  for (std::size_t s = 0; s < n; ++s) {
    worst = std::max(worst, std::abs(memory[2 * s]));
    sum += memory[2 * s + 1];
    squares += (memory[2 * s + 1] - 0.5) * (memory[2 * s + 1] - 0.5);
  }
  // The logarithm of the ratio, 2 x / 0.16, stays what it was in the noise, 2 z / 80, of which 4000 are below 5; the
  // rest is of steps.
  CHECK(worst < 5 * 0.16 / 80);
  // Five deviations of chance, and steps of a twentieth in log(sigma / alpha).
  CHECK(sum / n == Approx(0.5).epsilon(0).margin(5 * 0.4 / std::sqrt(double(n))));
  CHECK(squares / n == Approx(0.16).epsilon(5 * std::sqrt(2.0 / n) + 0.05));
}

TEST_CASE("a sample in a batch is the sample alone, to the bit") {
  const auto toward = [](double to) {
    return [to](auto& out, const auto& x, const fk::level& at) {
      for (std::size_t i = 0; i < x.shape.size(); ++i) out.data[i] = std::sin(to + x.data[i]) + 0.1 * at.alpha;
    };
  };
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{}, levels, fk::solver::ddpm{}, intersected{});
  std::vector<double> all(3 * 5), one(5);
  fk::sample(plan, fk::denoisers{toward(0), toward(1)}, fk::noise::philox{.seed = 2},
             fk::backend::host_view<double>{all.data(), {3, 5}});
  fk::sample(plan, fk::denoisers{toward(0), toward(1)}, fk::noise::philox{.seed = 2, .first_sample = 1},
             fk::backend::host_view<double>{one.data(), {1, 5}});
  CHECK(std::equal(one.begin(), one.end(), all.begin() + 5));
}

TEST_CASE("intersected costs one tensor of its own at most, and refuses solvers of several calls a step") {
  const auto plan = [](const auto& solver) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, levels, solver, intersected{});
  };
  const auto made = plan(fk::solver::ddpm{});
  CHECK(made.buffers == 1);
  for (const auto& c : made.calls) CHECK(c.measures.size() <= 1);
  law::refused([&] { (void)plan(fk::solver::seeds_2{}); }, {"the solver is one of several calls a step", "one of one"});
}
