// SPDX-License-Identifier: MIT
//
// Arithmetic of words by their embeddings: clip_arithmetic FILE.npy NAMES.txt puppy - dog + cat
//
// FILE.npy holds one row for each line of NAMES.txt, of 16, 32 or 64 bits, such as CLIP's text encoder gives for "a
// photo of a NAME". What comes out are the names that are nearest to the sum. Without arguments it writes such files of
// its own and asserts what it finds in them.

#include <cassert>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <xtensor/xadapt.hpp>
#include <xtensor/xnpy.hpp>

#include <fokker/backend/host.hpp>
#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/embedding/arithmetic.hpp>
#include <fokker/embedding/normalise.hpp>
#include <fokker/embedding/ranking.hpp>
#include <fokker/fill_normal.hpp>
#include <fokker/half.hpp>
#include <fokker/noise/philox.hpp>

namespace fk = fokker;
using matrix = xt::xtensor<float, 2>;
using words = std::vector<std::string>;

/// The rows of a .npy file. xtensor reads 32 and 64 bits; those of 16 follow a header of text that ends with a line.
matrix read_rows(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t end = bytes.find('\n', 12);  // behind the length of the header
  if (!bytes.starts_with("\x93NUMPY") || end == std::string::npos) throw std::runtime_error(path + " is no .npy file");
  const std::string header = bytes.substr(0, end);
  if (header.find("'<f4'") != std::string::npos) return xt::load_npy<float>(path);
  if (header.find("'<f8'") != std::string::npos) return xt::cast<float>(xt::load_npy<double>(path));
  std::smatch sides;
  if (header.find("'<f2'") == std::string::npos || header.find("'fortran_order': False") == std::string::npos ||
      !std::regex_search(header, sides, std::regex(R"('shape': \((\d+), (\d+)\))")))
    throw std::runtime_error(path + " holds other things than rows of '<f2', '<f4' or '<f8'");
  matrix rows = matrix::from_shape({std::stoul(sides[1]), std::stoul(sides[2])});
  if ((bytes.size() - end - 1) / 2 < rows.size()) throw std::runtime_error(path + " ends too early");
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(bytes[end + 1 + k]); };
  for (std::size_t k = 0; k < rows.size(); ++k) {
    fk::half value;
    value.bits = static_cast<std::uint16_t>(byte(2 * k) | byte(2 * k + 1) << 8);
    rows.data()[k] = value;
  }
  return rows;
}

words read_lines(const std::string& path) {
  std::ifstream file(path);
  words lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The row of a name, which may leave out what stands in brackets: lamb for lamb_(animal).
std::size_t row_of(const words& names, const std::string& name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return i;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].starts_with(name + "_(")) return i;
  throw std::invalid_argument("there is no name " + name);
}

/// The names nearest to a sum such as {"puppy", "-", "dog", "+", "cat"}, in which they do not stand themselves.
words nearest(matrix rows, const words& names, const words& sum, std::size_t count) {
  std::vector<fk::embedding::term> terms;
  std::vector<std::size_t> said;
  double sign = 1;
  for (const std::string& word : sum) {
    if (word == "+" || word == "-") {
      sign = word == "+" ? 1 : -1;
      continue;
    }
    said.push_back(row_of(names, word));
    terms.push_back({sign, said.back()});
  }
  if (rows.shape(0) != names.size()) throw std::invalid_argument("there are not as many rows as names");

  // [arithmetic]
  fk::embedding::normalise(rows);
  fk::embedding::centre(rows);  // what all words have in common hides in what they differ
  matrix query = matrix::from_shape({1, rows.shape(1)});
  fk::embedding::combine(rows, terms, query);  // such as {{1, puppy}, {-1, dog}, {1, cat}}
  // [arithmetic]
  // [ranking]
  words found;
  for (const auto [row, similarity] : fk::embedding::ranking(query, rows, count, said)) {
    std::printf("%7.4f  %s\n", similarity, names[row].c_str());
    found.push_back(names[row]);
  }
  // [ranking]
  return found;
}

