// SPDX-License-Identifier: MIT
// Runs the loops of diffusers' own tests by plans from their configs, and compares with the numbers that they expect:
//   parity_diffusers FILE.json
// A case is {id, scheduler, config, num_inference_steps, protocol, expected_sum, expected_mean, tolerance_sum,
// tolerance_mean, ...}. The model is x t / (t + 1), the start a ramp, and the result the sum and the mean of |x|.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <numbers>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/interop/diffusers.hpp>
#include <fokker/stepper.hpp>

namespace fk = fokker;
using nlohmann::json;

namespace {

/// Why a case has no counterpart here.
struct unmapped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The ramp of diffusers' tests and its reverse: element e of sample b is (4 e + b) / n, in float32.
struct ramp {
  static constexpr std::size_t samples = 4;
  std::size_t size;  // of a sample

  [[nodiscard]] std::vector<double> operator()(bool reversed) const {
    const std::size_t n = samples * size;
    std::vector<double> x(n);
    for (std::size_t b = 0; b < samples; ++b)
      for (std::size_t e = 0; e < size; ++e) {
        const std::size_t index = e * samples + b;
        x[b * size + e] = static_cast<float>(reversed ? n - 1 - index : index) / static_cast<float>(n);
      }
    return x;
  }
};

/// torch.randn(n) on the CPU after manual_seed(0), as often as it is asked for: MT19937, 24 bits of each number, Box
/// and Muller's pairs eight elements apart.
class torch_randn {
 public:
  [[nodiscard]] std::vector<float> operator()(std::size_t n) {
    std::vector<double> u(n);
    for (double& x : u) x = static_cast<double>(engine_() & 0xffffffu) * 0x1p-24;
    std::vector<float> z(n);
    for (std::size_t i = 0; i + 16 <= n; i += 16)
      for (std::size_t j = i; j < i + 8; ++j) {
        const double radius = std::sqrt(-2 * std::log(1 - u[j])), angle = 2 * std::numbers::pi * u[j + 8];
        z[j] = static_cast<float>(radius * std::cos(angle));
        z[j + 8] = static_cast<float>(radius * std::sin(angle));
      }
    return z;
  }

 private:
  std::mt19937 engine_{0};
};

/// Normals that were drawn before, by the number that a plan gives them.
struct drawn {
  std::shared_ptr<const std::vector<std::vector<float>>> tensors;
  std::size_t size;

  struct four {
    float z[4] = {};
  };
  [[nodiscard]] four normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece& piece) const {
    four of;
    if (piece.id < tensors->size())
      for (std::size_t j = 0; j < 4; ++j) of.z[j] = (*tensors)[piece.id][sample * size + 4 * std::size_t{block} + j];
    return of;
  }
};

/// The normals of a plan as torch draws them, one tensor at the last call of each step whether it is used or not.
std::vector<std::vector<float>> draw(const fk::plan::program& plan, std::size_t n) {
  torch_randn randn;
  std::vector<std::vector<float>> tensors;
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    const fk::plan::call& c = plan.calls[i];
    if (i + 1 < plan.calls.size() && plan.calls[i + 1].step == c.step) continue;
    const std::vector<float> here = randn(n);
    for (int q = 0; q < c.then.normal_count; ++q)
      if (c.then.normals[static_cast<std::size_t>(q)].id >= tensors.size()) tensors.push_back(here);
  }
  return tensors;
}

enum class input { latents, scaled, scaled_in_place };

