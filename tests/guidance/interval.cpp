// SPDX-License-Identifier: MIT
#include <fokker/guidance/interval.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/instruct_pix2pix.hpp>
#include <fokker/sample.hpp>
#include <fokker/sample_adaptively.hpp>
#include <fokker/solver/bosh3.hpp>

#include "support/guided.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

TEST_CASE("an interval is its rule inside and the first branch outside, of every prediction") {
  test::is_its_formula(interval{classifier_free{.scale = 3}, along::ratio, 0.5, 2},
                       [](const fk::moment& at, const auto& said) {
                         const double w = at.sigma > 0.5 * at.alpha && at.sigma <= 2 * at.alpha ? 3 : 1;
                         return said[1] + w * (said[0] - said[1]);
                       });
  test::is_its_formula(interval{instruct_pix2pix{.scale = 4, .image_scale = 2}, along::steps, 0.25, 0.75},
                       [](const fk::moment& at, const auto& said) {
                         const double both = said[0], image = said[1], neither = said[2];
                         return at.step == 1 || at.step == 2 ? neither + 2 * (image - neither) + 4 * (both - image)
                                                             : both;
                       });
}

TEST_CASE("outside of an interval no other branch is called") {
  const fk::schedule::vp_linear schedule;
  int first = 0, second = 0, in = 0;
  const auto says = [](int& calls) {
    return [&calls](std::vector<double>& out, const std::vector<double>& x, const fk::level&) {
      ++calls;
      for (std::size_t i = 0; i < x.size(); ++i) out[i] = 0.5 * x[i];
    };
  };
  const fk::grid::log_snr levels{.steps = 12, .sigma_min = 0.05, .sigma_max = 20};
  const auto plan = fk::make_plan(schedule, fk::parameterization::velocity{}, levels, fk::solver::heun{},
                                  interval{classifier_free{}});
  std::vector<double> x(3);
  fk::sample(plan, fk::denoisers{says(first), says(second)}, fk::noise::philox{}, x);
  for (const auto& c : plan.calls) in += c.at.ratio() > 0.28 && c.at.ratio() <= 5.42;  // the defaults
  CHECK(first == static_cast<int>(plan.calls.size()));
  CHECK(second == in);
  CHECK((in > 0 && in < first));
}

TEST_CASE("an interval of all is its rule, and an empty one is no guidance, to the bit") {
  const classifier_free rule{.scale = 7.5};
  for (const along by : {along::ratio, along::time})
    CHECK(interval{rule, by, 0, no_end}.weights({{.time = 0.5, .alpha = 0.6, .sigma = 0.8}}) == rule.weights({}));
  CHECK(interval{rule, along::steps, 0, 1}.weights({{}, 3, 4}) == rule.weights({}));
  for (const along by : {along::ratio, along::time, along::steps}) test::is_neutral(interval{rule, by, 0.5, 0.5});
}

namespace {
/// A rule over symbols, in a space of its own.
struct symbolic {
  static constexpr int branches = 2;
  double scale = 3;
  fk::plan::guided operator()(fk::plan::guide& g) const {
    return {.data = g[1].data + scale * (g[0].data - g[1].data)};
  }
};
}  // namespace

TEST_CASE("a rule over symbols has an interval as well") {
  const fk::parameterization::velocity network;
  const auto plan = [&](const auto& rule) {
    return fk::make_plan(fk::schedule::vp_linear{}, network,
                         fk::grid::log_snr{.steps = 4, .sigma_min = 0.2, .sigma_max = 5}, fk::solver::heun{}, rule);
  };
  const auto said = plan(interval{symbolic{}, along::ratio, 0.5, 2});
  const auto expected = plan(interval{classifier_free{.scale = 3}, along::ratio, 0.5, 2});
  CHECK(fk::plan::evaluations(said) == fk::plan::evaluations(expected));
  CHECK(fk::plan::evaluations(said) < 2 * static_cast<int>(said.calls.size()));
  const auto x = test::guided_run(said, network, 2, {}), y = test::guided_run(expected, network, 2, {});
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(y[i]).epsilon(0).margin(1e-9));
}

TEST_CASE("steps of their own choice have an interval of levels, and none of steps") {
  const auto step = [](const auto& rule) {
    const fk::adaptive pair(fk::schedule::vp_linear{}, fk::parameterization::velocity{},
                            fk::grid::log_snr{.steps = 2, .sigma_min = 0.2, .sigma_max = 5}, fk::solver::bosh3{}, rule);
    return pair.step(pair.levels()[0], pair.levels()[1]);
  };
  CHECK(step(interval{classifier_free{}, along::ratio, 0.1, 1}).calls.size() == 4);
  law::refused([&] { (void)step(interval{classifier_free{}, along::steps, 0, 1}); }, {"the number of steps is 0;"});
}
