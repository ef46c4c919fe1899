// SPDX-License-Identifier: MIT
//
// Whole runs on the device against the same on the host: every bit, for every solver.

#include <fokker/backend/cuda.hpp>
#include <fokker/cuda_graph.hpp>
#include <fokker/fokker.hpp>
#include <fokker/kernel/cuda_memory.hpp>
#include <fokker/solver/by_name.hpp>

#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests.hpp"

namespace fk = fokker;
using fk::cuda_graph;
using fk::backend::cuda_tensor;
using fk::backend::extents;
using fk::backend::host_view;
using test::require;
using test::require_same_bits;

namespace {

/// A network that is not linear, on host and device: x times a number of the level, taken to [-1, 1].
struct network {
  double factor = 0.8;
  template <class T>
  void operator()(T& out, const T& x, const fk::level& at) const {
    using tensor = fk::backend::tensor<T>;
    fk::plan::update u{.input_count = 1, .normal_count = 0, .row_count = 1, .inputs = {}, .normals = {}, .rows = {}};
    u.rows[0].inputs[0] = factor / (1 + at.sigma);
    u.rows[0].clamp = 1;
    fk::kernel::operands<typename tensor::element> where;
    where.inputs[0] = tensor::data(x);
    where.rows[0] = tensor::data(out);
    where.samples = tensor::shape(x).samples();
    where.size = tensor::shape(x).sample_size();
    tensor::space(x).update(u, where, fk::noise::philox{});
  }
};

template <class E, class Networks>
std::vector<E> host_run(const fk::plan::program& plan, const Networks& networks, const fk::noise::philox& noise,
                        const extents& shape) {
  std::vector<E> x(shape.size());
  fk::sample(plan, networks, noise, host_view<E>{x.data(), shape});
  return x;
}

template <class E, class Networks>
std::vector<E> device_run(const fk::plan::program& plan, const Networks& networks, const fk::noise::philox& noise,
                          const extents& shape) {
  cuda_tensor<E> x(shape);
  fk::sample(plan, networks, noise, x);
  return x.to_host();
}

const fk::noise::philox noise{.seed = 7, .first_sample = 11};

void solvers() {
  for (const fk::solver::named& solver : fk::solver::all) {
    const auto plan =
        fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{},
                      fk::grid::karras{.steps = 6, .sigma_max = 80}, solver, fk::guidance::classifier_free{.scale = 3});
    const fk::denoisers two{network{}, network{.factor = 0.3}};
    for (const extents& shape : {extents{3, 5, 7}, extents{2, 64}, extents{7, 2}})
      require_same_bits(device_run<float>(plan, two, noise, shape), host_run<float>(plan, two, noise, shape),
                        std::string(solver.name));
    const extents shape{2, 40};
    require_same_bits(device_run<double>(plan, two, noise, shape), host_run<double>(plan, two, noise, shape),
                      std::string(solver.name) + " in double");
  }
}

void types() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 5},
                                  fk::solver::sde_dpmpp_2m{});
  const extents shape{3, 8, 9};
  const network n;
  require_same_bits(device_run<fk::half>(plan, n, noise, shape), host_run<fk::half>(plan, n, noise, shape), "half");
  require_same_bits(device_run<fk::bfloat16>(plan, n, noise, shape), host_run<fk::bfloat16>(plan, n, noise, shape),
                    "bfloat16");
  const auto half = fk::runs_in<fk::half>(network{});
  require_same_bits(device_run<float>(plan, half, noise, shape), host_run<float>(plan, half, noise, shape),
                    "float with a network of half");
}

void batches() {
  const auto plan = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{},
                                  fk::grid::uniform{.steps = 5}, fk::solver::ddpm{});
  const auto all = device_run<float>(plan, network{}, noise, {5, 33});
  for (std::uint32_t s = 0; s < 5; ++s) {
    fk::noise::philox own = noise;
    own.first_sample += s;
    const std::vector<float> part(all.begin() + 33 * s, all.begin() + 33 * (s + 1));
    require_same_bits(device_run<float>(plan, network{}, own, {1, 33}), part, "sample " + std::to_string(s));
  }
}

