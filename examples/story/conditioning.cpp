// SPDX-License-Identifier: MIT
//
// How a network is told what the picture should show, and what guidance makes of the difference between being told and
// not: more of what was asked for, less variety, and no sample of a density that one can write down.
//
//   conditioning [FOLDER]    asserts what docs/story/conditioning.md says, and writes the picture's numbers to a folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fokker.hpp>

#include "chapter.hpp"
#include "clothes.hpp"

namespace {

namespace fk = fokker;
using demo::points;
using fk::guidance::classifier_free;
using std::filesystem::path;

using decoder = example::decoder_network<story::on_host>;

points noise_of(std::size_t count, std::uint64_t seed) {
  points x = points::from_shape({count, std::size_t{784}});
  fk::fill_normal(fk::noise::philox{.seed = seed}, x);
  return x;
}

fk::plan::program plan_of(double scale) {
  // [plan]
  auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                            fk::grid::time_shift{fk::grid::uniform{.steps = 10}, 3}, fk::solver::unipc{},
                            classifier_free{.scale = scale});
  // [plan]
  return plan;
}

points sampled(decoder& network, const std::vector<std::string>& prompts, double scale, points x) {
  // [guided]
  const example::of_words wanted{network, prompts}, nothing{network, {""}};
  fk::sample_from(plan_of(scale), fk::denoisers{wanted, nothing}, fk::noise::philox{}, x);
  // [guided]
  return x;
}

/// Root mean square of a - b.
double between(const points& a, const points& b) { return std::sqrt(xt::mean(xt::square(a - b))()); }

/// A class and an image's embedding are added to the time, words are tokens beside the patches.
void ways_in(decoder& network) {
  constexpr std::size_t count = 64;
  const points x = noise_of(count, 1);
  points plain = x, told = x, turned = x;
  fk::level at = fk::level_at(fk::schedule::flow_linear{}, 0.8);
  at.label = at.time;  // what the network is told
  example::of_words{network, {""}}(plain, x, at);
  example::of_words{network, {"dark boot"}}(told, x, at);
  example::of_words{network, {"boot dark"}}(turned, x, at);
  const double change = between(told, plain), turn = between(told, turned);
  std::printf("\"dark boot\" changes the velocity at t = 0.8 by %.4f, the same words turned round by %.1e\n", change,
              turn);
  assert(turn < 1e-4 * change);  // other roundings

  const auto data = story::weights("fashion_images");
  const auto images = data.get<2>("images", {1000, 784});
  const auto labels = data.get<1>("labels", {1000});
  points shown = points::from_shape({count, std::size_t{784}});
  std::copy_n(images.values.begin(), shown.size(), shown.data());
  std::vector<int> classes;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    classes.push_back(static_cast<int>(labels.values[i]));
    names.emplace_back(example::vocabulary[static_cast<std::size_t>(classes.back()) + 1]);
  }
  points embedded = points::from_shape({count, example::embedding_size});
  example::clip_network<story::on_host>{story::weights("clip")}.of_images(shown, embedded);
  const std::vector<float> embeddings(embedded.data(), embedded.data() + embedded.size());
  example::fashion_network<story::on_host> fashion{story::weights("fashion")};
  const auto of_velocity = fk::make_plan(fk::schedule::cosine{.offset = 0}, fk::parameterization::velocity{},
                                         fk::grid::uniform{.steps = 10}, fk::solver::dpmpp_2m{});
  points by_class = x, by_image = x, by_words = x;
  // [ways]
  const example::of_class added{fashion, classes};          // a class, added to the time
  const example::of_words seen{network, {""}, embeddings};  // an image's embedding, added to the time
  const example::of_words read{network, names};             // words, tokens beside the patches
  // [ways]
  fk::sample_from(of_velocity, added, fk::noise::philox{}, by_class);
  const auto plan = plan_of(1);
  fk::sample_from(plan, fk::denoisers{seen, seen}, fk::noise::philox{}, by_image);
  fk::sample_from(plan, fk::denoisers{read, read}, fk::noise::philox{}, by_words);
  std::puts("the condition alone: share of the class asked for");
  for (const auto& [name, made] :
       {std::pair{"class, added", by_class}, {"embedding, added", by_image}, {"words, tokens", by_words}}) {
    const double right = story::share(story::words_of(made), names);
    std::printf("  %-18s %.3f\n", name, right);
    assert(story::above(right, 0.5, count) > 2);  // 0.1 by chance
  }
}

