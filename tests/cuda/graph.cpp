// SPDX-License-Identifier: MIT
//
// A run as one launch: what `sample` takes, and what a capture cannot have.

#include <fokker/backend/cuda.hpp>
#include <fokker/blend.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/kernel/cuda_stream.hpp>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "stream.hpp"
#include "tests.hpp"

namespace fk = fokker;
using fk::cuda_graph;
using fk::backend::cuda_tensor;
using fk::backend::cuda_view;
using fk::backend::extents;
using fk::backend::host_view;
using fk::kernel::cuda_check;
using test::require;
using test::require_same_bits;
using test::require_thrown;
using test::stream;

namespace {

const extents shape{2, 40};
const fk::noise::philox noise{.seed = 5};

struct network {
  double factor = 0.6;
  template <class T>
  void operator()(T& out, const T& x, const fk::level& at) const {
    fk::blend(x, x, factor / (1 + at.sigma), out);
  }
};
const fk::denoisers two{network{}, network{.factor = 0.3}};

template <class Guidance>
fk::plan::program planned(const Guidance& guidance, int steps = 5, bool preview = false) {
  return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = steps},
                       fk::solver::sde_dpmpp_2m{}, guidance, {.preview = preview});
}

/// What an observer puts into the stream is a part of each launch.
void previews() {
  const auto plan = planned(fk::guidance::classifier_free{.scale = 2}, 5, true);
  const std::size_t calls = plan.calls.size(), size = shape.size();
  std::vector<float> expected, host(size);
  fk::sample(plan, two, noise, host_view<float>{host.data(), shape}, [&](const fk::progress<host_view<float>>& seen) {
    expected.insert(expected.end(), seen.preview->data, seen.preview->data + size);
  });
  const stream s;
  cuda_tensor<float> x(shape, s.handle), all({calls, size}, s.handle);
  std::size_t seen_calls = 0;
  const auto keep = [&](const fk::progress<cuda_tensor<float>>& seen) {
    const std::size_t before = static_cast<std::size_t>(seen.call - 1) * size;
    fk::kernel::cuda_copy(all.data() + before, seen.preview->data(), size, s.handle);
    ++seen_calls;
  };
  const cuda_graph run(plan, two, noise, x, keep);
  require(seen_calls == 2 * calls, "an observer is called in the run before and in the capture");
  for (int again = 0; again < 2; ++again) {
    fk::kernel::cuda_copy(all.data(), std::vector<float>(calls * size).data(), calls * size, s.handle);
    run.launch();
    require_same_bits(all.to_host(), expected, "the previews of a launch");
    require_same_bits(x.to_host(), host, "a run with previews");
  }
  require(seen_calls == 2 * calls, "a launch calls no observer");
}

/// What the run is given is read at each launch.
void given() {
  const auto plan = planned(fk::guidance::by_place{});
  const stream s;
  cuda_tensor<float> x(shape, s.handle), scales(extents{2}, s.handle);
  std::vector<float> here{1, 2.5f};
  fk::kernel::cuda_copy(scales.data(), here.data(), 2, s.handle);
  const cuda_graph run(plan, two, noise, x, {.given = {{}, {{"scale", scales}}}});
  for (; here[0] < 6; here[0] += 3) {
    fk::kernel::cuda_copy(scales.data(), here.data(), 2, s.handle);
    run.launch();
    std::vector<float> expected(shape.size());
    const host_view<float> on_host{here.data(), extents{2}};
    fk::sample(plan, two, noise, host_view<float>{expected.data(), shape}, {.given = {{}, {{"scale", on_host}}}});
    require_same_bits(x.to_host(), expected, "a launch with other scales");
  }
  require_thrown<std::invalid_argument>([&] { cuda_graph(plan, two, noise, x); }, "a plane 'scale'");
}

