// SPDX-License-Identifier: MIT
#include <fokker/interop/diffusers/levels.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace fk = fokker;
namespace ip = fokker::interop;
using Catch::Contains;
using ip::family;
using nlohmann::json;

namespace {

fk::schedule::tabulated table(const json& fields, const ip::table_defaults& defaults = {}) {
  ip::config c(fields);
  return ip::read_table(c, defaults);
}

std::vector<double> times(const json& fields, family f, int steps, int last = 1000) {
  ip::config c(fields);
  return ip::spaced_timesteps(c, f, 1000, last, steps, "linspace");
}

double alphas_cumprod(const fk::schedule::tabulated& t, double time) { return t.alpha(time) * t.alpha(time); }

const json none = json::object();

}  // namespace

TEST_CASE("tables are those of the library, rounded to float32") {
  // A float32 has 24 bits; the running product keeps each factor's own rounding, at most 1000 of them.
  const double rounding = 1000 * 0x1p-24;
  const ip::table_defaults all{
      .schedules = {"linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace", "exp"}};
  const auto compare = [&](const char* name, const fk::schedule::tabulated& exact) {
    const auto read = table({{"beta_schedule", name}, {"num_train_timesteps", exact.size()}}, all);
    REQUIRE(read.size() == exact.size());
    for (const int t : {0, 1, exact.size() / 2, exact.size() - 1}) {
      INFO(name << " at " << t);
      CHECK(alphas_cumprod(read, t) == Approx(alphas_cumprod(exact, t)).epsilon(rounding));
      CHECK(alphas_cumprod(read, t) == Approx(static_cast<float>(alphas_cumprod(read, t))).epsilon(1e-14));
    }
  };
  compare("linear", fk::schedule::linear());
  compare("scaled_linear", fk::schedule::scaled_linear(1e-4, 0.02));
  compare("squaredcos_cap_v2", fk::schedule::squared_cosine(200));
  compare("laplace", fk::schedule::laplace(100));
  compare("exp", fk::schedule::exponential(100));
  const auto sigmoid = table({{"beta_schedule", "sigmoid"}, {"num_train_timesteps", 3}}, all);
  CHECK(alphas_cumprod(sigmoid, 1) / alphas_cumprod(sigmoid, 0) ==
        Approx(1 - (1e-4 + 0.5 * (0.02 - 1e-4))).epsilon(1e-6));
}

TEST_CASE("a table of betas goes before the others") {
  const auto read = table({{"trained_betas", {0.5, 0.5}}, {"num_train_timesteps", 2}});
  CHECK(alphas_cumprod(read, 0) == Approx(0.5).epsilon(1e-15));
  CHECK(alphas_cumprod(read, 1) == Approx(0.25).epsilon(1e-15));
  CHECK_THROWS_WITH(table({{"trained_betas", {0.5, 0.5}}}),
                    Contains("trained_betas is [0.5,0.5]; allowed: num_train_timesteps numbers"));
  CHECK_THROWS_WITH(table({{"beta_schedule", "cosine"}}),
                    Contains("allowed: linear, scaled_linear, squaredcos_cap_v2"));
  CHECK_THROWS_WITH(table({{"num_train_timesteps", 0}}), Contains("num_train_timesteps is 0"));
  CHECK_THROWS_WITH(table({{"beta_end", -1}}), Contains("beta_end is -1"));
}

TEST_CASE("zero terminal SNR is exact, or 2^-24 where a class cannot use 0") {
  const json fields{{"rescale_betas_zero_snr", true}};
  ip::config c(fields);
  const auto whole = fk::schedule::scaled_linear();
  CHECK(ip::with_zero_snr(c, whole, true).alpha(999) == 0);
  const auto nearly = ip::with_zero_snr(c, whole, false);
  CHECK(alphas_cumprod(nearly, 999) == Approx(0x1p-24).epsilon(1e-14));
  CHECK(nearly.sigma(999) / nearly.alpha(999) == Approx(4096).epsilon(1e-6));  // sqrt(2^24 - 1)
  ip::config without(none);
  CHECK(ip::with_zero_snr(without, whole, true).alpha(999) == whole.alpha(999));
  // Ho et al.'s betas leave less than that at the timestep before, so that noises would not fall.
  CHECK(ip::with_zero_snr(c, fk::schedule::linear(), true).alpha(999) == 0);
  // Of linear betas timesteps 996 to 998 have less than 2^-24, and the table cannot have it after them.
  CHECK(ip::with_zero_snr(c, fk::schedule::linear(), false).alpha(999) == 0);
  const fk::level last = ip::with_finite_noise(fk::level_at(ip::with_zero_snr(c, fk::schedule::linear(), false), 999));
  CHECK(last.ratio() == Approx(4096).epsilon(1e-7));  // diffusers' largest noise; sqrt(2^24 - 1) is that to 3e-8
  CHECK(last.time == 999);
  CHECK(last.alpha * last.alpha + last.sigma * last.sigma == Approx(1).epsilon(1e-15));
}

