// SPDX-License-Identifier: MIT
//
// Negative prompts: the network that is told what should not be there takes the place of the one that is told nothing,
// and the samples are pushed away from it.
//
//   negative_prompts [FOLDER]    asserts what docs/story/negative_prompts.md says, and writes the picture's numbers to
//   a folder

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
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
using std::filesystem::path;
using decoder = example::decoder_network<story::on_host>;
using strings = std::vector<std::string>;

points noise_of(std::size_t count, std::uint64_t seed) {
  points x = points::from_shape({count, std::size_t{784}});
  fk::fill_normal(fk::noise::philox{.seed = seed}, x);
  return x;
}

points sampled(decoder& network, const strings& prompts, const strings& negative, double scale, points x) {
  // [away]
  const example::of_words wanted{network, prompts}, unwanted{network, negative};
  const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                  fk::grid::time_shift{fk::grid::uniform{.steps = 10}, 3}, fk::solver::unipc{},
                                  fk::guidance::classifier_free{.scale = scale});
  fk::sample_from(plan, fk::denoisers{wanted, unwanted}, fk::noise::philox{}, x);
  // [away]
  return x;
}

/// Nothing is asked for, and one class is not wanted.
void alone(decoder& network, const path& folder) {
  constexpr std::size_t count = 48;
  const points noise = noise_of(count, 1);
  const strings words{"bag", "trousers"};
  const points first = sampled(network, {""}, {""}, 1, noise);
  const story::truths before = story::words_of(first);
  story::csv file(folder, "alone", "word,scale,share");
  std::puts("no prompt, and away from a word: the share of it\n  word       scale 1       2       5");
  double found[3] = {};
  for (const std::string& word : words) {
    std::printf("  %-10s", word.c_str());
    std::size_t k = 0;
    for (const double scale : {1.0, 2.0, 5.0}) {
      const double is =
          story::share(scale == 1 ? before : story::words_of(sampled(network, {""}, {word}, scale, noise)), {word});
      found[k++] += is;
      file(word, scale, is);
      std::printf(" %7.3f", is);
    }
    std::puts("");
  }
  // The shares of different words add, as no image is of two classes.
  for (const auto k : {std::size_t{1}, std::size_t{2}}) assert(story::above(found[0], found[k], count) > 3);
}

/// What prompt and negative prompt share cancels out.
void the_same(decoder& network) {
  const points noise = noise_of(4, 3);
  const points told = sampled(network, {"dark boot"}, {""}, 1, noise),
               both = sampled(network, {"dark boot"}, {"dark boot"}, 5, noise),
               guided = sampled(network, {"dark boot"}, {""}, 5, noise);
  const double same = xt::amax(xt::abs(both - told))(), other = xt::amax(xt::abs(guided - told))();
  std::printf("\na prompt that is its own negative changes the condition alone by %.1e, guidance by %.2f\n", same,
              other);
  assert(same < 1e-3 * other);  // roundings, times 5 at each step
}

/// A prompt of a class, away from an attribute that images of it often have, or towards it.
void with_a_prompt(decoder& network, const path& folder) {
  const strings classes{"bag", "top", "sandal", "boot"}, attributes{"handle", "short-sleeved", "heel", "heel"};
  constexpr std::size_t each = 12, count = 48;
  strings prompts, unwanted;
  for (std::size_t i = 0; i < count; ++i) {
    prompts.push_back(classes[i / each]);
    unwanted.push_back(attributes[i / each]);
  }
  const points noise = noise_of(count, 2);
  story::csv numbers(folder, "numbers", "negative,scale,of_class,unwanted"),
      pictures(folder, "pictures", "negative,scale,prompt,image,row,column,value");
  std::puts("\nwith a prompt\n  negative    scale   of the class   unwanted");
  struct found {
    double of_class, unwanted;
  };
  std::map<std::string, found> at;
  const auto row = [&](const char* name, int scale, const strings& negative) {
    const points x = sampled(network, prompts, negative, scale, noise);
    const story::truths words = story::words_of(x);
    const found f = at[name + std::to_string(scale)] = {story::share(words, prompts), story::share(words, unwanted)};
    std::printf("  %-10s %6d %14.3f %10.3f  ", name, scale, f.of_class, f.unwanted);
    for (std::size_t p = 0; p < classes.size(); ++p) {
      const story::truths some(words.begin() + static_cast<std::ptrdiff_t>(p * each),
                               words.begin() + static_cast<std::ptrdiff_t>((p + 1) * each));
      std::printf(" %s %.2f", classes[p].c_str(), story::share(some, {attributes[p]}));
    }
    std::puts("");
    numbers(name, scale, f.of_class, f.unwanted);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; i % each < 3 && k < 784; ++k)
        pictures(name, scale, i / each, i % each, k / 28, k % 28, std::clamp(x(i, k), -1.0F, 1.0F));
  };
  strings whole;
  for (std::size_t i = 0; i < count; ++i) whole.push_back(prompts[i] + " " + unwanted[i]);
  row("none", 1, {""});
  for (const int scale : {2, 5}) {
    row("empty", scale, {""});
    row("attribute", scale, unwanted);
  }
  row("whole", 5, whole);
  const auto above = [&](const char* a, const char* b, double found::*share) {
    return story::above(at.at(a).*share, at.at(b).*share, count);
  };
  assert(above("empty2", "attribute2", &found::unwanted) > 2 && above("empty5", "attribute5", &found::unwanted) > 5);
  assert(above("empty5", "none1", &found::unwanted) > 1);
  assert(above("none1", "attribute5", &found::unwanted) > 3);
  assert(above("attribute5", "whole5", &found::of_class) > 2 && above("empty5", "whole5", &found::of_class) > 4);
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  decoder network{story::weights("decoder")};
  alone(network, folder);
  the_same(network);
  with_a_prompt(network, folder);
}
