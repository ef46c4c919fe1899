// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fokker/bfloat16.hpp>
#include <fokker/half.hpp>

namespace example {

/// Numbers, row-major.
template <std::size_t N>
struct array {
  std::array<std::size_t, N> shape{};
  std::vector<float> values;
};

/// Tensors by name from a file of the format safetensors: the header's length in 8 bytes, a header of JSON, the data.
/// Read strictly: whatever the format does not allow is a std::runtime_error with the file, the tensor and the reason.
class safetensors {
 public:
  [[nodiscard]] static safetensors read(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) throw std::runtime_error(path.string() + ": no such file");
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    std::string bytes(error ? 0 : static_cast<std::size_t>(size), '\0');
    if (error || !in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw std::runtime_error(path.string() + ": cannot be read");
    return {std::move(bytes), path.string()};
  }
  [[nodiscard]] static safetensors parse(std::string_view bytes, std::string name = "the text") {
    return {std::string(bytes), std::move(name)};
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, t] : tensors_) all.push_back(name);
    return all;
  }
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }

  /// A tensor of F32, F16 or BF16 with N dimensions, as floats.
  template <std::size_t N>
  [[nodiscard]] array<N> get(const std::string& name) const {
    const auto found = tensors_.find(name);
    const std::string wanted = ", wanted is one of " + std::to_string(N) + " dimensions";
    if (found == tensors_.end()) refuse("there is no tensor '" + name + "'" + wanted);
    const tensor& t = found->second;
    if (t.shape.size() != N) refuse(name, "has " + std::to_string(t.shape.size()) + " dimensions" + wanted);
    array<N> result;
    std::copy_n(t.shape.begin(), N, result.shape.begin());
    std::size_t size = 1;
    for (const std::size_t n : result.shape) size *= n;
    result.values.resize(size);
    const char* from = bytes_.data() + (bytes_.size() - data_size_) + t.offsets[0];
    if (t.dtype == "F32")
      for (float& x : result.values) x = std::bit_cast<float>(take<std::uint32_t>(from));
    else if (t.dtype == "F16")
      for (float& x : result.values) x = std::bit_cast<fokker::half>(take<std::uint16_t>(from));
    else if (t.dtype == "BF16")
      for (float& x : result.values) x = std::bit_cast<fokker::bfloat16>(take<std::uint16_t>(from));
    else
      refuse(name, "is of " + t.dtype + ", wanted is F32, F16 or BF16");
    return result;
  }
  /// One of this shape.
  template <std::size_t N>
  [[nodiscard]] array<N> get(const std::string& name, const std::array<std::size_t, N>& shape) const {
    array<N> result = get<N>(name);
    if (result.shape != shape) refuse(name, "has the shape " + text(result.shape) + ", wanted is " + text(shape));
    return result;
  }

 private:
  struct tensor {
    std::string dtype;
    std::vector<std::uint64_t> shape, offsets;
  };
  class header;

  safetensors(std::string bytes, std::string file);

  [[noreturn]] void refuse(const std::string& why) const { throw std::runtime_error(file_ + ": " + why); }
  [[noreturn]] void refuse(const std::string& name, const std::string& why) const {
    refuse("tensor '" + name + "' " + why);
  }

  [[nodiscard]] static std::string text(std::span<const std::size_t> shape) {
    std::string all;
    for (const std::size_t n : shape) all += (all.empty() ? "(" : ", ") + std::to_string(n);
    return all + ")";
  }

  /// The next number, its lowest byte first.
  template <class Bits>
  static Bits take(const char*& from) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) bits |= std::uint64_t{static_cast<unsigned char>(*from++)} << 8 * i;
    return static_cast<Bits>(bits);
  }

  /// The bytes of one number. Of types smaller than a byte, none is known.
  [[nodiscard]] static std::uint64_t size_of(std::string_view dtype) {
    for (const char* one : {"BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"})
      if (dtype == one) return 1;
    for (const char* two : {"U16", "I16", "F16", "BF16"})
      if (dtype == two) return 2;
    for (const char* four : {"U32", "I32", "F32"})
      if (dtype == four) return 4;
    for (const char* eight : {"U64", "I64", "F64", "C64"})
      if (dtype == eight) return 8;
    return 0;
  }

  /// A tensor alone: its type is known, and its offsets are as far apart as its shape says.
  void check(const std::string& name, const tensor& t) const {
    std::uint64_t size = size_of(t.dtype);
    if (size == 0) refuse(name, "is of unknown dtype '" + t.dtype + "'");
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
    bool empty = false;
    for (const std::uint64_t n : t.shape) {  // strides, too, must not overflow, though the tensor be empty
      if (n > 0 && size > most / n) refuse(name, "has a shape whose size overflows");
      if (n > 0) size *= n;
      empty = empty || n == 0;
    }
    if (empty) size = 0;
    if (t.offsets.size() != 2)
      refuse(name, "has " + std::to_string(t.offsets.size()) + " numbers in its data_offsets, not 2");
    if (t.offsets[1] < t.offsets[0]) refuse(name, "has data_offsets that end before they begin");
    if (t.offsets[1] - t.offsets[0] != size)
      refuse(name, "has data_offsets " + std::to_string(t.offsets[1] - t.offsets[0]) +
                       " bytes apart, and its shape says " + std::to_string(size));
  }

  /// All together: one after the other, from the data's first byte to the last.
  void check_layout() const {
    std::vector<std::pair<std::vector<std::uint64_t>, std::string>> order;
    for (const auto& [name, t] : tensors_) order.emplace_back(t.offsets, name);
    std::sort(order.begin(), order.end());
    std::uint64_t end = 0;
    for (const auto& [offsets, name] : order) {
      if (offsets[0] > end) refuse(name, "leaves a hole before it, from byte " + std::to_string(end) + " of the data");
      if (offsets[0] < end)
        refuse(name, "overlaps another, which ends at byte " + std::to_string(end) + " of the data");
      end = offsets[1];
    }
    if (end > data_size_)
      refuse("truncated: its tensors end at byte " + std::to_string(end) + " of the data, which have " +
             std::to_string(data_size_));
    if (end < data_size_) refuse(std::to_string(data_size_ - end) + " bytes follow the last tensor");
  }

  std::string bytes_, file_;
  std::size_t data_size_ = 0;  // at the end of the bytes
  std::map<std::string, tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Follows the header word by word. What has no place where it stands is refused at once, so that nothing nests deeper
