// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/plan/check.hpp>
#include <fokker/sample.hpp>

#include "measure.hpp"
#include "report.hpp"

namespace demo {

namespace fk = fokker;

/// A denoiser that counts how often it is asked: all that the library wants of a network is a call.
template <class Model>
struct counted {
  Model& model;
  int& evaluations;

  void operator()(points& prediction, const points& x, const fk::level& at) const {
    ++evaluations;
    model(prediction, x, at);
  }
};
template <class Model>
counted(Model&, int&) -> counted<Model>;

/// For runs that nobody watches.
inline constexpr auto unobserved = [](const auto&) {};

struct outcome {
  points x;
  int evaluations = 0;
  double seconds = 0;
};

/// `count` samples of `size` elements by a plan. `models` are the denoisers of its guidance, in the
/// order of its branches; `observe(progress)` sees every network call.
template <class Observer, class... Models>
outcome run(const fk::plan::program& plan, std::size_t count, std::size_t size, const fk::noise::philox& noise,
            meter& done, Observer&& observe, Models&... models) {
  for (const std::string& finding : fk::plan::check(plan)) require(false, "the plan: " + finding);
  outcome result{points::from_shape({count, size})};
  const auto start = std::chrono::steady_clock::now();
  fk::sample(plan, fk::denoisers{counted{models, result.evaluations}...}, noise, result.x,
             [&](const auto& seen) {
               observe(seen);
               ++done;
             },
             {.check_finite = true});
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  require(all_finite(result.x), "a sample is not finite");
  return result;
}

}  // namespace demo
