// SPDX-License-Identifier: MIT
#include <fokker/schedule/tabulated.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::tabulated;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A beta rounds 6 times at most and log(1 - beta) once or twice, relative to the sum; each of the t + 1 sums rounds
/// once. What is off in log alpha^2 is relative in alpha^2.
double table_bound(int time, double alphas_cumprod) {
  return (time + 1 + 8) * law::u * std::abs(std::log(alphas_cumprod)) + 4 * law::u;
}

struct entry {
  int time;
  double alphas_cumprod, ratio;
};
void check_table(const tabulated& s, const std::vector<entry>& known) {
  for (const auto& [time, a, ratio] : known) {
    INFO("time " << time);
    const double bound = table_bound(time, a);
    const double alpha = s.alpha(time);
    CHECK(std::abs(alpha * alpha / a - 1) <= bound);
    // d log(sigma/alpha) = -d log(alpha^2) / (2 sigma^2), and five roundings
    CHECK(std::abs(level_at(s, time).ratio() / ratio - 1) <= bound / (2 * (1 - a)) + 5 * law::u);
  }
}

std::vector<double> whole_times(const tabulated& s) {
  std::vector<double> times;
  for (int t = -1; t < s.size(); ++t) times.push_back(t);
  return times;
}

tabulated zero_terminal() {
  // Lin et al. 2024, algorithm 1: alpha shifted and stretched so that the last one is 0
  const tabulated s = fokker::schedule::scaled_linear();
  std::vector<double> table;
  const double first = s.alpha(0), last = s.alpha(999);
  for (int t = 0; t < 1000; ++t) table.push_back(std::pow((s.alpha(t) - last) * (first / (first - last)), 2));
  return tabulated::from_alphas_cumprod(table);
}

}  // namespace

TEST_CASE("A table is a lawful schedule that preserves variance") {
  for (const tabulated& s : {fokker::schedule::scaled_linear(), fokker::schedule::linear(),
                             tabulated::from_alphas_cumprod(std::vector<double>{0.9, 0.5, 0.1}),
                             tabulated::from_betas(std::vector<double>{0.3})}) {
    INFO("size " << s.size());
    law::schedule(s);
    law::variance_preserving(s);
  }
}

TEST_CASE("scaled_linear is the table of Stable Diffusion") {
  // Rombach et al. 2022; independent 40-digit evaluation
  check_table(fokker::schedule::scaled_linear(), {{0, 0.99915, 0.02916715815172006662},
                                                  {499, 0.27766965045646781407, 1.6128861943038752509},
                                                  {998, 0.0047166988998757493967, 14.526275689349727732},
                                                  {999, 0.0046600985130772404039, 14.614641229333635971}});
}

TEST_CASE("scaled_linear has the half log-SNR and the SNR of Stable Diffusion") {
  // The same evaluation, rounded to its published digits; the SNR is that of min-SNR weights (Hang et al. 2023).
  const tabulated s = fokker::schedule::scaled_linear();
  CHECK(std::abs(level_at(s, 0).log_snr() - 3.53471192351) <= 0.5e-11);
  CHECK(std::abs(level_at(s, 999).log_snr() + 2.68202385015) <= 0.5e-11);
  CHECK(std::abs(std::pow(level_at(s, 0).ratio(), -2) - 1175.4706) <= 0.5e-4);
  CHECK(std::abs(std::pow(level_at(s, 499).ratio(), -2) - 0.38440812) <= 0.5e-8);
}

TEST_CASE("linear is the table of DDPM") {
  // Ho et al. 2020; independent 40-digit evaluation
  check_table(fokker::schedule::linear(), {{0, 0.9999, 0.010000500037503125273},
                                           {499, 0.078587242881778237343, 3.4241366190440411942},
                                           {998, 0.000041181936381384523621, 155.82519376238211792},
                                           {999, 0.000040358297653756833148, 157.40728081040743305}});
}

TEST_CASE("A table is known at 0 ... size - 1, and its data are at -1") {
  const tabulated s = fokker::schedule::linear();
  CHECK(s.size() == 1000);
  CHECK(s.noise_time() == 999);
  CHECK(s.last_time() == 0);
  CHECK(s.data_time() == -1);
  CHECK(s.alpha(-1) == 1);
  CHECK(level_at(s, -1).is_data());
  CHECK_FALSE(level_at(s, 0).is_data());
  CHECK(s.time_of(0) == -1);
}

