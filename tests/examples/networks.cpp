// SPDX-License-Identifier: MIT
// The networks of examples/train against what PyTorch said of them, and samplers against runs that its scripts made by
// plain formulas.
#include "../../examples/networks.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler.hpp>

#include "support/catch.hpp"

namespace fk = fokker;
using example::points;

namespace {

example::safetensors read(const std::string& name) {
  return example::safetensors::read(std::filesystem::path(__FILE__).parent_path() / "../../examples/data" /
                                    (name + ".safetensors"));
}

std::vector<int> classes(const example::safetensors& file, const std::string& name) {
  const auto numbers = file.get<1>(name);
  return {numbers.begin(), numbers.end()};
}

/// The largest difference, relative to the largest number.
double error(const points& a, const points& b) {
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(a.data()[i]) - b.data()[i]));
    largest = std::max(largest, std::abs(static_cast<double>(b.data()[i])));
  }
  return difference / largest;
}

/// Calls with a time for each row, one after the other.
template <class Network>
points each_row(Network& network, const example::safetensors& test, const std::string& result) {
  const points x = test.get<2>("x"), expected = test.get<2>(result);
  const auto time = test.get<1>("time");
  const std::vector<int> label = classes(test, "label");
  points all = points::from_shape(expected.shape());
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    points row = points::from_shape({1, x.shape(1)}), out = points::from_shape({1, x.shape(1)});
    std::copy_n(x.data() + i * x.shape(1), x.shape(1), row.data());
    network(row, time(i), {label[i]}, out);
    std::copy_n(out.data(), x.shape(1), all.data() + i * x.shape(1));
  }
  return all;
}

/// A guided run from the stored start.
template <class Network>
points guided_run(Network& network, const example::safetensors& test, const fk::plan::program& plan) {
  points x = test.get<2>("start");
  const std::vector<int> wanted = classes(test, "wanted");
  fk::sample_from(plan,
                  fk::denoisers{example::of_class{network, wanted}, example::of_class{network, {Network::nothing}}},
                  fk::noise::philox{}, x);
  return x;
}

const fk::guidance::classifier_free twice{.scale = 2};

}  // namespace

TEST_CASE("the networks of the spiral say what PyTorch says, to 1e-5") {
  for (const std::string name : {"spiral", "spiral_flow"}) {
    example::spiral_network network(read(name));
    const auto test = read(name + "_test");
    CHECK(error(each_row(network, test, "prediction"), test.get<2>("prediction")) < 1e-5);
  }
}

TEST_CASE("samplers on the networks of the spiral end where PyTorch's plain formulas do, to 1e-4") {
  example::spiral_network network(read("spiral"));
  const auto test = read("spiral_test");
  const fk::schedule::vp_linear vp;
  CHECK(error(guided_run(network, test,
                         fk::make_plan(vp, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 32},
                                       fk::solver::ddim{}, twice)),
              test.get<2>("sample")) < 1e-4);
  example::spiral_network flow(read("spiral_flow"));
  const auto flow_test = read("spiral_flow_test");
  const fk::schedule::flow_linear straight;
  CHECK(error(guided_run(flow, flow_test,
                         fk::make_plan(straight, fk::parameterization::flow{}, fk::grid::uniform{.steps = 32},
                                       fk::solver::euler{}, twice)),
              flow_test.get<2>("sample")) < 1e-4);
}

TEST_CASE("the network of images says what PyTorch says, to 1e-4, also in a batch") {
  example::fashion_network network(read("fashion"));
  const auto test = read("fashion_test");
  const points expected = test.get<2>("velocity"), alone = each_row(network, test, "velocity");
  CHECK(error(alone, expected) < 1e-4);
  const points x = test.get<2>("x");
  points batch = points::from_shape(x.shape());
  const auto time = test.get<1>("time");
  network(x, time(1), classes(test, "label"), batch);
  for (std::size_t k = 0; k < x.shape(1); ++k) CHECK(batch(1, k) == Approx(alone(1, k)).margin(1e-4));
}

TEST_CASE("guided DDIM on the network of images ends where PyTorch's plain formulas do, to 1e-4") {
  example::fashion_network network(read("fashion"));
  const auto test = read("fashion_test");
  const fk::schedule::cosine cosine{.offset = 0};
  const auto plan = fk::make_plan(cosine, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 10},
                                  fk::solver::ddim{}, twice);
  CHECK(error(guided_run(network, test, plan), test.get<2>("sample")) < 1e-4);
}

TEST_CASE("the classifier says what PyTorch says, to 1e-5") {
  const example::classifier judge(read("classifier"));
  const auto test = read("fashion_test");
  const points features = judge.features(test.get<2>("images"));
  CHECK(error(features, test.get<2>("features")) < 1e-5);
  CHECK(error(judge.logits(features), test.get<2>("logits")) < 1e-5);
}