/// than the format does, and no name is lost beneath another.
class safetensors::header final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit header(safetensors& file) : file_(file) {}

  bool null() override { misplaced(); }
  bool boolean(bool) override { misplaced(); }
  bool number_integer(std::int64_t) override { misplaced(); }  // those below zero
  bool number_float(double, const std::string&) override { misplaced(); }
  bool binary(nlohmann::json::binary_t&) override { misplaced(); }
  bool number_unsigned(std::uint64_t value) override {
    if (at_ != place::numbers) misplaced();
    (field_ == "shape" ? tensor_.shape : tensor_.offsets).push_back(value);
    return true;
  }
  bool string(std::string& value) override {
    if (at_ == place::metadata)
      file_.metadata_[field_] = value;
    else if (at_ == place::tensor && field_ == "dtype")
      tensor_.dtype = value;
    else
      misplaced();
    return true;
  }
  bool start_object(std::size_t) override {
    if (at_ != place::outside && at_ != place::top) misplaced();
    at_ = at_ == place::outside ? place::top : name_ == "__metadata__" ? place::metadata : place::tensor;
    return true;
  }
  bool key(std::string& word) override {
    const bool top = at_ == place::top;
    if (!(top ? names_ : fields_).insert(word).second)
      file_.refuse(top ? "two are named '" + word + "'" : what() + " has two '" + word + "'");
    if (at_ == place::tensor && word != "dtype" && word != "shape" && word != "data_offsets")
      file_.refuse(name_, "has an unknown '" + word + "'");
    (top ? name_ : field_) = word;
    return true;
  }
  bool end_object() override {
    if (at_ == place::tensor) {
      for (const char* field : {"dtype", "shape", "data_offsets"})
        if (!fields_.contains(field)) file_.refuse(name_, std::string("has no ") + field);
      file_.check(name_, tensor_);
      file_.tensors_[name_] = std::exchange(tensor_, {});
    }
    fields_.clear();
    at_ = at_ == place::top ? place::outside : place::top;
    return true;
  }
  bool start_array(std::size_t) override {
    if (at_ != place::tensor || field_ == "dtype") misplaced();
    at_ = place::numbers;
    return true;
  }
  bool end_array() override {
    at_ = place::tensor;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    file_.refuse(std::string("its header is not JSON: ") + error.what());
  }

 private:
  enum class place { outside, top, metadata, tensor, numbers };

  [[nodiscard]] std::string what() const {
    return name_ == "__metadata__" ? "its __metadata__" : "tensor '" + name_ + "'";
  }
  [[noreturn]] void misplaced() const {
    if (at_ == place::metadata) file_.refuse(what() + " has a '" + field_ + "' that is not a string");
    if (at_ == place::numbers) file_.refuse(what() + " has in its " + field_ + " what is not a whole number from 0 on");
    if (at_ == place::tensor)
      file_.refuse(what() + " has a " + field_ + " that is not a " + (field_ == "dtype" ? "string" : "list"));
    file_.refuse(what() + " is not an object");
  }

  safetensors& file_;
  place at_ = place::outside;
  std::string name_, field_;
  std::set<std::string> names_, fields_;
  tensor tensor_;
};

inline safetensors::safetensors(std::string bytes, std::string file)
    : bytes_(std::move(bytes)), file_(std::move(file)) {
  constexpr std::size_t prefix = 8;
  constexpr std::uint64_t most = 100'000'000;  // as in the reference implementation
  if (bytes_.size() < prefix) refuse("truncated in the length of its header");
  const char* begin = bytes_.data();
  const auto length = take<std::uint64_t>(begin);
  if (length > most)
    refuse("its header of " + std::to_string(length) + " bytes is longer than " + std::to_string(most));
  if (length > bytes_.size() - prefix) refuse("truncated in its header of " + std::to_string(length) + " bytes");
  const std::string_view text(begin, static_cast<std::size_t>(length));
  if (text.empty() || text.front() != '{') refuse("its header does not begin with '{'");
  if (text.find('\0') != text.npos) refuse("its header holds a zero byte");  // where the parser would stop
  data_size_ = bytes_.size() - prefix - text.size();
  header reader(*this);
  nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  check_layout();
}

}  // namespace example