/// NaN of a launch is found when it is asked for, by the step and the network that it came from.
void nan_is_found() {
  const auto plan = planned(fk::guidance::classifier_free{.scale = 2}), longer = plan.with(fk::guidance::none{});
  const stream s;
  cuda_tensor<float> x(shape, s.handle), added(shape, s.handle);
  const auto fill = [&](float value) {
    fk::kernel::cuda_copy(added.data(), std::vector<float>(shape.size(), value).data(), shape.size(), s.handle);
  };
  const auto adds = [&](cuda_tensor<float>& out, const cuda_tensor<float>& from, const fk::level& at) {
    fk::blend(from, at.sigma < 40 ? added : from, 0.5, out);
  };
  fill(1);
  cuda_graph first(plan, fk::denoisers{network{}, adds}, noise, x, {.check_finite = true});
  cuda_graph run(std::move(first));
  run.launch();
  run.require_finite();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float wrong : {nan, -std::numeric_limits<float>::infinity()}) {
    fill(wrong);
    run.launch();
    require_thrown<std::runtime_error>([&] { run.require_finite(); },
                                       "denoiser 1 returned a number that is not finite at step 1, time ");
  }
  fill(1);
  run.launch();
  run.require_finite();
  run.recapture(longer, adds, noise, x, {.check_finite = true});
  fill(nan);
  run.launch();
  require_thrown<std::runtime_error>([&] { run.require_finite(); }, "denoiser 0 returned a number that is not finite");
  run.recapture(longer, adds, noise, x);
  run.launch();
  require_thrown<std::invalid_argument>([&] { run.require_finite(); }, "check_finite");
}

/// A network of other elements, and memory of somebody else's.
void views() {
  const auto plan = planned(fk::guidance::none{});
  const stream s;
  cuda_tensor<float> x(shape, s.handle), y(shape, s.handle);
  std::vector<float> expected(shape.size());
  fk::sample(plan, fk::runs_in<fk::half>(network{}), noise, host_view<float>{expected.data(), shape});
  cuda_graph run(plan, fk::runs_in<fk::half>(network{}), noise, cuda_view{x.data(), shape, s.handle},
                 {.check_finite = true});
  run.launch();
  run.require_finite();
  require_same_bits(x.to_host(), expected, "a view, by a network of half");
  const cuda_view other{y.data(), shape, s.handle};
  run.recapture(plan, fk::runs_in<fk::half>(network{}), noise, other);
  run.launch();
  require_same_bits(y.to_host(), expected, "another view of the same stream");
}

/// What a capture cannot have is refused, and the stream goes on as it was.
void refused() {
  const auto plan = planned(fk::guidance::none{});
  const stream s, t;
  cuda_tensor<float> x(shape, s.handle), elsewhere(shape, t.handle), in_default(shape);
  require_thrown<std::runtime_error>([&] { cuda_graph(plan, network{}, noise, in_default); }, "cudaStreamBeginCapture");
  const auto waits = [&](const auto&) { cuda_check(cudaStreamSynchronize(s.handle), "cudaStreamSynchronize"); };
  require_thrown<std::runtime_error>([&] { cuda_graph(plan, network{}, noise, x, waits); }, "cudaStreamSynchronize");
  const auto reads = [&](const fk::progress<cuda_tensor<float>>& seen) { static_cast<void>(seen.x.to_host()); };
  require_thrown<std::invalid_argument>([&] { cuda_graph(plan, network{}, noise, x, reads); },
                                        "memory of a copy that is captured");
  const auto by_default = [&](auto& out, const auto& from, const fk::level& at) {
    network{}(in_default, in_default, at);
    network{}(out, from, at);
  };
  require_thrown<std::runtime_error>([&] { cuda_graph(plan, by_default, noise, x); }, "CUDA's launch");
  cuda_graph run(plan, network{}, noise, x);
  require_thrown<std::invalid_argument>([&] { run.recapture(plan, network{}, noise, elsewhere); }, "the stream of x");
  require_thrown<std::invalid_argument>([&] { run.recapture(fk::plan::program{}, network{}, noise, x); },
                                        "the number of levels");
  std::vector<float> expected(shape.size());
  fk::sample(plan, network{}, noise, host_view<float>{expected.data(), shape});
  run.launch();
  require_same_bits(x.to_host(), expected, "a launch after what was refused");
}

}  // namespace

const test::test_case test::graph_tests[] = {
    {"a launch fills what an observer copied", previews},
    {"a launch reads what the run is given", given},
    {"a launch's NaN is found", nan_is_found},
    {"a graph runs views and networks of half", views},
    {"what a capture cannot have is refused", refused},
    {nullptr, nullptr},
};
