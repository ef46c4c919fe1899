// SPDX-License-Identifier: MIT
// What a program does with a plan, one thing after the other; the regions are the pages'.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/plan/certificate.hpp>
#include <fokker/plan/to_c.hpp>
#include <fokker/saved_run.hpp>

namespace fk = fokker;

namespace {

using tensor = std::vector<float>;  // samples of one element each

// Data of which all is known stand for a network: 1 +- 0.1 for a prompt, 0 +- 0.5 without one, -1 +- 0.1 for another.
constexpr fk::parameterization::epsilon network;
const fk::model::predicting cond{network, fk::model::gaussian{.mean = 1, .deviation = 0.1}};
const fk::model::predicting uncond{network, fk::model::gaussian{.mean = 0, .deviation = 0.5}};
const fk::model::predicting negative{network, fk::model::gaussian{.mean = -1, .deviation = 0.1}};
const fk::noise::philox noise{.seed = 42};

float mean(const tensor& x) {
  float sum = 0;
  for (const float v : x) sum += v;
  return sum / static_cast<float>(x.size());
}

void print_a_plan() {
  // [print]
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 3}, fk::solver::heun{});
  std::cout << plan;
  for (const std::string& finding : fk::plan::check(plan)) std::cout << finding << '\n';
  // [print]
  const std::string printed = R"(
// [printed]
plan: 3 steps, 6 network calls, 6 evaluations, 0 normals, 2 buffers; the network predicts flow
start   x = 1 z_start
call step       time      label      alpha      sigma    log-snr  reads   then
   0    0          1          1          0          1       -inf  x       b1 = 1 x - 0.166667 n0; x = 1 x - 0.333333 n0
   1    0   0.666667   0.666667   0.333333   0.666667  -0.693147  x       x = -0.166667 n0 + 1 b1
   2    1   0.666667   0.666667   0.333333   0.666667  -0.693147  x       b1 = 1 x - 0.166667 n0; x = 1 x - 0.333333 n0
   3    1   0.333333   0.333333   0.666667   0.333333   0.693147  x       x = -0.166667 n0 + 1 b1
   4    2   0.333333   0.333333   0.666667   0.333333   0.693147  x       b1 = 1 x - 0.166667 n0; x = 1 x - 0.333333 n0
   5    2          0          0          1          0        inf  x       x = -0.166667 n0 + 1 b1
end                0                     1          0
// [printed]
)";
  assert(printed == "\n// [printed]\n" + fk::plan::to_string(plan) + "// [printed]\n");
  assert(fk::plan::check(plan).empty());
}

void watch() {
  tensor x(16);
  std::vector<float> previews;
  // [observer]
  const auto plan = fk::make_plan(fk::schedule::scaled_linear(), network, fk::grid::karras{.steps = 20},
                                  fk::solver::dpmpp_2m{}, {.preview = true});
  fk::sample(plan, cond, noise, x, [&](const fk::progress<tensor>& seen) {
    previews.push_back(mean(*seen.preview));  // the x0-prediction of this call
    return seen.call < 15;                    // false stops the run
  });
  // [observer]
  assert(previews.size() == 15 && std::abs(previews.back() - 1) < 0.3f);
}

void take_a_vector_as_one_sample() {
  const auto plan =
      fk::make_plan(fk::schedule::scaled_linear(), network, fk::grid::karras{.steps = 4}, fk::solver::ddim{});
  // [one_sample]
  std::vector<float> x(256);                                  // a column: 256 samples of one element each
  fk::sample(plan, cond, noise, fk::backend::one_sample(x));  // one sample of 256
  // [one_sample]
  auto y = x;
  fk::sample(plan, cond, noise, fk::backend::host_view{y.data(), {1, 4, 8, 8}});
  assert(x == y);
  fk::sample(plan, cond, noise, y);
  assert(x != y);
}

void change_an_image() {
  const tensor image(16, 1.1f);
  tensor x(16);
  // [image_to_image]
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::karras half_way{.steps = 12, .sigma_max = 1};  // how much of the image goes: sigma/alpha
  const auto plan = fk::make_plan(schedule, network, half_way, fk::solver::dpmpp_2m{});
  fk::perturb(plan, image, noise, x);  // the image with the noise of the plan's first level
  fk::sample_from(plan, cond, noise, x);
  // [image_to_image]
  assert(std::abs(mean(x) - 1) < 0.2f);
}

