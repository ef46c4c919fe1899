// SPDX-License-Identifier: MIT
#include <fokker/sample.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/grid/karras.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/edm.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/perturb.hpp>
#include <fokker/schedule/edm.hpp>
#include <fokker/schedule/tabulated.hpp>
#include <fokker/solver/ddpm.hpp>
#include <fokker/solver/dpmpp_2m.hpp>
#include <fokker/solver/dpmpp_sde.hpp>
#include <fokker/solver/heun.hpp>

#include <xtensor/xview.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"
#include "support/strided.hpp"

namespace fk = fokker;
using image = xt::xtensor<float, 3>;
const fk::noise::philox seeded{.seed = 42};

namespace {

fk::plan::program guided(fk::plan_options options = {}) {
  return fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = 6},
                       fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{.scale = 3}, options);
}

/// Something that depends on x, the level and the element, as a network does.
const auto net = [](auto& out, const auto& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i)
    out.data()[i] = static_cast<float>(std::sin(x.data()[i] + at.label) * at.sigma);
};
const auto other = [](auto& out, const auto& x, const fk::level& at) {
  for (std::size_t i = 0; i < x.size(); ++i) out.data()[i] = static_cast<float>(x.data()[i] * at.sigma);
};

image zeros() { return xt::zeros<float>({5, 3, 7}); }

}  // namespace

TEST_CASE("every kind of tensor gets the same bits") {
  const auto plan = guided();
  const fk::denoisers networks{net, other};
  image x = zeros();
  xt::xarray<float> array = xt::zeros<float>({5, 3, 7});
  std::vector<float> memory(5 * 3 * 7);
  CHECK(fk::sample(plan, networks, seeded, x));
  CHECK(fk::sample(plan, networks, seeded, array));
  const auto on_view = [](const auto& f) {
    return [&f](fk::backend::host_view<float>& out, const fk::backend::host_view<float>& in, const fk::level& at) {
      std::span<float> to(out.data, out.shape.size());
      f(to, std::span<float>(in.data, in.shape.size()), at);
    };
  };
  CHECK(fk::sample(plan, fk::denoisers{on_view(net), on_view(other)}, seeded,
                   fk::backend::host_view{memory.data(), {5, 3, 7}}));
  CHECK(std::equal(x.begin(), x.end(), array.begin()));
  CHECK(std::equal(x.begin(), x.end(), memory.begin()));
  CHECK(x(0, 0, 0) != x(1, 0, 0));
}

TEST_CASE("a plan that draws no noise needs none") {
  const auto of = [](auto solver) {
    return fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 3}, solver);
  };
  const auto still = [](std::vector<float>& out, const std::vector<float>&, const fk::level&) {
    std::fill(out.begin(), out.end(), 1.0F);
  };
  std::vector<float> x{1, 2}, y = x;
  CHECK(fk::sample_from(of(fk::solver::dpmpp_2m{}), still, x));
  CHECK(fk::sample_from(of(fk::solver::dpmpp_2m{}), still, seeded, y, {.check_finite = true}));
  CHECK(x == y);
  law::refused([&] { fk::sample_from(of(fk::solver::ddpm{}), still, x); },
               {"the noise of the run is not given; allowed: given: the plan draws normals"});
}

TEST_CASE("a view that is const is written through, as its copy is") {
  const auto plan = guided();
  std::vector<float> memory(6), expected(6);
  const auto identity = [](auto out, const auto& in, const fk::level&) { std::copy_n(in.data, 6, out.data); };
  const fk::backend::host_view<float> x{memory.data(), {2, 3}};
  fk::sample(plan, fk::denoisers{identity, identity}, seeded, x);
  fk::backend::host_view<float> y{expected.data(), {2, 3}};
  fk::sample(plan, fk::denoisers{identity, identity}, seeded, y);
  CHECK(memory == expected);
  CHECK(memory[0] != 0);
}

