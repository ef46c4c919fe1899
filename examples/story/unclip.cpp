// SPDX-License-Identifier: MIT
//
// unCLIP: a prior makes the embedding of an image out of that of words, and a decoder makes an image out of the
// embedding. So an image has variations, and there is a path from one image to another.
//
//   unclip [FOLDER]    asserts what docs/story/unclip.md says, and writes the picture's numbers to the folder

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
#include <xtensor/xview.hpp>

#include <fokker/fokker.hpp>

#include "../networks.hpp"
#include "../words.hpp"
#include "chapter.hpp"
#include "weights.hpp"

namespace {

namespace fk = fokker;
using points = xt::xtensor<float, 2>;
using std::filesystem::path;
using space = story::on_host;
constexpr std::size_t pixels = 784, size = example::embedding_size;

points matrix(const example::safetensors& file, const std::string& name) {
  const auto found = file.get<2>(name);
  return xt::adapt(found.values, found.shape);
}

points noise_of(std::size_t count, std::size_t numbers, std::uint64_t seed) {
  points x = points::from_shape({count, numbers});
  fk::fill_normal(fk::noise::philox{.seed = seed}, x);
  return x;
}

std::vector<float> numbers_of(const points& x) { return {x.begin(), x.end()}; }

points one_of(const points& x, std::size_t i) { return xt::view(x, xt::range(i, i + 1)); }
points repeated(const points& x, std::size_t count) { return xt::repeat(x, count, 0); }

struct networks {
  example::clip_network<space> clip{story::weights("clip")};
  example::prior_network<space> prior{story::weights("prior")};
  example::decoder_network<space> decoder{story::weights("decoder")};
  example::classifier<space> judge{story::weights("classifier")};

  points of_images(const points& x) {
    points out = points::from_shape({x.shape(0), size});
    clip.of_images(x, out);
    return out;
  }
  points of_words(const std::vector<std::string>& descriptions) {
    points out = points::from_shape({descriptions.size(), size});
    clip.of_words(descriptions, out);
    return out;
  }

  /// Embeddings of images that words may describe.
  points imagined(const points& of_words, std::uint64_t seed) {
    // [prior]
    const auto plan = fk::make_plan(fk::schedule::cosine{.offset = 0}, fk::parameterization::data{},
                                    fk::grid::uniform{.steps = 16}, fk::solver::ddpm{});
    points z = noise_of(of_words.shape(0), size, seed);
    fk::sample_from(plan, example::of_words{prior, {""}, numbers_of(of_words)}, fk::noise::philox{.seed = seed + 1}, z);
    fk::embedding::normalise(z);
    // [prior]
    return z;
  }

  /// Images of embeddings, from a given noise.
  points images(const points& embeddings, double scale, points x) {
    // [decoder]
    const auto plan = fk::make_plan(fk::schedule::flow_linear{}, fk::parameterization::flow{},
                                    fk::grid::time_shift{fk::grid::uniform{.steps = 12}, 3}, fk::solver::unipc{},
                                    fk::guidance::classifier_free{.scale = scale});
    const example::of_words told{decoder, {""}, numbers_of(embeddings)}, not_told{decoder, {""}};
    fk::sample_from(plan, fk::denoisers{told, not_told}, fk::noise::philox{}, x);
    // [decoder]
    return x;
  }

  std::vector<std::size_t> classes_of(const points& x) {
    points features = points::from_shape({x.shape(0), std::size_t{64}}),
           logits = points::from_shape({x.shape(0), std::size_t{10}});
    judge.features(x, features);
    judge.logits(features, logits);
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < x.shape(0); ++i)
      all.push_back(static_cast<std::size_t>(std::max_element(&logits(i, 0), &logits(i, 0) + 10) - &logits(i, 0)));
    return all;
  }
};

/// How alike the rows of a and b are, on average.
double alike(const points& a, const points& b) {
  return xt::sum<double>(a * b)() / static_cast<double>(a.shape(0));  // of length 1
}

/// Five errors of a share of n.
double error(double share, double n) { return 5 * std::sqrt(share * (1 - share) / n); }

