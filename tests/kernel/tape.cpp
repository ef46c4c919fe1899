// SPDX-License-Identifier: MIT
#include <fokker/kernel/tape.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <fokker/detail/is_finite.hpp>
#include <fokker/kernel/host.hpp>

#include "support/catch.hpp"
#include "support/updates.hpp"

namespace fk = fokker;
namespace tape = fk::kernel::tape;
using fk::kernel::grouping;
using fk::kernel::groups_of;
using fk::plan::operation;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double no_number = std::numeric_limits<double>::quiet_NaN();

std::uint64_t bits(double a) { return std::bit_cast<std::uint64_t>(a); }

/// In units of the last place of the exact number, not less than the least subnormal one.
double ulps(double value, long double exact) {
  const long double place = std::ldexp(1.0L, exact == 0 ? -1074 : std::max(std::ilogb(exact) - 52, -1074));
  return static_cast<double>(std::abs(value - exact) / place);
}

double on_host(std::vector<operation> all) {
  double result = 0;
  const fk::kernel::scalars<double> kept[] = {{&result}};
  all.push_back({.what = operation::keep, .a = static_cast<int>(all.size()) - 1, .index = 0});
  fk::kernel::host::evaluate<float>(all, {.over = {}, .found = {}, .kept = kept, .tables = {}}, 0, 1);
  return result;
}
operation constant(double value) { return {.what = operation::constant, .value = value}; }

/// One operation on constants.
double of(operation::kind what, double a, double b = 0, double c = 0, double d = 0) {
  return on_host({constant(a), constant(b), constant(c), constant(d), {.what = what, .a = 0, .b = 1, .c = 2, .d = 3}});
}

}  // namespace

TEST_CASE("groups lie along adjacent axes of a sample") {
  const std::size_t extents[] = {3, 4, 5};
  CHECK(groups_of({}, extents) == grouping{60, 1});
  CHECK(groups_of({0, 1}, extents) == grouping{20, 3});
  CHECK(groups_of({1, 1}, extents) == grouping{5, 4});
  CHECK(groups_of({1, 2}, extents) == grouping{1, 20});
  CHECK(groups_of({0, 3}, extents) == grouping{1, 60});
  CHECK(groups_of({}, {}) == grouping{1, 1});
  const std::size_t thin[] = {3, 1, 5};
  CHECK(groups_of({1, 1}, thin) == grouping{15, 1});
  CHECK_THROWS_WITH(groups_of({2, 2}, extents),
                    "fokker: axes is {2, 2}; allowed: {first, count}, the first from 0, of a sample's 3");
  CHECK_THROWS_AS(groups_of({-1, 1}, extents), std::invalid_argument);
  CHECK_THROWS_AS(groups_of({0, -1}, extents), std::invalid_argument);
  CHECK_THROWS_AS(groups_of({std::numeric_limits<int>::max(), 1}, extents), std::invalid_argument);
}

TEST_CASE("exponential and logarithm are within an ulp, and exact at their limits") {
  std::mt19937_64 random(1);
  double worst = 0;
  const auto look = [&](double x) {
    worst = std::max(worst, ulps(tape::exponential(x), std::exp(static_cast<long double>(x))));
  };
  for (double x = -708; x <= 709.75; x += 0x1.1p-6) look(x);
  std::uniform_real_distribution<double> near(-1, 1);
  for (int i = 0; i < 100000; ++i) look(near(random)), look(std::ldexp(near(random), -static_cast<int>(random() % 60)));
  CHECK(worst <= 1);
  CHECK(tape::exponential(0) == 1);
  CHECK(tape::exponential(-0.0) == 1);
  CHECK(bits(tape::exponential(-infinity)) == 0);
  CHECK(bits(tape::exponential(-1e300)) == 0);
  CHECK(tape::exponential(0x1.62e42fefa39efp+9) < infinity);  // the last that has a number
  CHECK(tape::exponential(0x1.62e42fefa39fp+9) == infinity);
  CHECK(tape::exponential(infinity) == infinity);
  CHECK(fk::detail::is_nan(tape::exponential(no_number)));

  worst = 0;
  const auto look_at_log = [&](double x) {
    worst = std::max(worst, ulps(tape::logarithm(x), std::log(static_cast<long double>(x))));
  };
  for (int i = 0; i < 300000; ++i)
    look_at_log(std::bit_cast<double>(0x0010000000000000 + random() % 0x7fe0000000000000));  // all sizes
  std::uniform_real_distribution<double> about(0.5, 2);
  for (int i = 0; i < 300000; ++i) look_at_log(about(random)), look_at_log(1 + std::ldexp(near(random), -20));
  CHECK(worst <= 1);
  CHECK(bits(tape::logarithm(1)) == 0);
  CHECK(tape::logarithm(0) == -infinity);
  CHECK(tape::logarithm(-0.0) == -infinity);
  CHECK(tape::logarithm(infinity) == infinity);
  CHECK(fk::detail::is_nan(tape::logarithm(-1)));
  CHECK(fk::detail::is_nan(tape::logarithm(-infinity)));
  CHECK(fk::detail::is_nan(tape::logarithm(no_number)));
}

