// SPDX-License-Identifier: MIT
#include <fokker/concept/tensor_backend.hpp>

#include <span>
#include <vector>

#include <fokker/backend/host.hpp>

#include "support/archetypes.hpp"
#include "support/laws.hpp"

using namespace fokker;

static_assert(tensor_backend<archetype::tensor>);
static_assert(!tensor_backend<archetype::tensor_without_backend>);
static_assert(!tensor_backend<archetype::tensor_without_data>);
static_assert(!tensor_backend<archetype::tensor_without_shape>);
static_assert(!tensor_backend<archetype::tensor_without_space>);
static_assert(!tensor_backend<archetype::tensor_without_like>);
static_assert(!tensor_backend<int>);
static_assert(!has_data<archetype::tensor_without_data> && has_shape<archetype::tensor_without_data>);
static_assert(!has_shape<archetype::tensor_without_shape> && has_data<archetype::tensor_without_shape>);
static_assert(!has_space<archetype::tensor_without_space> && has_like<archetype::tensor_without_space>);
static_assert(!has_like<archetype::tensor_without_like> && has_space<archetype::tensor_without_like>);

static_assert(tensor_backend<std::vector<float>> && tensor_backend<std::span<double>> &&
              tensor_backend<backend::host_view<float>>);

using backend::extents;

TEST_CASE("Extents count samples and the elements of one") {
  CHECK(extents{}.size() == 0);
  CHECK(extents{}.samples() == 0);
  CHECK(extents{7}.samples() == 7);
  CHECK(extents{7}.sample_size() == 1);
  const extents image{2, 3, 5, 7};
  CHECK(image.rank == 4);
  CHECK(image.samples() == 2);
  CHECK(image.sample_size() == 105);
  CHECK(image.size() == 210);
  CHECK(extents{4, 0}.size() == 0);
  CHECK(to_string(image) == "(2, 3, 5, 7)");
  CHECK(to_string(extents{}) == "()");
}

TEST_CASE("Extents are equal where rank and every extent are") {
  CHECK(extents{2, 3} == extents{2, 3});
  CHECK_FALSE(extents{2, 3} == extents{3, 2});
  CHECK_FALSE(extents{6} == extents{6, 1});
  CHECK(extents(std::vector<int>{2, 3}) == extents{2, 3});
}

TEST_CASE("Nine extents are refused, eight are not") {
  CHECK(extents{1, 1, 1, 1, 1, 1, 1, 2}.sample_size() == 2);
  law::refused([] { (void)extents{1, 1, 1, 1, 1, 1, 1, 1, 1}; }, {"rank"});
}

TEST_CASE("An x without samples or elements is refused by shape") {
  law::refused([] { detail::require_samples({0, 3}, "x"); }, {"the shape of x is (0, 3);"});
  law::refused([] { detail::require_samples({3, 0}, "x"); }, {"the shape of x is (3, 0);"});
  CHECK(law::refusal([] { detail::require_samples({1}, "x"); }).empty());
}

TEST_CASE("More samples or elements than numbers are refused by name and value") {
  const extents many{std::size_t{1} << 32, 1}, large{1, (std::size_t{1} << 34) + 1};
  law::refused([&] { detail::require_samples(many, "x"); }, {"the number of samples of x is 4294967296;"});
  law::refused([&] { detail::require_samples(large, "x"); }, {"the size of a sample of x is 17179869185;"});
  const extents most{1, std::size_t{1} << 34};
  CHECK(law::refusal([&] { detail::require_samples(most, "x"); }).empty());
}

TEST_CASE("Another shape is refused by name, and says which was expected") {
  law::refused([] { detail::require_shape({3}, {4}, "the output"); }, {"the shape of the output is (3);", "(4)"});
}