struct picture {
  story::csv file;
  void operator()(const std::string& set, std::size_t at, const points& x, std::size_t i) {
    for (std::size_t k = 0; k < pixels; ++k) file(set, at, k / 28, k % 28, x(i, k));
  }
};

const std::vector<std::string> class_names(example::vocabulary.begin() + 1, example::vocabulary.begin() + 11);

/// For each row of `told` the one of two candidates whose inner product with it is larger.
points nearer(const points& first, const points& second, const points& told) {
  points kept = first;
  for (std::size_t i = 0; i < told.shape(0); ++i)
    if (alike(one_of(second, i), one_of(told, i)) > alike(one_of(first, i), one_of(told, i)))
      xt::view(kept, i) = xt::view(second, i);
  return kept;
}

/// Words -> prior -> embedding -> image, and without the prior.
void from_words(networks& n, const points& photographs, const std::vector<int>& labels, picture& show) {
  constexpr std::size_t each = 100, shown = 10, unaided = 5;
  const points names = n.of_words(class_names), told = repeated(names, each);
  const points first = n.imagined(told, 1), second = n.imagined(told, 3), kept = nearer(first, second, told);
  const auto named = [&](const points& embeddings) {  // nearest to the name of its class
    double right = 0;
    for (std::size_t i = 0; i < embeddings.shape(0); ++i)
      right += fk::embedding::ranking(one_of(embeddings, i), names, 1)[0].row == i / each ? 1 : 0;
    return right / static_cast<double>(embeddings.shape(0));
  };
  const points seen = n.of_images(photographs);
  points of_class = seen;
  for (std::size_t i = 0; i < labels.size(); ++i)
    xt::view(of_class, i) = xt::view(names, static_cast<std::size_t>(labels[i]));
  const double real = alike(seen, of_class);
  std::printf("cosine with the name of the class: photographs %.3f\n", real);
  const double of_first = alike(first, told), of_kept = alike(kept, told);
  std::printf("  one candidate %.3f, and %.3f are nearest to that name; the better of two %.3f, and %.3f\n", of_first,
              named(first), of_kept, named(kept));
  assert(of_kept > of_first + 0.01 && named(kept) > named(first) && named(kept) > 0.95 - error(0.95, 10 * each));
  assert(std::abs(of_first - real) < 0.1);

  const auto images_of = [&](const points& embeddings, std::size_t of_each, const char* set) {
    points some = points::from_shape({10 * of_each, size});
    for (std::size_t i = 0; i < some.shape(0); ++i)
      xt::view(some, i) = xt::view(embeddings, i / of_each * each + i % of_each);
    const points x = n.images(some, 2, noise_of(some.shape(0), pixels, 7));
    const auto found = n.classes_of(x);
    double right = 0;
    for (std::size_t i = 0; i < found.size(); ++i) right += found[i] == i / of_each ? 1 : 0;
    for (std::size_t c = 0; c < 10; ++c) show(set, c, x, c * of_each);
    right /= static_cast<double>(found.size());
    const double back = alike(n.of_images(x), some);
    std::printf("  images of %s: %.3f of %zu are of the class asked for; cosine with what was told %.3f\n", set, right,
                found.size(), back);
    return std::array{right, back};
  };
  const auto [with, back] = images_of(kept, shown, "prior");
  const auto [without, not_back] = images_of(told, unaided, "words");
  assert(with > 0.95 - error(0.95, 10 * shown) && back > 0.9 && not_back < 0.6);
  assert(with - without > 5 * std::sqrt(0.05 * 0.95 / (10 * shown) + 0.25 / (10 * unaided)));
}

