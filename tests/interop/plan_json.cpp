// SPDX-License-Identifier: MIT
#include <fokker/interop/plan_json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/apg.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/guidance/inpainted.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/learned_variance.hpp>
#include <fokker/parameterization/thresholded.hpp>
#include <fokker/plan/text.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/heun.hpp>
#include <fokker/stepper.hpp>

#include "support/catch.hpp"
#include "support/dice.hpp"

namespace fk = fokker;
using fk::plan::from_json;
using fk::plan::to_json;
using nlohmann::json;

namespace {

template <class Network, class Solver, class Guidance = fk::guidance::none>
fk::plan::program some(const Network& network, const Solver& solver, const Guidance& guidance = {}) {
  return fk::make_plan(fk::schedule::vp_linear{}, network, fk::grid::uniform{.steps = 3}, solver, guidance);
}

std::vector<fk::plan::program> plans() {
  using namespace fk::parameterization;
  using fk::guidance::classifier_free;
  const epsilon network;
  return {some(network, fk::solver::dpmpp_2m{}, classifier_free{.scale = 3}),
          some(learned_variance{network}, fk::solver::ddpm{fk::solver::ddpm_variance::learned}),
          some(thresholded{network}, fk::solver::heun{}),
          some(network, fk::solver::dpmpp_2m{}, fk::guidance::apg{.over = {0, 1}}),
          some(network, fk::solver::ddpm{}, fk::guidance::inpainted{classifier_free{.scale = 2}})};
}

/// What onnx_update.py draws: numbers that are exact.
struct numbered {
  [[nodiscard]] static fk::noise::quad normals(std::uint32_t, std::uint32_t block, const fk::noise_piece& piece) {
    fk::noise::quad four{};
    for (std::uint32_t i = 0; i < 4; ++i)
      four.z[i] = (static_cast<float>((3 * piece.stream + 7 * piece.id + 5 * (4 * block + i)) % 11) - 5) / 4;
    return four;
  }
};

}  // namespace

TEST_CASE("the graph of ONNX gives the results of the plans that it was made of") {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../parity/onnx.json");
  const json stored = json::parse(file);
  REQUIRE(stored.size() == 7);
  for (const json& one : stored) {
    const auto plan = from_json(one["plan"].dump());
    std::vector<float> memory(7);
    fk::backend::host_view<float> x{memory.data(), {1, 7}};
    fk::stepper run(plan, numbered{}, x);
    while (!run.done()) {
      for (int b = 0; b < run.branches(); ++b)
        if (run.wants(b))
          for (std::size_t i = 0; i < 7; ++i)
            run.output(b).data[i] =
                std::fma(0.5f, run.input().data[i], static_cast<float>(0.25 * (b + 1) * run.at().alpha));
      run.advance();
    }
    double largest = 0, off = 0;
    for (std::size_t i = 0; i < 7; ++i) {
      const double v = memory[i], w = one["result"][i];
      largest = std::max(largest, std::abs(v));
      off = std::max(off, std::abs(v - w));
    }
    CHECK(largest > 0.01);
    CHECK(off <= 1e-5 * largest);  // sums are in another order there, and the steps make roundings larger
  }
}

TEST_CASE("a plan read back from JSON is the same to the bit") {
  for (const fk::plan::program& plan : plans()) {
    const std::string text = to_json(plan);
    const auto read = from_json(text);
    CHECK(fk::plan::to_text(read) == fk::plan::to_text(plan));
    CHECK(to_json(read) == text);
  }
}

TEST_CASE("the largest number of a stream comes back") {
  auto plan = some(fk::parameterization::epsilon{}, fk::solver::ddpm{});
  REQUIRE(plan.calls[0].then.normal_count == 1);
  plan.calls[0].then.normals[0].stream = 0xffffffff;
  CHECK(from_json(to_json(plan)).calls[0].then.normals[0].stream == 0xffffffff);
}