/// The loop of a test: `calls` of them, or all.
void run(const fk::interop::diffusers_plan& from, std::vector<double>& x, std::size_t size, const drawn& noise,
         input read, std::size_t calls = ~std::size_t{0}) {
  using view = fk::backend::host_view<double>;
  view look{x.data(), {x.size() / size, size}};
  const auto& plan = from.plan;
  fk::stepper<view, drawn> r(plan, noise, look, fk::beginning::given);
  while (!r.done() && r.calls_done() < calls) {
    const fk::plan::call& c = r.call();
    const double theirs = from.input_scale(c);
    const bool stage = r.calls_done() > 0 && plan.calls[r.calls_done() - 1].step == c.step;
    // The step, too, gets what the network reads; inside of a step it does not use it.
    if (read == input::scaled_in_place && !stage) {
      auto stopped = r.stop();
      const view at = stopped.buffers[static_cast<std::size_t>(c.input)].get();
      for (std::size_t i = 0; i < x.size(); ++i) at.data[i] *= theirs;
      r = fk::stepper<view, drawn>(plan, noise, look, stopped);
    }
    // What the network's input is here of what their model gets.
    const double of_input = read == input::scaled || stage ? 1 : theirs;
    const double t = c.at.label, factor = t / (t + 1) / of_input;
    for (std::size_t i = 0; i < x.size(); ++i) r.output(0).data[i] = factor * r.input().data[i];
    r.advance();
  }
}

struct result {
  double sum = 0;
  std::size_t count = 0;
  void add(const std::vector<double>& x) {
    for (const double v : x) sum += std::abs(v);
    count += x.size();
  }
  [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};

/// Schedulers whose list of timesteps has every level but the first twice.
bool twice(const std::string& scheduler) {
  for (const char* name : {"HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler",
                           "DPMSolverSDEScheduler", "FlowMatchHeunDiscreteScheduler"})
    if (scheduler == name) return true;
  return false;
}

template <class T>
std::optional<T> field(const json& c, const char* key) {
  if (!c.contains(key) || c.at(key).is_null()) return {};
  return c.at(key).get<T>();
}

result run_case(const json& c) {
  const std::string scheduler = c.at("scheduler"), protocol = c.at("protocol");
  const std::string rng = field<std::string>(c, "rng").value_or("");
  json config = c.at("config");
  config["_class_name"] = scheduler;
  if (rng.starts_with("torchsde")) throw unmapped("its noise is torchsde's Brownian tree");
  if (scheduler == "IPNDMScheduler") throw unmapped("it divides by 1e-8 at its first level, where alpha is 0");

  const auto plan_of = [&](const fk::interop::diffusers_options& options) {
    bool known = false;
    for (const auto& k : fk::interop::diffusers_classes::known) known = known || k.name == scheduler;
    if (!known) throw unmapped("no such class in interop::diffusers");
    try {
      return fk::interop::diffusers(
          config, field<int>(c, "num_inference_steps").value_or(config.value("num_train_timesteps", 1000)), options);
    } catch (const std::invalid_argument& error) {
      throw unmapped(error.what());
    }
  };

  fk::interop::diffusers_options said{.float32 = true};
  if (const auto timesteps = field<std::vector<double>>(c, "custom_timesteps")) said.timesteps = *timesteps;
  if (const auto eta = field<double>(c, "eta")) said.eta = *eta;
  if (scheduler == "TCDScheduler" && !c.contains("eta")) said.eta = 0;  // as its tests say, not as its class does

  const ramp ramp{field<std::string>(c, "sample").value_or("").starts_with("(4,3,8):") ? 24u : 192u};
  result sum;
  const auto none = std::make_shared<const std::vector<std::vector<float>>>();
  if (protocol == "batch_step_no_noise") {
    // One step from each of the timesteps 0, 1 and 2: to their neighbour, or where steps are said to the data.
    const bool all = !field<int>(c, "num_inference_steps");
    const std::array<double, 3> shifts{0, 0.1, -0.1};
    for (int t = 0; t < 3; ++t) {
      said.timesteps = all ? std::vector<double>{2, 1, 0} : std::vector<double>{static_cast<double>(t)};
      said.begin = all ? 2 - t : 0;
      std::vector<double> x = ramp(false);
      for (double& v : x) v += shifts[static_cast<std::size_t>(t)];
      run(plan_of(said), x, ramp.size, {none, ramp.size}, input::latents, 1);
      sum.add(x);
    }
    return sum;
  }

  const bool adds_noise = protocol.ends_with("_add_noise");
  const bool scales = protocol.starts_with("scaled_");
  const input read = protocol.starts_with("scaled_inplace") ? input::scaled_in_place
                     : scales                               ? input::scaled
                                                            : input::latents;
  if (!scales && !protocol.starts_with("direct") && protocol != "train_range")
    throw unmapped("no such protocol: " + protocol);

  if (const auto start = field<int>(c, "t_start")) {
    said.begin = *start / (twice(scheduler) ? 2 : 1);
  } else if (const auto times = field<std::vector<double>>(c, "timesteps")) {
    const auto whole = plan_of(said);
    while (said.begin < whole.plan.steps() &&
           whole.plan.calls[static_cast<std::size_t>(said.begin)].at.label != times->front())
      ++said.begin;
  }
  fk::interop::diffusers_options all = said;
  all.begin = 0;
  const auto whole = plan_of(all);
  const auto from = plan_of(said);

  if (const auto times = field<std::vector<double>>(c, "timesteps")) {
    bool same = times->size() == from.plan.calls.size();
    for (std::size_t i = 0; same && i < times->size(); ++i)
      same = std::abs(from.plan.calls[i].at.label - (*times)[i]) < 1e-3;  // theirs may be float32
    if (!same) throw std::runtime_error("the timesteps are not those of the case");
  }

  const bool draws = !rng.empty();
  const drawn noise{
      draws ? std::make_shared<const std::vector<std::vector<float>>>(draw(from.plan, 4 * ramp.size)) : none,
      ramp.size};

  const fk::level first = from.plan.levels.front();
  const double ours = from.of_theirs(first);
  std::vector<double> x = ramp(false);
  const std::vector<double> added = ramp(true);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (scales) x[i] *= whole.initial_scale;
    if (adds_noise) x[i] = (from.over_alpha ? 1 : first.alpha) * x[i] + first.sigma / ours * added[i];
    x[i] *= ours;
  }
  run(from, x, ramp.size, noise, read);
  sum.add(x);
  return sum;
}

