// SPDX-License-Identifier: MIT
//
// CLIP: a network of images and a network of words whose results lie in one space, an image near the words that are
// true of it. So images are told apart by words, and differences of images are words.
//
//   clip [FOLDER]    asserts what docs/story/clip.md says, and writes the picture's numbers to the folder

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <xtensor/xadapt.hpp>

#include <fokker/fokker.hpp>

#include "../networks.hpp"
#include "../words.hpp"
#include "chapter.hpp"
#include "weights.hpp"

namespace {

namespace fk = fokker;
using points = xt::xtensor<float, 2>;
using std::filesystem::path;
using towers = example::clip_network<story::on_host>;
constexpr std::size_t pixels = 784, classes = example::class_words;

/// Weights of a network that has learned nothing: normal numbers, the smaller the more of them are summed.
struct random_file {
  template <std::size_t N>
  example::array<N> get(const std::string& name, const std::array<std::size_t, N>& shape) const {
    std::size_t size = 1;
    std::uint64_t seed = 0;
    for (const std::size_t side : shape) size *= side;
    for (const char c : name) seed = 31 * seed + static_cast<unsigned char>(c);
    std::vector<float> values(size);
    if (N == 2) fk::fill_normal(fk::noise::philox{.seed = seed}, values);
    for (float& v : values) v *= std::sqrt(2 / static_cast<float>(shape.back()));
    return {shape, values};
  }
};

struct photographs {
  points x;
  std::vector<int> labels;
  std::vector<std::array<bool, example::vocabulary.size()>> words;  // those that are true