void a_network_in_half() {
  const auto plan = fk::make_plan(fk::schedule::scaled_linear(), network, fk::grid::karras{.steps = 12},
                                  fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 2});
  tensor x(16), expected(16);
  fk::sample(plan, fk::denoisers{cond, uncond}, noise, expected);
  const auto &cond16 = cond, &uncond16 = uncond;  // these take any tensor
  // [half]
  fk::sample(plan, fk::runs_in<fk::half>(fk::denoisers{cond16, uncond16}), noise, x);  // x stays float
  // [half]
  for (std::size_t i = 0; i < x.size(); ++i) assert(std::abs(x[i] - expected[i]) < 0.02f);
}

void own_the_loop() {
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 6}, fk::solver::euler_ancestral{});
  tensor x(16), expected(16);
  fk::sample(plan, cond, noise, expected);
  // [stepper]
  fk::stepper run(plan, noise, x);
  while (!run.done()) {
    cond(run.output(0), run.input(), run.at());  // or wait for an accelerator
    run.advance();
  }
  // [stepper]
  assert(x == expected);
}

void stop_and_resume() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 6}, fk::solver::dpmpp_2m{});
  tensor x(16), y(16), z(16), expected(16);
  fk::sample(plan, cond, noise, expected);
  // [resume]
  fk::stepper first(plan, noise, x);
  for (int i = 0; i < 3; ++i, first.advance()) cond(first.output(0), first.input(), first.at());
  auto state = first.stop();  // everything in memory: x, history, how many calls are done

  fk::stepper second(plan, noise, y, state);
  for (; !second.done(); second.advance()) cond(second.output(0), second.input(), second.at());
  // [resume]
  assert(y == expected);

  // [save]
  const std::string bytes = fk::save(plan, first);  // plan, counters and what is still read, for a file

  const fk::saved_run saved(bytes);  // another day, another machine
  auto third = fk::resume(saved, noise, z);
  for (; !third.done(); third.advance()) cond(third.output(0), third.input(), third.at());
  // [save]
  assert(z == expected);
}

void learn_from_rewards() {
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 6}, fk::solver::euler_ancestral{});
  tensor x(16), y(16), next(16);
  // [rollout]
  std::vector<tensor> path;
  std::vector<std::vector<double>> log_p;  // by call, then by sample
  fk::stepper rollout(plan, noise, x);
  const tensor start = rollout.input();
  while (!rollout.done()) {
    cond(rollout.output(0), rollout.input(), rollout.at());
    rollout.draw(next);
    log_p.push_back(rollout.deviation() > 0 ? rollout.log_density(next) : std::vector<double>());
    path.push_back(next);
    rollout.advance(next);
  }
  // [rollout]
  // [replay]
  y = start;
  fk::stepper replay(plan, noise, y, fk::beginning::given);
  for (std::size_t i = 0; !replay.done(); replay.advance(path[i++])) {
    cond(replay.output(0), replay.input(), replay.at());  // the network as it is now
    if (replay.deviation() == 0) continue;
    const std::vector<double> now = replay.log_density(path[i]);
    assert(now == log_p[i]);  // e^(now - log_p) is the ratio of PPO and GRPO; this network has not learned yet
  }
  // [replay]
  tensor expected(16);
  fk::sample(plan, cond, noise, expected);
  assert(x == expected && y == expected);
  // [windowed]
  const auto mixed =
      fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 10},
                    fk::solver::windowed{fk::solver::flow_grpo{.eta = 0.7}, 2, 4});
  // [windowed]
  assert(fk::plan::normals(mixed) == 4);
}

void tell_how_likely() {
  const auto slope = [](const fk::level& at) {
    return (at.time - 0.25 * at.alpha) / (0.25 * at.alpha * at.alpha + at.time * at.time);
  };
  const auto net = [&](tensor& out, const tensor& in, const fk::level& at) {  // of data N(1, 0.5^2)
    for (std::size_t i = 0; i < in.size(); ++i)
      out[i] = static_cast<float>(slope(at) * (static_cast<double>(in[i]) - at.alpha) - 1);
  };
  const auto jacobian = [&](tensor& out, const tensor& v, const tensor&, const fk::level& at) {
    for (std::size_t i = 0; i < v.size(); ++i) out[i] = static_cast<float>(slope(at)) * v[i];
  };
  tensor x{1, 1.5f};
  // [likelihood]
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::uniform{.steps = 32}, fk::solver::inverted{fk::solver::rk4{}});
  const fk::hutchinson divergence{jacobian, noise};  // jacobian(out, v, x, at): v^T dp/dx, from your framework
  const std::vector<double> log_p = fk::log_likelihood(plan, net, divergence, x);  // x becomes its noise
  // [likelihood]
  assert(std::abs(log_p[0] + std::log(0.5) + 0.918939) < 1e-5 && std::abs(log_p[1] - log_p[0] + 0.5) < 1e-5);
  assert(std::abs(x[0]) < 1e-5f && std::abs(x[1] - 1) < 1e-5f);
}

