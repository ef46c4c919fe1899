// SPDX-License-Identifier: MIT
#include <fokker/guidance/mimic.hpp>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/plan/text.hpp>

#include "support/laws.hpp"
#include "support/said.hpp"

namespace fk = fokker;
using namespace fokker::guidance;

namespace {

std::string planned(const auto& rule) {
  return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                         fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, rule));
}

/// By linear interpolation between the sorted magnitudes.
double quantile(test::column a, double q) {
  for (double& v : a) v = std::abs(v);
  std::sort(a.begin(), a.end());
  const double place = q * static_cast<double>(a.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double above = a[std::min(below + 1, a.size() - 1)];
  return a[below] + (place - static_cast<double>(below)) * (above - a[below]);
}

/// phi and what stands for the size of a column.
template <class Size>
auto mimicked(double phi, Size size, std::size_t groups = 1) {
  return [=](const auto& b, std::size_t, int) {
    const auto g = test::sum({{15, b[0]}, {-14, b[1]}}), m = test::sum({{7, b[0]}, {-6, b[1]}});
    test::column result;
    const std::size_t n = g.size() / groups;
    for (std::size_t k = 0; k < groups; ++k) {
      const auto part = [&](const test::column& a) {
        const auto begin = a.begin() + static_cast<std::ptrdiff_t>(k * n);
        return test::column(begin, begin + static_cast<std::ptrdiff_t>(n));
      };
      const auto scaled = test::sum({{phi * size(part(m), true) / size(part(g), false) + 1 - phi, part(g)}});
      result.insert(result.end(), scaled.begin(), scaled.end());
    }
    return result;
  };
}

}  // namespace

TEST_CASE("mimic is its formula, in data, whatever the network predicts") {
  const auto by_deviation = [](const test::column& a, bool) { return test::deviation(a); };
  for (const double phi : {1.0, 0.7})
    test::follows<fk::parameterization::data>(mimic{.phi = phi}, [&] { return mimicked(phi, by_deviation); });
  test::follows<fk::parameterization::data>(mimic{.over = {0, 1}}, [&] { return mimicked(1, by_deviation, 3); },
                                            {2, 3, 4, 5});
  const auto by_quantile = [](const test::column& a, bool whole) { return quantile(a, whole ? 1 : 0.9); };
  test::follows<fk::parameterization::data>(mimic{.quantile = 0.9}, [&] { return mimicked(1, by_quantile); });
  test::follows<fk::parameterization::data>(mimic{.quantile = 0.9, .over = {0, 1}},
                                            [&] { return mimicked(1, by_quantile, 3); }, {2, 3, 4, 5});
}

TEST_CASE("a scale that mimics itself is classifier_free, to the bit") {
  CHECK(planned(mimic{.scale = 7, .mimic_scale = 7}) == planned(classifier_free{.scale = 7}));
  CHECK(planned(mimic{.phi = 0}) == planned(classifier_free{.scale = 15}));
}

TEST_CASE("mimic refuses parts that are none, and scales that float does not hold") {
  for (const double wrong : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    law::refused([&] { (void)planned(mimic{.phi = wrong}); }, {"phi and quantile is ", "0 to 1"});
    law::refused([&] { (void)planned(mimic{.quantile = wrong}); }, {"phi and quantile is ", "0 to 1"});
  }
  law::refused([] { (void)planned(mimic{.mimic_scale = 1e39}); }, {"scale and mimic_scale is "});
}