TEST_CASE("A table of betas and the table of their products are one table") {
  const tabulated betas = tabulated::from_betas(std::vector<double>{0.1, 0.2, 0.5});
  const tabulated products = tabulated::from_alphas_cumprod(std::vector<double>{0.9, 0.72, 0.36});
  for (const double time : {-1.0, -0.5, 0.0, 0.3, 1.0, 1.9, 2.0}) {
    INFO("time " << time);
    // the products are themselves rounded: one more rounding of alpha^2, beside a table's own
    CHECK(std::abs(betas.alpha(time) / products.alpha(time) - 1) <= table_bound(2, 0.36));
  }
}

TEST_CASE("Between two entries log alpha is linear in time") {
  const tabulated s = fokker::schedule::scaled_linear();
  for (const int t : {-1, 0, 499, 998}) {
    const double a = std::log(s.alpha(t)), b = std::log(s.alpha(t + 1));
    // every logarithm undoes an exponential: one rounding of alpha and one of the logarithm each
    CHECK(std::abs(std::log(s.alpha(t + 0.25)) - (0.75 * a + 0.25 * b)) <= 4 * law::u * (1 + std::abs(b)));
  }
}

TEST_CASE("Between two entries log(sigma/alpha) or sigma/alpha is linear where the table is told so") {
  using fokker::schedule::interpolation;
  const tabulated s = tabulated::from_alphas_cumprod(std::vector<double>{0.9, 0.5, 0.1});  // sigma/alpha 1/3, 1, 3
  const tabulated of_log = s.interpolated(interpolation::log_ratio), of_ratio = s.interpolated(interpolation::ratio);
  CHECK(level_at(of_log, 0.5).ratio() == Approx(std::sqrt(1 / 3.0)).epsilon(1e-15));
  CHECK(level_at(of_log, 1.25).ratio() == Approx(std::pow(3, 0.25)).epsilon(1e-15));
  CHECK(level_at(of_ratio, 0.5).ratio() == Approx(2 / 3.0).epsilon(1e-15));
  CHECK(level_at(of_ratio, 1.25).ratio() == Approx(1.5).epsilon(1e-15));
  CHECK(of_log.time_of(std::sqrt(3)) == Approx(1.5).epsilon(1e-15));
  CHECK(of_ratio.time_of(2) == Approx(1.5).epsilon(1e-15));
  for (const tabulated& other : {of_log, of_ratio}) {
    // the entries are the same, and so is what lies below the first
    for (const double time : {-1.0, 0.0, 1.0, 2.0, -0.25}) CHECK(other.alpha(time) == s.alpha(time));
    CHECK(other.time_of(0.2) == s.time_of(0.2));
    // the default again
    CHECK(other.interpolated(interpolation::log_alpha).alpha(0.5) == s.alpha(0.5));
  }
  CHECK(s.time_of(2) != of_log.time_of(2));
  CHECK(of_ratio.time_of(2) != of_log.time_of(2));
}

TEST_CASE("A table is lawful with each rule between its entries") {
  for (const auto rule : {fokker::schedule::interpolation::log_ratio, fokker::schedule::interpolation::ratio})
    for (const tabulated& s : {fokker::schedule::scaled_linear(), fokker::schedule::linear(),
                               tabulated::from_alphas_cumprod(std::vector<double>{0.9, 0.5, 0.1}),
                               tabulated::from_betas(std::vector<double>{0.3})}) {
      INFO("size " << s.size());
      law::schedule(s.interpolated(rule));
      law::variance_preserving(s.interpolated(rule));
    }
  const tabulated zero = zero_terminal().interpolated(fokker::schedule::interpolation::log_ratio);
  CHECK(level_at(zero, 999).is_noise());
  CHECK(zero.time_of(infinity) == 999);
  law::refused([&] { (void)zero.alpha(998.5); }, {"time is 998.5;"});
}