  photographs() {
    const auto file = story::weights("fashion_images");
    const auto images = file.get<2>("images");
    const std::vector<float> classes_of = file.get<1>("labels").values;
    x = xt::adapt(images.values, images.shape);
    for (const float label : classes_of) {
      words.push_back(example::true_words({x.data() + labels.size() * pixels, pixels}, static_cast<int>(label)));
      labels.push_back(static_cast<int>(label));
    }
  }
  /// All words that are true of an image.
  std::string description(std::size_t i) const {
    std::string text;
    for (std::size_t w = 1, count = 0; w < words[i].size() && count < example::most_words; ++w)
      if (words[i][w]) text += (count++ == 0 ? "" : " ") + std::string(example::vocabulary[w]);
    return text;
  }
};

points of_images(towers& clip, const points& x) {
  points out = points::from_shape({x.shape(0), example::embedding_size});
  clip.of_images(x, out);
  return out;
}
points of_words(towers& clip, const std::vector<std::string>& descriptions) {
  points out = points::from_shape({descriptions.size(), example::embedding_size});
  clip.of_words(descriptions, out);
  return out;
}
points picked(const points& x, const std::vector<std::size_t>& rows) {
  points out = points::from_shape({rows.size(), x.shape(1)});
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(x.data() + rows[i] * x.shape(1), x.shape(1), &out(i, 0));
  return out;
}

/// Batches with one image of each class, as many as there are images for.
std::vector<std::vector<std::size_t>> batches_of(const photographs& all) {
  std::vector<std::vector<std::size_t>> of_class(classes), batches;
  for (std::size_t i = 0; i < all.labels.size(); ++i) of_class[static_cast<std::size_t>(all.labels[i])].push_back(i);
  std::size_t count = all.labels.size();
  for (const auto& rows : of_class) count = std::min(count, rows.size());
  for (std::size_t b = 0; b < count; ++b) {
    batches.emplace_back();
    for (const auto& rows : of_class) batches.back().push_back(rows[b]);
  }
  return batches;
}

struct measured {
  double loss, found, zero_shot;
};

/// The loss of batches, the share of images that find their description among ten, and zero-shot accuracy.
measured measure(const char* name, towers& clip, const photographs& all, double temperature, story::csv& matrix) {
  const points images = of_images(clip, all.x);
  measured m{};
  const auto batches = batches_of(all);
  for (std::size_t b = 0; b < batches.size(); ++b) {
    std::vector<std::string> descriptions;
    for (const std::size_t i : batches[b]) descriptions.push_back(all.description(i));
    // [matrix]
    const points batch = picked(images, batches[b]), texts = of_words(clip, descriptions);
    const std::vector<double> cosines = fk::embedding::cosine_similarity(batch, texts);
    m.loss += fk::embedding::contrastive_loss(batch, texts, temperature);
    // [matrix]
    for (std::size_t i = 0; i < classes; ++i) {
      const auto row = cosines.begin() + static_cast<std::ptrdiff_t>(i * classes);
      m.found += std::max_element(row, row + classes) - row == static_cast<std::ptrdiff_t>(i) ? 1 : 0;
      if (b == 0)
        for (std::size_t j = 0; j < classes; ++j) matrix(name, i, j, row[static_cast<std::ptrdiff_t>(j)]);
    }
  }
  m.loss /= static_cast<double>(batches.size());
  m.found /= static_cast<double>(batches.size() * classes);

  // [zero_shot]
  const std::vector<std::string> names(example::vocabulary.begin() + 1, example::vocabulary.begin() + 1 + classes);
  const points texts = of_words(clip, names);
  const std::vector<double> shares = fk::embedding::zero_shot(images, texts, temperature);
  // [zero_shot]
  std::array<double, classes> right{}, of{};
  for (std::size_t i = 0; i < all.labels.size(); ++i) {
    const auto row = shares.begin() + static_cast<std::ptrdiff_t>(i * classes);
    const auto label = static_cast<std::size_t>(all.labels[i]);
    const bool found = std::max_element(row, row + classes) - row == all.labels[i];
    m.zero_shot += found ? 1 : 0, right[label] += found ? 1 : 0, of[label] += 1;
  }
  m.zero_shot /= static_cast<double>(all.labels.size());
  std::printf("  %-9s %8.3f %14.3f %11.3f  ", name, m.loss, m.found, m.zero_shot);
  for (std::size_t c = 0; c < classes; ++c) std::printf(" %s %.2f", names[c].c_str(), right[c] / of[c]);
  std::puts("");
  return m;
}

struct contrast {
  const char *kind, *with, *without;  // without nothing: all that are not `with`
};

/// The mean of images with an attribute less that of images without it, of one class, ranked against all words: how
/// many of the contrasts have their attribute first.
int differences(const char* name, towers& clip, const photographs& all, const std::vector<contrast>& contrasts,
                story::csv& ranks) {
  const points images = of_images(clip, all.x);
  const std::vector<std::string> names(example::vocabulary.begin() + 1, example::vocabulary.end());
  const points words = of_words(clip, names);
  const auto is = [&](std::size_t i, const std::string& word) {
    return all.words[i][static_cast<std::size_t>(example::word(word))];
  };
  std::printf("\nthe %s towers: the words nearest to a difference of images\n", name);
  int first = 0;
  for (const auto& [kind, attribute, other] : contrasts) {
    const std::string opposite = other;
    std::vector<std::size_t> with, without;
    std::size_t dark[2] = {};
    for (std::size_t i = 0; i < all.words.size(); ++i) {
      if (!is(i, kind)) continue;
      if (is(i, attribute)) with.push_back(i), dark[0] += is(i, "dark") ? 1 : 0;
      if (opposite.empty() ? !is(i, attribute) : is(i, opposite))
        without.push_back(i), dark[1] += is(i, "dark") ? 1 : 0;
    }
    // [difference]
    points change = points::from_shape({1, example::embedding_size});
    fk::embedding::difference(picked(images, with), picked(images, without), change);
    const std::vector<fk::embedding::ranked> nearest = fk::embedding::ranking(change, words, 5);
    // [difference]
    std::printf("  %s: %zu %s, %zu of them dark, less %zu %s, %zu dark:", kind, with.size(), attribute, dark[0],
                without.size(), opposite.empty() ? "others" : other, dark[1]);
    for (const fk::embedding::ranked& r : nearest) {
      std::printf(" %s %.3f", names[r.row].c_str(), r.similarity);
      ranks(name, kind, attribute, opposite.empty() ? "others" : opposite, names[r.row], r.similarity);
    }
    std::puts("");
    first += names[nearest[0].row] == attribute && nearest[0].similarity > nearest[1].similarity + 0.05 ? 1 : 0;
  }
  std::printf("  %d of %zu are led by their attribute\n", first, contrasts.size());
  return first;
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  const photographs all;
  towers learned{story::weights("clip")}, random{random_file{}};
  story::csv matrix(folder, "matrix", "towers,image,text,cosine"), images(folder, "images", "image,row,column,x"),
      texts(folder, "texts", "image,description"), ranks(folder, "ranks", "towers,kind,attribute,other,word,cosine");
  const std::vector<std::size_t> shown = batches_of(all).front();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    texts(i, all.description(shown[i]));
    for (std::size_t k = 0; k < pixels; ++k) images(i, k / 28, k % 28, all.x(shown[i], k));
  }
  const double temperature = learned.temperature();
  std::printf("temperature %.4f\n  towers        loss   found of ten   zero-shot   by class\n", temperature);
  const measured before = measure("random", random, all, temperature, matrix);
  const measured after = measure("learned", learned, all, temperature, matrix);
  // 870 images find their description, or do not, and 1000 their class: five errors of such a share, and the share of
  // all 10000 test images that the training run reported.
  const auto error = [](double share, double n) { return 5 * std::sqrt(share * (1 - share) / n); };
  assert(before.loss > std::log(10.0) && after.loss < 0.2);
  assert(before.found < 0.1 + error(0.1, 870) && after.found > 0.95 - error(0.95, 870));
  assert(before.zero_shot < 0.2 && std::abs(after.zero_shot - 0.8949) < error(0.8949, 1000));

  const std::vector<contrast> clear{{"boot", "heel", "flat"},
                                    {"boot", "flat", "heel"},
                                    {"sandal", "heel", "flat"},
                                    {"top", "long-sleeved", "short-sleeved"},
                                    {"bag", "handle", ""},
                                    {"dress", "narrow", ""},
                                    {"pullover", "dark", "bright"},
                                    {"pullover", "bright", "dark"},
                                    {"top", "short-sleeved", "long-sleeved"},
                                    {"top", "sleeveless", "short-sleeved"}};
  assert(differences("learned", learned, all, clear, ranks) == 10);
  assert(differences("random", random, all, clear, ranks) <= 2);
  // What else differs is in the difference too: long-sleeved shirts are dark ones more often.
  assert(differences("learned", learned, all, {{"shirt", "long-sleeved", "short-sleeved"}}, ranks) == 0);
}
