// SPDX-License-Identifier: MIT
#include <fokker/guidance/mimic.hpp>

#include <sstream>

#include <fokker/guidance/classifier_free.hpp>
#include <fokker/interop/plan_json.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/plan/print.hpp>
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

TEST_CASE("mimic from the mean of each group is its formula") {
  const auto from_mean = [](double phi, std::size_t groups) {
    return [=](const auto& b, std::size_t, int) {
      const auto g = test::sum({{15, b[0]}, {-14, b[1]}}), m = test::sum({{7, b[0]}, {-6, b[1]}});
      test::column result;
      for (std::size_t k = 0; k < groups; ++k) {
        const auto part = [&](const test::column& a) {
          const auto n = static_cast<std::ptrdiff_t>(a.size() / groups), begin = static_cast<std::ptrdiff_t>(k) * n;
          return test::column(a.begin() + begin, a.begin() + begin + n);
        };
        const double ratio = test::deviation(part(m)) / test::deviation(part(g));
        double mean = 0;
        for (const double v : part(g)) mean += v / static_cast<double>(part(g).size());
        for (const double v : part(g)) result.push_back(phi * (ratio * (v - mean) + mean) + (1 - phi) * v);
      }
      return result;
    };
  };
  for (const double phi : {1.0, 0.7})
    test::follows<fk::parameterization::data>(mimic{.phi = phi, .from_mean = true}, [&] { return from_mean(phi, 1); });
  test::follows<fk::parameterization::data>(mimic{.from_mean = true, .over = {0, 1}}, [&] { return from_mean(1, 3); },
                                            {2, 3, 4, 5});
}

TEST_CASE("a plan of mimic from the mean is printed, and is the same from text and from JSON") {
  const auto plan = fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::data{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, mimic{.from_mean = true});
  CHECK(fk::plan::check(plan).empty());
  CHECK(fk::plan::to_text(fk::plan::from_text(fk::plan::to_text(plan))) == fk::plan::to_text(plan));
  CHECK(fk::plan::to_text(fk::plan::from_json(fk::plan::to_json(plan))) == fk::plan::to_text(plan));
  std::ostringstream text;
  text << plan;
  CHECK_THAT(text.str(), Catch::Contains(" t1 1 + "));
}

TEST_CASE("a scale that mimics itself is classifier_free, to the bit") {
  CHECK(planned(mimic{.scale = 7, .mimic_scale = 7}) == planned(classifier_free{.scale = 7}));
  CHECK(planned(mimic{.phi = 0}) == planned(classifier_free{.scale = 15}));
  const auto of_noise = [](const auto& rule) {
    return fk::plan::to_text(fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                                           fk::grid::uniform{.steps = 4}, fk::solver::dpmpp_2m{}, rule));
  };
  CHECK(of_noise(mimic{.phi = 0}) == of_noise(classifier_free{.scale = 15}));
}

TEST_CASE("mimic refuses parts that are none, and scales that float does not hold") {
  for (const double wrong : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    law::refused([&] { (void)planned(mimic{.phi = wrong}); }, {"phi is ", "0 to 1"});
    law::refused([&] { (void)planned(mimic{.quantile = wrong}); }, {"quantile is ", "0 to 1"});
  }
  law::refused([] { (void)planned(mimic{.mimic_scale = 1e39}); }, {"scale and mimic_scale is "});
}
