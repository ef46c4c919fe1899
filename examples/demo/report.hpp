// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <xtensor/xnpy.hpp>

namespace demo {

/// Throws what the user will read.
inline void require(bool holds, const std::string& otherwise) {
  if (!holds) throw std::runtime_error(otherwise);
}

/// Throws where what a picture claims does not hold.
inline void expect(bool holds, const std::string& claim) { require(holds, "unexpected: " + claim + " does not hold"); }

/// Tells standard output how far a part of the demo is: `progress NAME DONE TOTAL`, a line a
/// network call.
class meter {
 public:
  meter(std::string name, std::size_t total) : name_(std::move(name)), total_(total) {}
  void operator++() { std::cout << "progress " << name_ << ' ' << ++done_ << ' ' << total_ << std::endl; }

 private:
  std::string name_;
  std::size_t total_;
  std::size_t done_ = 0;
};

/// A line of the closing table.
struct run_row {
  std::string picture;
  std::string sampler;
  int steps = 0;
  int evaluations = 0;  ///< of denoisers: a guided call may be two
  double seconds = 0;
  double distance = 0;
  std::string measure{};  ///< which distance
};

/// What the demo found, as files: arrays as they come, `runs.csv` and `facts.csv` at the end.
/// Whoever finds `facts.csv` finds everything.
class report {
 public:
  explicit report(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    std::filesystem::remove(folder_ / "facts.csv");
  }

  template <class Array>
  void array(const std::string& name, const Array& values) const {
    write(name + ".npy", xt::dump_npy(values));
  }
  void run(run_row row) { runs_.push_back(std::move(row)); }
  void fact(const std::string& name, double value) { facts_[name] = value; }
  [[nodiscard]] double fact(const std::string& name) const { return facts_.at(name); }

  void finish() const {
    std::ostringstream runs, facts;
    runs << "picture,sampler,steps,evaluations,seconds,distance,measure\n" << std::setprecision(9);
    for (const run_row& r : runs_)
      runs << r.picture << ",\"" << r.sampler << "\"," << r.steps << ',' << r.evaluations << ',' << r.seconds << ','
           << r.distance << ',' << r.measure << '\n';
    write("runs.csv", runs.str());
    facts << "name,value\n" << std::setprecision(9);
    for (const auto& [name, value] : facts_) facts << name << ',' << value << '\n';
    write("facts.csv", facts.str());
  }

 private:
  void write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = folder_ / name;
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    require(!file.fail(), "cannot write " + path.string());
  }

  std::filesystem::path folder_;
  std::vector<run_row> runs_;
  std::map<std::string, double> facts_;
};

}  // namespace demo