TEST_CASE("tensors that are not contiguous are refused wherever they come from, and their copies are not") {
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 3},
                                  fk::solver::dpmpp_2m{});
  strided x(3, 3), y(3, 3);
  const auto transposed = [](strided in, fk::level) { return in.transposed(); };
  const auto refuse_output = [&](auto network, fk::sample_options options = {}) {
    law::refused([&] { fk::sample(plan, network, seeded, x, options); },
                 {"the memory of the network's output is not contiguous;", "row by row"});
  };
  refuse_output(transposed);
  refuse_output(transposed, {.check_finite = true});
  refuse_output([](const strided& in, fk::level) { return in.expanded(); });
  refuse_output([](strided& out, const strided& in, fk::level) { out = in.expanded(); });
  refuse_output([n = 0](const strided& in, fk::level) mutable { return ++n < 3 ? in.clone() : in.transposed(); });

  CHECK(fk::sample(
      plan, [&](strided in, fk::level at) { return transposed(in, at).clone(); }, seeded, x));
  CHECK(fk::sample(
      plan,
      [](strided out, strided in, fk::level) {
        for (std::size_t i = 0; i < 9; ++i) (*out.memory)[i] = (*in.transposed().clone().memory)[i];
      },
      seeded, y));
  CHECK(*x.memory == *y.memory);

  strided across = x.transposed();
  const std::initializer_list<const char*> of_x = {"the memory of x is not contiguous;"};
  law::refused([&] { fk::sample(plan, transposed, seeded, across); }, of_x);
  law::refused([&] { fk::stepper(plan, seeded, across); }, of_x);
  law::refused([&] { fk::fill_normal(seeded, across); }, of_x);
  law::refused([&] { fk::perturb(plan, across, seeded, x); }, {"the memory of x0 is not contiguous;"});
  law::refused([&] { fk::perturb(plan, x, seeded, across); }, {"the memory of the result is not contiguous;"});
}

TEST_CASE("an expression of xtensor is a prediction, whatever its strides") {
  const auto plan = guided();
  xt::xtensor<float, 2> x = xt::zeros<float>({3, 3}), expected = x;
  const auto half = [](const auto& in, const fk::level&) { return 0.5f * xt::transpose(in); };
  const auto written = [](auto& out, const auto& in, const fk::level&) {
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) out(i, j) = 0.5f * in(j, i);
  };
  fk::sample(plan, fk::denoisers{half, half}, seeded, x);
  fk::sample(plan, fk::denoisers{written, written}, seeded, expected);
  CHECK((x == expected));
}

TEST_CASE("a batch of 64 and 64 batches of 1 are the same bits") {
  const auto check = [](const auto& plan, const auto& networks) {
    xt::xtensor<float, 2> all = xt::zeros<float>({64, 10});
    fk::sample(plan, networks, seeded, all);
    for (std::uint32_t i = 0; i < 64; ++i) {
      xt::xtensor<float, 2> one = xt::zeros<float>({1, 10});
      fk::sample(plan, networks, fk::noise::philox{.seed = 42, .first_sample = i}, one);
      CHECK(std::equal(one.begin(), one.end(), all.begin() + i * 10));
    }
  };
  check(guided(), fk::denoisers{net, other});
  check(fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{}, fk::grid::karras{.steps = 6},
                      fk::solver::ddpm{}),
        fk::denoisers{net});
}

TEST_CASE("samples and batches in 1, 2, 3 and 8 parts are the bits of the whole") {
  using batch = xt::xtensor<float, 2>;
  const std::size_t samples = 11, size = 102;  // the last part of a sample ends amid a block of normals
  const auto check = [&](const auto& solver) {
    const auto plan = fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{},
                                    fk::grid::karras{.steps = 4}, solver);
    batch whole = xt::zeros<float>({samples, size});
    fk::sample(plan, net, seeded, whole);
    for (const std::size_t parts : {1u, 2u, 3u, 8u}) {
      batch of_samples = xt::zeros<float>({samples, size}), of_batch = of_samples;
      for (std::size_t p = 0; p < parts; ++p) {
        const std::size_t from = size / 4 * p / parts * 4, to = p + 1 == parts ? size : size / 4 * (p + 1) / parts * 4;
        batch part = xt::zeros<float>({samples, to - from});
        fk::sample(plan, net, fk::noise::philox{.seed = 42, .first_element = from}, part);
        xt::view(of_samples, xt::all(), xt::range(from, to)) = part;

        const auto first = static_cast<std::uint32_t>(samples * p / parts),
                   end = static_cast<std::uint32_t>(samples * (p + 1) / parts);
        part = xt::zeros<float>({std::size_t{end - first}, size});
        fk::sample(plan, net, fk::noise::philox{.seed = 42, .first_sample = first}, part);
        xt::view(of_batch, xt::range(first, end), xt::all()) = part;
      }
      CHECK((of_samples == whole));
      CHECK((of_batch == whole));
    }
  };
  check(fk::solver::ddpm{});
  check(fk::solver::dpmpp_sde{});
}

