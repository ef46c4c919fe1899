// SPDX-License-Identifier: MIT
// Requests of different samplers, lengths, seeds and scales in one batch of the network; each gets what it would get
// alone, to the bit.
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <span>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

using tensor = std::vector<float>;
using run = fk::stepper<tensor, fk::noise::philox>;

// What stands for a network: it knows two prompts and none, and works on a whole batch, each sample at a level of its
// own.
constexpr fk::parameterization::epsilon predicts;
using prompt_model = fk::model::predicting<fk::parameterization::epsilon, fk::model::gaussian>;
const prompt_model prompts[] = {{predicts, fk::model::gaussian{.mean = 0, .deviation = 0.6}},  // none
                                {predicts, fk::model::gaussian{.mean = 1, .deviation = 0.2}},
                                {predicts, fk::model::gaussian{.mean = -1, .deviation = 0.1}}};

float one_sample(float x, int prompt, const fk::level& at) {
  tensor in{x}, out{0};
  prompts[prompt](out, in, at);
  return out[0];
}

/// What a client asked for.
struct request {
  int prompt;
  std::uint64_t seed;
  fk::plan::program plan;
  tensor x;
};

void alone(request& r) {
  const auto with = [](int prompt) {
    return [prompt](tensor& out, const tensor& x, const fk::level& at) {
      for (std::size_t i = 0; i < x.size(); ++i) out[i] = one_sample(x[i], prompt, at);
    };
  };
  fk::sample(r.plan, fk::denoisers{with(r.prompt), with(0)}, fk::noise::philox{.seed = r.seed}, r.x);
}

/// A thousand requests, of which some come in every round: how many calls of the network they need, and how many alone.
void load(const std::vector<fk::plan::program>& plans) {
  constexpr std::size_t count = 1000, in_a_round = 25;
  std::vector<request> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t dice = static_cast<std::uint32_t>(i) * 2654435761u >> 16;
    requests.push_back({1 + static_cast<int>(dice % 2), i, plans[dice % plans.size()], tensor(1 + dice % 4)});
  }
  std::vector<request> expected = requests;

  fk::batch<run> server;
  std::size_t calls = 0, most = 0, calls_alone = 0;
  for (std::size_t next = 0; next < count || !server.done();) {
    for (std::size_t i = 0; i < in_a_round && next < count; ++i, ++next) {
      request& r = requests[next];
      server.join(run(r.plan, fk::noise::philox{.seed = r.seed}, r.x));
    }
    server.advance([&](auto& out, const auto& x, std::span<const fk::batch<run>::item> items) {
      for (std::size_t i = 0; i < items.size(); ++i)
        out.data[i] = one_sample(x.data[i], items[i].branch == 0 ? requests[items[i].request].prompt : 0, items[i].at);
      ++calls;
      most = std::max(most, items.size());
    });
  }
  for (std::size_t i = 0; i < count; ++i) {
    calls_alone += expected[i].plan.calls.size();
    alone(expected[i]);
    assert(requests[i].x == expected[i].x);
  }
  assert(calls == count / in_a_round - 1 + 30);  // the last ones join then, and the longest plan has 30 calls
  std::cout << count << " requests, " << calls << " calls of up to " << most
            << " samples, where one request after the other needs " << calls_alone << " calls\n";
}

}  // namespace

int main() {
  const auto schedule = fk::schedule::scaled_linear();
  const auto guided = [&](const auto& solver, int steps, double scale) {
    return fk::make_plan(schedule, predicts, fk::grid::karras{.steps = steps}, solver,
                         fk::guidance::classifier_free{.scale = scale});
  };
  std::vector<request> requests{{1, 7, guided(fk::solver::dpmpp_2m{}, 20, 5), tensor(1)},
                                {2, 8, guided(fk::solver::ddim{}, 9, 1.5), tensor(3)},
                                {1, 9, guided(fk::solver::euler_ancestral{}, 30, 1), tensor(2)}};
  std::vector<request> expected = requests;

  int calls = 0;
  // [serving]
  const auto network = [&](auto& out, const auto& x, std::span<const fk::batch<run>::item> items) {
    for (std::size_t i = 0; i < items.size(); ++i)  // a sample of the batch each; branch 0 has the prompt, 1 has none
      out.data[i] = one_sample(x.data[i], items[i].branch == 0 ? requests[items[i].request].prompt : 0, items[i].at);
    ++calls;
  };
  fk::batch<run> server;
  for (request& r : requests) server.join(run(r.plan, fk::noise::philox{.seed = r.seed}, r.x));
  while (!server.done()) server.advance(network);  // others may join between two calls
  // [serving]

  for (request& r : expected) alone(r);
  for (std::size_t i = 0; i < requests.size(); ++i) assert(requests[i].x == expected[i].x);
  assert(calls == 30);  // as many as the longest request needs, not 20 + 9 + 30
  std::cout << "3 requests, " << calls << " calls of the network\n";
  load({expected[0].plan, expected[1].plan, expected[2].plan});
}
