// SPDX-License-Identifier: MIT
#include <fokker/parameterization/thresholded.hpp>

#include <algorithm>

#include <fokker/backend/host.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/half.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/laws.hpp"
#include "support/members.hpp"

namespace fk = fokker;
using fk::parameterization::epsilon;
using fk::parameterization::thresholded;

namespace {
const fk::schedule::vp_linear vp;
constexpr std::size_t samples = 3, size = 37;

/// What the network says of one sample: data far outside of [-1, 1] in the first one, inside in the second.
double data_of(std::size_t sample, double x, const fk::level& l) {
  return (sample == 0 ? 4.0 : sample == 1 ? 0.2 : 1.1) * x + 0.1 * l.alpha;
}

/// The data of every sample divided by their quantile, sorted as numpy sorts and interpolates.
std::vector<double> limited(const std::vector<double>& data, double q, double largest) {
  std::vector<double> result;
  for (std::size_t s = 0; s < samples; ++s) {
    std::vector<double> sorted;
    for (std::size_t i = 0; i < size; ++i) sorted.push_back(std::abs(data[s * size + i]));
    std::sort(sorted.begin(), sorted.end());
    const double rank = q * (size - 1);
    const auto low = static_cast<std::size_t>(rank), high = std::min(low + 1, size - 1);
    const double found = std::lerp(sorted[low], sorted[high], rank - static_cast<double>(low));
    const double scale = std::min(std::max(found, 1.0), largest);
    for (std::size_t i = 0; i < size; ++i) result.push_back(std::clamp(data[s * size + i], -scale, scale) / scale);
  }
  return result;
}

std::vector<double> start() {
  std::vector<float> z(samples * size);
  fk::fill_normal(fk::noise::philox{.seed = 8}, fk::backend::host_view<float>{z.data(), {samples, size}});
  return {z.begin(), z.end()};
}
}  // namespace

TEST_CASE("DDIM with thresholded data is the formula with a quantile for each sample") {
  for (const double largest : {fk::data_limit::none, 1.5, 0.5}) {
    const auto plan = fk::make_plan(vp, thresholded{epsilon{}, 0.8, largest}, test::inner(5), fk::solver::ddim{});
    REQUIRE(plan.has_measures());
    std::vector<double> mine = start(), x = mine;
    fk::backend::host_view<double> view{mine.data(), {samples, size}};
    fk::sample_from(
        plan,
        [](auto& out, const auto& in, const fk::level& l) {
          for (std::size_t i = 0; i < samples * size; ++i)
            out.data[i] = (in.data[i] - l.alpha * data_of(i / size, in.data[i], l)) / l.sigma;
        },
        fk::noise::philox{}, view);
    for (std::size_t step = 0; step + 1 < plan.levels.size(); ++step) {
      const fk::level &s = plan.levels[step], &t = plan.levels[step + 1];
      std::vector<double> data(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) data[i] = data_of(i / size, x[i], s);
      const auto bounded = limited(data, 0.8, largest);
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = t.alpha * bounded[i] + t.sigma * (x[i] - s.alpha * bounded[i]) / s.sigma;
    }
    // 5 steps; the conversion to data divides by an alpha of 0.1 and more
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(mine[i] == Approx(x[i]).epsilon(1e-11).margin(1e-11));
  }
}

TEST_CASE("the bits of a thresholded sample do not depend on the batch around it", "[bits]") {
  const auto plan = fk::make_plan(vp, thresholded{epsilon{}}, test::inner(4), fk::solver::ddpm{});
  const auto network = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t i = 0; i < in.shape.size(); ++i) out.data[i] = in.data[i] * 3;
  };
  std::vector<float> together(samples * size), alone(size);
  fk::sample(plan, network, fk::noise::philox{.seed = 5},
             fk::backend::host_view<float>{together.data(), {samples, size}});
  for (std::uint32_t s = 0; s < samples; ++s) {
    fk::sample(plan, network, fk::noise::philox{.seed = 5, .first_sample = s},
               fk::backend::host_view<float>{alone.data(), {1, size}});
    CHECK(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(s * size)));
  }
}

TEST_CASE("a quantile of one element is refused: a vector is a column of samples, and one_sample a single one") {
  const auto plan = fk::make_plan(vp, thresholded{epsilon{}, 0.5}, test::inner(2), fk::solver::ddim{});
  std::vector<float> latent(size), expected(size);
  const auto network = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t i = 0; i < size; ++i) out.data[i] = -40 * in.data[i];
  };
  const auto columns = [](std::vector<float>& out, const std::vector<float>& in, const fk::level&) { out = in; };
  law::refused([&] { fk::sample(plan, columns, fk::noise::philox{}, latent); },
               {"the size of a sample of x is 1;", "2 or more", "one_sample(x)"});
  fk::sample(plan, network, fk::noise::philox{}, fk::backend::one_sample(latent));
  fk::sample(plan, network, fk::noise::philox{}, fk::backend::host_view<float>{expected.data(), {1, size}});
  CHECK(latent == expected);
}

TEST_CASE("a network in half and a preview go with thresholds") {
  const auto plan = fk::make_plan(vp, thresholded{epsilon{}, 0.5}, test::inner(3), fk::solver::dpmpp_2m{},
                                  fk::guidance::classifier_free{.scale = 2}, {.preview = true});
  std::vector<float> x(samples * size);
  int seen = 0;
  const auto network = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t i = 0; i < in.shape.size(); ++i) out.data[i] = fk::half(-40 * static_cast<float>(in.data[i]));
  };
  fk::sample(plan, fk::runs_in<fk::half>(fk::denoisers{network, network}), fk::noise::philox{},
             fk::backend::host_view<float>{x.data(), {samples, size}}, [&](const auto& at) {
               ++seen;
               float largest = 0;
               for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(at.preview->data[i]));
               CHECK(largest == 1);  // half of the data are beyond their median
             });
  CHECK(seen == 3);
}

TEST_CASE("thresholded plans are printed, checked and read back from text to the bit") {
  const auto plan = fk::make_plan(vp, thresholded{epsilon{}}, test::inner(5), fk::solver::dpmpp_2m{});
  CHECK(fk::plan::check(plan) == std::vector<std::string>{});
  CHECK_THAT(fk::plan::to_string(plan), Catch::Contains("quantile(") && Catch::Contains(", 0.995)"));
  CHECK(plan.buffers == 2 + 1);  // where the data wait for their quantile
  const auto text = fk::plan::to_text(plan);
  const auto read = fk::plan::from_text(text);
  CHECK(fk::plan::to_text(read) == text);
  auto damaged = plan;
  damaged.calls[2].measures.front().of.front().q = 2;
  law::refused([&] { (void)fk::plan::from_text(fk::plan::to_text(damaged)); },
               {"call 2", "a quantile is 2; allowed: 0 to 1"});
}

TEST_CASE("thresholded refuses a quantile or a largest scale out of range, by name") {
  for (const double q : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()})
    law::refused(
        [&] {
          (void)fk::make_plan(vp, thresholded{epsilon{}, q}, test::inner(2), fk::solver::ddim{});
        },
        {"quantile is "});
  for (const double largest : {0.0, 1e-300, -1.0, std::numeric_limits<double>::quiet_NaN()})
    law::refused(
        [&] {
          (void)fk::make_plan(vp, thresholded{epsilon{}, 0.9, largest}, test::inner(2), fk::solver::ddim{});
        },
        {"largest is "});
}