/// Scales from none to far too much, on 64 images of eight prompts.
void scales(decoder& network, const path& folder) {
  const std::vector<std::string> classes{"boot", "dress", "top", "bag", "sandal", "trousers", "pullover", "shirt"},
      attributes{"dark", "bright", "short-sleeved", "handle", "heel", "narrow", "long-sleeved", "sleeveless"};
  constexpr std::size_t each = 8, count = 64;
  std::vector<std::string> prompts, wanted_class, wanted_attribute;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string &c = classes[i / each], &a = attributes[i / each];
    prompts.push_back(std::string(a).append(" ").append(c)), wanted_class.push_back(c), wanted_attribute.push_back(a);
  }
  const points noise = noise_of(count, 2), one = noise_of(1, 3);
  const std::vector<std::string> tree{"dark boot", "bright dress", "bag handle", "sandal heel"};
  points same = points::from_shape({tree.size(), std::size_t{784}});
  for (std::size_t i = 0; i < tree.size(); ++i) xt::view(same, i, xt::all()) = xt::view(one, 0, xt::all());

  story::csv numbers(folder, "numbers", "scale,of_class,attribute,both,spread,outside"),
      pictures(folder, "pictures", "scale,prompt,row,column,value");
  std::puts("\n  scale   of the class   of the attribute    both   spread   pixels outside");
  struct found {
    double of_class, attribute, both, spread, outside;
  };
  std::map<int, found> at;
  for (const int scale : {0, 1, 2, 4, 7, 10}) {
    const points x = sampled(network, prompts, scale, noise), leaf = sampled(network, tree, scale, same);
    const story::truths words = story::words_of(x);
    const points shown = xt::clip(x, -1.0F, 1.0F);
    double spread = 0;
    for (std::size_t p = 0; p < classes.size(); ++p) {
      const points some = xt::view(shown, xt::range(p * each, (p + 1) * each), xt::all());
      spread += demo::spread(some) / 28 / static_cast<double>(classes.size());
    }
    const double outside = xt::mean(xt::cast<double>(xt::abs(x) > 1.1F))();
    double both = 0;
    for (std::size_t i = 0; i < count; ++i)
      both +=
          words[i][story::number(wanted_class[i])] && words[i][story::number(wanted_attribute[i])] ? 1.0 / count : 0;
    const found f =
        at[scale] = {story::share(words, wanted_class), story::share(words, wanted_attribute), both, spread, outside};
    std::printf("%7d %14.3f %18.3f %7.3f %8.3f %16.3f\n", scale, f.of_class, f.attribute, f.both, f.spread, f.outside);
    numbers(scale, f.of_class, f.attribute, f.both, f.spread, f.outside);
    for (std::size_t i = 0; i < tree.size(); ++i)
      for (std::size_t k = 0; k < 784; ++k) pictures(scale, i, k / 28, k % 28, std::clamp(leaf(i, k), -1.0F, 1.0F));
  }
  assert(story::above(at[1].of_class, at[0].of_class, count) > 5);
  assert(story::above(at[1].attribute, at[0].attribute, count) > 5);
  assert(story::above(at[2].both, at[1].both, count) > 2);
  // The same noise at each scale, so that spreads are compared image by image.
  assert(at[1].spread < 0.8 * at[0].spread && at[2].spread < 0.93 * at[1].spread && at[4].spread < 0.95 * at[2].spread);
  assert(at[10].spread > 0.95 * at[4].spread);  // nothing is gained any more
  assert(at[10].outside > 5 * at[2].outside && at[10].outside > 1.5 * at[7].outside);
}

/// Normal data N(0, 1), of which a class is N(1, 0.5^2), guided exactly.
void no_density() {
  constexpr std::size_t count = 20000;
  constexpr double c = 0.5, mean = 1;
  std::puts("\nnormal data: mean and deviation of guided samples, and of p(x) p(c|x)^s");
  for (const int scale : {1, 2, 4}) {
    std::vector<double> x(count);
    // [exact]
    const fk::model::predicting of_class{fk::parameterization::flow{}, fk::model::gaussian{mean, c}},
        of_all{fk::parameterization::flow{}, fk::model::gaussian{0, 1}};
    fk::sample(fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{}, fk::grid::uniform{.steps = 400},
                             fk::solver::heun{}, classifier_free{.scale = 1.0 * scale}),
               fk::denoisers{of_class, of_all}, fk::noise::philox{.seed = 4}, x);
    // [exact]
    double sum = 0, squares = 0;
    for (const double v : x) sum += v, squares += v * v;
    const double m = sum / count, deviation = std::sqrt(squares / count - m * m);
    const double precision = 1 - scale + scale / (c * c), tilted = scale * mean / (c * c) / precision;
    std::printf("  scale %d   guided %.4f %.4f   derived %.4f   product %.4f %.4f\n", scale, m, deviation,
                std::pow(c, scale), tilted, 1 / std::sqrt(precision));
    assert(std::abs(deviation / std::pow(c, scale) - 1) < 5 / std::sqrt(2.0 * count) + 1e-3);
    if (scale == 1) continue;
    // The slopes of the guided score and of the product's, where noise of variance v was added.
    const auto guided = [&](double v) { return (1 - scale) / (1 + v) + scale / (c * c + v); };
    const auto noised = [&](double v) { return 1 / (1 / precision + v); };
    std::printf("    slopes at v = 0: %.4f %.4f   at v = 1: %.4f %.4f\n", -guided(0), -noised(0), -guided(1),
                -noised(1));
    assert(std::abs(guided(0) / noised(0) - 1) < 1e-12 && guided(1) > 1.2 * noised(1));
    assert(deviation < 0.8 / std::sqrt(precision));
    assert(m > tilted + 0.1);  // the mean has an error of 0.002
  }
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  decoder network{story::weights("decoder")};
  no_density();
  ways_in(network);
  scales(network, folder);
}
