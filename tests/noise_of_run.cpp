// SPDX-License-Identifier: MIT
#include <fokker/noise_of_run.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/model/gaussian.hpp>
#include <fokker/model/predicting.hpp>
#include <fokker/noise/each.hpp>
#include <fokker/noise/filled.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/perturb.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler_ancestral.hpp>

#include "support/catch.hpp"
#include "support/draws_twice.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

namespace {

// Tensors of normals by the number of the normal, as a source.
struct by_number {
  const std::vector<std::vector<float>>* tensors;
  std::size_t size;  // of a sample
  [[nodiscard]] fk::noise::quad normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece& piece) const {
    const std::size_t first = piece.stream == fk::noise_piece::start ? 0 : 1;
    fk::noise::quad four{};
    for (std::size_t i = 0; i < 4 && 4 * block + i < size; ++i)
      four.z[i] = tensors->at(first + piece.id)[sample * size + 4 * block + i];
    return four;
  }
};

const fk::model::predicting network{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = 1, .deviation = 0.5}};

template <class Solver>
fk::plan::program plan_of(const Solver& solver, int steps) {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = steps},
                       solver);
}

// What a plan draws from a sequence, by the number of each normal.
std::vector<std::vector<float>> tensors_of(auto sequence, std::size_t count, std::size_t size) {
  std::vector<std::vector<float>> all(count, std::vector<float>(size));
  for (auto& z : all) sequence.fill(std::span(z));
  return all;
}

}  // namespace

TEST_CASE("a sequence gives the start and each normal of a plan in their order, a tensor at a time") {
  const auto same = [](const fk::plan::program& plan, std::size_t normals) {
    for (const auto& [samples, size] : {std::pair<std::size_t, std::size_t>{1, 1}, {1, 21}, {3, 7}, {2, 3000}}) {
      INFO(samples << " samples of " << size);
      const auto tensors = tensors_of(fk::noise::torch_cpu(5), normals, samples * size);
      std::vector<float> x(samples * size), expected(samples * size);
      CHECK(fk::sample(plan, network, by_number{&tensors, size},
                       fk::backend::host_view{expected.data(), {samples, size}}));
      CHECK(fk::sample(plan, network, fk::noise::torch_cpu(5), fk::backend::host_view{x.data(), {samples, size}}));
      CHECK(x == expected);
    }
  };
  same(plan_of(fk::solver::ddim{}, 4), 1);
  same(plan_of(fk::solver::euler_ancestral{}, 6), 6);
  same(plan_of(test::draws_twice{}, 4), 8);
}

TEST_CASE("a sequence goes with rules that find numbers while sampling") {
  const auto plan = plan_of(fk::solver::euler_ancestral{}, 3).with(fk::guidance::apg{.scale = 4});
  REQUIRE(plan.has_measures());
  const auto tensors = tensors_of(fk::noise::torch_cpu(5), 3, 14);  // the start, and two of three steps
  std::vector<float> x(14), expected(14);
  const fk::model::predicting other{fk::parameterization::epsilon{}, fk::model::gaussian{.mean = -1, .deviation = 2}};
  fk::sample(plan, fk::denoisers{network, other}, fk::noise::torch_cpu(5), fk::backend::host_view{x.data(), {2, 7}});
  fk::sample(plan, fk::denoisers{network, other}, by_number{&tensors, 7},
             fk::backend::host_view{expected.data(), {2, 7}});
  CHECK(x == expected);
}

TEST_CASE("a sequence that asks is told which normals it fills") {
  struct asking {
    std::vector<fk::noise_piece>* told;
    void fill(std::span<float> z, const fk::noise_piece& piece) {
      std::fill(z.begin(), z.end(), 1.0f);
      told->push_back(piece);
    }
  };
  static_assert(fk::noise_sequence<asking>);
  const auto plan = plan_of(test::draws_twice{}, 3);
  std::vector<fk::noise_piece> told, expected{{fk::noise_piece::start, 0}};
  for (const fk::plan::call& c : plan.calls)
    for (int q = 0; q < c.then.normal_count; ++q) {
      const fk::noise_piece& piece = c.then.normals.at(static_cast<std::size_t>(q));
      if (std::find(expected.begin(), expected.end(), piece) == expected.end()) expected.push_back(piece);
    }
  std::vector<float> x(3);
  fk::sample(plan, network, asking{&told}, x);
  CHECK(told == expected);
  CHECK(told.back().from != told.back().to);
  // What begins a run apart from it is its start as well.
  told.clear();
  asking again{&told};
  const std::vector<float> data(3);
  fk::perturb(plan, data, again, x);
  CHECK(told == std::vector<fk::noise_piece>{{fk::noise_piece::start, 0}});
}

TEST_CASE("a sequence that a callable fills goes on from run to run") {
  const auto plan = plan_of(fk::solver::euler_ancestral{}, 3);
  fk::noise::torch_cpu generator(5), whole(5);
  const fk::noise::filled noise{[&](std::span<float> z) { generator.fill(z); }};
  for (int run = 0; run < 2; ++run) {
    const auto tensors = tensors_of(whole, 3, 20);
    std::vector<float> skipped(20);
    for (int k = 0; k < 3; ++k) whole.fill(std::span(skipped));
    std::vector<float> x(20), expected(20);
    fk::sample(plan, network, by_number{&tensors, 1}, expected);
    fk::sample(plan, network, noise, x);
    CHECK(x == expected);
  }
}

