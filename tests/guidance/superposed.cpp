// SPDX-License-Identifier: MIT
#include <fokker/guidance/superposed.hpp>

#include <fokker/guidance/none.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using fk::guidance::superposed;

namespace {

/// What a sample was at the step before.
struct past {
  test::column x;
  fk::level at;
  std::vector<test::column> branches;
  double ratio = 0;
};

}  // namespace

TEST_CASE("superposed is the formula of its paper, of data, whatever the network predicts") {
  const superposed rule{.temperature = 0.02, .bias = 0.3};
  test::follows<fk::parameterization::data>(rule, [&] {
    return [&, before = std::vector<past>(3)](const auto& b, std::size_t s, const test::column& x,
                                              const fk::level& at) mutable {
      past& p = before[s];
      if (!p.x.empty()) p.ratio += test::gain(x, at, p.x, p.at, p.branches[0], p.branches[1]);
      p.x = x, p.at = at, p.branches = b;
      const double w = std::exp(rule.temperature * p.ratio + rule.bias);
      return test::sum({{w / (w + 1), b[0]}, {1 / (w + 1), b[1]}});
    };
  });
}

TEMPLATE_TEST_CASE("the networks of two Gaussians make samples of their mixture", "[statistics]", fk::solver::ddpm,
                   fk::solver::euler_ancestral) {
  // In shares of 0.7 and 0.3, by the bias.
  const fk::model::gaussian one{.mean = 1, .deviation = 0.2}, other{.mean = -1, .deviation = 0.2};
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::log_snr{.steps = 200, .sigma_min = 0.01, .sigma_max = 80}, TestType{},
                                  superposed{.bias = std::log(0.7 / 0.3)});
  constexpr std::size_t n = 20000;
  std::vector<double> memory(2 * n);
  fk::backend::host_view<double> x{memory.data(), {n, 2}};
  fk::sample(plan, fk::denoisers{one, other}, fk::noise::philox{.seed = 6}, x);
  double count = 0, sum = 0, squares = 0, square_of_other = 0;
  for (std::size_t s = 0; s < n; ++s) {
    const double a = memory[2 * s], b = memory[2 * s + 1];
    CHECK(a * b > 0);  // both elements of a sample are of one Gaussian; its mean is 5 deviations away from 0
    if (a + b > 0)
      count += 1, sum += a + b, squares += (a - 1) * (a - 1) + (b - 1) * (b - 1);
    else
      square_of_other += (a + 1) * (a + 1) + (b + 1) * (b + 1);
  }
  const double share = count / n, mean = sum / (2 * count);
  INFO(share << " " << mean << " " << squares / (2 * count) << " " << square_of_other / (2 * (n - count)));
  CHECK(share == Approx(0.7).margin(4 * std::sqrt(0.21 / n)));
  // Of some 10^4 each, deviations to one part in 100, and steps of a twenty-fifth in log(sigma / alpha).
  CHECK(mean == Approx(1).margin(0.02));
  CHECK(squares / (2 * count) == Approx(0.04).epsilon(0.1));
  CHECK(square_of_other / (2 * (n - count)) == Approx(0.04).epsilon(0.1));
}

TEST_CASE("superposed remembers one tensor, and refuses numbers that float does not hold") {
  const auto plan = [](const auto& rule) {
    return fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                         fk::grid::log_snr{.steps = 4, .sigma_min = 0.1, .sigma_max = 8}, fk::solver::ddpm{}, rule);
  };
  law::refused([&] { (void)plan(superposed{.temperature = 1e39}); }, {"temperature and bias is "});
  law::refused([&] { (void)plan(superposed{.bias = 1e39}); }, {"temperature and bias is "});
  CHECK(plan(superposed{}).buffers == plan(fk::guidance::none{}).buffers + 1);
}