TEST_CASE("a denoiser may write, return, be one alone, and is referred to when it has a name") {
  const auto plan =
      fk::make_plan(fk::schedule::edm{}, fk::parameterization::edm{}, fk::grid::karras{.steps = 3}, fk::solver::heun{});
  struct counting {
    int calls = 0;
    void operator()(image& out, const image& x, const fk::level& at) { ++calls, net(out, x, at); }
  } network;
  image a = zeros(), b = zeros(), c = zeros();
  fk::sample(plan, network, seeded, a);
  CHECK(network.calls == 5);
  fk::sample(plan, fk::denoisers{network}, seeded, b);
  CHECK(network.calls == 10);
  fk::sample(
      plan,
      [](const image& x, const fk::level& at) {
        image out = xt::empty_like(x);
        return net(out, x, at), out;
      },
      seeded, c);
  CHECK((a == b));
  CHECK((a == c));
}

TEST_CASE("a branch without weight is never called") {
  int calls = 0;
  const auto never = [&](image& out, const image& x, const fk::level& at) { ++calls, net(out, x, at); };
  image x = zeros();
  fk::sample(guided().with(fk::guidance::classifier_free{.scale = 1}), fk::denoisers{net, never}, seeded, x);
  CHECK(calls == 0);
  fk::sample(guided(), fk::denoisers{net, never}, seeded, x);
  CHECK(calls == 6);
}

TEST_CASE("sample_from goes on from the given x") {
  const auto plan = guided();
  image drawn = zeros(), given = zeros();
  fk::stepper start(plan, seeded, given);  // draws the start
  fk::sample(plan, fk::denoisers{net, other}, seeded, drawn);
  fk::sample_from(plan, fk::denoisers{net, other}, seeded, given);
  CHECK((drawn == given));
}

TEST_CASE("observers see every call and can stop the run") {
  const auto plan = guided({.preview = true});
  image x = zeros();
  int seen = 0;
  CHECK(fk::sample(plan, fk::denoisers{net, other}, seeded, x, [&](const auto& p) {
    ++seen;
    CHECK(p.call == seen);
    CHECK(p.step == seen - 1);
    CHECK(p.steps == 6);
    CHECK(p.calls == 6);
    CHECK(p.called_at.time == plan.levels[static_cast<std::size_t>(p.step)].time);
    CHECK(p.at.time == plan.levels[static_cast<std::size_t>(p.step) + 1].time);
    CHECK(p.preview != nullptr);
    if (p.call == p.calls) CHECK((p.x == *p.preview));  // on the data x is the prediction
  }));
  CHECK(seen == 6);
  seen = 0;
  CHECK(!fk::sample(plan, fk::denoisers{net, other}, seeded, x, [&](const auto&) { return ++seen < 3; }));
  CHECK(seen == 3);
}

TEST_CASE("a network that returns NaN is reported with its step when asked for") {
  const auto plan = guided();
  image x = zeros();
  const auto broken = [](image& out, const image& in, const fk::level& at) {
    net(out, in, at);
    if (at.time < 300) out(1, 2, 3) = std::numeric_limits<float>::quiet_NaN();
  };
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{net, broken}, seeded, x, {.check_finite = true}),
                    Catch::Contains("denoiser 1") && Catch::Contains("at step 3"));
}

