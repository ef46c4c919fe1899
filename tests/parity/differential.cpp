// SPDX-License-Identifier: MIT
// Runs what differential.py has of diffusers by plans from the same configs, and compares labels and results:
//   parity_differential FILE.json
// A case may differ by a multiple of diffusers' own rounding, which its file tells. A refusal is counted, not failed.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/interop/diffusers.hpp>
#include <fokker/stepper.hpp>

namespace fk = fokker;
using nlohmann::json;

namespace {

constexpr std::size_t samples = 2, size = 4, count = samples * size;

/// What is drawn after call j, the start being -1: a closed form in float32, as in differential.py.
float normal(int j, std::size_t element) {
  const auto e = static_cast<double>(element);
  return static_cast<float>(std::numbers::sqrt2 * std::sin(1 + 1.7 * e + 2.9 * j + 0.61 * e * j));
}

/// The normals of a plan by the call after which each is first drawn.
struct drawn {
  std::vector<int> call_of;

  explicit drawn(const fk::plan::program& plan) {
    for (std::size_t i = 0; i < plan.calls.size(); ++i)
      for (int q = 0; q < plan.calls[i].then.normal_count; ++q) {
        const std::size_t id = plan.calls[i].then.normals[static_cast<std::size_t>(q)].id;
        if (id >= call_of.size()) call_of.resize(id + 1, static_cast<int>(i));
      }
  }
  struct four {
    float z[4];
  };
  [[nodiscard]] four normals(std::uint32_t sample, std::uint32_t block, const fk::noise_piece& piece) const {
    four of{};
    for (std::size_t k = 0; k < 4; ++k) of.z[k] = normal(call_of.at(piece.id), sample * size + block * 4 + k);
    return of;
  }
};

std::vector<double> run(const fk::interop::diffusers_plan& from, double scale, double unit) {
  const fk::plan::program& plan = from.plan;
  std::vector<double> x(count);
  for (std::size_t e = 0; e < count; ++e) x[e] = normal(-1, e) * scale * from.of_theirs(plan.levels.front());
  fk::backend::host_view<double> look{x.data(), {samples, size}};
  const drawn noise(plan);
  fk::stepper<fk::backend::host_view<double>, drawn> r(plan, noise, look, fk::beginning::given);
  while (!r.done()) {
    const double told = r.at().label / unit;
    for (std::size_t e = 0; e < count; ++e) {
      const double read = r.input().data[e];
      r.output(0).data[e] = 0.5 * std::sin(1.3 * read) + 0.2 * std::cos(told) + 0.1;
      if (r.branches() > 1) r.output(1).data[e] = 0.9 * std::sin(read + told);
    }
    r.advance();
  }
  for (double& v : x) v /= from.of_theirs(plan.levels.back());
  return x;
}

/// What is wrong with a case, or nothing.
std::string differences(const json& c) {
  const fk::interop::diffusers_options said{.timesteps = c.value("timesteps", std::vector<double>{}),
                                            .sigmas = c.value("sigmas", std::vector<double>{}),
                                            .mu = c.value("mu", fk::interop::diffusers_options::unsaid),
                                            .eta = c.value("eta", fk::interop::diffusers_options::unsaid),
                                            .begin = c.value("begin", 0),
                                            .float32 = true};
  const auto from = fk::interop::diffusers(c.at("config"), c.at("steps"), said);
  std::string wrong;
  const auto say = [&](const char* what, double expected, double got) {
    char text[120];
    std::snprintf(text, sizeof text, "%s%s %.9g, not %.9g", wrong.empty() ? "" : "; ", what, got, expected);
    wrong += text;
  };
  const double scale = c.at("scale");
  if (std::abs(from.initial_scale - scale) > 1e-6 * scale) say("initial_scale", scale, from.initial_scale);
  const std::vector<double> labels = c.at("labels");
  if (labels.size() != from.plan.calls.size())
    say("calls", static_cast<double>(labels.size()), static_cast<double>(from.plan.calls.size()));
  for (std::size_t i = 0; i < std::min(labels.size(), from.plan.calls.size()); ++i) {
    const double got = from.plan.calls[i].at.label, rounding = c.value("label_rounding", 0.0);
    if (std::abs(got - labels[i]) <= 4 * rounding + 1e-6 * std::max(1.0, std::abs(labels[i]))) continue;
    say(("label " + std::to_string(i)).c_str(), labels[i], got);
    break;
  }
  if (!c.contains("x")) return wrong;
  const std::vector<double> expected = c.at("x"), x = run(from, scale, c.at("unit"));
  double largest = 0, off = 0;
  for (std::size_t e = 0; e < count; ++e) {
    largest = std::max(largest, std::abs(expected[e]));
    off = std::max(off, fk::detail::is_finite(x[e]) ? std::abs(x[e] - expected[e]) : 1e300);
  }
  if (off > 4 * c.at("rounding").get<double>() + 1e-6 * largest) say("x", 0, off / largest);
  return wrong;
}

/// For which numbers of steps the labels of a config have not the sum that they should.
std::string other_sums(const json& row) {
  std::string wrong;
  const std::vector<double> sums = row.at("sums");
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i] == 0) continue;
    const int steps = static_cast<int>(i) + 2;
    double sum = 0, weight = 0;
    for (const fk::plan::call& c : fk::interop::diffusers(row.at("config"), steps).plan.calls)
      sum += ++weight * c.at.label;
    if (sum != sums[i]) wrong += " " + std::to_string(steps);
  }
  return wrong;
}

}  // namespace

int main(int arguments, char** argument) {
  if (arguments != 2) return std::puts("usage: parity_differential FILE.json"), 2;
  std::ifstream in(argument[1]);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const json file = fk::interop::parse_config(text);
  int passed = 0, failed = 0, refused = 0;
  for (const json& c : file.at("cases")) {
    const std::string id = c.at("id");
    try {
      const std::string wrong = differences(c);
      ++(wrong.empty() ? passed : failed);
      if (!wrong.empty()) std::printf("%s fail: %s\n  %s\n", id.c_str(), wrong.c_str(), c.dump().c_str());
    } catch (const std::invalid_argument& why) {
      ++refused;
      std::printf("%s refused: %s\n", id.c_str(), why.what());
    }
  }
  for (const json& row : file.at("spacings")) {
    const std::string wrong = other_sums(row);
    ++(wrong.empty() ? passed : failed);
    if (!wrong.empty())
      std::printf("%s fail: other labels of steps%s\n", row.at("config").dump().c_str(), wrong.c_str());
  }
  std::printf("%d passed, %d failed, %d refused\n", passed, failed, refused);
  return failed == 0 ? 0 : 1;
}
