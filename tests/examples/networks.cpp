// SPDX-License-Identifier: MIT
// The networks of examples/train against what PyTorch said of them, and samplers against runs that its scripts made by
// plain formulas.
#include "../../examples/networks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include <xtensor/xadapt.hpp>
#include <xtensor/xview.hpp>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/grid/time_shift.hpp>
#include <fokker/grid/uniform.hpp>
#include <fokker/guidance/classifier_free.hpp>
#include <fokker/make_plan.hpp>
#include <fokker/noise/philox.hpp>
#include <fokker/parameterization/average_velocity.hpp>
#include <fokker/parameterization/data.hpp>
#include <fokker/parameterization/epsilon.hpp>
#include <fokker/parameterization/flow.hpp>
#include <fokker/parameterization/velocity.hpp>
#include <fokker/sample.hpp>
#include <fokker/schedule/cosine.hpp>
#include <fokker/schedule/flow_linear.hpp>
#include <fokker/schedule/vp_linear.hpp>
#include <fokker/solver/ddim.hpp>
#include <fokker/solver/euler.hpp>
#include <fokker/solver/flow_map.hpp>

#include "../../examples/safetensors.hpp"
#include "support/catch.hpp"

namespace fk = fokker;

namespace {

using points = xt::xtensor<float, 2>;
using by_blas = example::host_layers<fk::backend::xtensor_products>;
using spiral_network = example::spiral_network<by_blas>;
using fashion_network = example::fashion_network<by_blas>;

example::safetensors read(const std::string& name) {
  return example::safetensors::read(std::filesystem::path(__FILE__).parent_path() / "../../examples/data" /
                                    (name + ".safetensors"));
}

points matrix(const example::safetensors& file, const std::string& name) {
  const auto found = file.get<2>(name);
  return xt::adapt(found.values, found.shape);
}
std::vector<int> classes(const example::safetensors& file, const std::string& name) {
  const auto numbers = file.get<1>(name).values;
  return {numbers.begin(), numbers.end()};
}
template <class Network>
example::labels<by_blas> labels(const Network& network, const std::vector<int>& classes) {
  return {network.on(), classes, Network::nothing};
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
  const points x = matrix(test, "x"), expected = matrix(test, result);
  const auto time = test.get<1>("time").values;
  const std::vector<int> label = classes(test, "label");
  points all = points::from_shape(expected.shape());
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    points row = points::from_shape({1, x.shape(1)}), out = points::from_shape({1, x.shape(1)});
    std::copy_n(x.data() + i * x.shape(1), x.shape(1), row.data());
    network(row, time[i], labels(network, {label[i]}), out);
    std::copy_n(out.data(), x.shape(1), all.data() + i * x.shape(1));
  }
  return all;
}

/// A guided run from the stored start.
template <class Network>
points guided_run(Network& network, const example::safetensors& test, const fk::plan::program& plan) {
  points x = matrix(test, "start");
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
    spiral_network network(read(name));
    const auto test = read(name + "_test");
    CHECK(error(each_row(network, test, "prediction"), matrix(test, "prediction")) < 1e-5);
  }
}

TEST_CASE("samplers on the networks of the spiral end where PyTorch's plain formulas do, to 1e-4") {
  spiral_network network(read("spiral"));
  const auto test = read("spiral_test");
  const fk::schedule::vp_linear vp;
  CHECK(error(guided_run(network, test,
                         fk::make_plan(vp, fk::parameterization::epsilon{}, fk::grid::uniform{.steps = 32},
                                       fk::solver::ddim{}, twice)),
              matrix(test, "sample")) < 1e-4);
  spiral_network flow(read("spiral_flow"));
  const auto flow_test = read("spiral_flow_test");
  const fk::schedule::flow_linear straight;
  CHECK(error(guided_run(flow, flow_test,
                         fk::make_plan(straight, fk::parameterization::flow{}, fk::grid::uniform{.steps = 32},
                                       fk::solver::euler{}, twice)),
              matrix(flow_test, "sample")) < 1e-4);
}