void thresholds() {
  const auto plan =
      fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::thresholded{fk::parameterization::epsilon{}, 0.9},
                    fk::grid::uniform{.steps = 5}, fk::solver::dpmpp_2m{});
  for (const extents& shape : {extents{3, 50}, extents{2, 3000}, extents{2, 20000}})
    require_same_bits(device_run<float>(plan, network{.factor = 3}, noise, shape),
                      host_run<float>(plan, network{.factor = 3}, noise, shape), "thresholded");
}

/// Steps of each sample's own choice: the same ones, to the same bits, from samples of `least` elements on.
template <class E, class Solver, class Network = fk::parameterization::data, class Rule = fk::guidance::none>
void adaptive_of(const Solver& solver, const std::string& name, const Network& predicts = {}, std::size_t least = 1,
                 const Rule& rule = {}) {
  const fk::adaptive plan(fk::schedule::edm{}, predicts, fk::grid::karras{.steps = 10}, solver, rule,
                          {.relative = 1e-3, .absolute = 1e-3});
  // Samples are called one by one, as each has a level of its own.
  const auto by_sample = [](double factor) {
    return [factor]<class T>(T& out, const T& x, std::span<const fk::level> each) {
      using tensor = fk::backend::tensor<T>;
      const std::size_t size = tensor::shape(x).sample_size();
      for (std::size_t s = 0; s < each.size(); ++s) {
        fk::plan::update u = fk::plan::identity();
        u.rows[0].inputs[0] = factor / (1 + each[s].sigma * each[s].sigma);
        fk::kernel::operands<E> where;
        where.inputs[0] = tensor::data(x) + s * size;
        where.rows[0] = tensor::data(out) + s * size;
        where.samples = 1;
        where.size = size;
        tensor::space(x).update(u, where, fk::noise::philox{});
      }
    };
  };
  const auto run = [&](auto&& x) {
    if constexpr (Rule::branches == 1)
      return fk::sample_adaptively(plan, by_sample(0.8), noise, x);
    else
      return fk::sample_adaptively(plan, fk::denoisers{by_sample(0.8), by_sample(0.7)}, noise, x);
  };
  for (const extents& shape : {extents{1, least}, extents{3, 50}, extents{2, 40000}}) {
    std::vector<E> expected(shape.size());
    const auto on_host = run(host_view<E>{expected.data(), shape});
    cuda_tensor<E> x(shape);
    const auto on_device = run(x);
    require_same_bits(x.to_host(), expected, name);
    for (std::size_t s = 0; s < on_host.size(); ++s)
      require(on_device[s].accepted == on_host[s].accepted && on_device[s].rejected == on_host[s].rejected,
              name + ": other steps");
  }
}

void adaptive() {
  adaptive_of<float>(fk::solver::dpm_solver_3s{}, "DPM-Solver-23");
  adaptive_of<double>(fk::solver::dopri5{}, "Dormand-Prince");
  adaptive_of<float>(fk::solver::dopri5{}, "thresholded",
                     fk::parameterization::thresholded{fk::parameterization::data{}, 0.9}, 2);
  adaptive_of<float>(fk::solver::bosh3{}, "rescaled", fk::parameterization::data{}, 2,
                     fk::guidance::rescaled{fk::guidance::classifier_free{.scale = 2}});
}

