// SPDX-License-Identifier: MIT
#include <fokker/backend/mdspan.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/half.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>

#include "support/catch.hpp"
#include "support/mdspan.hpp"

namespace fk = fokker;
using fk::backend::extents;
using fk::backend::tensor;

namespace {

/// What the library asks of std::mdspan, for standard libraries that have none.
namespace little {

template <std::size_t Rank>
struct dextents {
  using index_type = int;
  std::array<int, Rank> each{};
  template <class... Sizes>
  explicit dextents(Sizes... sizes) : each{sizes...} {}
  [[nodiscard]] int extent(std::size_t axis) const { return each[axis]; }
};
template <bool Reversed>
struct layout {
  template <class X>
  struct mapping {
    X sizes;
    explicit mapping(const X& all) : sizes(all) {}
    [[nodiscard]] int stride(std::size_t axis) const {
      int product = 1;
      for (std::size_t i = 0; i < sizes.each.size(); ++i)
        if (Reversed ? i < axis : i > axis) product *= sizes.each[i];
      return product;
    }
  };
};
using layout_right = layout<false>;
using layout_left = layout<true>;
struct layout_stride {
  template <class X>
  struct mapping {
    X sizes;
    decltype(X::each) strides;
    mapping(const X& all, const decltype(X::each)& each) : sizes(all), strides(each) {}
    [[nodiscard]] int stride(std::size_t axis) const { return strides[axis]; }
  };
};
template <class E>
struct default_accessor {
  using offset_policy = default_accessor;
  using reference = E&;
};
template <class E>
struct aligned_accessor {
  using offset_policy = default_accessor<E>;
  using reference = E&;
};
template <class E, class X, class L, class A>
class mdspan {
 public:
  using element_type = E;
  using extents_type = X;
  using index_type = typename X::index_type;
  using accessor_type = A;
  using reference = typename A::reference;
  using data_handle_type = E*;
  using mapping_type = typename L::template mapping<X>;
  mdspan(E* at, const X& sizes) requires std::is_constructible_v<mapping_type, X> : mdspan(at, mapping_type(sizes)) {}
  mdspan(E* at, const mapping_type& how) : data_(at), mapping_(how) {}
  static constexpr std::size_t rank() { return std::tuple_size_v<decltype(X::each)>; }
  [[nodiscard]] E* const& data_handle() const { return data_; }
  [[nodiscard]] const mapping_type& mapping() const { return mapping_; }
  [[nodiscard]] int extent(std::size_t axis) const { return mapping_.sizes.each[axis]; }
  [[nodiscard]] int stride(std::size_t axis) const { return mapping_.stride(axis); }

 private:
  E* data_;
  mapping_type mapping_;
};

template <class E, class L>
using matrix = mdspan<E, dextents<2>, L, default_accessor<E>>;

}  // namespace little

using in_rows = little::matrix<float, little::layout_right>;
static_assert(fk::tensor_backend<in_rows> && fk::copies_share_memory<in_rows>);
static_assert(fk::has_rebind<in_rows, fk::half>);
static_assert(!fk::tensor_backend<little::matrix<const float, little::layout_right>>);
static_assert(!fk::tensor_backend<little::matrix<int, little::layout_right>>);
static_assert(!fk::has_element<
              little::mdspan<float, little::dextents<2>, little::layout_right, little::aligned_accessor<float>>>);
static_assert(std::is_same_v<tensor<std::vector<float>>::rebind<double>, std::vector<double>>);  // is no mdspan

const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, fk::grid::karras{.steps = 4},
                                fk::solver::dpmpp_2m{});
constexpr fk::noise::philox noise{.seed = 3};

/// A view of a kind of mdspan is sampled as the same memory of the host is, also by a network of half.
template <class View>
void check_sampled() {
  const auto network = [](auto out, const auto& x, const fk::level&) {
    using out_tensor = tensor<decltype(out)>;
    for (std::size_t i = 0; i < 15; ++i)
      out_tensor::data(out)[i] = typename out_tensor::element(tensor<std::decay_t<decltype(x)>>::data(x)[i] / 2);
  };
  std::vector<float> memory(15), expected(15);
  auto x = tensor<View>::view(memory, {3, 5});
  REQUIRE(tensor<View>::shape(x) == extents{3, 5});
  const fk::backend::host_view same{expected.data(), {3, 5}};
  fk::sample(plan, network, noise, x);
  fk::sample(plan, network, noise, same);
  CHECK(memory == expected);
  fk::sample(plan, fk::runs_in<fk::half>(network), noise, x);
  fk::sample(plan, fk::runs_in<fk::half>(network), noise, same);
  CHECK(memory == expected);
}

template <class View>
void check_refused(const View& x) {
  const auto network = [](auto&, const auto&, const fk::level&) {};
  CHECK_THROWS_WITH(fk::sample(plan, network, noise, x), Catch::Contains("the memory of x is not contiguous"));
}

}  // namespace

TEST_CASE("an mdspan whose elements lie row by row is sampled, its first axis are the samples", "[bits]") {
  check_sampled<in_rows>();
  check_sampled<little::matrix<float, little::layout_stride>>();
}

TEST_CASE("an mdspan with gaps or with axes in another order is refused, one sample or one element is not") {
  using strided = little::matrix<float, little::layout_stride>;
  using left = little::matrix<float, little::layout_left>;
  std::vector<float> memory(64);
  const little::dextents<2> sizes(3, 5), one(1, 5), column(5, 1);
  check_refused(strided(memory.data(), {sizes, {8, 1}}));
  check_refused(strided(memory.data(), {sizes, {1, 3}}));
  check_refused(strided(memory.data(), {sizes, {0, 1}}));  // one sample, shown three times
  check_refused(left(memory.data(), sizes));
  CHECK(tensor<strided>::is_contiguous(strided(memory.data(), {one, {8, 1}})));
  CHECK(tensor<left>::is_contiguous(left(memory.data(), one)));
  CHECK(tensor<left>::is_contiguous(left(memory.data(), column)));
}

#ifdef __cpp_lib_mdspan
TEST_CASE("std::mdspan is sampled, in every layout of rows", "[bits]") {
  using sizes = std::dextents<std::size_t, 2>;
  check_sampled<std::mdspan<float, sizes>>();
  check_sampled<std::mdspan<float, std::extents<int, 3, 5>>>();
  check_sampled<std::mdspan<float, sizes, std::layout_stride>>();
  std::vector<float> memory(15);
  check_refused(std::mdspan<float, sizes, std::layout_left>(memory.data(), 3, 5));
}
#endif