TEST_CASE("The Stable Diffusion table has k-diffusion's noises at broken timesteps") {
  // sigma/alpha of ten equal steps, t = 999 (10 - k) / 10. Its log is linear in time: the six digits that ComfyUI's
  // sgm_uniform has, and an independent 50-digit evaluation, also of the other two rules. They differ from the sixth
  // digit on.
  const tabulated by_alpha = fokker::schedule::scaled_linear();
  const tabulated by_log = by_alpha.interpolated(fokker::schedule::interpolation::log_ratio);
  const tabulated by_ratio = by_alpha.interpolated(fokker::schedule::interpolation::ratio);
  struct known {
    double time, published, by_alpha, by_log, by_ratio;
  };
  for (const known& k : {
           known{899.1, 8.30717, 8.3071724682059482398, 8.3071721734645227482, 8.3071825334203827977},
           known{799.2, 5.09241, 5.0924082192770388616, 5.0924075906656753225, 5.0924160777845139444},
           known{699.3, 3.32507, 3.3250700743166701058, 3.3250691492274705691, 3.3250747336398613391},
           known{599.4, 2.27973, 2.2797314298785653164, 2.2797302952441253935, 2.2797338129845257625},
           known{499.5, 1.61558, 1.6155815066635405669, 1.6155802601603266415, 1.6155825101612456554},
           known{399.6, 1.16286, 1.162865810557072762, 1.1628645340851452763, 1.1628660349525858313},
           known{299.7, 0.831884, 0.83188494371463346266, 0.83188369337377908468, 0.8318847508702177702},
           known{199.8, 0.571189, 0.57119006597564318353, 0.57118886664899799957, 0.5711896619684399383},
           known{99.9, 0.343705, 0.34370601386697510956, 0.34370481750855158879, 0.34370548703212464042},
       }) {
    INFO("time " << k.time);
    const double bound = table_bound(999, 0.00466);  // of the entries; the time and the logarithms round few times more
    CHECK(std::abs(level_at(by_alpha, k.time).ratio() / k.by_alpha - 1) <= 4 * bound);
    CHECK(std::abs(level_at(by_log, k.time).ratio() / k.by_log - 1) <= 4 * bound);
    CHECK(std::abs(level_at(by_ratio, k.time).ratio() / k.by_ratio - 1) <= 4 * bound);
    CHECK(std::abs(level_at(by_log, k.time).ratio() - k.published) <= (k.published < 1 ? 0.5e-6 : 0.5e-5));
    CHECK(std::abs(by_log.time_of(k.by_log) - k.time) <= 1000 * bound);  // a timestep is 1/1000 to 1/200 of a ratio
  }
}

TEST_CASE("The Stable Diffusion table has the noises of Align Your Steps at its timesteps") {
  // Sabour et al. 2024 publish both lists; sigma/alpha at theirs, independently evaluated to six digits.
  const tabulated s = fokker::schedule::scaled_linear();
  struct known {
    int time;
    double ratio;
  };
  for (const auto& [time, ratio] : {known{850, 6.47458}, known{736, 3.86367}, known{645, 2.69462}, known{545, 1.88419},
                                    known{455, 1.39438}, known{343, 0.964258}})
    CHECK(std::abs(level_at(s, time).ratio() - ratio) <= (time == 343 ? 0.5e-6 : 0.5e-5));
}

TEST_CASE("A ratio beyond the table is refused, one inside is not") {
  const tabulated s = fokker::schedule::scaled_linear();
  law::refused([&] { (void)s.time_of(14.7); }, {"sigma/alpha is 14.7;", "at most 14.614641229333"});
  law::refused([&] { (void)fokker::time_of(s, infinity); }, {"sigma/alpha is inf;"});
  law::refused([&] { (void)fokker::time_of(s, -1.0); }, {"sigma/alpha is -1;"});
  law::refused([&] { (void)fokker::time_of(s, not_a_number); }, {"sigma/alpha is nan;"});
  CHECK(std::abs(s.time_of(14.6) - 998.83) < 0.01);  // between 14.526 and 14.615
}

TEST_CASE("The ratio of a table's own last entry is not beyond the table") {
  // whatever the last bit of its sigma/alpha is: tables of many lengths
  law::failures beyond;
  for (int size = 1; size <= 1000; ++size) {
    const tabulated s = fokker::schedule::linear(1e-4, 0.02, size);
    if (!law::refusal([&] { (void)s.time_of(level_at(s, s.noise_time()).ratio()); }).empty()) law::note(beyond, size);
  }
  CHECK(beyond == law::failures{});
  // the published number of the Stable Diffusion table
  CHECK(law::refusal([] { (void)fokker::schedule::scaled_linear().time_of(14.614641229333636); }).empty());
}

TEST_CASE("A time outside the table is refused by value") {
  const tabulated s = fokker::schedule::linear(1e-4, 0.02, 10);
  law::refused([&] { (void)s.alpha(9.5); }, {"time is 9.5;"});
  law::refused([&] { (void)s.sigma(-1.25); }, {"time is -1.25;"});
  law::refused([&] { (void)s.alpha(not_a_number); }, {"time is nan;"});
  law::refused([&] { (void)s.alpha(infinity); }, {"time is inf;"});
}

TEST_CASE("Zero terminal SNR is exact: alpha 0 and sigma 1 at the last time") {
  for (const tabulated& s : {zero_terminal(), tabulated::from_betas(std::vector<double>{0.1, 0.3, 1}),
                             tabulated::from_alphas_cumprod(std::vector<double>{0.9, 0.3, 0})}) {
    const double last = s.noise_time();
    CHECK(s.alpha(last) == 0);
    CHECK_FALSE(std::signbit(s.alpha(last)));
    CHECK(s.sigma(last) == 1);
    CHECK(level_at(s, last).is_noise());
    CHECK(s.time_of(infinity) == last);
    law::strictly_towards_noise(s, whole_times(s));
    law::variance_preserving(s, whole_times(s));
  }
}

