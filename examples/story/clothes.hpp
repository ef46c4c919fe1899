// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>

#include "../demo/spiral.hpp"
#include "../networks.hpp"
#include "weights.hpp"

/// What the chapters on conditions share: images of clothes, and what is true of them.
namespace story {

using demo::points;

/// Which words are true of each image: the class is what a classifier says, attributes are computed from the pixels.
using truths = std::vector<std::array<bool, example::vocabulary.size()>>;

inline truths words_of(const points& x) {
  static example::classifier<on_host> judge{weights("classifier")};
  const points shown = xt::clip(x, -1.0F, 1.0F);
  points features = points::from_shape({x.shape(0), std::size_t{64}}),
         logits = points::from_shape({x.shape(0), std::size_t{10}});
  judge.features(shown, features);
  judge.logits(features, logits);
  truths all;
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    const float* row = &logits(i, 0);
    const auto label = static_cast<int>(std::max_element(row, row + 10) - row);
    all.push_back(example::true_words(std::span(&shown(i, 0), 784), label));
  }
  return all;
}

inline std::size_t number(const std::string& word) { return static_cast<std::size_t>(example::word(word)); }

/// The share of images of which a word is true: one word, or one for each image.
inline double share(const truths& of, const std::vector<std::string>& words) {
  double count = 0;
  for (std::size_t i = 0; i < of.size(); ++i) count += of[i][number(words[words.size() == 1 ? 0 : i])];
  return count / static_cast<double>(of.size());
}

/// By how many standard errors one share of n images is above another. One image more of each side counts, so that the
/// error is not 0 where a share is.
inline double above(double p, double q, std::size_t n) {
  const auto count = static_cast<double>(n);
  const auto variance = [&](double r) {
    const double some = (r * count + 1) / (count + 2);
    return some * (1 - some) / count;
  };
  return (p - q) / std::sqrt(variance(p) + variance(q));
}

}  // namespace story