TEST_CASE("timesteps are spaced as in Lin et al. 2024, table 2, with the roundings of three families") {
  CHECK(times(none, family::ddim, 5) == std::vector<double>{999, 749, 500, 250, 0});  // 499.5 to even
  CHECK(times(none, family::sigma, 5) == std::vector<double>{999, 749.25, 499.5, 249.75, 0});
  CHECK(times(none, family::dpm, 5) == std::vector<double>{999, 799, 599, 400, 200});
  const json leading{{"timestep_spacing", "leading"}, {"steps_offset", 1}};
  CHECK(times(leading, family::ddim, 5) == std::vector<double>{801, 601, 401, 201, 1});
  CHECK(times(leading, family::sigma, 5) == std::vector<double>{801, 601, 401, 201, 1});
  CHECK(times(leading, family::dpm, 5) == std::vector<double>{831, 665, 499, 333, 167});  // 1000 / 6 is 166
  const json trailing{{"timestep_spacing", "trailing"}};
  for (const family f : {family::ddim, family::sigma, family::dpm})
    CHECK(times(trailing, f, 5) == std::vector<double>{999, 799, 599, 399, 199});
  CHECK(times(none, family::dpm, 2, 501) == std::vector<double>{500, 250});  // of a part of the table
  CHECK(times(none, family::sigma, 1) == std::vector<double>{0});            // numpy.linspace of one, turned round
  CHECK(times(trailing, family::dpm, 2, 501) == std::vector<double>{500, 0});
}

TEST_CASE("trailing timesteps are as many as steps, of which numpy.arange has one more") {
  for (const int steps : {61, 103, 121, 122, 201}) {
    const auto t = times({{"timestep_spacing", "trailing"}}, family::ddim, steps);
    CHECK(t.size() == static_cast<std::size_t>(steps));
    CHECK(t.back() >= 0);
  }
}

TEST_CASE("timesteps that would come twice or lie outside are refused") {
  CHECK_THROWS_WITH(times(none, family::ddim, 1001), Contains("steps is 1001; allowed: 1 to 1000"));
  CHECK_THROWS_WITH(times(none, family::dpm, 1000), Contains("steps is 1000; allowed: 1 to 999"));
  CHECK_THROWS_WITH(times(none, family::sigma, 2000000), Contains("steps"));
  CHECK_THROWS_WITH(times(none, family::ddim, 0), Contains("steps is 0"));
  CHECK_THROWS_WITH(times(none, family::dpm, 900, 100), Contains("every timestep of the config is another one"));
  CHECK_THROWS_WITH(times({{"timestep_spacing", "leading"}, {"steps_offset", 900}}, family::ddim, 10),
                    Contains("every timestep of the config is another one"));
  CHECK_THROWS_WITH(times({{"timestep_spacing", "leading"}, {"steps_offset", 500}}, family::ddim, 2),  // 1000 and 500
                    Contains("every timestep of the config is another one"));
  CHECK_THROWS_WITH(times({{"timestep_spacing", "trailing"}}, family::dpm, 5, 501),
                    Contains("every timestep of the config is another one"));
  CHECK_THROWS_WITH(times({{"timestep_spacing", "middle"}}, family::ddim, 10),
                    Contains("timestep_spacing is \"middle\"; allowed: linspace"));
}

TEST_CASE("noises are spread by one rule") {
  const json two{{"use_karras_sigmas", true}, {"use_beta_sigmas", true}};
  ip::config c(two);
  CHECK_THROWS_WITH(ip::read_spread(c), Contains("use_beta_sigmas is true; allowed: false beside another rule"));
  const json lu{{"use_lu_lambdas", true}};
  ip::config other(lu);
  CHECK(ip::read_spread(other, true) == ip::spread::lu);
  CHECK(ip::read_spread(other) == ip::spread::timesteps);  // of a class that does not know it
}

