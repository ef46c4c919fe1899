// SPDX-License-Identifier: MIT
#include <fokker/embedding/zero_shot.hpp>

#include <cmath>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>

#include "support/catch.hpp"
#include "support/laws.hpp"

namespace fk = fokker;
using matrix = xt::xtensor<double, 2>;

TEST_CASE("probabilities are the softmax of cosines over the temperature") {
  // Cosines 1, 0.6, -0.8 and 0, 0.8, 0.6, whatever the lengths.
  const matrix images{{2, 0}, {0, 5}}, classes{{3, 0}, {0.6, 0.8}, {-4, 3}};
  const std::vector<std::vector<double>> cosines{{1, 0.6, -0.8}, {0, 0.8, 0.6}};
  for (const double temperature : {1.0, 0.1}) {
    const auto plain = fk::embedding::zero_shot(images, classes, temperature, fk::kernel::product{});
    const auto by_blas = fk::embedding::zero_shot(images, classes, temperature);
    for (std::size_t i = 0; i < 2; ++i) {
      double sum = 0;
      for (const double c : cosines[i]) sum += std::exp(c / temperature);
      // A cosine of two numbers rounds 8 times, and a share by that over the temperature, twice, and a few times more.
      const double near = (16 / temperature + 16) * law::u;
      for (std::size_t j = 0; j < 3; ++j) {
        CHECK(std::abs(plain[i * 3 + j] - std::exp(cosines[i][j] / temperature) / sum) <= near);
        CHECK(std::abs(by_blas[i * 3 + j] - plain[i * 3 + j]) <= 2 * near);
      }
    }
  }
}

TEST_CASE("CLIP's temperature is the default, and sharp ones do not overflow") {
  const matrix images{{1, 0}}, classes{{1, 0}, {0, 1}};
  CHECK(fk::embedding::zero_shot(images, classes) == fk::embedding::zero_shot(images, classes, 0.01));
  CHECK(fk::embedding::zero_shot(images, classes, 1e-30) == std::vector<double>{1, 0});
  law::refused([&] { (void)fk::embedding::zero_shot(images, classes, 0); },
               {"temperature is 0; allowed: 1e-30 to 1e+30"});
  law::refused([&] { (void)fk::embedding::zero_shot(images, matrix{{1, 0, 0}}); }, {"the size of a sample of b is 3;"});
}

TEST_CASE("a class is the mean direction of its prompts, however long each is") {
  const matrix prompts{{10, 0}, {0, 0.1}, {-1, 0}, {-1, 0}};
  auto classes = matrix::from_shape({2, 2});
  fk::embedding::class_embeddings(prompts, classes);
  CHECK(classes(0, 0) == Approx(std::sqrt(0.5)).epsilon(8 * law::u));
  CHECK(classes(0, 1) == Approx(std::sqrt(0.5)).epsilon(8 * law::u));
  CHECK(classes(1, 0) == -1);
  CHECK(classes(1, 1) == 0);
  auto each = matrix::from_shape({4, 2});
  fk::embedding::class_embeddings(prompts, each);
  CHECK((each == matrix{{1, 0}, {0, 1}, {-1, 0}, {-1, 0}}));
}

TEST_CASE("classes that do not divide the prompts, are of another size, or whose prompts cancel, are refused") {
  const matrix prompts{{1, 0}, {-2, 0}, {1, 1}};
  auto classes = matrix::from_shape({2, 2}), wide = matrix::from_shape({3, 3}), all = matrix::from_shape({1, 2});
  law::refused([&] { fk::embedding::class_embeddings(prompts, classes); },
               {"the number of classes is 2;", "divides", "3"});
  law::refused([&] { fk::embedding::class_embeddings(prompts, wide); }, {"the shape of the classes is (3, 3);"});
  const matrix opposite{{1, 0}, {-2, 0}};
  law::refused([&] { fk::embedding::class_embeddings(opposite, all); },
               {"the length of row 0 of the sum of prompts is 0;"});
  // Three at 120 degrees leave a rounding, whose direction is none.
  const matrix around{{1, 0}, {-0.5, std::sqrt(0.75)}, {-0.5, -std::sqrt(0.75)}};
  law::refused([&] { fk::embedding::class_embeddings(around, all); },
               {"the length of row 0 of the sum of prompts is "});
  const matrix second{{1, 0}, {1, 0}, {1, 0}, {1, 0}, {-0.5, std::sqrt(0.75)}, {-0.5, -std::sqrt(0.75)}};
  law::refused([&] { fk::embedding::class_embeddings(second, classes); },
               {"the length of row 1 of the sum of prompts is "});
  const matrix nearly{{1, 0}, {-1, 1e-12}};
  fk::embedding::class_embeddings(nearly, all);
  CHECK(all(0, 1) == Approx(1).epsilon(1e-3));
}