TEST_CASE("bad tensors, bad outputs and a wrong number of denoisers are refused before harm is done") {
  const auto plan = guided();
  image empty = xt::zeros<float>({0, 3, 7}), x = zeros();
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{net, other}, seeded, empty),
                    Catch::Contains("the shape of x is (0, 3, 7)"));
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{net}, seeded, x),
                    Catch::Contains("the number of denoisers is 1; allowed: 2"));
  const auto reshaping = [](image& out, const image&, const fk::level&) { out = xt::zeros<float>({5, 3, 8}); };
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{net, reshaping}, seeded, x),
                    Catch::Contains("the shape of the network's output is (5, 3, 8)"));
  xt::xarray<float, xt::layout_type::dynamic> columns(std::vector<std::size_t>{4, 5}, xt::layout_type::column_major);
  CHECK_THROWS_WITH(fk::sample(plan, fk::denoisers{net, other}, seeded, columns),
                    Catch::Contains("contiguous and row-major"));
}

TEMPLATE_TEST_CASE("a network may run in another type: what it reads and says is rounded, and nothing else", "",
                   fk::half, fk::bfloat16, double) {
  // Something of 16 bits, like the network that it stands for.
  const auto same = [](auto& out, const auto& x, const fk::level& at) {
    using element = std::remove_cvref_t<decltype(out.data()[0])>;
    for (std::size_t i = 0; i < x.size(); ++i)
      out.data()[i] = element(std::sin(static_cast<double>(x.data()[i]) + at.label) * at.sigma);
  };
  for (const auto& plan : {guided(), fk::make_plan(fk::schedule::scaled_linear(), fk::parameterization::epsilon{},
                                                   fk::grid::karras{.steps = 6}, fk::solver::ddpm{},
                                                   fk::guidance::classifier_free{.scale = 3})}) {
    image typed = zeros(), rounded = zeros();
    int calls = 0;
    CHECK(fk::sample(plan, fk::runs_in<TestType>(fk::denoisers{same, same}), seeded, typed,
                     [&](const fk::progress<image>&) { ++calls; }));
    CHECK(calls == static_cast<int>(plan.calls.size()));
    // The same by hand: round what is read and what is said, in a run of floats.
    const auto by_hand = [&](auto& out, const auto& x, const fk::level& at) {
      std::vector<TestType> in(x.size()), said(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) in[i] = TestType(x.data()[i]);
      same(said, in, at);
      for (std::size_t i = 0; i < x.size(); ++i) out.data()[i] = static_cast<float>(said[i]);
    };
    CHECK(fk::sample(plan, fk::denoisers{by_hand, by_hand}, seeded, rounded));
    if constexpr (std::is_same_v<TestType, double>) {  // then the update computes in double, too
      for (std::size_t i = 0; i < typed.size(); ++i) CHECK(typed.data()[i] == Approx(rounded.data()[i]).epsilon(1e-4));
    } else {
      CHECK((typed == rounded));
    }
    image again = zeros(), begun = rounded;
    CHECK(fk::sample_from(plan, fk::runs_in<TestType>(fk::denoisers{same, same}), seeded, begun));
    CHECK_FALSE((begun == typed));
  }
}

TEST_CASE("x itself may be of 16 bits, in every kind of tensor of the host") {
  const auto plan = guided();
  const auto net16 = [](auto& out, const auto& x, const fk::level& at) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = fk::half(std::sin(float(x[i])) * at.sigma);
  };
  std::vector<fk::half> memory(30);
  CHECK(fk::sample(plan, fk::denoisers{net16, net16}, seeded, memory));
  xt::xtensor<fk::half, 1> tensor = xt::xtensor<fk::half, 1>::from_shape({30});
  CHECK(fk::sample(plan, fk::denoisers{net16, net16}, seeded, tensor));
  std::vector<float> wide(30);
  CHECK(fk::sample(plan, fk::runs_in<fk::half>(fk::denoisers{net16, net16}), seeded, wide));
  bool same = true, near = true;
  for (std::size_t i = 0; i < 30; ++i) {
    same = same && memory[i].bits == tensor[i].bits;
    near = near && std::abs(float(memory[i]) - wide[i]) <= 0.05f;
  }
  CHECK(same);
  CHECK(near);
}