/// Samples that take the same steps are one group: its launches are as many however many they are, and an attempt
/// waits once. On a device of the host both are counted.
void groups() {
  const fk::adaptive plan(fk::schedule::edm{}, fk::parameterization::thresholded{fk::parameterization::data{}, 0.9},
                          fk::grid::karras{.steps = 10}, fk::solver::bosh3{},
                          fk::guidance::rescaled{fk::guidance::classifier_free{.scale = 2}},
                          {.relative = 1e-3, .absolute = 1e-3});
  const auto at_one_level = [](double factor) {
    return [factor](auto& out, const auto& x, std::span<const fk::level> each) {
      network{.factor = factor}(out, x, each.front());
    };
  };
  const std::size_t size = 1100;
  const std::vector<float> one = test::random_numbers<float>(size, 3);
  std::vector<std::size_t> launches, attempts, waits;
  for (const std::size_t samples : {2, 5}) {
    std::vector<float> all;
    for (std::size_t s = 0; s < samples; ++s)
      for (const float v : one) all.push_back(80 * v);
    cuda_tensor<float> x({samples, size}, all);
#if __has_include("device.hpp")
    const std::size_t launched = emulated::gpu.launched, waited = emulated::gpu.waited;
#endif
    const auto took = fk::sample_adaptively_from(plan, fk::denoisers{at_one_level(0.8), at_one_level(0.7)}, x);
#if __has_include("device.hpp")
    launches.push_back(emulated::gpu.launched - launched);
    waits.push_back(emulated::gpu.waited - waited);
#endif
    attempts.push_back(static_cast<std::size_t>(took[0].accepted + took[0].rejected));
    require(took[0].accepted > 3, "a run of few steps");
    fk::sample_adaptively_from(plan, fk::denoisers{at_one_level(0.8), at_one_level(0.7)},
                               host_view<float>{all.data(), {samples, size}});
    require_same_bits(x.to_host(), all, "a group");
  }
  if (launches.empty()) return;
  require(launches[0] == launches[1],
          std::to_string(launches[0]) + " launches of 2 samples, and " + std::to_string(launches[1]) + " of 5");
  for (int i : {0, 1})
    require(waits[i] <= attempts[i],
            std::to_string(waits[i]) + " waits in " + std::to_string(attempts[i]) + " attempts");
}

/// A step is one kernel, without memory taken, a copy or a wait: what is captured says so.
void steps() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 5},
                                  fk::solver::sde_dpmpp_2m{});
  cudaStream_t stream = nullptr;
  fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  {
    cuda_tensor<float> x({2, 100}, stream);
    fk::stepper run(plan, noise, x);
    while (!run.done()) {
      network{}(run.output(0), run.input(), run.at());
      cudaGraph_t graph = nullptr;
      fk::kernel::cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), "cudaStreamBeginCapture");
      run.advance();
      fk::kernel::cuda_check(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
      std::size_t count = 0;
      fk::kernel::cuda_check(cudaGraphGetNodes(graph, nullptr, &count), "cudaGraphGetNodes");
      std::vector<cudaGraphNode_t> nodes(count);
      fk::kernel::cuda_check(cudaGraphGetNodes(graph, nodes.data(), &count), "cudaGraphGetNodes");
      require(count == 1, "a step is " + std::to_string(count) + " nodes");
      cudaGraphNodeType type{};
      fk::kernel::cuda_check(cudaGraphNodeGetType(nodes[0], &type), "cudaGraphNodeGetType");
      require(type == cudaGraphNodeTypeKernel, "a step is no kernel");
      fk::kernel::cuda_check(cudaGraphDestroy(graph), "cudaGraphDestroy");
    }
  }
  fk::kernel::cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}

void graphs() {
  const auto planned = [](double scale) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 5},
                         fk::solver::sde_dpmpp_2m{}, fk::guidance::classifier_free{.scale = scale});
  };
  const auto plan = planned(2), other = planned(5);
  const fk::denoisers two{network{}, network{.factor = 0.3}};
  const extents shape{2, 60};
  cudaStream_t stream = nullptr;
  fk::kernel::cuda_check(cudaStreamCreate(&stream), "cudaStreamCreate");
  {
    std::vector<fk::noise::philox> seeds = {{.seed = 1}, {.seed = 2}};
    cuda_tensor<fk::noise::philox> table({2}, seeds, stream);
    const fk::noise::per_sample each{{table.data(), 2}};
    cuda_tensor<float> x(shape, stream);
    const auto expected = [&](const fk::plan::program& p) {
      std::vector<float> host(shape.size());
      fk::sample(p, two, fk::noise::per_sample{seeds}, host_view<float>{host.data(), shape});
      return host;
    };
    cuda_graph run(plan, two, each, x);
    for (int again = 0; again < 2; ++again) {
      run.launch();
      require_same_bits(x.to_host(), expected(plan), "a launch");
    }
    seeds = {{.seed = 3}, {.seed = 4, .first_sample = 9}};
    fk::kernel::cuda_copy(table.data(), seeds.data(), 2, stream);
    run.launch();
    require_same_bits(x.to_host(), expected(plan), "a launch with new seeds");
    run.recapture(other, two, each, x);
    run.launch();
    require_same_bits(x.to_host(), expected(other), "a launch of another plan");
  }
  fk::kernel::cuda_check(cudaStreamDestroy(stream), "cudaStreamDestroy");
}

