// SPDX-License-Identifier: MIT
#include <fokker/saved_run.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/heun.hpp>

#include "support/catch.hpp"
#include "support/draws_twice.hpp"

namespace fk = fokker;

namespace {

constexpr std::size_t samples = 3, size = 5;
const fk::noise::philox seeded{.seed = 8};

template <class Solver, class Guidance = fk::guidance::none, class Network = fk::parameterization::epsilon>
fk::plan::program planned(const Solver& solver, const Guidance& guidance = {}, const Network& network = {},
                          bool preview = false) {
  return fk::make_plan(fk::schedule::vp_linear{}, network, fk::grid::uniform{.steps = 4}, solver, guidance,
                       {.preview = preview});
}
/// A number that outlives its call.
struct remembering {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto before = g.remembered(0.0);
    g.remember(g.norm(g[0].network) + 0.5 * before);
    return {.network = quotient(1, 1 + before, 0) * g[0].network};
  }
};

/// A number of what was remembered, which no update reads.
struct measuring_the_past {
  static constexpr int branches = 1;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    const auto before = g.norm(g.remembered());
    static_cast<void>(g.remember(g[0].network));
    return {.network = quotient(1, 1 + before, 0) * g[0].network};
  }
};

template <class Run>
void go(Run& run, std::size_t calls) {
  while (run.calls_done() < calls) {
    for (int b = 0; b < run.branches(); ++b)
      for (std::size_t i = 0; i < samples * size; ++i)
        run.output(b).data[i] = static_cast<std::remove_reference_t<decltype(run.output(b).data[i])>>(
            std::fma(0.5f, static_cast<float>(run.input().data[i]), 0.1f * static_cast<float>(b + 1)));
    run.advance();
  }
}

/// Stops a run after each call, writes it, reads it and goes on, in memory that held something else.
template <class E, class Network = E, class Noise>
void goes_on(const fk::plan::program& plan, const Noise& noise, fk::beginning from = fk::beginning::noise) {
  using view = fk::backend::host_view<E>;
  using read = fk::backend::host_view<Network>;
  std::vector<E> start(samples * size);
  for (std::size_t i = 0; i < start.size(); ++i) start[i] = E(static_cast<float>(i) - 6);
  const auto bytes_of = [](const std::vector<E>& x) {
    return std::string(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(E));
  };
  auto whole = start;
  view x{whole.data(), {samples, size}};
  fk::stepper<view, Noise, read> uninterrupted(plan, noise, x, from);
  go(uninterrupted, plan.calls.size());
  for (std::size_t stop = 0; stop <= plan.calls.size(); ++stop) {
    auto mine = start;
    view y{mine.data(), {samples, size}};
    fk::stepper<view, Noise, read> first(plan, noise, y, from);
    go(first, stop);
    const std::string bytes = fk::save(plan, first);
    const fk::saved_run saved(bytes);
    CHECK(saved.calls_done == stop);
    std::vector<E> theirs(samples * size, E(-99.0f));
    view z{theirs.data(), {samples, size}};
    auto second = fk::resume<read>(saved, noise, z);
    CHECK(fk::save(saved.plan, second) == bytes);
    go(second, plan.calls.size());
    CHECK(bytes_of(theirs) == bytes_of(whole));
  }
}

/// Bytes with a sum that fits.
std::string summed(std::string bytes) {
  bytes.resize(bytes.size() - 8);
  fk::detail::put(bytes, fk::detail::checksum(bytes));
  return bytes;
}

}  // namespace

TEST_CASE("a run that was written and read goes on to the same bits", "[bits]") {
  using fk::guidance::classifier_free;
  const auto guided = planned(fk::solver::dpmpp_2m{}, classifier_free{.scale = 3}, {}, true);
  goes_on<float>(planned(fk::solver::ddpm{}), seeded);
  goes_on<float>(guided, seeded);
  goes_on<double>(guided, seeded, fk::beginning::given);
  goes_on<fk::half>(guided, seeded);
  goes_on<fk::bfloat16>(guided, seeded);
  goes_on<float, fk::bfloat16>(guided, seeded);
  goes_on<float>(planned(fk::solver::dpmpp_2m{}, fk::guidance::apg{.momentum = -0.5}), seeded);
  goes_on<float>(planned(fk::solver::heun{}, remembering{}), seeded);
  goes_on<float>(planned(fk::solver::dpmpp_2m{}, measuring_the_past{}), seeded);
  goes_on<float>(planned(fk::solver::heun{}, fk::guidance::none{},
                         fk::parameterization::thresholded{fk::parameterization::epsilon{}}),
                 seeded);
}

TEST_CASE("a sequence of noise draws again what was drawn", "[bits]") {
  goes_on<float>(planned(test::draws_twice{}), fk::noise::torch_cpu(5));
  goes_on<float>(planned(fk::solver::ddpm{}), fk::noise::torch_cpu(5), fk::beginning::given);
}

TEST_CASE("a buffer that is read no more is not written") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  REQUIRE(plan.buffers == 2);
  CHECK(fk::plan::live_buffers(plan, 0) == std::vector<bool>{true, false});  // nothing is remembered yet
  CHECK(fk::plan::live_buffers(plan, 2) == std::vector<bool>{true, true});
  CHECK(fk::plan::live_buffers(plan, plan.calls.size()) == std::vector<bool>{true, false});
}

