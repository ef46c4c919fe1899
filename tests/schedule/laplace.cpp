// SPDX-License-Identifier: MIT
#include <fokker/schedule/laplace.hpp>

#include "support/laws.hpp"

using fokker::level_at;
using fokker::schedule::laplace;

TEST_CASE("laplace is a lawful table that preserves variance") {
  for (const int size : {1, 2, 3, 10, 1000}) {
    INFO("size " << size);
    law::schedule(laplace(size));
    law::variance_preserving(laplace(size));
  }
}

TEST_CASE("laplace has the products of Diffusers' table") {
  // Independent 50-digit evaluation of its betas' products, 1 - f(t + 1)/f(t) with none above 0.999: none is.
  // alpha^2 rounds 8 times at most, its logarithm and exponential once each; 1 - alpha^2 divides what is off by 2
  // sigma^2.
  struct known {
    int time;
    double alphas_cumprod, ratio;
  };
  const auto s = laplace();
  for (const auto& [time, a, ratio] : {known{0, 0.97884624279958801372, 0.14700649347876007077},
                                       known{1, 0.97028347904464511574, 0.17500468018851840679},
                                       known{499, 0.70746015780046763172, 0.64304522560140120694},
                                       known{500, 0.70728327055883783508, 0.64332003832290856142},
                                       known{998, 0.20702664793965532062, 1.957114215120230537},
                                       known{999, 0.03162277660168379332, 5.5337850158534161581}}) {
    INFO("time " << time);
    const double bound = 12 * law::u;
    CHECK(std::abs(s.alpha(time) * s.alpha(time) / a - 1) <= bound);
    CHECK(std::abs(level_at(s, time).ratio() / ratio - 1) <= bound / (2 * (1 - a)) + 5 * law::u);
  }
}

TEST_CASE("laplace refuses an empty table, by name and value") {
  law::refused([] { (void)laplace(0); }, {"size is 0;"});
  law::refused([] { (void)laplace(1'000'001); }, {"size is 1000001; allowed: 1 to 1000000"});
}