TEST_CASE("the network of two levels says what PyTorch says, to 1e-5, and its map ends there in four calls, to 1e-4") {
  example::spiral_network<by_blas, 2> network(read("spiral_map"));
  const auto test = read("spiral_map_test");
  const points x = matrix(test, "x"), expected = matrix(test, "prediction"), ends = matrix(test, "sample");
  const auto time = test.get<1>("time").values, to = test.get<1>("to").values;
  const std::vector<int> label = classes(test, "label");
  points all = x, sample = matrix(test, "start");
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    const points row = xt::view(x, xt::range(i, i + 1));
    points out = row;
    network(row, std::array<double, 2>{time[i], to[i]}, labels(network, {label[i]}), out);
    xt::view(all, i) = xt::view(out, 0);
  }
  CHECK(error(all, expected) < 1e-5);
  const auto denoiser = [&](points& out, const points& in, const fk::level& from, const fk::level& further) {
    network(in, std::array{from.label, further.label}, labels(network, label), out);
  };
  fk::sample_from(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::average_velocity{},
                                fk::grid::uniform{.steps = 4}, fk::solver::flow_map{}),
                  denoiser, sample);
  CHECK(error(sample, ends) < 1e-4);
}

TEST_CASE("the network of images says what PyTorch says, to 1e-4, also in a batch") {
  fashion_network network(read("fashion"));
  const auto test = read("fashion_test");
  const points expected = matrix(test, "velocity"), alone = each_row(network, test, "velocity");
  CHECK(error(alone, expected) < 1e-4);
  const points x = matrix(test, "x");
  points batch = points::from_shape(x.shape());
  const auto time = test.get<1>("time").values;
  network(x, time[1], labels(network, classes(test, "label")), batch);
  for (std::size_t k = 0; k < x.shape(1); ++k) CHECK(batch(1, k) == Approx(alone(1, k)).margin(1e-4));
}

TEST_CASE("guided DDIM on the network of images ends where PyTorch's plain formulas do, to 1e-4") {
  fashion_network network(read("fashion"));
  const auto test = read("fashion_test");
  const fk::schedule::cosine cosine{.offset = 0};
  const auto plan = fk::make_plan(cosine, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 10},
                                  fk::solver::ddim{}, twice);
  CHECK(error(guided_run(network, test, plan), matrix(test, "sample")) < 1e-4);
}

TEST_CASE("the towers of images and of words say what PyTorch says, to 1e-5, alone and in a batch") {
  example::clip_network<by_blas> clip(read("clip"));
  const auto test = read("clip_test"), fashion = read("fashion_images");
  const points images = matrix(fashion, "images"), numbers = matrix(test, "words");
  std::vector<std::string> descriptions;
  for (std::size_t i = 0; i < numbers.shape(0); ++i) {
    std::string text;
    for (std::size_t k = 0; k < numbers.shape(1); ++k)
      text += std::string(example::vocabulary[static_cast<std::size_t>(numbers(i, k))]) + " ";
    descriptions.push_back(text);
  }
  const points some = xt::view(images, xt::range(0, 8));
  points out = points::from_shape({8, example::embedding_size}), one = points::from_shape({1, example::embedding_size});
  clip.of_images(some, out);
  CHECK(error(out, matrix(test, "of_images")) < 1e-5);
  clip.of_words(descriptions, out);
  CHECK(error(out, matrix(test, "of_words")) < 1e-5);
  clip.of_words({descriptions[3]}, one);
  for (std::size_t k = 0; k < one.size(); ++k) CHECK(one(0, k) == Approx(out(3, k)).margin(1e-5));
  CHECK(clip.temperature() == Approx(0.05).margin(0.03));
}

TEST_CASE("words that are true of an image are those that the scripts compute") {
  const auto fashion = read("fashion_images");
  const points images = matrix(fashion, "images"), expected = matrix(fashion, "true");
  const std::vector<int> label = classes(fashion, "labels");
  std::size_t different = 0;
  for (std::size_t i = 0; i < images.shape(0); ++i) {
    const auto found = example::true_words({images.data() + i * 784, 784}, label[i]);
    for (std::size_t k = 0; k < found.size(); ++k) different += found[k] != (expected(i, k) != 0) ? 1 : 0;
  }
  CHECK(different == 0);
}