TEST_CASE("a damaged file is refused") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  std::vector<float> memory(samples * size);
  fk::backend::host_view<float> x{memory.data(), {samples, size}};
  fk::stepper run(plan, seeded, x);
  go(run, 2);
  const std::string bytes = fk::save(plan, run);
  for (std::size_t i = 0; i < bytes.size(); i += i < 20 || i + 150 > bytes.size() ? 1 : 23)
    for (const int change : {1, 0x80}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ change);
      CHECK_THROWS_WITH(fk::saved_run(changed), Catch::Contains("fokker: the file of a run is "));
    }
  for (std::size_t length = 0; length < bytes.size(); length += length < 40 ? 1 : 37)
    CHECK_THROWS_WITH(fk::saved_run(bytes.substr(0, length)), Catch::Contains("the file of a run is "));
  CHECK_THROWS_WITH(fk::saved_run(bytes + "x"), Catch::Contains("the file of a run is damaged"));

  // Numbers that are none of a run, with a sum that fits them: those behind the plan, each by itself.
  const std::size_t behind = fk::detail::run_file.size() + 8 + fk::plan::to_text(plan).size();
  for (std::size_t n = 0; n < 7; ++n)
    for (const char other : {'\x77', '\x06', '\xff'}) {
      std::string changed = bytes;
      changed[behind + 8 * n + (n == 2 ? 7 : 0)] = other;  // the number of samples is large in its highest byte
      INFO(n);
      CHECK_THROWS_WITH(fk::saved_run(summed(changed)), Catch::Contains("the file of a run is damaged"));
    }
  std::string changed = bytes;
  changed[fk::detail::run_file.size() + 8] = 'F';
  CHECK_THROWS_WITH(fk::saved_run(summed(changed)), Catch::Contains("line 1 of the plan"));
}

TEST_CASE("a file holds tensors of all ranks and elements that there are, and no others") {
  const auto plan = planned(fk::solver::dpmpp_2m{});
  std::vector<fk::half> memory(samples * size);
  fk::backend::host_view<fk::half> x{memory.data(), {samples, 1, 1, 1, size, 1, 1, 1}};
  REQUIRE(x.shape.rank == fk::backend::extents::max_rank);
  const std::string bytes = fk::save(plan, fk::stepper(plan, seeded, x));
  CHECK(fk::saved_run(bytes).shape == x.shape);
  const std::size_t behind = fk::detail::run_file.size() + 8 + fk::plan::to_text(plan).size();
  const auto bytes_of = [](std::uint64_t number) {
    std::string eight;
    fk::detail::put(eight, number);
    return eight;
  };
  const auto refused = [&](std::size_t n, std::uint64_t number, const std::string& more = {}) {
    std::string changed = bytes;
    changed.replace(behind + 8 * n, 8, bytes_of(number));
    changed.insert(behind + 8 * 3, more);
    INFO(n << ": " << number);
    CHECK_THROWS_WITH(fk::saved_run(summed(changed)), Catch::Contains("the file of a run is damaged"));
  };
  for (const std::uint64_t element : {0u, 5u}) refused(0, element);  // 16 bits each, had they been taken for such
  refused(1, 9, bytes_of(1));                                        // an extent more
  refused(11, 2);                                                    // begun as nobody begins
  // Extents whose product is that of the shape where it wraps around at 2^64.
  const std::uint64_t a = 0x100000001, of_a = 0 - std::uint64_t{0xffffffff};
  REQUIRE(a * of_a == 1);
  std::string wrapped = bytes;
  wrapped.replace(behind + 8 * 2, 16, bytes_of(samples * a) + bytes_of(of_a));
  CHECK_THROWS_WITH(fk::saved_run(summed(wrapped)), Catch::Contains("the file of a run is damaged"));
}

TEST_CASE("a run of other elements, of another shape or of another plan is refused") {
  const auto plan = planned(fk::solver::dpmpp_2m{}), other = planned(fk::solver::ddpm{});
  std::vector<float> x(6), longer(7);
  std::vector<double> wide(6);
  const fk::stepper run(plan, seeded, x);
  const fk::saved_run saved(fk::save(plan, run));
  CHECK_THROWS_WITH(fk::save(other, run), Catch::Contains("the plan is another one"));
  std::vector<float> y(samples * size);
  fk::backend::host_view<float> all{y.data(), {samples, size}};
  fk::stepper further(plan, seeded, all);
  go(further, 2);
  auto shorter = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                               fk::grid::uniform{.steps = 1}, fk::solver::dpmpp_2m{});
  shorter.buffers = plan.buffers;
  CHECK_THROWS_WITH(fk::save(shorter, further), Catch::Contains("the plan is another one"));
  CHECK_THROWS_WITH(fk::resume(saved, seeded, longer), Catch::Contains("the shape of x is (7)"));
  CHECK_THROWS_WITH(fk::resume(saved, seeded, wide),
                    Catch::Contains("the elements of x is 2; allowed: 1, as in the file"));
}
