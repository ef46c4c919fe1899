// SPDX-License-Identifier: MIT
#include <fokker/model/operands.hpp>

#include <stdexcept>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/model/empirical.hpp>
#include <fokker/model/gaussian.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;

namespace {

/// A tensor of the user's own, whose backend says no more than it must.
struct plain {
  std::vector<float> memory;
};

}  // namespace

template <>
struct fokker::backend::tensor<plain> {
  using element = float;
  static float* data(plain& t) { return t.memory.data(); }
  static const float* data(const plain& t) { return t.memory.data(); }
  static extents shape(const plain& t) { return {t.memory.size() / 2, 2}; }
  static kernel::host space(const plain&) { return {}; }
  static plain like(const plain& t) { return t; }
};

TEST_CASE("a model takes a tensor of the user's own") {
  const plain x{{1, 2, 3, 4}};
  plain out{{0, 0, 0, 0}};
  const fk::model::operands on(out, x);
  CHECK(on.x == x.memory.data());
  CHECK(on.out == out.memory.data());
  CHECK(on.samples == 2);
  CHECK(on.size == 2);
  fk::model::gaussian{.mean = 5}(out, x, {.alpha = 0, .sigma = 1});
  CHECK(out.memory == std::vector<float>(4, 5));
}

TEST_CASE("a tensor that lies nowhere is refused") {
  float memory[] = {1, 2};
  fk::backend::host_view<float> there{memory, {2}}, nowhere{nullptr, {2}};
  law::refused([&] { fk::model::operands(there, nowhere); }, {"the data of x is null; allowed: memory"});
  law::refused([&] { fk::model::operands(nowhere, there); }, {"the data of the prediction is null; allowed: memory"});
  law::refused([&] { fk::model::empirical<fk::backend::host_view<float>> set(nowhere); },
               {"the data of the data set is null; allowed: memory"});
}

TEST_CASE("shapes that do not fit are refused with both") {
  using Catch::Contains;
  const plain x{{1, 2, 3, 4}}, none;
  plain out{{0, 0}}, nothing;
  CHECK_THROWS_WITH((fk::model::operands(out, x)), Contains("(1, 2)") && Contains("(2, 2)"));
  CHECK_THROWS_WITH((fk::model::operands(nothing, none)), Contains("the shape of x is (0, 2)"));
  out = x;
  CHECK_THROWS_WITH((fk::model::operands(out, x, 7)), Contains("is 2") && Contains("allowed: 7"));
}