TEST_CASE("a generator for each sample gives it what it draws alone, and there are as many as samples") {
  const auto plan = plan_of(fk::solver::euler_ancestral{}, 5);
  const fk::noise::each noise{std::vector{fk::noise::torch_cpu(3), fk::noise::torch_cpu(4)}};
  for (const std::size_t size : {5u, 40u}) {
    std::vector<float> batch(2 * size), alone(size);
    fk::sample(plan, network, noise, fk::backend::host_view{batch.data(), {2, size}});
    for (std::size_t s = 0; s < 2; ++s) {
      fk::sample(plan, network, noise.generators[s], fk::backend::host_view{alone.data(), {1, size}});
      CHECK(std::vector<float>(batch.begin() + static_cast<std::ptrdiff_t>(s * size),
                               batch.begin() + static_cast<std::ptrdiff_t>((s + 1) * size)) == alone);
    }
  }
  for (const std::size_t samples : {1u, 3u}) {
    std::vector<float> x(samples);
    law::refused([&] { fk::sample(plan, network, noise, x); }, {"the number of samples of the noise is 2; allowed: "});
  }
}

TEST_CASE("a run that begins at what is given draws no start") {
  const auto plan = plan_of(fk::solver::euler_ancestral{}, 4);
  auto tensors = tensors_of(fk::noise::torch_cpu(5), 4, 9);
  tensors.insert(tensors.begin(), std::vector<float>(9));
  std::vector<float> x(9, 2), expected(9, 2);
  fk::sample_from(plan, network, by_number{&tensors, 9}, fk::backend::one_sample(expected));
  fk::sample_from(plan, network, fk::noise::torch_cpu(5), fk::backend::one_sample(x));
  CHECK(x == expected);
}

TEST_CASE("a run of a sequence stops and goes on") {
  const auto plan = plan_of(test::draws_twice{}, 4);
  std::vector<float> whole(50), x(50);
  fk::sample(plan, network, fk::noise::torch_cpu(8), whole);
  for (std::size_t stop = 0; stop <= plan.calls.size(); ++stop) {
    fk::stepper run(plan, fk::noise::torch_cpu(8), x);
    const auto go = [&](auto& r, std::size_t calls) {
      while (r.calls_done() < calls) {
        network(r.output(0), r.input(), r.at());
        r.advance();
      }
    };
    go(run, stop);
    auto state = run.stop();
    std::vector<float> y(50);
    fk::stepper other(plan, fk::noise::torch_cpu(1), y, state);
    go(other, plan.calls.size());
    CHECK(y == whole);
  }
}

TEST_CASE("a first step that draws the noise which x begins with is refused") {
  const auto plan = plan_of(fk::solver::euler_ancestral{}, 3);
  const auto begun = [&](auto noise, std::size_t samples, std::size_t size) {
    std::vector<float> x(samples * size);
    noise.fill(std::span(x));
    for (float& e : x) e *= static_cast<float>(plan.levels.front().sigma);
    return x;
  };
  const auto refused = [&](auto x, std::size_t samples, const auto& noise) {
    law::refused(
        [&] {
          fk::sample_from(plan, network, noise, fk::backend::host_view{x.data(), {samples, x.size() / samples}});
        },
        {"the noise of the first step is that of x; allowed: normals that were not drawn before: go on with the "
         "generator that drew x, or take another seed"});
  };
  const fk::noise::torch_cpu five(5), six(6);
  refused(begun(five, 1, 16), 1, five);
  refused(begun(five, 1, 300), 1, five);
  refused(begun(five, 10, 2), 10, five);  // samples of two elements, the batch tells
  const auto x = begun(five, 1, 300);
  refused(std::vector<double>(x.begin(), x.end()), 1, five);
  refused(std::vector<fk::half>(x.begin(), x.end()), 1, five);
  refused(begun(fk::noise::each{std::vector{five, six}}, 2, 20), 2, fk::noise::each{std::vector{five, five}});

  const auto taken = [&](auto from, std::size_t samples, const auto& noise) {
    fk::backend::host_view look{from.data(), {samples, from.size() / samples}};
    CHECK_NOTHROW(fk::sample_from(plan, network, noise, look));
  };
  taken(begun(five, 1, 300), 1, six);
  taken(begun(five, 1, 15), 1, five);  // too few to tell
  fk::noise::torch_cpu behind(5);
  taken(tensors_of(behind, 1, 20).front(), 1, fk::noise::filled{[&](std::span<float> z) { behind.fill(z); }});
  std::vector<float> start(20);
  behind = five;
  behind.fill(std::span(start));
  taken(start, 1, behind);
  taken(std::vector<float>(20, 0.0f), 1, five);
}

TEST_CASE("steps that are given read no noise, and may begin with that of the sequence") {
  const auto plan = plan_of(fk::solver::euler_ancestral{}, 3);
  std::vector<float> x(20), next(20);
  fk::stepper run(plan, fk::noise::torch_cpu(5), x);
  std::vector<float> y = x;
  fk::stepper again(plan, fk::noise::torch_cpu(5), y, fk::beginning::given);
  network(again.output(0), again.input(), again.at());
  network(run.output(0), run.input(), run.at());
  run.advance();
  again.advance(x);
  CHECK(x == y);
}
