// SPDX-License-Identifier: MIT
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace demo {

/// An array of bytes from a gzipped IDX file, the format of MNIST and its kin.
struct idx {
  std::vector<std::size_t> shape;
  std::vector<unsigned char> bytes;
};

/// Reads a file strictly: its magic number, the wanted shape, every byte, the checksum, and the end
/// of the file. Throws std::runtime_error that names the file and what is wrong with it.
inline idx read_idx(const std::filesystem::path& path, const std::vector<std::size_t>& shape) {
  const auto refuse = [&path](const std::string& why) { throw std::runtime_error(path.string() + ": " + why); };
  if (!std::filesystem::is_regular_file(path)) refuse("no such file");
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) refuse("cannot be opened");
  const auto read = [&](std::size_t wanted) {
    std::vector<unsigned char> bytes(wanted);
    const int got = gzread(file.get(), bytes.data(), static_cast<unsigned>(wanted));
    int status = Z_OK;
    gzerror(file.get(), &status);
    if (status == Z_BUF_ERROR) refuse("truncated");
    if (got < 0 || (status != Z_OK && status != Z_STREAM_END)) refuse("corrupt");
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  };
  const auto word = [](const std::vector<unsigned char>& b, std::size_t i) {
    return std::uint32_t{b[i]} << 24 | std::uint32_t{b[i + 1]} << 16 | std::uint32_t{b[i + 2]} << 8 | b[i + 3];
  };

  const std::vector<unsigned char> header = read(4 + 4 * shape.size());
  if (gzdirect(file.get())) refuse("not gzipped");
  if (header.size() != 4 + 4 * shape.size()) refuse("truncated in its header");
  if (word(header, 0) != 0x800 + shape.size())
    refuse("not an IDX file of bytes with " + std::to_string(shape.size()) + " dimensions");
  std::size_t size = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (word(header, 4 + 4 * i) != shape[i])
      refuse("dimension " + std::to_string(i) + " is " + std::to_string(word(header, 4 + 4 * i)) + ", not " +
             std::to_string(shape[i]));
    size *= shape[i];
  }
  idx result{shape, read(size + 1)};  // one more, so that zlib comes to the trailer
  if (result.bytes.size() > size) refuse("longer than its header says");
  if (result.bytes.size() < size) refuse("shorter than its header says");
  return result;
}

}  // namespace demo
