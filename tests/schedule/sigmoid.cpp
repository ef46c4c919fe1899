// SPDX-License-Identifier: MIT
#include <fokker/schedule/sigmoid.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::sigmoid;

TEST_CASE("sigmoid is a lawful table that preserves variance") {
  law::schedule(sigmoid());
  law::variance_preserving(sigmoid());
  law::schedule(sigmoid(1e-4, 0.02, 10));
}

TEST_CASE("sigmoid has the products of GeoDiff, Xu et al. 2022") {
  // Independent 50-digit evaluation, with GeoDiff's betas and with Diffusers' defaults. A beta rounds 8 times at most,
  // the sum of t + 1 logarithms once each; the ratio divides what is off by 2 sigma^2.
  struct known {
    int time;
    double alphas_cumprod, ratio;
  };
  const auto check = [](const auto& s, std::initializer_list<known> list) {
    for (const auto& [time, a, ratio] : list) {
      INFO("time " << time);
      const double bound = (time + 1 + 10) * law::u * -std::log(a) + 4 * law::u;
      CHECK(std::abs(s.alpha(time) * s.alpha(time) / a - 1) <= bound);
      CHECK(std::abs(level_at(s, time).ratio() / ratio - 1) <= bound / (2 * (1 - a)) + 5 * law::u);
    }
  };
  check(sigmoid(), {{0, 0.99999495500094904611, 0.0022461131990836337538},
                    {2499, 0.56223849245096441149, 0.88238577458472148306},
                    {4999, 0.0067081904285350274033, 12.168463279670385556}});
  check(sigmoid(1e-4, 0.02, 1000), {{0, 0.99985079479918296799, 0.012215869446384623175},
                                    {499, 0.30193105660219513077, 1.5205309519735037516},
                                    {998, 0.000040489620005559896783, 157.15179905826336526},
                                    {999, 0.000039681819905332077739, 158.74336866656475795}});
}

TEST_CASE("sigmoid refuses what is no table, by name and value") {
  law::refused([] { (void)sigmoid(1e-4, 0.02, 0); }, {"size is 0;"});
  law::refused([] { (void)sigmoid(-0.1, 0.02, 10); }, {"betas[0] is -0.09"});
  law::refused([] { (void)sigmoid(1e-4, 1.5, 2); }, {"betas[1] is 1.49"});
}