TEST_CASE("a second level, an unknown rate and an infinite place come back", "[bits]") {
  auto plan = some(fk::parameterization::epsilon{}, fk::solver::ddpm{});
  plan.calls[1].to = plan.calls[2].at;
  plan.levels[1].alpha_rate = fk::level::unknown;
  plan.calls[0].then.normals[0].from = std::numeric_limits<double>::infinity();
  CHECK(json::parse(to_json(plan))["levels"][1]["alpha_rate"].is_null());
  CHECK(fk::plan::to_text(from_json(to_json(plan))) == fk::plan::to_text(plan));
}

TEST_CASE("what is no plan is refused by the name of the field") {
  const json plan = json::parse(to_json(plans()[0]));
  const auto check = [&](const char* pointer, const json& value, const std::string& expected) {
    json changed = plan;
    changed[json::json_pointer(pointer)] = value;
    INFO(pointer);
    CHECK_THROWS_WITH(from_json(changed.dump()), Catch::Contains(expected));
  };
  CHECK_THROWS_WITH(from_json(""), Catch::Contains("the plan is no JSON"));
  CHECK_THROWS_WITH(from_json("[]"), Catch::Contains("the plan is []; allowed: an object"));
  CHECK_THROWS_WITH(from_json("{}"), Catch::Contains("the plan.format is not given"));
  check("/format", "other", "the plan.format is other");
  check("/version", 2, "the plan.version is 2; allowed: 1");
  check("/other", 1, "the plan.other is 1; allowed: no such field");
  check("/calls/1/then/rows/0/buffer", 0.5, "the plan.calls[1].then.rows[0].buffer is 0.5; allowed: a whole number");
  check("/calls/1/then/rows/0/inputs", {1, 2}, "the plan.calls[1].then.rows[0]");
  check("/calls/1/then/inputs/0/where", "nowhere", "allowed: buffer, output, given");
  check("/calls/1/input", 4'000'000'000, "the plan.calls[1].input is 4000000000");
  check("/calls/1/input_scale", "1", "the plan.calls[1].input_scale is \"1\"; allowed: a number");
  check("/calls/1/input", 17, "call 1, at time");
  check("/predicts", "two words", "the plan.predicts is \"two words\"; allowed: a word");
  check("/givens", {"a b"}, "allowed: a word");
  check("/levels", 1, "the plan.levels is 1; allowed: a list");
  check("/calls/1/then/inputs", 1, "the plan.calls[1].then.inputs is 1; allowed: a list of at most ");
  check("/calls/0/raw", -1, "the plan.calls[0].raw is -1");
}

TEST_CASE("a changed value is refused, or gives a plan that text can hold") {
  const std::vector<json> others{
      0,     1,        2,        31,      -1,    0.5,    1e300, -1e40,         nullptr,
      "inf", "buffer", "output", "given", "sum", "load", true,  json::array(), json::object()};
  std::vector<json> all;
  for (const fk::plan::program& plan : plans()) all.push_back(json::parse(to_json(plan)));
  test::dice d(3);
  const auto any = [&d](std::size_t count) { return static_cast<std::size_t>(d.below(static_cast<int>(count))); };
  int read = 0, refused = 0;
  for (int trial = 0; trial < 800; ++trial) {
    json changed = all[any(all.size())];
    json* place = &changed;
    while (place->is_structured() && !place->empty() && (place == &changed || any(12) != 0))
      place = place->is_array() ? &(*place)[any(place->size())]
                                : &*std::next(place->begin(), static_cast<long>(any(place->size())));
    *place = others[any(others.size())];
    INFO(changed.dump());
    try {
      const auto plan = from_json(changed.dump());
      ++read;
      const std::string text = fk::plan::to_text(plan);
      CHECK(fk::plan::to_text(fk::plan::from_text(text)) == text);
    } catch (const std::invalid_argument& error) {
      ++refused;
      CHECK(std::string_view(error.what()).starts_with("fokker: "));
    }
  }
  CHECK(read > 50);
  CHECK(refused > 50);
}
