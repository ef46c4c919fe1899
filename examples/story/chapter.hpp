// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

/// What the programs of docs/story share.
namespace story {

/// The folder that a chapter was given as its only argument; empty without one.
inline std::filesystem::path folder(int count, char** arguments) {
  if (count > 2) {
    std::fprintf(stderr, "%s: allowed is a folder, or nothing\n", arguments[0]);
    std::exit(2);
  }
  return count == 2 ? arguments[1] : "";
}

/// Lines of a file of comma-separated values, which a picture is drawn from. Without a folder nothing is written.
class csv {
 public:
  csv(const std::filesystem::path& folder, const std::string& name, const std::string& columns)
      : path_(folder / (name + ".csv")), written_(!folder.empty()) {
    if (!written_) return;
    std::filesystem::create_directories(folder);
    file_.open(path_);
    file_.precision(8);
    file_ << columns << '\n';
  }
  csv(const csv&) = delete;
  csv& operator=(const csv&) = delete;
  ~csv() {
    if (!written_) return;
    file_.close();
    if (!file_.fail()) return;
    std::fprintf(stderr, "cannot write %s\n", path_.c_str());
    std::_Exit(2);
  }

  /// One line.
  template <class First, class... Rest>
  void operator()(const First& first, const Rest&... rest) {
    if (!written_) return;
    file_ << first;
    ((file_ << ',' << rest), ...);
    file_ << '\n';
  }

 private:
  std::filesystem::path path_;
  bool written_;
  std::ofstream file_;
};

}  // namespace story