TEST_CASE("exponential and logarithm have subnormal numbers, too", "[bits]") {
  double worst = 0;
  for (double x = -746; x <= -707; x += 0x1.1p-9)
    worst = std::max(worst, ulps(tape::exponential(x), std::exp(static_cast<long double>(x))));
  std::mt19937_64 random(1);
  for (std::uint64_t i = 1; i < 300000; ++i) {
    const double x = std::bit_cast<double>(i < 1000 ? i : random() % 0x0010000000000000);
    worst = std::max(worst, ulps(tape::logarithm(x), std::log(static_cast<long double>(x))));
  }
  CHECK(worst <= 1);
}

TEST_CASE("angles in parts of pi are within two ulps, and exact at whole quarters") {
  constexpr long double pi = 3.14159265358979323846264338327950288L;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> near(-1, 1), far(-1e6, 1e6);
  // By what is exact: x less its nearest quarter.
  const auto exact_sine = [](double x, int quarters) {
    const double n = std::nearbyint(2 * x), r = x - n / 2;
    const auto quarter = (static_cast<long long>(std::fmod(n, 4)) + 8 + quarters) % 4;
    const long double value = quarter % 2 == 0 ? std::sin(pi * r) : std::cos(pi * r);
    return quarter >= 2 ? -value : value;
  };
  double worst = 0, worst_arc = 0;
  for (int i = 0; i < 300000; ++i)
    for (const double x : {near(random), far(random), std::ldexp(near(random), -static_cast<int>(random() % 60))}) {
      worst = std::max(worst, ulps(tape::sine(x), exact_sine(x, 0)));
      worst = std::max(worst, ulps(tape::cosine(x), exact_sine(x, 1)));
      if (std::abs(x) <= 1)
        for (const long double y : {x, 1 - std::abs(x)}) {
          const long double arc = std::atan2(std::sqrt((1 - y) * (1 + y)), y);
          worst_arc = std::max(worst_arc, ulps(tape::arc_cosine(static_cast<double>(y)), arc / pi));
        }
    }
  CHECK(worst <= 1);
  CHECK(worst_arc <= 2);
  for (const double whole : {0.0, 2.0, -2.0, 4503599627370496.0, 0x1p52 + 2, 0x1p53, -0x1.fp1000}) {
    CHECK(tape::cosine(whole) == 1);
    CHECK(tape::sine(whole) == 0);
  }
  CHECK(tape::cosine(1) == -1);
  CHECK(tape::cosine(0x1p52 + 1) == -1);
  CHECK(tape::cosine(0.5) == 0);
  CHECK(tape::sine(0.5) == 1);
  CHECK(tape::sine(-0.5) == -1);
  CHECK(tape::sine(0x1p51 + 0.5) == 1);
  CHECK(bits(tape::arc_cosine(1)) == 0);
  CHECK(bits(tape::arc_cosine(1 + 0x1p-52)) == 0);
  CHECK(tape::arc_cosine(0) == 0.5);
  CHECK(tape::arc_cosine(-1) == 1);
  CHECK(tape::arc_cosine(-infinity) == 1);
  for (const auto angle : {tape::sine, tape::cosine}) {
    CHECK(fk::detail::is_nan(angle(infinity)));
    CHECK(fk::detail::is_nan(angle(-infinity)));
  }
  for (const auto angle : {tape::sine, tape::cosine, tape::arc_cosine}) CHECK(fk::detail::is_nan(angle(no_number)));
}