TEST_CASE("spread noises are the published ones") {
  // Karras et al. on the range of Stable Diffusion, ten noises, in k-diffusion.
  const std::vector<double> karras{14.61464, 9.102928, 5.478392, 3.168603,  1.749417,
                                   .9140723, .4469182, .2013983, .08191024, .02916716};
  const auto k = ip::spread_between(ip::spread::karras, 14.6146412293, 0.0291671581517, 10);
  REQUIRE(k.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(k[i] == Approx(karras[i]).epsilon(1e-6));  // seven digits are printed
  const auto e = ip::spread_between(ip::spread::exponential, 100, 1, 3);
  CHECK(e[1] == Approx(10).epsilon(1e-14));
  CHECK(ip::spread_between(ip::spread::lu, 100, 1, 3) == e);
  const auto b = ip::spread_between(ip::spread::beta, 3, 1, 3);
  CHECK(b == std::vector<double>{3, 2, 1});  // the median of a symmetric beta is the middle
  CHECK(ip::spread_between(ip::spread::karras, 5, 1, 1) == std::vector<double>{5});
}

TEST_CASE("levels at noises are labelled with timesteps, rounded as the class does") {
  const auto t = fk::schedule::linear().interpolated(fk::schedule::interpolation::log_ratio);
  const auto ratio = [&](double time) { return t.sigma(time) / t.alpha(time); };
  const double middle = std::sqrt(ratio(499) * ratio(500)), below = ratio(0) / 2;
  const auto label = [&](double r, ip::rounding how) { return ip::levels_at_noises(t, {r}, how)[0].label; };
  // Two logarithms in float32, below 2 and 0.01 apart.
  CHECK(std::abs(label(middle, ip::rounding::none) - 499.5) < 0x1p-23 / std::log(ratio(500) / ratio(499)));
  CHECK(label(ratio(499.7), ip::rounding::nearest) == 500);
  CHECK(label(ratio(499.7), ip::rounding::down) == 499);
  CHECK(label(below, ip::rounding::none) == 0);
  CHECK(ip::levels_at_noises(t, {middle}, ip::rounding::none)[0].ratio() == Approx(middle).epsilon(1e-14));
  // Of more noise than the table has, the last timestep.
  const fk::level more = ip::levels_at_noises(t, {1000}, ip::rounding::none)[0];
  CHECK(more.ratio() == Approx(1000).epsilon(1e-14));
  CHECK(more.alpha * more.alpha + more.sigma * more.sigma == Approx(1).epsilon(1e-14));
  CHECK(more.time == 999);
  CHECK(more.label == 999);
}

TEST_CASE("levels between timesteps have noises in between") {
  const auto t = fk::schedule::linear();
  const auto l = ip::levels_at_timesteps(t, {499.25, 3});
  const auto ratio = [&](double time) { return t.sigma(time) / t.alpha(time); };
  CHECK(l[0].ratio() == Approx(0.75 * ratio(499) + 0.25 * ratio(500)).epsilon(1e-13));
  CHECK(l[0].label == 499.25);
  CHECK(l[1].ratio() == Approx(ratio(3)).epsilon(1e-14));
}

TEST_CASE("a last level that is there already is a step of no length") {
  const auto t = fk::schedule::linear();
  auto levels = ip::levels_at_timesteps(t, {10, 0});
  ip::end_on(levels, fk::level_at(t, 0));
  CHECK(levels.size() == 3);
  CHECK(fk::towards_data(levels[1], levels[2]));
  CHECK(levels[2].ratio() == Approx(levels[1].ratio()).epsilon(1e-11));
  levels = ip::levels_at_timesteps(t, {10});
  ip::end_on(levels, fk::level_at(t, 0));
  CHECK(levels[1].time == 0);
}

TEST_CASE("noises of flows are shifted and stretched") {
  // Stable Diffusion 3: shift 3 of 28 noises from 1 to 3/1002, published as 1, .9873806, .9741078 ... .008928571
  std::vector<double> sigmas;
  for (int i = 0; i < 28; ++i) sigmas.push_back(std::lerp(1, 3.0 / 1002, i / 27.0));
  const auto moved = ip::shifted(sigmas, 3);
  CHECK(moved[0] == 1);
  CHECK(moved[1] == Approx(.9873806).epsilon(1e-7));
  CHECK(moved[2] == Approx(.9741078).epsilon(1e-7));
  CHECK(moved[27] == Approx(.008928571).epsilon(1e-7));
  const auto stretched = ip::shifted(sigmas, 3, 0.1);
  CHECK(stretched.front() == 1);
  CHECK(stretched.back() == Approx(0.1).epsilon(1e-14));
  const auto levels = ip::levels_of_flow({1, 0.9996}, 1000, ip::rounding::down);
  CHECK(levels[0].label == 1000);
  CHECK(levels[1].label == 999);
  CHECK(levels[1].alpha_rate == -1);
}

TEST_CASE("ties fall as in numpy, which rounds i (T - 1) / N in another order") {
  // diffusers 0.42.1 with numpy 2.4.6: the middle one is (T - 1)/2, 499.5, to the last bit or not.
  CHECK(times(none, family::dpm, 30)[15] == 499);
  CHECK(times(none, family::dpm, 20)[10] == 500);
  for (const int steps : {31, 47, 53})
    CHECK(times(none, family::ddim, steps)[static_cast<std::size_t>(steps) / 2] == 499);
  // numpy.arange has T - i T/N, and T/N as (T - (T - T/N)).
  const auto trailing = times({{"timestep_spacing", "trailing"}}, family::ddim, 48);
  CHECK(std::vector<double>(trailing.end() - 8, trailing.end()) ==
        std::vector<double>{166, 145, 124, 103, 82, 61, 41, 20});
}

TEST_CASE("numbers are spaced evenly as numpy.linspace does") {
  CHECK(ip::evenly(0, 999, 31)[15] == 499.49999999999994);
  CHECK(ip::evenly(1, 0.001, 13)[12] == 0.001);
  CHECK(ip::evenly(3, 5, 1) == std::vector<double>{3});
}

TEST_CASE("the last noise of a table is torch's, which rounds each operation to float32", "[bits]") {
  for (const char* name : {"linear", "scaled_linear", "squaredcos_cap_v2"})
    for (int size = 20; size <= 400; size += 20) {
      INFO(name << " of " << size);
      const auto t = table({{"beta_schedule", name}, {"num_train_timesteps", size}});
      const float kept = static_cast<float>(alphas_cumprod(t, size - 1)), left = 1 - kept, share = left / kept;
      const double most = double{std::sqrt(share)};
      const ip::float32_noises noises(t);
      CHECK(noises.most() == most);
      // It is this noise that a rule begins at, and whose timestep is cut off.
      const double ratio = fk::level_at(t, size - 1).ratio();
      CHECK(ip::levels_at_noises(t, {ratio}, ip::rounding::down)[0].label == std::floor(noises.timestep(most)));
    }
}

TEST_CASE("timesteps of noises are found between logarithms in float32") {
  // diffusers 0.42.1: the logarithm of the first noise, rounded to float32, is more than the noise's own.
  const auto first_and_last = [](const json& fields) {
    const ip::float32_noises noises(table(fields));
    return std::vector<double>{std::floor(noises.timestep(noises.most())), noises.timestep(0.001)};
  };
  CHECK(first_and_last(none) == std::vector<double>{999, 0});
  CHECK(first_and_last({{"beta_schedule", "scaled_linear"}, {"beta_start", 0.00085}, {"beta_end", 0.012}})[0] == 998);
  CHECK(first_and_last({{"beta_schedule", "squaredcos_cap_v2"}})[0] == 998);
  const ip::float32_noises noises(table(none));
  CHECK(noises.timestep(1e9) == 999);
  CHECK(noises.timestep(0) == 0);
  CHECK(noises.most() == 157.4072723388672);  // rounded by each operation
  CHECK(ip::float32_noises(table({{"num_train_timesteps", 1}})).timestep(5) == 0);
  // Noises are found down to 1e-10. These betas have 5e-4 and 1, in float32's 24 bits of 1 - beta.
  const auto small = table({{"trained_betas", {0x1p-22, 0.5}}, {"num_train_timesteps", 2}});
  CHECK(ip::float32_noises(small).timestep(0x1p-10) == Approx(1.0 / 11).epsilon(1e-5));
}