void stops() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 6},
                                  fk::solver::dpmpp_2m{});
  const extents shape{2, 30};
  cuda_tensor<float> x(shape), y(shape);
  fk::stepper first(plan, noise, x);
  for (int i = 0; i < 3; ++i) {
    network{}(first.output(0), first.input(), first.at());
    first.advance();
  }
  auto state = first.stop();
  fk::stepper second(plan, noise, y, state);
  while (!second.done()) {
    network{}(second.output(0), second.input(), second.at());
    second.advance();
  }
  require_same_bits(y.to_host(), host_run<float>(plan, network{}, noise, shape), "a run that went on elsewhere");
}

/// Requests of different plans and lengths that share the calls of a network on the device: each gets what it gets
/// alone.
void served() {
  using view = fk::backend::cuda_view<float>;
  using run = fk::stepper<view, fk::noise::philox>;
  const auto plan = [](const auto& solver, int steps) {
    return fk::make_plan(fk::schedule::vp_linear{}, fk::parameterization::epsilon{}, fk::grid::karras{.steps = steps},
                         solver, fk::guidance::classifier_free{.scale = 3});
  };
  const fk::plan::program plans[] = {plan(fk::solver::dpmpp_2m{}, 6), plan(fk::solver::euler_ancestral{}, 4)};
  const network branches[] = {network{}, network{.factor = 0.3}};
  std::vector<cuda_tensor<float>> x;
  for (std::size_t i = 0; i < 2; ++i) x.emplace_back(extents{i + 2, 5, 7});
  std::vector<view> views;
  for (auto& one : x) views.push_back({one.data(), one.shape()});
  fk::batch<run> server;
  for (std::size_t i = 0; i < 2; ++i) server.join(run(plans[i], fk::noise::philox{.seed = i}, views[i]));
  int calls = 0;
  while (!server.done()) {
    server.advance([&](view& out, const view& in, std::span<const fk::batch<run>::item> items) {
      const std::size_t size = in.shape.sample_size();
      for (std::size_t s = 0; s < items.size(); ++s) {
        view to{out.data + s * size, {1, 5, 7}, out.stream};
        branches[items[s].branch](to, view{in.data + s * size, {1, 5, 7}, in.stream}, items[s].at);
      }
      ++calls;
    });
  }
  require(calls == 6, "as many calls as the longest request needs");
  for (std::size_t i = 0; i < 2; ++i)
    require_same_bits(x[i].to_host(),
                      host_run<float>(plans[i], fk::denoisers{branches[0], branches[1]}, fk::noise::philox{.seed = i},
                                      extents{i + 2, 5, 7}),
                      "a request in a batch");
}