TEST_CASE("Zero terminal SNR on the Stable Diffusion table has the neighbour of Lin et al. 2024") {
  // Independent 40-digit evaluation. alpha[998] - alpha[999] cancels: alpha's bound times alpha/(difference).
  const double alpha = 0.0686782, difference = 0.000413;
  CHECK(std::abs(std::pow(zero_terminal().alpha(998), 2) / 1.9678880566211869165e-7 - 1) <=
        2 * table_bound(999, 0.00466) * alpha / difference);
}

TEST_CASE("No time lies between zero terminal SNR and its neighbour") {
  const tabulated s = zero_terminal();
  law::refused([&] { (void)s.alpha(998.5); }, {"time is 998.5;", "alpha is 0"});
  law::refused([&] { (void)s.sigma(998.5); }, {"time is 998.5;"});
  law::refused([&] { (void)s.time_of(1e9); }, {"sigma/alpha is 1e+09;", "infinity, or at most "});
  CHECK(s.alpha(997.5) > s.alpha(998));
  CHECK(s.alpha(998) > 0);
}

TEST_CASE("A table that is empty or does not fall is refused by name and entry") {
  using list = std::vector<double>;
  const auto betas = [](const list& b) { return [b] { (void)tabulated::from_betas(b); }; };
  const auto products = [](const list& a) { return [a] { (void)tabulated::from_alphas_cumprod(a); }; };
  law::refused(betas({}), {"betas is empty"});
  law::refused(products({}), {"alphas_cumprod is empty"});
  law::refused(betas({0.1, 0, 0.1}), {"betas[1]"});
  law::refused(betas({0.1, 0.2, -0.1}), {"betas[2]"});
  law::refused(betas({0.1, 1.5}), {"betas[1]"});
  law::refused(betas({not_a_number}), {"betas[0]"});
  law::refused(betas({0.1, 1, 0.1}), {"betas[2]"});
  law::refused(products({0.9, 0.9}), {"alphas_cumprod[1]"});
  law::refused(products({0.9, 0.95, 0.1}), {"alphas_cumprod[1]"});
  law::refused(products({1, 0.5}), {"alphas_cumprod[0]"});
  law::refused(products({0.9, not_a_number}), {"alphas_cumprod[1]"});
  law::refused(products({0.9, -0.1}), {"alphas_cumprod[1]"});
  law::refused(products({0.9, 0, 0}), {"alphas_cumprod[2]"});
}

TEST_CASE("A refused entry of a table is named with its value") {
  constexpr int most = std::numeric_limits<int>::max();
  using list = std::vector<double>;
  law::refused([] { (void)tabulated::from_betas(list{0.1, 0.2, -0.25}); }, {"betas[2] is -0.25;"});
  law::refused([] { (void)tabulated::from_betas(list{0.1, 1.5}); }, {"betas[1] is 1.5;"});
  law::refused([] { (void)tabulated::from_betas(list{0.1, 0}); }, {"betas[1] is 0;"});
  // too small to change the product
  law::refused([] { (void)tabulated::from_betas(list{0.5, 1e-300}); }, {"alpha^2 after betas[1] is 0.5;"});
  law::refused([] { (void)tabulated::from_alphas_cumprod(list{0.9, 0.95}); }, {"alphas_cumprod[1] is 0.95;"});
  law::refused([] { (void)tabulated::from_alphas_cumprod(list{not_a_number}); }, {"alphas_cumprod[0] is nan;"});
  law::refused([] { (void)fokker::schedule::linear(1e-4, 0.02, 0); }, {"size is 0;"});
  law::refused([] { (void)fokker::schedule::linear(1e-4, 0.02, -5); }, {"size is -5;"});
  law::refused([] { (void)fokker::schedule::linear(1e-6, 1e-5, most); }, {"size is 2147483647; allowed: 1 to 1000000"});
  law::refused([] { (void)fokker::schedule::scaled_linear(1e-4, 0.02, 0); }, {"size is 0;"});
}

TEST_CASE("Evenly spaced numbers include both ends to the bit") {
  for (const int size : {2, 3, 10, 1000}) {
    const auto values = fokker::schedule::evenly_spaced(1e-4, 0.02, size);
    CHECK(values.size() == static_cast<std::size_t>(size));
    CHECK(values.front() == 1e-4);
    CHECK(values.back() == 0.02);
  }
  CHECK(fokker::schedule::evenly_spaced(0.3, 0.7, 1) == std::vector{0.3});
}
