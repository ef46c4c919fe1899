// SPDX-License-Identifier: MIT
#include "../../examples/safetensors.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"

using Catch::Contains;
using Catch::Matchers::StartsWith;
using example::safetensors;

namespace {

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

std::string floats(const std::vector<float>& values) {
  std::string text;
  for (const float x : values) text += little(std::bit_cast<std::uint32_t>(x), 4);
  return text;
}

std::string file(const std::string& header, const std::string& data = {}) {
  return little(header.size(), 8) + header + data;
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype": ")" + dtype + R"(", "shape": )" + shape + R"(, "data_offsets": )" + offsets + "}";
}

std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"x": )" + entry(dtype, shape, offsets) + "}";
}

std::string two(const std::string& first, const std::string& second) {
  return R"({"a": )" + entry("F32", "[1]", first) + R"(, "b": )" + entry("F32", "[2]", second) + "}";
}

/// What the refusal of these bytes says.
std::string refusal(const std::string& bytes) {
  try {
    (void)safetensors::parse(bytes);
  } catch (const std::runtime_error& error) {
    CHECK_THAT(error.what(), StartsWith("the text: "));
    return error.what();
  }
  return "accepted";
}

const std::string four(4, '\0');

}  // namespace

TEST_CASE("tensors of F32, F16 and BF16 are read as floats, in their shape", "[bits]") {
  const std::string header = R"({"b": )" + entry("F16", "[4]", "[24, 32]") + R"(, "a": )" +
                             entry("F32", "[2, 3]", "[0, 24]") + R"(, "c": )" + entry("BF16", "[1, 2, 1]", "[32, 36]") +
                             "}   ";
  std::string data = floats({0, 1, -2, 0.1f, 1e-45f, 3e38f});
  for (const std::uint64_t bits : {0x3c00u, 0xc000u, 0x0001u, 0x7c00u}) data += little(bits, 2);
  for (const std::uint64_t bits : {0x3f80u, 0xc049u}) data += little(bits, 2);
  const auto f = safetensors::parse(file(header, data));
  CHECK(f.names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(f.metadata().empty());

  const auto a = f.get<2>("a");
  CHECK(a.shape == std::array<std::size_t, 2>{2, 3});
  CHECK(a.values == std::vector<float>{0, 1, -2, 0.1f, 1e-45f, 3e38f});
  CHECK(f.get<1>("b").values == std::vector<float>{1, -2, 0x1p-24f, INFINITY});
  const auto c = f.get<3>("c");
  CHECK(c.shape == std::array<std::size_t, 3>{1, 2, 1});
  CHECK(c.values == std::vector<float>{1, -3.140625f});
}

TEST_CASE("a file without tensors, empty tensors, scalars and metadata are read") {
  CHECK(safetensors::parse(file("{}")).names().empty());

  const auto scalar = safetensors::parse(file(one("F32", "[]", "[0, 4]"), floats({2.5f})));
  CHECK(scalar.get<0>("x").values == std::vector{2.5f});

  const std::string header = R"({"e": )" + entry("F32", "[0]", "[4, 4]") + R"(, "x": )" +
                             entry("F32", "[1]", "[0, 4]") + R"(, "f": )" + entry("F16", "[3, 0]", "[0, 0]") + "}";
  const auto f = safetensors::parse(file(header, floats({7})));
  CHECK(f.get<1>("x").values == std::vector{7.0f});
  CHECK(f.get<1>("e").values.empty());
  CHECK(f.get<2>("f").values.empty());
  CHECK(f.get<2>("f").shape == std::array<std::size_t, 2>{3, 0});

  const auto m = safetensors::parse(file(
      R"({"__metadata__": {"format": "pt", "x": "\u00e9"}, "": )" + entry("F32", "[1]", "[0, 4]") + "}", floats({3})));
  CHECK(m.names() == std::vector<std::string>{""});
  CHECK(m.metadata() == std::map<std::string, std::string>{{"format", "pt"}, {"x", "é"}});
  CHECK(safetensors::parse(file(R"({"__metadata__": {}})")).metadata().empty());
}

TEST_CASE("a tensor of another shape than is wanted is refused") {
  const auto f = safetensors::parse(file(one("F32", "[2, 1]", "[0, 8]"), four + four), "weights");
  CHECK(f.get<2>("x", {2, 1}).values.size() == 2);
  CHECK_THROWS_WITH((f.get<2>("x", {1, 2})), "weights: tensor 'x' has the shape (2, 1), wanted is (1, 2)");
}

TEST_CASE("a tensor of another name, rank or dtype is refused") {
  const auto f = safetensors::parse(file(one("F64", "[1]", "[0, 8]"), four + four), "weights");
  CHECK_THROWS_WITH(f.get<2>("y"), "weights: there is no tensor 'y', wanted is one of 2 dimensions");
  CHECK_THROWS_WITH(f.get<2>("x"), "weights: tensor 'x' has 1 dimensions, wanted is one of 2 dimensions");
  CHECK_THROWS_WITH(f.get<1>("x"), "weights: tensor 'x' is of F64, wanted is F32, F16 or BF16");
}

TEST_CASE("files are read, and named where they are refused") {
  const auto folder = std::filesystem::temp_directory_path();
  const auto path = folder / ("fokker_" + std::to_string(std::random_device{}()) + ".safetensors");
  std::ofstream(path, std::ios::binary) << file(one("F32", "[1]", "[0, 4]"), floats({1.5f}));
  CHECK(safetensors::read(path).get<1>("x").values == std::vector{1.5f});
  CHECK_THROWS_WITH(safetensors::read(path).get<1>("y"), StartsWith(path.string() + ": there is no tensor 'y'"));
  std::ofstream(path, std::ios::binary) << "short";
  CHECK_THROWS_WITH(safetensors::read(path), path.string() + ": truncated in the length of its header");
  std::ofstream(path, std::ios::binary).flush();
  CHECK_THROWS_WITH(safetensors::read(path), path.string() + ": truncated in the length of its header");
  std::filesystem::remove(path);
  CHECK_THROWS_WITH(safetensors::read(path), path.string() + ": no such file");
  CHECK_THROWS_WITH(safetensors::read(folder), folder.string() + ": no such file");
}

TEST_CASE("a header which is truncated, too long or not JSON is refused") {
  const std::string valid = file(one("F32", "[1]", "[0, 4]"), four);
  REQUIRE(refusal(valid) == "accepted");
  for (std::size_t size = 0; size < valid.size(); ++size) CHECK_THAT(refusal(valid.substr(0, size)), Contains("trunc"));

  CHECK(refusal("") == "the text: truncated in the length of its header");
  CHECK(refusal(little(3, 8) + "{}") == "the text: truncated in its header of 3 bytes");
  CHECK(refusal(little(100'000'000, 8)) == "the text: truncated in its header of 100000000 bytes");
  CHECK(refusal(little(100'000'001, 8)) == "the text: its header of 100000001 bytes is longer than 100000000");
  CHECK_THAT(refusal(little(~std::uint64_t{0}, 8) + "{}"), Contains("18446744073709551615 bytes is longer than"));
  for (const char* start : {"", " {}", "[]", "\xef\xbb\xbf{}", "null"})
    CHECK(refusal(file(start)) == "the text: its header does not begin with '{'");
  CHECK(refusal(file(std::string("{}\0 ", 4))) == "the text: its header holds a zero byte");
  for (const char* bad : {"{", "{}}", "{} {}", "{]", "{x: 1}", "{\"x\": }", "{\"x\" {}}", "{\"\xff\": {}}", "{} // no",
                          "{\"\\ud800\": {}}"})
    CHECK_THAT(refusal(file(bad)), StartsWith("the text: its header is not JSON: "));
}

TEST_CASE("a number that no double holds is refused as such",
          "[bits]") {  // -ffast-math hides its infinity from the parser
  CHECK_THAT(refusal(file("{\"x\": {\"shape\": [1e999")), StartsWith("the text: its header is not JSON: "));
}

TEST_CASE("names that come twice are refused") {
  const std::string x = entry("F32", "[1]", "[0, 4]");
  CHECK(refusal(file(R"({"x": )" + x + R"(, "x": )" + x + "}", four)) == "the text: two are named 'x'");
  CHECK(refusal(file(R"({"x": )" + x + R"(, "\u0078": )" + x + "}", four)) == "the text: two are named 'x'");
  CHECK(refusal(file(R"({"__metadata__": {}, "__metadata__": {}})")) == "the text: two are named '__metadata__'");
  CHECK(refusal(file(R"({"__metadata__": {"a": "1", "a": "2"}})")) == "the text: its __metadata__ has two 'a'");
  CHECK(refusal(file(R"({"x": {"dtype": "F32", "dtype": "F32"}})")) == "the text: tensor 'x' has two 'dtype'");
}

TEST_CASE("values of other types than the format's are refused") {
  for (const char* value : {"null", "true", "1", "-1", "1.5", "\"F32\"", "[]"}) {
    CHECK(refusal(file(R"({"x": )" + std::string(value) + "}")) == "the text: tensor 'x' is not an object");
    CHECK(refusal(file(R"({"__metadata__": )" + std::string(value) + "}")) ==
          "the text: its __metadata__ is not an object");
  }
  for (const char* value : {"null", "true", "1", "-1", "1.5", "{}", "[]"}) {
    CHECK(refusal(file(R"({"x": {"dtype": )" + std::string(value) + "}}")) ==
          "the text: tensor 'x' has a dtype that is not a string");
    CHECK(refusal(file(R"({"__metadata__": {"a": )" + std::string(value) + "}}")) ==
          "the text: its __metadata__ has a 'a' that is not a string");
  }
  for (const char* value : {"null", "true", "1", "-1", "1.5", "\"1\"", "{}"})
    for (const std::string field : {"shape", "data_offsets"})
      CHECK(refusal(file(R"({"x": {")" + field + R"(": )" + value + "}}")) ==
            "the text: tensor 'x' has a " + field + " that is not a list");
  for (const char* value :
       {"null", "true", "-1", "-0", "1.5", "1.0", "1e2", "18446744073709551616", "\"1\"", "[]", "{}"})
    for (const std::string field : {"shape", "data_offsets"})
      CHECK(refusal(file(R"({"x": {")" + field + R"(": [1, )" + value + "]}}")) ==
            "the text: tensor 'x' has in its " + field + " what is not a whole number from 0 on");
}

TEST_CASE("fields that are missing or unknown are refused") {
  CHECK(refusal(file(R"({"x": {}})")) == "the text: tensor 'x' has no dtype");
  CHECK(refusal(file(R"({"x": {"dtype": "F32", "data_offsets": [0, 4]}})", four)) ==
        "the text: tensor 'x' has no shape");
  CHECK(refusal(file(R"({"x": {"dtype": "F32", "shape": [1]}})", four)) == "the text: tensor 'x' has no data_offsets");
  CHECK(refusal(file(R"({"x": {"strides": [1]}})")) == "the text: tensor 'x' has an unknown 'strides'");
  for (const char* dtype : {"", "f32", "F4", "FLOAT"})
    CHECK(refusal(file(one(dtype, "[1]", "[0, 4]"), four)) ==
          "the text: tensor 'x' is of unknown dtype '" + std::string(dtype) + "'");
  // A second tensor does not inherit what the first said.
  CHECK(refusal(file(R"({"a": )" + entry("F32", "[1]", "[0, 4]") + R"(, "b": {"dtype": "F32"}})", four)) ==
        "the text: tensor 'b' has no shape");
}

TEST_CASE("dtypes have the format's sizes") {
  const auto accepts = [](const std::string& dtype, std::size_t size) {
    const auto text = std::to_string(size);
    return refusal(file(one(dtype, "[1]", "[0, " + text + "]"), std::string(size, '\0'))) == "accepted";
  };
  for (const std::string dtype : {"BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"}) CHECK(accepts(dtype, 1));
  for (const std::string dtype : {"U16", "I16", "F16", "BF16"}) CHECK(accepts(dtype, 2));
  for (const std::string dtype : {"U32", "I32", "F32"}) CHECK(accepts(dtype, 4));
  for (const std::string dtype : {"U64", "I64", "F64", "C64"}) CHECK(accepts(dtype, 8));
}

TEST_CASE("offsets that contradict the shape or each other are refused") {
  CHECK(refusal(file(one("F32", "[1]", "[0]"), four)) ==
        "the text: tensor 'x' has 1 numbers in its data_offsets, not 2");
  CHECK(refusal(file(one("F32", "[1]", "[0, 4, 8]"), four)) ==
        "the text: tensor 'x' has 3 numbers in its data_offsets, not 2");
  CHECK(refusal(file(one("F32", "[1]", "[4, 0]"), four)) ==
        "the text: tensor 'x' has data_offsets that end before they begin");
  CHECK(refusal(file(one("F32", "[2]", "[0, 4]"), four)) ==
        "the text: tensor 'x' has data_offsets 4 bytes apart, and its shape says 8");
  CHECK(refusal(file(one("F32", "[0]", "[0, 4]"), four)) ==
        "the text: tensor 'x' has data_offsets 4 bytes apart, and its shape says 0");
  // Products that come round to the right size modulo 2^64, and strides that would overflow.
  for (const char* shape : {"[4294967296, 4294967296]", "[4611686018427387905]", "[18446744073709551615, 2]",
                            "[0, 4611686018427387904, 4]", "[4611686018427387904, 4, 0]"})
    CHECK(refusal(file(one("F32", shape, "[0, 4]"), four)) == "the text: tensor 'x' has a shape whose size overflows");

  REQUIRE(refusal(file(two("[8, 12]", "[0, 8]"), four + four + four)) == "accepted");
  CHECK(refusal(file(two("[0, 4]", "[8, 16]"), four + four + four + four)) ==
        "the text: tensor 'b' leaves a hole before it, from byte 4 of the data");
  CHECK(refusal(file(two("[4, 8]", "[8, 16]"), four + four + four + four)) ==
        "the text: tensor 'a' leaves a hole before it, from byte 0 of the data");
  CHECK(refusal(file(two("[4, 8]", "[0, 8]"), four + four)) ==
        "the text: tensor 'a' overlaps another, which ends at byte 8 of the data");
  CHECK(refusal(file(two("[0, 4]", "[0, 8]"), four + four)) ==
        "the text: tensor 'b' overlaps another, which ends at byte 4 of the data");
  CHECK(refusal(file(one("F32", "[2]", "[0, 8]"), four)) ==
        "the text: truncated: its tensors end at byte 8 of the data, which have 4");
  CHECK(refusal(file(one("F32", "[1]", "[0, 4]"), four + "z")) == "the text: 1 bytes follow the last tensor");
  CHECK(refusal(file("{}", four)) == "the text: 4 bytes follow the last tensor");
}

TEST_CASE("deep nesting is refused where it begins") {
  const std::size_t deep = 10'000'000;
  CHECK(refusal(file(R"({"x": )" + std::string(deep, '['))) == "the text: tensor 'x' is not an object");
  CHECK_THAT(refusal(file(R"({"x": {"shape": )" + std::string(deep, '['))), Contains("what is not a whole number"));
  std::string objects = "{";
  for (int i = 0; i < 1'000'000; ++i) objects += R"("x": {)";
  CHECK(refusal(file(objects)) == "the text: tensor 'x' has an unknown 'x'");
  CHECK_THAT(refusal(file(R"({"__metadata__": {"a": )" + std::string(deep, '['))), Contains("is not a string"));
}

TEST_CASE("many tensors take no more than their share of time") {
  std::string header = "{", data;
  for (std::size_t i = 0; i < 100'000; ++i)
    header += (i ? ",\"" : "\"") + std::to_string(i) +
              "\": " + entry("U8", "[1]", std::string("[") + std::to_string(i) + "," + std::to_string(i + 1) + "]");
  CHECK(safetensors::parse(file(header + "}", std::string(100'000, '\1'))).names().size() == 100'000);
}