/// Tokens on the device that go to data one after the other, behind one that is known: each gets what it gets alone,
/// and the network sees all of them.
void tokens() {
  using view = fk::backend::cuda_view<float>;
  using run = fk::stepper<view, fk::noise::philox>;
  const fk::parameterization::flow predicts;
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, predicts, fk::grid::uniform{.steps = 4},
                                  fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 3});
  const network branches[] = {network{}, network{.factor = 0.3}};
  cuda_tensor<float> x({3, 5, 7});
  const auto part = [&x](std::size_t k) { return view{x.data() + k * 35, {1, 5, 7}}; };
  fk::fill_normal(fk::noise::philox{.seed = 1}, x);
  const std::vector<float> known = x.to_host();
  view context = part(0), first = part(1), second = part(2);
  fk::tokens<run> all(predicts);
  all.join(std::as_const(context));
  all.join(run(plan, {.seed = 1, .first_sample = 1}, first));
  all.join(run(plan, {.seed = 1, .first_sample = 2}, second));
  int calls = 0;
  const auto by = [&](const network& branch) {
    return [&, branch](view& out, const view& in, std::span<const fk::level> each) {
      for (std::size_t k = 0; k < each.size(); ++k) {
        view to{out.data + k * 35, {1, 5, 7}, out.stream};
        branch(to, view{in.data + k * 35, {1, 5, 7}, in.stream}, each[k]);
      }
      require(each[0].is_data() && (calls < 8) == !each[1].is_data(), "where tokens are");
      ++calls;
    };
  };
  const auto conditional = by(branches[0]), other = by(branches[1]);
  for (int round = 0; !all.done(); ++round)
    all.advance(fk::denoisers{conditional, other}, [&](std::size_t k) { return k == 1 || round > 3; });
  require(calls == 16, "two branches, and twice the calls of one token");
  std::vector<float> expected(known.begin(), known.begin() + 35);
  for (const std::uint32_t k : {1u, 2u}) {
    const auto alone = host_run<float>(plan, fk::denoisers{branches[0], branches[1]},
                                       fk::noise::philox{.seed = 1, .first_sample = k}, extents{1, 5, 7});
    expected.insert(expected.end(), alone.begin(), alone.end());
  }
  require_same_bits(x.to_host(), expected, "tokens");
}

void densities() {
  const auto run_on = [](auto& x, auto& drawn, const fk::plan::program& plan, const auto& take, auto& densities) {
    fk::stepper run(plan, noise, x);
    for (std::size_t i = 0; !run.done(); ++i) {
      network{}(run.output(0), run.input(), run.at());
      run.draw(drawn);
      if (run.deviation() > 0) densities.push_back(run.log_density(drawn));
      if (i % 2 == 0)
        run.advance();
      else
        run.advance(drawn);
      take(drawn, run.x());
    }
  };
  const extents shape{3, 30};
  for (const char* name : {"ddpm", "sde_dpmpp_2m", "sa_solver"}) {
    const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 5},
                                    fk::solver::by_name(name));
    std::vector<std::vector<double>> there, here;
    cuda_tensor<float> x(shape), drawn(shape);
    run_on(
        x, drawn, plan,
        [](const auto& a, const auto& b) { require_same_bits(a.to_host(), b.to_host(), "what is drawn"); }, there);
    std::vector<float> memory(shape.size()), next(shape.size());
    host_view<float> y{memory.data(), shape}, z{next.data(), shape};
    run_on(
        y, z, plan, [](const auto&, const auto&) {}, here);
    require_same_bits(x.to_host(), memory, std::string("a run in which x is drawn by itself, of ") + name);
    require(there.size() == here.size() && there.size() >= 4, "densities of each call with noise");
    for (std::size_t i = 0; i < here.size(); ++i) require_same_bits(there[i], here[i], "the density of a step");
  }
}

void likelihoods() {
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 4}, fk::solver::inverted{fk::solver::heun{}});
  const extents shape{3, 5};
  const fk::hutchinson divergence{
      [](auto& out, const auto& v, const auto&, const fk::level& at) { network{}(out, v, at); }, noise};
  cuda_tensor<float> x(shape);
  fk::fill_normal(noise, x);
  std::vector<float> memory = x.to_host();
  host_view<float> y{memory.data(), shape};
  const auto there = fk::log_likelihood(plan, network{}, divergence, x);
  const auto here = fk::log_likelihood(plan, network{}, divergence, y);
  require_same_bits(x.to_host(), memory, "data that became noise");
  require_same_bits(there, here, "their likelihood");
  const fk::exact_trace exact{divergence.product};
  require_same_bits(fk::log_likelihood(plan, network{}, exact, x), fk::log_likelihood(plan, network{}, exact, y),
                    "the likelihood by exact traces");
}

