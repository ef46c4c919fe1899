// SPDX-License-Identifier: MIT
//
// Images of a trained network from any number of processes, on as many machines as MPI has. All have the same bits,
// whichever process makes which.
//
//   mpirun -n 4 mpi_sampling [IMAGES [FOLDER]]
//
// With a folder that all processes see, each block of images is kept there as soon as it is done. A run that was cut
// short goes on from there, with as many processes as there are then.

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <mpi.h>

#include <fokker/backend/xtensor_blas.hpp>
#include <fokker/fokker.hpp>

#include "networks.hpp"
#include "safetensors.hpp"

namespace {

namespace fk = fokker;
namespace fs = std::filesystem;
using by_blas = example::host_layers<fk::backend::xtensor_products>;
using network = example::fashion_network<by_blas>;

constexpr std::size_t pixels = 784, classes = 10;
// What the network is given at once. Products of matrices may round differently for other sizes, so that this, and not
// the number of processes, decides how images are grouped.
constexpr std::size_t block = 4;

/// Images `first` to `first + count`, of the classes 0 to 9 in turn.
std::vector<float> sampled(network& net, const fk::program& plan, std::size_t first, std::size_t count) {
  std::vector<int> wanted;
  for (std::size_t i = first; i < first + count; ++i) wanted.push_back(static_cast<int>(i % classes));
  const example::of_class cond{net, wanted}, uncond{net, {network::nothing}};
  std::vector<float> images(count * pixels);
  // [mpi]
  const fk::backend::host_view<float> x{images.data(), {count, pixels}};
  const fk::noise::philox noise{.seed = 42, .first_sample = static_cast<std::uint32_t>(first)};
  fk::sample(plan, fk::denoisers{cond, uncond}, noise, x);
  // [mpi]
  return images;
}

/// A block that lies in the folder, or nothing: one that was being written when the run ended has another name.
std::vector<float> kept(const fs::path& file, std::size_t count) {
  std::vector<float> images(count * pixels);
  const auto bytes = static_cast<std::streamsize>(images.size() * sizeof(float));
  std::ifstream from(file, std::ios::binary);
  if (!from.read(reinterpret_cast<char*>(images.data()), bytes)) images.clear();
  return images;
}
void keep(const fs::path& file, const std::vector<float>& images) {
  const fs::path unfinished = file.string() + ".part";
  std::ofstream to(unfinished, std::ios::binary);
  to.write(reinterpret_cast<const char*>(images.data()), static_cast<std::streamsize>(images.size() * sizeof(float)));
  to.close();
  if (!to) throw std::runtime_error("cannot write " + unfinished.string());
  fs::rename(unfinished, file);
}

/// The bits of an image, each pixel by an odd number of its own: another pixel makes another sum. Sums of integers do
/// not depend on their order, and so those of all processes are added up.
std::uint64_t fingerprint(const float* image, std::size_t number) {
  std::uint64_t sum = 0;
  for (std::size_t k = 0; k < pixels; ++k)
    sum += std::bit_cast<std::uint32_t>(image[k]) * (2 * (number * pixels + k) + 1);
  return sum;
}

void run(std::size_t images, const fs::path& folder) {
  int rank = 0, ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  network net{example::safetensors::read(fs::path(__FILE__).parent_path() / "data" / "fashion.safetensors")};
  const auto plan =
      fk::make_plan(fk::schedule::cosine{.offset = 0}, fk::parameterization::velocity{}, fk::grid::uniform{.steps = 8},
                    fk::solver::dpmpp_2m{}, fk::guidance::classifier_free{3});

  MPI_Barrier(MPI_COMM_WORLD);  // all have read the network
  const double start = MPI_Wtime();
  const std::clock_t before = std::clock();
  // A number for each image; those of other processes stay 0, so that sums over the processes are exact.
  std::vector<double> brightness(images);
  std::uint64_t sums[2] = {};  // of fingerprints, and of images that this run had to make
  auto& [prints, asked] = sums;
  for (std::size_t b = static_cast<std::size_t>(rank); b * block < images; b += static_cast<std::size_t>(ranks)) {
    const std::size_t first = b * block, count = first + block < images ? block : images - first;
    const fs::path file =
        folder / ("images_" + std::to_string(first) + "_to_" + std::to_string(first + count) + ".f32");
    std::vector<float> made = folder.empty() ? std::vector<float>{} : kept(file, count);
    if (made.empty()) {
      made = sampled(net, plan, first, count);
      asked += count;
      if (!folder.empty()) keep(file, made);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const float* image = made.data() + i * pixels;
      for (std::size_t k = 0; k < pixels; ++k) brightness[first + i] += static_cast<double>(image[k]) / pixels;
      prints += fingerprint(image, first + i);
    }
  }

  const int size = static_cast<int>(images);
  const bool root = rank == 0;
  const double seconds = MPI_Wtime() - start;
  const double busy = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  MPI_Barrier(MPI_COMM_WORLD);  // so that waiting for a slower process is not in the time of sums
  const double all_done = MPI_Wtime();
  MPI_Reduce(root ? MPI_IN_PLACE : brightness.data(), brightness.data(), size, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  MPI_Reduce(root ? MPI_IN_PLACE : sums, sums, 2, MPI_UINT64_T, MPI_SUM, 0, MPI_COMM_WORLD);
  double slowest[] = {seconds, busy, MPI_Wtime() - all_done};
  MPI_Reduce(root ? MPI_IN_PLACE : slowest, slowest, 3, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
  if (!root) return;

  std::fprintf(stderr, "%d processes made %llu of %zu images\n", ranks, static_cast<unsigned long long>(asked), images);
  std::fprintf(stderr, "the slowest: %.6f s for images, %.6f s of a processor, %.6f s for sums; %.2f images a second\n",
               slowest[0], slowest[1], slowest[2], static_cast<double>(asked) / slowest[0]);
  std::puts("class  images  mean brightness");
  for (std::size_t c = 0; c < classes && c < images; ++c) {
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = c; i < images; i += classes, ++count) sum += brightness[i];
    std::printf("%5zu  %6zu  %.15f\n", c, count, sum / static_cast<double>(count));
  }
  std::printf("fingerprint %016llx\n", static_cast<unsigned long long>(prints));
  // A bag covers more of its image than a sandal does.
  if (images >= 2 * classes) assert(brightness[8] + brightness[18] > brightness[5] + brightness[15]);
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  try {
    const long images = argc > 1 ? std::atol(argv[1]) : 20;
    if (images < 1 || images > 1000000) throw std::invalid_argument("IMAGES is a number from 1 to 1000000");
    const fs::path folder = argc > 2 ? argv[2] : "";
    if (!folder.empty()) fs::create_directories(folder);
    run(static_cast<std::size_t>(images), folder);
  } catch (const std::exception& failed) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    std::fprintf(stderr, "process %d: %s\n", rank, failed.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
}