/// Embeddings of a made-up language: what all words share, what a word is of, and what it says beyond that.
struct language {
  static constexpr std::size_t size = 64;
  words names{"dog",      "puppy",           "cat",    "kitten", "sheep", "lamb_(animal)",
              "football", "football_helmet", "helmet", "hat"};
  matrix rows = xt::zeros<float>({names.size(), size});

  language() {
    enum { shared, dog, cat, sheep, young, football, helmet, hat, count };
    std::vector<float> meanings(count * size), rest(names.size() * size);
    fk::fill_normal(fk::noise::philox{.seed = 1}, meanings);
    fk::fill_normal(fk::noise::philox{.seed = 2}, rest);
    const std::vector<std::vector<int>> means{{dog},    {dog, young},   {cat},      {cat, young},
                                              {sheep},  {sheep, young}, {football}, {football, helmet},
                                              {helmet}, {hat}};
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t k = 0; k < size; ++k) {
        float& v = rows(i, k);
        v = 3 * meanings[shared * size + k] + 0.3f * rest[i * size + k];
        for (const int m : means[i]) v += meanings[static_cast<std::size_t>(m) * size + k];
      }
  }
};

/// A file of 16 bits as numpy writes it.
void write_halves(const std::string& path, const matrix& rows) {
  std::string header = "{'descr': '<f2', 'fortran_order': False, 'shape': (" + std::to_string(rows.shape(0)) + ", " +
                       std::to_string(rows.shape(1)) + "), }";
  header.resize(128 - 10 - 1, ' ');
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\x01' << '\0' << static_cast<char>(header.size() + 1) << '\0' << header << '\n';
  for (const float v : rows) {
    const std::uint16_t bits = fk::half(v).bits;
    file << static_cast<char>(bits & 0xff) << static_cast<char>(bits >> 8);
  }
}

void check() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("clip_arithmetic." + std::to_string(std::random_device{}()));
  std::filesystem::create_directory(folder);
  const std::string of_16 = folder / "16.npy", of_32 = folder / "32.npy", of_64 = folder / "64.npy",
                    texts = folder / "names.txt";
  const language l;
  write_halves(of_16, l.rows);
  xt::dump_npy(of_32, l.rows);
  xt::dump_npy(of_64, xt::eval(xt::cast<double>(l.rows)));
  {
    std::ofstream file(texts);
    for (const std::string& name : l.names) file << name << '\n';
  }
  const words names = read_lines(texts);
  assert(names == l.names);
  assert(read_rows(of_32) == l.rows && read_rows(of_64) == l.rows);
  const matrix halves = read_rows(of_16);
  for (std::size_t k = 0; k < halves.size(); ++k)
    assert(halves.data()[k] == static_cast<float>(fk::half(l.rows.data()[k])));
  for (const std::string& path : {of_16, of_32, of_64}) {
    assert(nearest(read_rows(path), names, {"puppy", "-", "dog", "+", "cat"}, 3).front() == "kitten");
    assert(nearest(read_rows(path), names, {"puppy", "-", "dog", "+", "sheep"}, 3).front() == "lamb_(animal)");
    assert(nearest(read_rows(path), names, {"football_helmet", "-", "football"}, 3).front() == "helmet");
    assert(nearest(read_rows(path), names, {"lamb", "-", "sheep", "+", "dog"}, 99).front() == "puppy");
  }
  std::filesystem::remove_all(folder);
}

int main(int argc, char** argv) {
  const words arguments(argv + 1, argv + argc);
  try {
    if (arguments.empty())
      check();
    else if (arguments.size() < 3)
      throw std::invalid_argument("clip_arithmetic FILE.npy NAMES.txt puppy - dog + cat");
    else
      nearest(read_rows(arguments[0]), read_lines(arguments[1]), {arguments.begin() + 2, arguments.end()}, 5);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
