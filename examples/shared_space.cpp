// SPDX-License-Identifier: MIT
//
// How images and words come to share a space: vectors at random, of twelve photographs of each of four things and of
// the words for them, are pulled together and pushed apart by the contrastive loss until each finds its partner.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdio>
#include <span>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

int main() {
  constexpr std::size_t things = 4, photographs = 12, size = 8;
  std::vector<float> images(things * photographs * size), words(things * size);
  fk::fill_normal(fk::noise::philox{.seed = 1}, images);
  fk::fill_normal(fk::noise::philox{.seed = 2}, words);
  double temperature = 0.2;
  const fk::backend::host_view all{images.data(), {things * photographs, size}}, texts{words.data(), {things, size}};
  const auto right = [&] {
    const std::vector<double> shares = fk::embedding::zero_shot(all, texts);
    std::size_t count = 0;
    for (std::size_t i = 0; i < things * photographs; ++i)
      count += fk::embedding::top(std::span(shares).subspan(i * things, things), 1).front().row == i % things;
    return static_cast<double>(count) / (things * photographs);
  };
  const double before = right();

  std::vector<float> of_images(things * size), of_words(things * size);
  double first = 0, last = 0;
  for (std::size_t step = 0; step < 600; ++step) {
    // [loss]
    // A batch is one photograph of each thing, sample i of which belongs to text i.
    const std::size_t begin = step % photographs * things * size;
    const fk::backend::host_view batch{images.data() + begin, {things, size}};
    const auto [loss, of_temperature] = fk::embedding::contrastive_gradient(
        batch, texts, temperature, fk::backend::host_view{of_images.data(), {things, size}},
        fk::backend::host_view{of_words.data(), {things, size}});
    for (std::size_t k = 0; k < things * size; ++k) {
      images[begin + k] -= 0.5f * of_images[k];
      words[k] -= 0.5f * of_words[k];
    }
    temperature = std::clamp(temperature - 0.01 * of_temperature, 0.01, 1.0);
    // [loss]
    (step == 0 ? first : last) = loss;
  }

  // [zero_shot]
  const std::vector<double> shares = fk::embedding::zero_shot(all, texts);  // a line for each image, which sums to 1
  for (std::size_t j = 0; j < things; ++j) std::printf("image 0 shows thing %zu: %.3f\n", j, shares[j]);
  // [zero_shot]
  std::printf("loss %.3f, then %.3f; right %.2f, then %.2f; temperature %.3f\n", first, last, before, right(),
              temperature);
  assert(last < first / 4 && before < 0.6 && right() == 1 && shares[0] > 0.99);
  assert(temperature < 0.2);  // what is told apart may be told sharply

  // [slerp]
  // Half way from one image to another, along the arc, the words for both are the nearest.
  std::vector<float> middle(size);
  const fk::backend::host_view one{images.data(), {1, size}}, other{images.data() + size, {1, size}};
  fk::embedding::slerp(one, other, 0.5, fk::backend::one_sample(middle));
  const auto nearest = fk::embedding::ranking(fk::backend::one_sample(middle), texts, 2);
  // [slerp]
  assert(nearest[0].row + nearest[1].row == 1);
}