/// Seeds and scales of samples, in memory of the device: one of each for each sample, read when the steps run.
void numbers_of_samples() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                  fk::solver::sde_dpmpp_2m{}, fk::guidance::by_place{});
  const fk::denoisers two{network{}, network{.factor = 0.3}};
  const extents shape{3, 20};
  const std::vector<fk::noise::philox> seeds = {{.seed = 1}, {.seed = 2}, {.seed = 3, .first_sample = 5}};
  const cuda_tensor<fk::noise::philox> table({3}, seeds);
  cuda_tensor<float> x(shape), scales(extents{3});
  for (std::vector<float> here : {std::vector<float>{1, 2.5f, 7}, {4, 0, -1}}) {
    fk::kernel::cuda_copy(scales.data(), here.data(), here.size(), scales.stream());
    fk::sample(plan, two, fk::noise::per_sample{{table.data(), 3}}, x, {.given = {{}, {{"scale", scales}}}});
    std::vector<float> expected(shape.size());
    const host_view<float> given{here.data(), extents{3}};
    fk::sample(plan, two, fk::noise::per_sample{seeds}, host_view<float>{expected.data(), shape},
               {.given = {{}, {{"scale", given}}}});
    require_same_bits(x.to_host(), expected, "samples with seeds and scales of their own");
  }
}

void nan_is_found() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 3},
                                  fk::solver::euler{});
  cuda_tensor<float> x({2, 400});
  // Where nothing is wrong one number comes to the host, of each call; a device of the host counts.
#if __has_include("device.hpp")
  const std::size_t before = emulated::gpu.told;
  fk::sample(plan, network{}, noise, x, {.check_finite = true});
  require(emulated::gpu.told - before == plan.calls.size() * sizeof(double),
          std::to_string(emulated::gpu.told - before) + " bytes came to the host");
#endif
  const auto broken = [](cuda_tensor<float>& out, const cuda_tensor<float>& from, const fk::level& at) {
    network{.factor = at.sigma < 40 ? std::numeric_limits<double>::quiet_NaN() : 1.0}(out, from, at);
  };
  try {
    fk::sample(plan, broken, noise, x, {.check_finite = true});
  } catch (const std::runtime_error& problem) {
    require(std::string(problem.what()).find("not finite at step 1") != std::string::npos, problem.what());
    return;
  }
  require(false, "no error was thrown");
}

void out_of_memory() {
  std::size_t before = 0, total = 0, after = 0;
  fk::kernel::cuda_check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  fk::kernel::cuda_check(cudaMemGetInfo(&before, &total), "cudaMemGetInfo");
  bool thrown = false;
  try {
    const cuda_tensor<float> x({total, 4});
  } catch (const std::runtime_error& problem) {
    const std::string said = problem.what();
    thrown = said.find("cudaMallocAsync") != std::string::npos && said.find("memory") != std::string::npos;
  }
  require(thrown, "no error that names the call was thrown");
  fk::kernel::cuda_check(cudaMemGetInfo(&after, &total), "cudaMemGetInfo");
  require(after >= before, "memory was left behind");
  types();  // and all goes on
}

}  // namespace

const test::test_case test::sampling_tests[] = {
    {"every solver leaves the bits of the host", solvers},
    {"so it does in other types", types},
    {"a batch may be split", batches},
    {"thresholds are those of the host", thresholds},
    {"steps of its own choice are those of the host", adaptive},
    {"samples of the same steps are launched together", groups},
    {"a step is one kernel", steps},
    {"a graph replays a run, with other seeds and another plan", graphs},
    {"a run stops and goes on", stops},
    {"requests share the calls of a network", served},
    {"tokens go to data one after the other", tokens},
    {"log-probabilities of steps are those of the host", densities},
    {"likelihoods are those of the host", likelihoods},
    {"samples have seeds and scales of their own, on the device", numbers_of_samples},
    {"a network's NaN is found", nan_is_found},
    {"without memory it throws, and goes on", out_of_memory},
    {nullptr, nullptr},
};