std::string text(std::optional<double> value) {
  if (!value) return "-";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.10g", *value);
  return buffer;
}

bool within(std::optional<double> expected, double got, std::optional<double> tolerance) {
  return !expected || std::abs(got - *expected) <= tolerance.value_or(0);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::puts("usage: parity_diffusers FILE.json"), 2;
  std::ifstream in(arguments[1]);
  const json file = json::parse(in, nullptr, false);
  if (!file.is_object() || !file.contains("cases")) return std::printf("%s: no file of cases\n", arguments[1]), 2;
  int passed = 0, failed = 0, skipped = 0;
  for (const json& c : file.at("cases")) {
    const std::string id = c.value("id", "?");
    try {
      const auto expected_sum = field<double>(c, "expected_sum"), expected_mean = field<double>(c, "expected_mean");
      const std::string expected = text(expected_sum) + " / " + text(expected_mean);
      try {
        const result got = run_case(c);
        const bool pass = within(expected_sum, got.sum, field<double>(c, "tolerance_sum")) &&
                          within(expected_mean, got.mean(), field<double>(c, "tolerance_mean")) &&
                          (expected_sum || expected_mean);
        ++(pass ? passed : failed);
        std::printf("%s expected %s got %s / %s %s", id.c_str(), expected.c_str(), text(got.sum).c_str(),
                    text(got.mean()).c_str(), pass ? "pass" : "fail");
        if (c.contains("compat")) std::printf(" (compat: %s)", c.at("compat").get<std::string>().c_str());
        std::printf("\n");
      } catch (const unmapped& why) {
        ++skipped;
        std::printf("%s expected %s got - unmapped (%s)\n", id.c_str(), expected.c_str(), why.what());
      }
    } catch (const std::exception& error) {
      ++failed;
      std::printf("%s fail: %s\n", id.c_str(), error.what());
    }
  }
  std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
  return failed == 0 ? 0 : 1;
}
