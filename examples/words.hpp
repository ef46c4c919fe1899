// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The words of images of Fashion-MNIST, as examples/train/words.py has them: the class, and attributes that are
/// computed from the pixels.
namespace example {

inline constexpr std::array<std::string_view, 24> vocabulary{
    "",          "top",     "trousers",     "pullover",      "dress",      "coat",   "sandal", "shirt",
    "sneaker",   "bag",     "boot",         "dark",          "bright",     "narrow", "wide",   "plain",
    "patterned", "striped", "long-sleeved", "short-sleeved", "sleeveless", "heel",   "flat",   "handle"};
inline constexpr std::size_t class_words = 10;  // the words 1 to 10
inline constexpr std::size_t most_words = 6;    // of a description
inline constexpr std::size_t embedding_size = 64;
inline constexpr double prior_spread = 8;  // what the prior's data are, over an embedding

/// The number of a word. Throws std::invalid_argument for one that is not in the vocabulary.
[[nodiscard]] inline int word(std::string_view name) {
  const auto found = std::find(vocabulary.begin() + 1, vocabulary.end(), name);
  if (found == vocabulary.end())
    throw std::invalid_argument("example: a word is '" + std::string(name) + "'; allowed are those of the vocabulary");
  return static_cast<int>(found - vocabulary.begin());
}

/// The numbers of the words of a description such as "dark boot", then zeros.
[[nodiscard]] inline std::array<int, most_words> words_of(const std::string& description) {
  std::array<int, most_words> all{};
  std::size_t count = 0;
  std::istringstream in(description);
  for (std::string next; in >> next; ++count) {
    if (count == most_words)
      throw std::invalid_argument("example: a description is '" + description + "'; allowed are " +
                                  std::to_string(most_words) + " words");
    all[count] = word(next);
  }
  return all;
}

/// Which words are true of an image of 28 x 28 pixels from -1 to 1, and of its class, 0 to 9.
[[nodiscard]] inline std::array<bool, vocabulary.size()> true_words(std::span<const float> image, int label) {
  constexpr std::size_t side = 28;
  std::array<std::array<double, side>, side> p{};
  std::array<int, side> extent{}, parts{}, lit_in{}, lowest{};  // lit stretches of rows, and columns' last lit row
  lowest.fill(-1);
  const auto lit = [&](std::size_t i, std::size_t j) { return j < side && p[i][j] > 0.1; };
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < side; ++i) {
    int first = side, last = -1;
    for (std::size_t j = 0; j < side; ++j) p[i][j] = (static_cast<double>(image[i * side + j]) + 1) / 2;
    for (std::size_t j = 0; j < side; ++j) {
      if (!lit(i, j)) continue;
      sum += p[i][j];
      ++count;
      ++lit_in[i];
      if (!lit(i, j - 1)) ++parts[i];
      last = static_cast<int>(j);
      first = std::min(first, last);
      lowest[j] = static_cast<int>(i);
    }
    extent[i] = std::max(last - first + 1, 0);
  }
  double across = 0, down = 0, inside = 0;  // differences of neighbours where all pixels around are lit
  for (std::size_t i = 1; i + 1 < side; ++i)
    for (std::size_t j = 1; j + 1 < side; ++j) {
      bool all = true;
      for (std::size_t k = 0; k < 9; ++k) all = all && lit(i - 1 + k / 3, j - 1 + k % 3);
      if (!all) continue;
      across += std::abs(p[i][j + 1] - p[i][j]);
      down += std::abs(p[i + 1][j] - p[i][j]);
      ++inside;
    }
  across /= std::max(inside, 1.0);
  down /= std::max(inside, 1.0);
  const double brightness = sum / std::max(count, 1.0);
  const auto width = std::count_if(lowest.begin(), lowest.end(), [](int y) { return y >= 0; });

  int arms = 0, above = 0, holes = 0, middle = side, back = -1;
  double below = 0;
  for (std::size_t i = 12; i < 25; ++i) arms += parts[i] >= 3 ? 1 : 0;
  for (std::size_t i = 3; i < 10; ++i) above = std::max(above, extent[i]);
  for (std::size_t i = 14; i < 24; ++i) below += extent[i];
  below /= 10;
  for (std::size_t i = 0; i < 14; ++i) holes += parts[i] >= 2 && extent[i] - lit_in[i] >= 5 ? 1 : 0;
  for (std::size_t j = 8; j < 20; ++j) middle = std::min(middle, lowest[j]);
  for (std::size_t j = 20; j < side; ++j) back = std::max(back, lowest[j]);

  std::array<bool, vocabulary.size()> all{};
  const auto is = [&](std::string_view name) { return label + 1 == word(name); };
  const auto set = [&](std::string_view name, bool value) { all[static_cast<std::size_t>(word(name))] = value; };
  const bool garment = is("top") || is("pullover") || is("dress") || is("coat") || is("shirt");
  const bool shoe = is("sandal") || is("sneaker") || is("boot"), high = is("sandal") || is("boot");
  all[static_cast<std::size_t>(label) + 1] = true;
  set("dark", brightness < 0.4);
  set("bright", brightness > 0.78);
  set("narrow", width <= 13);
  set("wide", width >= 26 && (garment || is("bag")));
  set("plain", across + down < 0.09);
  set("patterned", !shoe && across + down > 0.2);
  set("striped", !shoe && down > 0.07 && down > 1.8 * across);
  set("long-sleeved", garment && arms >= 4);
  set("short-sleeved", garment && arms < 2 && above - below >= 5);
  set("sleeveless", garment && arms < 2 && above - below <= 1 && below < 16);
  set("heel", high && back - middle >= 4);
  set("flat", high && back - middle <= 1);
  set("handle", is("bag") && holes >= 3);
  return all;
}

}  // namespace example
