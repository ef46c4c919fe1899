// SPDX-License-Identifier: MIT
#include <fokker/memory_of_run.hpp>

#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/half.hpp>
#include <fokker/noise/philox.hpp>

#include "support/catch.hpp"

namespace fk = fokker;

namespace {

template <class Network>
auto memory_of(std::vector<float>& x) {
  fk::detail::memory_of_run<std::vector<float>, Network, fk::noise::philox> memory;
  memory.shape = {x.size()};
  memory.own.emplace_back(x);
  memory.outputs.emplace_back(x);
  memory.buffers = {&x, &memory.own.front().get()};
  return memory;
}

}  // namespace

TEST_CASE("operands lie where a plan says") {
  std::vector<float> x(3), given(3);
  auto memory = memory_of<std::vector<float>>(x);
  memory.givens = {given.data()};
  fk::plan::update u;
  u.input_count = 3;
  u.inputs = {{{fk::plan::operand::buffer, 1}, {fk::plan::operand::output, 0}, {fk::plan::operand::given, 0}}};
  u.row_count = 2;
  u.rows[0].buffer = -1;  // written nowhere
  const auto at = memory.operands_of(u);
  CHECK(at.inputs[0] == memory.own.front().get().data());
  CHECK(at.inputs[1] == memory.outputs.front().get().data());
  CHECK(at.inputs[2] == given.data());
  CHECK(at.rows[0] == nullptr);
  CHECK(at.rows[1] == x.data());
  CHECK(at.copy == nullptr);
  CHECK(at.samples == 3);
  CHECK(at.size == 1);
}

TEST_CASE("a network with a tensor of its own reads the row that is next, or a copy") {
  std::vector<float> x(2);
  auto memory = memory_of<std::vector<fk::half>>(x);
  memory.read.emplace_back(x);
  fk::plan::update u;
  u.input_count = u.row_count = 1;
  u.inputs[0] = {fk::plan::operand::output, 0};
  u.rows[0].buffer = 1;
  std::vector<int> copied;
  std::vector<const float*> from;
  const auto launch = [&](const fk::plan::update& one, int row) {
    const auto at = memory.operands_of(one, row);
    CHECK((at.copy == memory.read.front().get().data()) == (row >= 0));
    copied.push_back(row);
    from.push_back(at.inputs[0]);
  };
  memory.apply(u, 1, launch);   // its row
  memory.apply(u, 0, launch);   // a buffer that it leaves as it is
  memory.apply(u, -1, launch);  // nothing
  CHECK(copied == std::vector<int>{0, -1, 0, -1});
  CHECK(from == std::vector<const float*>{nullptr, nullptr, x.data(), nullptr});  // outputs are of another type

  // The copy of another buffer goes to the network alone, after no update, too.
  u.row_count = 0;
  int launches = 0;
  memory.apply(u, 1, [&](const fk::plan::update& one, int row) {
    const auto at = memory.operands_of(one, row);
    CHECK(at.inputs[0] == memory.own.front().get().data());
    CHECK(at.rows[0] == nullptr);
    CHECK(at.copied == 0);
    ++launches;
  });
  CHECK(launches == 1);
}

TEST_CASE("only quantiles of a whole sample need a sample of more than one element") {
  fk::plan::program p;
  p.calls.resize(1);
  p.calls[0].measures.resize(1);
  fk::plan::measured& number = p.calls[0].measures[0].of.emplace_back();
  number.what = fk::plan::measured::quantile;
  CHECK_THROWS_WITH(fk::detail::require_quantiles(p, {5}), Catch::Contains("the size of a sample of x is 1"));
  CHECK_THROWS_WITH(fk::detail::require_quantiles(p, {5, 1}), Catch::Contains("the size of a sample of x is 1"));
  CHECK_NOTHROW(fk::detail::require_quantiles(p, {5, 2}));
  number.over = {0, 1};
  CHECK_NOTHROW(fk::detail::require_quantiles(p, {5, 1}));
  number.over = {};
  number.what = fk::plan::measured::sum;
  CHECK_NOTHROW(fk::detail::require_quantiles(p, {5}));
}