TEST_CASE("the decoder says what PyTorch says, to 1e-4, by words, embeddings, both and neither, alone and in a batch") {
  example::decoder_network<by_blas> decoder(read("decoder"));
  const auto test = read("decoder_test");
  const points x = matrix(test, "x"), expected = matrix(test, "velocity"), seen = matrix(test, "embedding");
  const auto time = test.get<1>("time").values;
  const std::vector<std::string> words{"dark boot heel", "", "bag", ""};
  points alone = x, batch = x;
  for (std::size_t i = 0; i < 4; ++i) {
    const points row = xt::view(x, xt::range(i, i + 1));
    points out = row;
    const example::condition<by_blas> told({}, {words[i]}, {seen.data() + i * 64, seen.data() + (i + 1) * 64});
    decoder(row, time[i], told, out);
    xt::view(alone, i) = xt::view(out, 0);
  }
  CHECK(error(alone, expected) < 1e-4);
  decoder(x, time[1], example::condition<by_blas>({}, words, {seen.begin(), seen.end()}), batch);
  for (std::size_t k = 0; k < 784; ++k) CHECK(batch(1, k) == Approx(alone(1, k)).margin(1e-4));
}

TEST_CASE(
    "guided Euler on the decoder ends where PyTorch's plain formula does, to 1e-4, each sample having its words") {
  example::decoder_network<by_blas> decoder(read("decoder"));
  const auto test = read("decoder_test");
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::time_shift{fk::grid::uniform{.steps = 10}, 3}, fk::solver::euler{}, twice);
  points x = matrix(test, "start");
  const std::vector<std::string> words{"bright dress", "", "sandal heel", "trousers"};
  fk::sample_from(plan,
                  fk::denoisers{example::of_words{decoder, words, test.get<2>("wanted_embedding").values},
                                example::of_words{decoder, {""}}},
                  fk::noise::philox{}, x);
  CHECK(error(x, matrix(test, "sample")) < 1e-4);
}

TEST_CASE("the prior says what PyTorch says, to 1e-5, and guided DDIM ends where plain formulas do, to 1e-4") {
  example::prior_network<by_blas> prior(read("prior"));
  const auto test = read("prior_test");
  const points x = matrix(test, "x"), expected = matrix(test, "prediction");
  const points told = matrix(test, "words");
  const auto time = test.get<1>("time").values;
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    const points row = xt::view(x, xt::range(i, i + 1)), wanted = xt::view(expected, xt::range(i, i + 1));
    points out = points::from_shape({1, 64});
    prior(row, time[i], example::condition<by_blas>({}, {""}, {told.data() + i * 64, told.data() + (i + 1) * 64}), out);
    CHECK(error(out, wanted) < 1e-5);
  }
  const fk::schedule::cosine cosine{.offset = 0};
  const auto plan =
      fk::make_plan(cosine, fk::parameterization::data{}, fk::grid::uniform{.steps = 10}, fk::solver::ddim{}, twice);
  points z = matrix(test, "start");
  fk::sample_from(
      plan, fk::denoisers{example::of_words{prior, {""}, test.get<2>("wanted").values}, example::of_words{prior, {""}}},
      fk::noise::philox{}, z);
  CHECK(error(z, matrix(test, "sample")) < 1e-4);
}

TEST_CASE("the classifier says what PyTorch says, to 1e-5") {
  example::classifier<by_blas> judge(read("classifier"));
  const auto test = read("fashion_test");
  const points images = matrix(test, "images");
  points features = points::from_shape({images.shape(0), 64}), logits = points::from_shape({images.shape(0), 10});
  judge.features(images, features);
  CHECK(error(features, matrix(test, "features")) < 1e-5);
  judge.logits(features, logits);
  CHECK(error(logits, matrix(test, "logits")) < 1e-5);
}

TEST_CASE("a class that a network does not know is refused, and another number of classes than samples") {
  spiral_network network(read("spiral"));
  for (const int wrong : {-1, 4}) CHECK_THROWS_AS((example::of_class{network, {wrong}}), std::invalid_argument);
  const example::of_class two{network, {0, 1}};
  points x = points::from_shape({3, 2}), out = x;
  CHECK_THROWS_AS(two(out, x, fk::level{}), std::invalid_argument);
}

TEST_CASE("words that are not known are refused, too many of them, and another number of conditions than samples") {
  CHECK_THROWS_AS(example::words_of("hat"), std::invalid_argument);
  CHECK_THROWS_AS(example::words_of("bag bag bag bag bag bag bag"), std::invalid_argument);
  const std::vector<float> odd(65);
  CHECK_THROWS_AS((example::condition<by_blas>({}, {""}, odd)), std::invalid_argument);
  CHECK_THROWS_AS((example::condition<by_blas>({}, {"bag", "boot"}).require(3)), std::invalid_argument);
}