void guide() {
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::karras grid{.steps = 10};
  tensor x(16);
  // [negative_prompt]
  const auto plan =
      fk::make_plan(schedule, network, grid, fk::solver::ddim{}, fk::guidance::classifier_free{.scale = 1.5});
  fk::sample(plan, fk::denoisers{cond, negative}, noise, x);  // away from `negative`, not from `uncond`
  // [negative_prompt]
  assert(mean(x) > 1);

  const auto one = [](tensor& out, const tensor& in, const fk::level& at, std::size_t begin, const auto& says) {
    tensor from(in.begin() + static_cast<std::ptrdiff_t>(begin), in.begin() + static_cast<std::ptrdiff_t>(begin + 16));
    tensor to(16);
    says(to, from, at);
    std::copy(to.begin(), to.end(), out.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  const tensor apart = x;
  // [one_batch]
  const auto both = [&](tensor& out, const tensor& in, const fk::level& at) {  // 32 samples
    one(out, in, at, 0, cond);                                                 // the first 16 with the prompt
    one(out, in, at, 16, negative);                                            // the others with the negative one
  };
  tensor wide(2 * x.size());  // a batch of both, taken once
  fk::sample(plan, fk::batched_branches(both, wide), noise, x);
  // [one_batch]
  assert(x == apart);

  // [slider]
  std::vector<int> calls;
  for (const double scale : {0.0, 1.0, 3.0}) {
    const auto other = plan.with(fk::guidance::classifier_free{.scale = scale});  // planned again, scalars only
    fk::sample(other, fk::denoisers{cond, uncond}, noise, x);
    calls.push_back(fk::plan::evaluations(other));
  }
  assert((calls == std::vector{10, 10, 20}));  // at 0 and at 1 one branch is enough
  // [slider]
}

void paint_in() {
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::karras grid{.steps = 10};
  tensor x(16);
  // [inpainted]
  const auto plan = fk::make_plan(schedule, network, grid, fk::solver::ddim{}, fk::guidance::inpainted{});
  tensor image(x.size(), 0.5f), mask(x.size(), 0);
  mask[0] = 1;  // one number for each sample, and those of a vector are its elements
  fk::sample(plan, cond, noise, x, {.given = {{{"known", image}}, {{"mask", mask}}}});
  assert(x[0] == 0.5f);
  // [inpainted]

  // [differential]
  const auto more = fk::make_plan(schedule, network, grid, fk::solver::ddim{}, fk::guidance::differential{});
  tensor strength(x.size(), 0.5f);
  strength[0] = 0;  // this one stays
  strength[1] = 1;  // and this one is free
  fk::sample(more, cond, noise, x, {.given = {{{"known", image}, {"strength", strength}}, {}}});
  assert(x[0] == 0.5f);
  // [differential]

  const auto alone = fk::make_plan(schedule, network, grid, fk::solver::ddim{});
  // [corrected]
  using picture = fk::backend::host_view<float>;
  const tensor small(8, 0.75f);                              // each the mean of two
  const auto agree = [&](picture& data, const fk::level&) {  // data + A^+ (small - A data)
    for (std::size_t i = 0; i < small.size(); ++i) {
      const float off = small[i] - (data.data[2 * i] + data.data[2 * i + 1]) / 2;
      data.data[2 * i] += off;
      data.data[2 * i + 1] += off;
    }
  };
  fk::sample(alone, fk::corrected(network, cond, agree), noise, picture{x.data(), {1, 16}});
  assert(std::abs((x[0] + x[1]) / 2 - small[0]) < 1e-5f);
  // [corrected]
}

void rules() {
  const auto schedule = fk::schedule::scaled_linear();
  const fk::grid::karras grid{.steps = 10};
  tensor x(16);
  const auto plan = fk::make_plan(schedule, network, grid, fk::solver::ddim{});
  namespace guidance = fk::guidance;
  // [interval]
  const auto some =
      plan.with(guidance::interval{guidance::classifier_free{.scale = 3}, guidance::along::ratio, 0.28, 5.42});
  fk::sample(some, fk::denoisers{cond, uncond}, noise, x);
  assert(fk::plan::evaluations(some) < 20);  // of `uncond` only within
  // [interval]

  // [cfg_pp]
  const auto renoised = plan.with(guidance::cfg_pp{guidance::classifier_free{.scale = 0.6}});
  fk::sample(renoised, fk::denoisers{cond, uncond}, noise, x);
  // [cfg_pp]

  // [scheduled]
  const guidance::scheduled rising{guidance::classifier_free{}, guidance::linear{.first = 1, .last = 3}};
  const guidance::scheduled listed{guidance::classifier_free{}, guidance::per_step{{3, 3, 3, 3, 3, 2, 2, 2, 1, 1}}};
  const guidance::scheduled own{guidance::classifier_free{}, [](const fk::moment& at) { return 1 + 2 * at.alpha; }};
  fk::sample(plan.with(rising), fk::denoisers{cond, uncond}, noise, x);
  // [scheduled]
  assert(fk::plan::evaluations(plan.with(listed)) == 18 && fk::plan::evaluations(plan.with(own)) == 20);

  // [composable]
  const guidance::composable rule{2.0, -1.0};  // the one, and not the other
  fk::sample(plan.with(rule), fk::denoisers{cond, negative, uncond}, noise, x);
  // [composable]
  assert(mean(x) > 1);

  // [perturbed_early]
  const auto early = [](const fk::moment& at) {
    return guidance::inside(at, guidance::along::steps, 0, 0.2) ? 3.0 : 0.0;
  };
  const guidance::scheduled skipping{guidance::perturbed{.scale = 2}, early, &guidance::perturbed::perturbed_scale};
  // [perturbed_early]
  assert(fk::plan::evaluations(plan.with(skipping)) == 10 + 10 + 2);

  // [experts]
  const guidance::experts two{guidance::classifier_free{.scale = 4}, guidance::classifier_free{.scale = 3},
                              guidance::along::ratio, 2};
  fk::sample(plan.with(two), fk::denoisers{cond, uncond, cond, negative}, noise, x);
  // [experts]
  assert(fk::plan::evaluations(plan.with(two)) == 20);  // two networks a step, and no others

  // [until_alike]
  const guidance::until_alike alike{.scale = 3, .threshold = 0.99};
  const auto guided = plan.with(alike);
  int calls = 0;
  bool over = false;
  for (fk::stepper run(guided, noise, x); !run.done(); over = alike.over(run.remembered())) {
    cond(run.output(0), run.input(), run.at());
    if (!over) uncond(run.output(1), run.input(), run.at()), ++calls;
    run.advance();
  }
  // [until_alike]
  assert(calls > 0 && calls < 10);
}

void data_at_one() {
  const fk::model::gaussian data{.mean = 1, .deviation = 0.1};
  const auto velocity = [&](tensor& out, const tensor& in, const fk::level& at) {  // of data at 1
    fk::model::predicting{fk::parameterization::flow_to_data{}, data}(out, in, at);
  };
  tensor x(16);
  // [to_data]
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow_to_data{},
                                  fk::grid::uniform{.steps = 50}, fk::solver::midpoint{});
  fk::sample(plan, velocity, noise, x);  // level.label goes from 0 to 1
  // [to_data]
  assert(std::abs(mean(x) - 1) < 0.1f);
}

void label() {
  // [labels]
  const fk::schedule::flow_linear schedule;
  auto levels = fk::levels_at(schedule, {1, 0.75, 0.5, 0.25, 0});
  for (fk::level& l : levels) l.label = std::floor(1000 * l.time);  // what this network was told in training
  const auto plan =
      fk::make_plan(schedule, fk::parameterization::flow{}, fk::grid::explicit_levels{levels}, fk::solver::euler{});
  // [labels]
  assert(plan.calls[1].at.label == 750);
}

void keep_as_text() {
  const auto plan = fk::make_plan(fk::schedule::cosine{}, fk::parameterization::velocity{},
                                  fk::grid::uniform{.steps = 5}, fk::solver::ddpm{});
  // [text]
  const std::string text = fk::plan::to_text(plan);  // a file, a header of a checkpoint, another machine
  const fk::plan::program same = fk::plan::from_text(text);
  assert(fk::plan::to_text(same) == text);
  // [text]
  // [certificate]
  const fk::plan::certificate told(plan);
  std::cout << told;
  assert(!told.order && told.normal->variance < 1.1);  // the order of a method that draws noise is not told
  // [certificate]
  // [c]
  const std::string file = fk::plan::to_c(plan, {.name = "cosine5"});  // cosine5.c, whose names begin with cosine5
  // [c]
  assert(file.find("void cosine5_sample(const struct cosine5_run *run)") != std::string::npos);
}

void shard() {
  const auto plan = fk::make_plan(fk::schedule::edm{}, network, fk::grid::karras{.steps = 6}, fk::solver::ddpm{});
  // [shards]
  tensor whole(8), right(3);
  fk::sample(plan, cond, fk::noise::philox{.seed = 42}, whole);                     // samples 0 ... 7
  fk::sample(plan, cond, fk::noise::philox{.seed = 42, .first_sample = 5}, right);  // samples 5 ... 7
  assert(std::equal(right.begin(), right.end(), whole.begin() + 5));                // to the bit
  // [shards]
}

void draw_as_others_do() {
  const auto plan = fk::make_plan(fk::schedule::scaled_linear(), network, fk::grid::karras{.steps = 4},
                                  fk::solver::euler_ancestral{});
  std::vector<float> x(512), y(256);
  // [sequence]
  fk::sample(plan, cond, fk::noise::torch_cpu(42), fk::backend::host_view{x.data(), {2, 4, 8, 8}});  // one generator

  const fk::noise::each generators{std::vector{fk::noise::torch_cpu(42), fk::noise::torch_cpu(43)}};  // a list of them
  fk::sample(plan, cond, generators, fk::backend::host_view{x.data(), {2, 4, 8, 8}});
  // [sequence]
  fk::sample(plan, cond, fk::noise::torch_cpu(43), fk::backend::host_view{y.data(), {1, 4, 8, 8}});
  assert(std::equal(y.begin(), y.end(), x.begin() + 256));
  // [fill]
  fk::noise::torch_cpu generator(42);
  fk::fill_normal(generator, x);  // torch.randn(512, generator=generator)
  fk::fill_normal(generator, y);  // and the next 256
  // [fill]
}

void train() {
  const fk::schedule::cosine schedule;
  const tensor data(16, 1.0f);
  tensor x(16), target(16);
  // [train]
  const fk::level at = fk::level_at(schedule, 0.3);
  fk::perturb(at, fk::parameterization::velocity{}, data, noise, x, target);  // network(x) should be target
  // [train]
  assert(std::abs(static_cast<double>(target[0]) - (static_cast<double>(x[0]) * at.alpha - 1) / at.sigma) < 1e-5);
}

void train_a_batch() {
  const fk::schedule::cosine schedule;
  const fk::parameterization::velocity velocity;
  const std::uint32_t batch = 64, step = 3;
  const tensor data(batch, 1.0f);
  tensor x(batch), target(batch), prediction(batch), condition(batch, 1.0f);
  // [training]
  const fk::noise::philox source{.seed = 42, .first_sample = step * batch};  // samples are numbered through
  const auto levels = fk::training::draw_levels(schedule, fk::training::uniform_time{}, source, batch,
                                                fk::training::low_discrepancy{.batch = batch});
  fk::perturb(levels, velocity, data, source, x, target);

  const fk::training::dropped unconditional{.share = 0.1};
  for (std::uint32_t s = 0; s < batch; ++s)
    if (unconditional(source, s)) condition[s] = 0;
  // here the network predicts the target from x, the levels and the condition

  std::vector<double> weights;
  for (const fk::level& at : levels)
    weights.push_back(fk::training::weight_on(fk::training::min_snr{.gamma = 5}, velocity, at));
  const std::vector<double> losses = fk::training::loss(prediction, target, weights);  // one a sample
  // [training]
  assert(losses.size() == batch);
  for (std::size_t s = 0; s < batch; ++s)  // the prediction is 0
    assert(std::abs(losses[s] - weights[s] * std::pow(static_cast<double>(target[s]), 2)) <= 1e-12 * losses[s]);
  assert(std::count(condition.begin(), condition.end(), 0.0f) > 0);
}

}  // namespace

int main() {
  print_a_plan();
  watch();
  take_a_vector_as_one_sample();
  change_an_image();
  a_network_in_half();
  own_the_loop();
  stop_and_resume();
  learn_from_rewards();
  tell_how_likely();
  guide();
  paint_in();
  rules();
  data_at_one();
  label();
  keep_as_text();
  shard();
  draw_as_others_do();
  train();
  train_a_batch();
}