/// Images of the embedding of a photograph.
void variations(networks& n, const points& photographs, picture& show) {
  constexpr std::size_t originals = 15, each = 4;
  const points some = xt::view(photographs, xt::range(0, originals)), seen = n.of_images(some);
  const points x = n.images(repeated(seen, each), 2, noise_of(originals * each, pixels, 9)), of_x = n.of_images(x);
  const points all = n.of_images(photographs);
  double own = 0, others = 0, nearest = 0, apart = 0, same = 0;
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    const auto cosines = fk::embedding::cosine_similarity(one_of(of_x, i), seen);
    for (std::size_t k = 0; k < originals; ++k) (k == i / each ? own : others) += cosines[k];
    nearest += fk::embedding::ranking(one_of(of_x, i), all, 1)[0].row == i / each ? 1 : 0;
    for (std::size_t k = 0; k < pixels; ++k) {
      const std::size_t next = i % each == 0 ? i + each - 1 : i - 1;
      apart += std::pow(static_cast<double>(x(i, k) - x(next, k)), 2);
      same += std::pow(static_cast<double>(x(i, k) - some(i / each, k)), 2);
    }
  }
  const auto count = static_cast<double>(x.shape(0));
  own /= count, others /= count * (originals - 1);
  std::printf(
      "variations: cosine with their photograph %.3f, with others %.3f; %.3f of %.0f have it as the nearest of "
      "1000\n  two of them differ by %.3f a pixel, and from the photograph by %.3f\n",
      own, others, nearest / count, count, std::sqrt(apart / count / pixels), std::sqrt(same / count / pixels));
  assert(own > 0.9 && others < 0.5 && nearest / count > 0.45 - error(0.45, count));
  assert(std::abs(apart / same - 1) < 0.25);
  const std::array<std::size_t, 4> shown{0, 1, 4, 13};
  for (std::size_t p = 0; p < shown.size(); ++p) {
    show("variations", p * (each + 1), photographs, shown[p]);
    for (std::size_t k = 0; k < each; ++k) show("variations", p * (each + 1) + 1 + k, x, shown[p] * each + k);
  }
}

/// Images of the embeddings on the arc between those of two photographs, all from one noise.
void between(networks& n, const points& photographs, picture& show) {
  constexpr std::size_t steps = 8;
  const std::vector<std::array<std::size_t, 2>> pairs{{0, 10}, {3, 13}, {6, 9}};
  const points seen = n.of_images(photographs);
  points way = points::from_shape({pairs.size() * steps, size});
  for (std::size_t p = 0; p < pairs.size(); ++p)
    for (std::size_t s = 0; s < steps; ++s) {
      // [between]
      points y = points::from_shape({1, size});
      fk::embedding::slerp(one_of(seen, pairs[p][0]), one_of(seen, pairs[p][1]), static_cast<double>(s) / (steps - 1),
                           y);
      // [between]
      xt::view(way, p * steps + s) = xt::view(y, 0);
    }
  const points noise = repeated(noise_of(pairs.size(), pixels, 11), steps), x = n.images(way, 2, noise);
  const points of_x = n.of_images(x);
  const auto found = n.classes_of(x), real = n.classes_of(photographs);
  std::puts("between two photographs: cosine with the first, with the second, with what was told, and the class");
  std::array<double, 3> lowest{1, 1, 1};  // cosine with what was told
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const auto [a, b] = pairs[p];
    for (std::size_t s = 0; s < steps; ++s) {
      const std::size_t i = p * steps + s;
      std::printf("  %.3f %.3f %.3f %s\n", alike(one_of(of_x, i), one_of(seen, a)),
                  alike(one_of(of_x, i), one_of(seen, b)), alike(one_of(of_x, i), one_of(way, i)),
                  class_names[found[i]].c_str());
      lowest[p] = std::min(lowest[p], alike(one_of(of_x, i), one_of(way, i)));
      show("between", p * 10 + 1 + s, x, i);
    }
    show("between", p * 10, photographs, a);
    show("between", p * 10 + 9, photographs, b);
    const std::size_t first = p * steps, last = first + steps - 1;
    assert(found[first] == real[a] && found[last] == real[b]);
    assert(alike(one_of(of_x, first), one_of(seen, a)) > alike(one_of(of_x, first), one_of(seen, b)) + 0.3);
    assert(alike(one_of(of_x, last), one_of(seen, b)) > alike(one_of(of_x, last), one_of(seen, a)) + 0.3);
  }
  // A boot and a coat have nothing between them that is a piece of clothes; trousers and a dress have.
  assert(lowest[0] < 0.75 && lowest[1] > 0.85 && lowest[2] < 0.75);
}

