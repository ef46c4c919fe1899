// SPDX-License-Identifier: MIT
#include <fokker/backend/dlpack.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <dlpack/dlpack.h>

#include <fokker/grid/karras.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using fk::backend::dlpack_owner;
using fk::backend::dlpack_view;

namespace {

/// The structs as version 1 of DLPack has them; that of before has no version.
namespace version_1 {

enum place : std::int32_t { cpu = 1, cuda = 2, pinned = 3, metal = 8 };
struct device_of {
  place device_type;
  std::int32_t device_id;
};
struct type {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
struct tensor {
  void* data;
  device_of device;
  std::int32_t ndim;
  type dtype;
  std::int64_t *shape, *strides;
  std::uint64_t byte_offset;
};
struct managed {
  tensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(managed*);
};
struct managed_versioned {
  struct {
    std::uint32_t major, minor;
  } version;
  void* manager_ctx;
  void (*deleter)(managed_versioned*);
  std::uint64_t flags;
  tensor dl_tensor;
};

}  // namespace version_1

/// A tensor of 3 samples of 2 x 2 floats, and how often it was given back.
struct theirs {
  std::vector<float> memory = std::vector<float>(12);
  std::array<std::int64_t, 3> shape{3, 2, 2}, strides{4, 2, 1};
  version_1::tensor tensor{memory.data(), {version_1::cpu, 0}, 3, {2, 32, 1}, shape.data(), strides.data(), 0};
  int deleted = 0;

  template <class Managed>
  Managed managed() {
    Managed m{};
    m.dl_tensor = tensor;
    m.manager_ctx = this;
    m.deleter = [](Managed* self) { ++static_cast<theirs*>(self->manager_ctx)->deleted; };
    if constexpr (requires { m.version; }) m.version.major = 1;
    return m;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("a tensor that was given away is given back once", "", version_1::managed,
                   version_1::managed_versioned) {
  theirs t;
  auto managed = t.managed<TestType>();
  {
    dlpack_owner first(&managed);
    auto second = std::move(first);
    CHECK(dlpack_view<float>(second.tensor()).data == t.memory.data());
    CHECK_THROWS(dlpack_view<double>(second.tensor()));
    CHECK(t.deleted == 0);
  }
  CHECK(t.deleted == 1);
  managed.deleter = nullptr;
  { const dlpack_owner owner(&managed); }
  CHECK(t.deleted == 1);
  CHECK_THROWS_WITH(dlpack_owner<TestType>(nullptr), Catch::Contains("the tensor is null"));
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<dlpack_owner<TestType>>);
}

TEST_CASE("a tensor that is read-only or of another version is refused, and given back") {
  theirs t;
  auto managed = t.managed<version_1::managed_versioned>();
  managed.flags = 1;
  CHECK_THROWS_WITH(dlpack_owner(&managed),
                    Catch::Contains("the tensor is read-only; allowed: one that may be written"));
  CHECK(t.deleted == 1);
  managed.flags = 2;  // a copy, which is ours
  managed.version = {2, 0};
  CHECK_THROWS_WITH(dlpack_owner(&managed), Catch::Contains("the major version of DLPack is 2; allowed: 1"));
  CHECK(t.deleted == 2);
  managed.version = {1, 7};
  { const dlpack_owner owner(&managed); }
  CHECK(t.deleted == 3);
}

TEST_CASE("a DLTensor is sampled where it lies") {
  theirs t;
  t.tensor.byte_offset = 16;
  t.shape[0] = 2;
  t.memory.assign(12, 7);
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                  fk::solver::dpmpp_2m{});
  const auto zeros = [](auto out, const auto&, const fk::level&) { std::fill_n(out.data, out.shape.size(), 0.0f); };
  fk::sample(plan, zeros, fk::noise::philox{}, dlpack_view<float>(t.tensor));
  for (std::size_t i = 0; i < 12; ++i) CHECK(t.memory[i] == (i < 4 ? 7 : 0));
}

TEST_CASE("elements are those that were asked for") {
  theirs t;
  CHECK(dlpack_view<float>(t.tensor).shape == fk::backend::extents{3, 2, 2});
  const auto refused = [&](const char* text) {
    CHECK_THROWS_WITH(dlpack_view<float>(t.tensor), Catch::Contains(text));
  };
  t.tensor.dtype.bits = 64;
  CHECK_NOTHROW(dlpack_view<double>(t.tensor));
  refused("the type of the tensor's elements is float64; allowed: float32");
  t.tensor.dtype.bits = 16;
  CHECK_NOTHROW(dlpack_view<fk::half>(t.tensor));
  CHECK_THROWS_WITH(dlpack_view<fk::bfloat16>(t.tensor), Catch::Contains("float16; allowed: bfloat16"));
  t.tensor.dtype.code = 4;
  CHECK_NOTHROW(dlpack_view<fk::bfloat16>(t.tensor));
  refused("bfloat16; allowed: float32");
  t.tensor.dtype = {0, 32, 1};
  refused("int32; allowed: float32");
  t.tensor.dtype = {17, 4, 1};
  refused("type 17 of bits 4; allowed: float32");
  t.tensor.dtype = {2, 32, 4};
  refused("the number of lanes of the tensor's elements is 4; allowed: 1");
}

TEST_CASE("a DLTensor elsewhere, with gaps or damaged is refused") {
  theirs t;
  const auto refused = [&](const char* text) {
    CHECK_THROWS_WITH(dlpack_view<float>(t.tensor), Catch::Contains(text));
  };
  t.tensor.device.device_type = version_1::cuda;
  refused("the type of the tensor's device is 2; allowed: 1 or 3, memory of the host");
  t.tensor.device.device_type = version_1::pinned;
  CHECK_NOTHROW(dlpack_view<float>(t.tensor));

  t.strides = {1, 6, 3};
  refused("the memory of the tensor is not contiguous");
  t.tensor.strides = nullptr;  // those of rows
  CHECK_NOTHROW(dlpack_view<float>(t.tensor));
  t.tensor.strides = t.strides.data();
  t.shape = {1, 4, 1};
  t.strides = {77, 1, -5};  // of an extent 1 they mean nothing
  CHECK_NOTHROW(dlpack_view<float>(t.tensor));

  t.tensor.strides = nullptr;
  t.tensor.byte_offset = 2;
  refused("the address of the tensor is between two elements; allowed: a multiple of 4");
  t.tensor.byte_offset = 0;
  t.shape[1] = -4;
  refused("extent 1 of the tensor is -4; allowed: 0 or more");
  for (const std::int32_t rank : {-1, 9}) {
    t.tensor.ndim = rank;
    refused("the rank of a tensor is");
  }
  t.tensor.ndim = 0;
  t.tensor.data = nullptr;
  CHECK(dlpack_view<float>(t.tensor).data == nullptr);
}

TEST_CASE("the structs of dlpack.h are known") {
  std::vector<float> memory(6);
  std::array<std::int64_t, 2> shape{2, 3};
  DLManagedTensor managed{};
  managed.dl_tensor = {memory.data(), {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape.data(), nullptr, 0};
  const dlpack_owner owner(&managed);
  const auto x = dlpack_view<float>(owner.tensor());
  CHECK(x.data == memory.data());
  CHECK(x.shape == fk::backend::extents{2, 3});
}
