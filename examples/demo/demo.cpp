// SPDX-License-Identifier: MIT
//
// The demo of fokker: samples a spiral and images of clothes with samplers of every kind, from exact
// models and from trained networks, measures what came out, and writes it down for demo.py to draw. Begin to read in
// spiral.hpp, at compare_samplers.

#include <exception>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "fashion.hpp"
#include "learned.hpp"
#include "report.hpp"
#include "spiral.hpp"

int main(int argc, char** argv) {
  std::filesystem::path data, weights, spiral, out;
  CLI::App app("Samples with fokker and writes arrays and tables of numbers.");
  app.add_option("--data", data, "the folder with the gzipped IDX files of Fashion-MNIST")->required();
  app.add_option("--weights", weights, "the folder with the trained networks")->required();
  app.add_option("--spiral", spiral, "a file of weights for the spiral's network, in place of that of the folder");
  app.add_option("--out", out, "the folder to write to")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  try {
    const auto images = demo::fashion::read_data(data);  // before any work is done
    demo::report report(out);
    demo::spiral::demonstrate(report);
    demo::fashion::demonstrate(report, images);
    demo::learned::demonstrate(report, images, weights, spiral);
    report.finish();
  } catch (const std::exception& error) {
    std::cerr << "fokker_demo: " << error.what() << '\n';
    return 1;
  }
}