/// Embeddings of photographs, turned towards the difference of two descriptions.
void text_differences(networks& n, const points& photographs, const std::vector<int>& labels, picture& show) {
  struct change {
    const char *kind, *from, *to, *wanted;
  };
  const std::vector<change> changes{{"boot", "boot flat", "boot heel", "heel"},
                                    {"dress", "dress sleeveless", "dress long-sleeved", "long-sleeved"},
                                    {"bag", "bag", "bag handle", "handle"},
                                    {"top", "top short-sleeved", "top long-sleeved", "long-sleeved"},
                                    {"pullover", "pullover bright", "pullover dark", "dark"},
                                    {"pullover", "pullover", "dress", "dress"}};
  constexpr std::size_t each = 8, shown = 4, rows = each + shown - 1;
  constexpr double most = 0.5;
  const auto is = [&](const points& x, std::size_t i, int label, const std::string& word) {
    return example::true_words({x.data() + i * pixels, pixels}, label)[static_cast<std::size_t>(example::word(word))];
  };
  std::printf("turned by %.1f towards a difference: the attribute is there, and the class is kept, of %zu\n", most,
              each);
  double changed = 0, kept = 0, of = 0;
  for (std::size_t c = 0; c < changes.size(); ++c) {
    const auto& [kind, from, to, wanted] = changes[c];
    std::vector<std::size_t> some;
    const std::string before = std::string(from).substr(std::string(from).rfind(' ') + 1);
    for (std::size_t i = 0; i < labels.size() && some.size() < each; ++i)
      if (is(photographs, i, labels[i], kind) && is(photographs, i, labels[i], before) &&
          !is(photographs, i, labels[i], wanted))
        some.push_back(i);
    assert(some.size() == each);
    points turned = points::from_shape({rows, size});
    for (std::size_t i = 0; i < rows; ++i) {  // the first one in steps
      const double share = i < shown ? most * static_cast<double>(i) / (shown - 1) : most;
      const points photograph = one_of(photographs, some[i < shown ? 0 : i - shown + 1]);
      // [turned]
      points y = n.of_images(photograph), direction = y;
      fk::embedding::difference(n.of_words({to}), n.of_words({from}), direction);
      fk::embedding::normalise(direction);
      fk::embedding::slerp(y, direction, share, y);
      // [turned]
      xt::view(turned, i) = xt::view(y, 0);
    }
    const points x = n.images(turned, 2, repeated(noise_of(1, pixels, 13), rows));
    const auto found = n.classes_of(x);
    const auto asked = static_cast<std::size_t>(example::word(kind)) - 1,
               other = static_cast<std::size_t>(example::word(wanted)) - 1;
    double has = 0, same = 0;
    for (std::size_t i = shown - 1; i < rows; ++i) {
      has += (other < 10 ? found[i] == other : is(x, i, static_cast<int>(asked), wanted)) ? 1 : 0;
      same += found[i] == asked ? 1 : 0;
    }
    std::printf("  %s -> %s: %.0f %.0f\n", from, to, has, same);
    if (other >= 10) changed += has, kept += same, of += each;
    show("turned", c * 5, photographs, some[0]);
    for (std::size_t i = 0; i < shown; ++i) show("turned", c * 5 + 1 + i, x, i);
  }
  std::printf("  attributes: %.3f have it, and %.3f kept their class, of %.0f\n", changed / of, kept / of, of);
  assert(changed / of > 0.675 - error(0.675, of) && kept / of > 0.7 - error(0.7, of));
}

}  // namespace

int main(int count, char** arguments) {
  const path folder = story::folder(count, arguments);
  networks n;
  const auto file = story::weights("fashion_images");
  const points photographs = matrix(file, "images");
  const std::vector<float> numbers = file.get<1>("labels").values;
  const std::vector<int> labels(numbers.begin(), numbers.end());
  picture show{{folder, "images", "set,image,row,column,x"}};
  from_words(n, photographs, labels, show);
  variations(n, photographs, show);
  between(n, photographs, show);
  text_differences(n, photographs, labels, show);
}