TEST_CASE("each operation of a tape says what it does at its limits") {
  test::on_every_instruction_set([] {
    CHECK(of(operation::add, 0.1, 0.2) == 0.1 + 0.2);
    CHECK(of(operation::subtract, 0.1, 0.3) == 0.1 - 0.3);
    CHECK(bits(of(operation::multiply, -0.0, 3)) == bits(-0.0));
    CHECK(of(operation::quotient, 1, 3, 7) == 1.0 / 3);
    CHECK(of(operation::quotient, 1, 0, 7) == 7);
    CHECK(of(operation::quotient, 0, -0.0, 7) == 7);
    CHECK(fk::detail::is_nan(of(operation::quotient, no_number, 0, 7)));
    CHECK(fk::detail::is_nan(of(operation::quotient, 1, no_number, 7)));
    CHECK(of(operation::quotient, 1, 2, no_number) == 0.5);
    CHECK(of(operation::root, 2) == std::sqrt(2.0));
    CHECK(bits(of(operation::root, -1e-300)) == 0);
    CHECK(bits(of(operation::root, -infinity)) == 0);
    CHECK(fk::detail::is_nan(of(operation::root, no_number)));
    CHECK(fk::detail::is_nan(of(operation::root, -no_number)));
    CHECK(of(operation::least, 2, 1) == 1);
    CHECK(of(operation::largest, 2, 1) == 2);
    for (const auto what : {operation::least, operation::largest, operation::choose}) {
      CHECK(fk::detail::is_nan(of(what, no_number, 1, 2, 3)));
      CHECK(fk::detail::is_nan(of(what, 1, no_number, 2, 3)));
    }
    CHECK(of(operation::choose, 1, 2, 5, no_number) == 5);
    CHECK(of(operation::choose, 2, 2, no_number, 6) == 6);
    CHECK(bits(of(operation::exponential, 0.3)) == bits(tape::exponential(0.3)));
    CHECK(bits(of(operation::logarithm, 0.3)) == bits(tape::logarithm(0.3)));
    for (const double x : {0.3, -0.8, 0.99, 1e9 / 3}) {
      CHECK(bits(of(operation::cosine, x)) == bits(tape::cosine(x)));
      CHECK(bits(of(operation::sine, x)) == bits(tape::sine(x)));
      CHECK(bits(of(operation::arc_cosine, x)) == bits(tape::arc_cosine(x)));
    }
  });
}

TEST_CASE("a product in a tape is rounded before a sum meets it", "[bits]") {
  test::on_every_instruction_set([] {
    // Fused, this would be -2^-104.
    const double a = 1 + 0x1p-52, b = 1 - 0x1p-52;
    CHECK(bits(on_host({constant(a),
                        constant(b),
                        constant(-1),
                        {.what = operation::multiply, .a = 0, .b = 1},
                        {.what = operation::add, .a = 3, .b = 2}})) == 0);
  });
}

TEST_CASE("a tape runs for every group of every sample, with the bits of one at a time", "[bits]") {
  const std::vector<operation> all{
      {.what = operation::found, .index = 0},                 // of groups
      {.what = operation::found, .index = 1},                 // of samples
      {.what = operation::count, .index = 0},                 // 2
      {.what = operation::load, .index = 0},                  // of samples
      {.what = operation::load, .index = 1},                  // of groups
      {.what = operation::quotient, .a = 0, .b = 1, .c = 2},  // 5
      {.what = operation::exponential, .a = 5},               // 6
      {.what = operation::multiply, .a = 6, .b = 3},          // 7
      {.what = operation::add, .a = 7, .b = 4},               // 8
      {.what = operation::add, .a = 3, .b = 1},               // 9: of samples
      {.what = operation::keep, .a = 9, .index = 0},
      {.what = operation::keep, .a = 8, .index = 1},
      {.what = operation::store, .a = 8, .index = 0},
  };
  std::mt19937 random(4);
  std::normal_distribution<double> value;
  for (const auto& [samples, groups] :
       {std::pair<std::size_t, std::size_t>{1, 1}, {300, 1}, {3, 7}, {5, 300}, {40, 33}}) {
    std::vector<double> of_groups(samples * groups), of_samples(samples), kept_s(samples), kept_g(samples * groups);
    for (auto* list : {&of_groups, &of_samples, &kept_s, &kept_g})
      for (double& v : *list) v = value(random);
    const std::vector<double> before_s = kept_s, before_g = kept_g;
    std::vector<float> table(samples * (groups + 1), -1.0f);
    const std::size_t size = 4 * groups;
    bool first = true;
    std::vector<double> after_s, after_g;
    test::on_every_instruction_set([&, samples = samples, groups = groups] {
      kept_s = before_s;
      kept_g = before_g;
      const grouping over[] = {{4, groups}, {size, 1}};
      const fk::kernel::scalars<double> found[] = {{of_groups.data(), groups, groups}, {of_samples.data()}},
                                        kept[] = {{kept_s.data()}, {kept_g.data(), groups, groups}};
      const fk::kernel::scalars<float> tables[] = {{table.data(), groups, groups + 1}};
      fk::kernel::host::evaluate<float>(all, {over, found, kept, tables, size}, 0, samples);
      bool same = true;
      for (std::size_t s = 0; s < samples; ++s) {
        same = same && kept_s[s] == before_s[s] + of_samples[s];
        for (std::size_t g = 0; g < groups; ++g) {
          const double e = tape::exponential(tape::quotient(of_groups[s * groups + g], of_samples[s], 4));
          const double expected = std::fma(e, before_s[s], -0.0);
          const double sum = expected + before_g[s * groups + g];
          same = same && kept_g[s * groups + g] == sum && table[s * (groups + 1) + g] == static_cast<float>(sum);
        }
        same = same && table[s * (groups + 1) + groups] == -1;
      }
      CHECK(same);
      if (!first) CHECK((after_s == kept_s && after_g == kept_g));
      first = false;
      after_s = kept_s;
      after_g = kept_g;
    });
  }
}
