// SPDX-License-Identifier: MIT
// What programs often want, each in a few lines; the regions are those of the pages in docs/how_to.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>

namespace fk = fokker;

namespace {

using latent = fk::backend::host_view<float>;

// Data of which all is known stand for a network: 1 +- 0.1 for a prompt, -1 +- 0.1 for another, 0 +- 0.5 for none.
constexpr fk::parameterization::epsilon predicts;
const fk::model::predicting cond{predicts, fk::model::gaussian{.mean = 1, .deviation = 0.1}};
const fk::model::predicting other{predicts, fk::model::gaussian{.mean = -1, .deviation = 0.1}};
const fk::model::predicting uncond{predicts, fk::model::gaussian{.mean = 0, .deviation = 0.5}};

const fk::noise::philox noise{.seed = 42};
const auto schedule = fk::schedule::scaled_linear();

double mean(const std::vector<float>& x) {
  double sum = 0;
  for (const float v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double furthest(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(static_cast<double>(a[i] - b[i])));
  return most;
}

void change_an_image() {
  std::vector<float> pixels(256, 0.2f), memory(pixels.size());
  const latent image{pixels.data(), {1, 4, 8, 8}};
  latent x{memory.data(), {1, 4, 8, 8}};
  // [strength]
  const fk::grid::strength grid{fk::grid::leading{.steps = 20}, 0.6, fk::grid::strength_of::diffusers};
  const auto plan = fk::make_plan(schedule, predicts, grid, fk::solver::ddim{});
  fk::perturb(plan, image, noise, x);     // the image, with the noise of the first level
  fk::sample_from(plan, cond, noise, x);  // 12 of the 20 steps
  // [strength]
  assert(plan.steps() == 12 && std::abs(mean(memory) - 1) < 0.15);
}

void paint_in() {
  std::vector<float> pixels(256, 0.7f), memory(pixels.size());
  latent x{memory.data(), {1, 4, 8, 8}};
  // [inpainting]
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 20}, fk::solver::dpmpp_2m{},
                                  fk::guidance::inpainted{fk::guidance::classifier_free{.scale = 1.5}});
  const latent image{pixels.data(), {1, 4, 8, 8}};
  std::vector<float> mask(64, 0);                    // one number for each position, for all channels
  for (std::size_t i = 0; i < 32; ++i) mask[i] = 1;  // 1 in the upper half, which is known
  fk::sample(plan, fk::denoisers{cond, uncond}, noise, x, {.given = {{{"known", image}}, {{"mask", mask, {1, 2}}}}});
  // [inpainting]
  for (std::size_t i = 0; i < memory.size(); ++i) assert(i % 64 >= 32 || memory[i] == 0.7f);
}

// Data of which all is known again: each frame is the last one of a prefix of 3, +- 0.1. The prefix is read without
// noise.
void sequel(latent& out, const latent& x, const fk::level& at) {
  const std::size_t frames = x.shape.extent[1], size = x.shape.extent[2];
  const double trust = at.alpha * 0.01 / (at.alpha * at.alpha * 0.01 + at.sigma * at.sigma);
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    const std::size_t sample = i / (frames * size), last = (sample * frames + 2) * size + i % size;
    const double expected = x.data[last] / at.alpha, data = expected + trust * (x.data[i] - at.alpha * expected);
    out.data[i] = static_cast<float>((x.data[i] - at.alpha * data) / at.sigma);
  }
}

void go_on_from_a_prefix() {
  std::vector<float> numbers(64), memory(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::sin(static_cast<float>(i));
  latent x{memory.data(), {2, 8, 4}};  // two samples, eight frames, four numbers in each
  // [prefix]
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 20}, fk::solver::dpmpp_2m{},
                                  fk::guidance::inpainted{fk::guidance::none{}, false});  // no noise on what is known
  const latent known{numbers.data(), x.shape};            // its first frames are read, the others are of no account
  const std::vector<float> mask{1, 1, 1, 0, 0, 0, 0, 0};  // one number for each frame: three are known
  fk::sample(plan, sequel, noise, x, {.given = {{{"known", known}}, {{"mask", mask, {0, 1}}}}});
  // [prefix]
  for (std::size_t i = 0; i < memory.size(); ++i) {
    const std::size_t at = i % 32;
    assert(at >= 12 ? std::abs(memory[i] - numbers[i - at + 8 + at % 4]) < 0.5f : memory[i] == numbers[i]);
  }
}

void guide() {
  std::vector<float> memory(512);
  latent x{memory.data(), {2, 4, 8, 8}};
  const fk::grid::karras grid{.steps = 10};
  // [rescale]
  const auto plan = fk::make_plan(schedule, predicts, grid, fk::solver::dpmpp_2m{},
                                  fk::guidance::rescaled{fk::guidance::classifier_free{.scale = 7.5}, 0.7});
  fk::sample(plan, fk::denoisers{cond, uncond}, noise, x);
  // [rescale]
  assert(std::abs(mean(memory)) < 3);

  const auto &both = cond, &image_alone = other, &neither = uncond;
  // [instruct_pix2pix]
  const auto edit = fk::make_plan(schedule, predicts, grid, fk::solver::dpmpp_2m{},
                                  fk::guidance::instruct_pix2pix{.scale = 1.5, .image_scale = 1.2});
  fk::sample(edit, fk::denoisers{both, image_alone, neither}, noise, x);  // in this order
  // [instruct_pix2pix]
  assert(fk::plan::evaluations(edit) == 30 && std::abs(mean(memory)) < 3);
}

void start_as_torch_does() {
  std::vector<float> memory(256), again(memory.size());
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::leading{.steps = 10}, fk::solver::ddim{.eta = 1});
  // [torch_seed]
  const fk::noise::torch_cpu generator(42);  // torch.Generator("cpu").manual_seed(42)
  fk::sample(plan, cond, generator, latent{memory.data(), {1, 4, 8, 8}});
  // [torch_seed]
  fk::sample(plan, cond, generator, latent{again.data(), {1, 4, 8, 8}});
  assert(memory == again);
}

void serve_a_batch() {
  std::vector<float> memory(48), alone(16);
  latent x{memory.data(), {3, 4, 2, 2}};
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 10}, fk::solver::euler_ancestral{});
  const auto& a_hat = cond;
  const auto& a_cat = other;
  // [prompts_and_seeds]
  const std::vector<fk::noise::philox> seeds{{.seed = 7}, {.seed = 8}, {.seed = 9}};
  const auto network = [&](latent& out, const latent& in, const fk::level& at) {
    const std::size_t size = in.shape.sample_size();
    for (std::size_t s = 0; s < in.shape.samples(); ++s) {  // a real network takes the prompts as a batch, too
      latent to{out.data + s * size, {1, 4, 2, 2}};
      const latent from{in.data + s * size, {1, 4, 2, 2}};
      if (s == 0)
        a_hat(to, from, at);
      else
        a_cat(to, from, at);
    }
  };
  fk::sample(plan, network, fk::noise::per_sample{seeds}, x);
  // [prompts_and_seeds]
  fk::sample(plan, a_cat, fk::noise::philox{.seed = 8}, latent{alone.data(), {1, 4, 2, 2}});
  assert(std::equal(alone.begin(), alone.end(), memory.begin() + 16));
}

void watch() {
  std::vector<float> memory(64);
  latent x{memory.data(), {1, 1, 8, 8}};
  // [progress_bar]
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 20}, fk::solver::dpmpp_2m{});
  fk::sample(plan, cond, noise, x, [](const fk::progress<latent>& seen) {
    const auto done = static_cast<std::size_t>(30 * seen.call / seen.calls);
    std::cerr << "\r[" << std::string(done, '#') << std::string(30 - done, '.') << "] " << seen.call << '/'
              << seen.calls;
    if (seen.call == seen.calls) std::cerr << '\n';
  });
  // [progress_bar]

  const auto folder = std::filesystem::temp_directory_path() / "fokker_how_to";
  std::filesystem::create_directories(folder);
  // [frames]
  const auto previewed =
      fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 20}, fk::solver::dpmpp_2m{}, {.preview = true});
  fk::sample(previewed, cond, noise, x, [&](const fk::progress<latent>& seen) {
    const latent& image = *seen.preview;  // of a latent: what your decoder makes of it
    std::ofstream file(folder / ("frame_" + std::to_string(100 + seen.call) + ".pgm"), std::ios::binary);
    file << "P5 8 8 255\n";
    for (std::size_t i = 0; i < image.shape.size(); ++i) {  // of -1 ... 1
      const auto pixel = static_cast<unsigned char>(std::clamp(127.5f + 127.5f * image.data[i], 0.0f, 255.0f));
      file.put(static_cast<char>(pixel));
    }
  });
  // [frames]
  assert(std::filesystem::file_size(folder / "frame_120.pgm") == 11 + 64);
  std::filesystem::remove_all(folder);
}

void walk_between_noises() {
  std::vector<float> first(256), second(first.size()), memory(first.size()), expected(first.size());
  latent a{first.data(), {1, 4, 8, 8}}, b{second.data(), {1, 4, 8, 8}};
  latent x{memory.data(), {1, 4, 8, 8}};
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 10}, fk::solver::dpmpp_2m{});
  // [slerp]
  const double deviation = plan.levels.front().sigma;  // of the noise that a run starts from
  fk::fill_normal(fk::noise::philox{.seed = 1}, a, {fk::noise_piece::start}, deviation);
  fk::fill_normal(fk::noise::philox{.seed = 2}, b, {fk::noise_piece::start}, deviation);
  for (const double share : {1.0, 0.75, 0.5, 0.25, 0.0}) {  // 0 is the image of seed 1, 1 that of seed 2
    fk::embedding::slerp(a, b, share, x);
    fk::sample_from(plan, cond, noise, x);
  }
  // [slerp]
  fk::sample(plan, cond, fk::noise::philox{.seed = 1}, latent{expected.data(), {1, 4, 8, 8}});
  assert(furthest(memory, expected) < 1e-5);
}

void invert_and_edit() {
  std::vector<float> pixels(256), memory;
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = 1 + 0.1f * std::sin(static_cast<float>(i));
  memory = pixels;
  latent x{memory.data(), {1, 4, 8, 8}};
  // [inversion]
  const fk::grid::karras grid{.steps = 50, .end = fk::ending::to_last_level};
  const auto inversion = fk::make_plan(schedule, predicts, grid, fk::solver::ddim_inversion{});
  fk::sample_from(inversion, cond, noise, x);  // with the prompt that describes the image; x becomes its noise
  const std::vector<float> found = memory;

  const auto plan = fk::make_plan(schedule, predicts, grid, fk::solver::ddim{});
  fk::sample_from(plan, other, noise, x);  // the same noise, with the prompt of what it shall be
  // [inversion]
  assert(std::abs(mean(memory) + 1) < 0.05);
  memory = found;
  fk::sample_from(plan, cond, noise, x);    // with its own prompt it is the image again
  assert(furthest(memory, pixels) < 0.02);  // both ways are of order 1
  memory = pixels;
  // [bdia]
  std::vector<float> last(memory.size());
  const auto watched = [&](latent& out, const latent& in, const fk::level& at) {
    std::copy_n(in.data, last.size(), last.data());  // x at the level before
    cond(out, in, at);
  };
  const auto there = fk::make_plan(schedule, predicts, grid, fk::solver::bdia{}.inversion());
  fk::sample_from(there, watched, noise, x);

  const latent next{last.data(), x.shape};
  const auto back = fk::make_plan(schedule, predicts, grid, fk::solver::bdia{.given_next = true});
  fk::sample_from(back, cond, noise, x, {.given = {{{"next", next}}}});  // x is the image again, to rounding
  // [bdia]
  assert(furthest(memory, pixels) < 1e-4);
}

void measure() {
  std::vector<float> memory(512), drawn(512);
  const auto plan = fk::make_plan(schedule, predicts, fk::grid::karras{.steps = 20}, fk::solver::dpmpp_2m{});
  fk::fill_normal(noise, drawn);
  for (float& v : drawn) v = 1 + 0.1f * v;
  // [distance]
  const latent data{drawn.data(), {256, 2}};  // 256 points of the plane that the network was trained on
  latent x{memory.data(), {256, 2}};
  fk::sample(plan, cond, noise, x);
  const double distance = fk::metric::energy_distance(x, data);
  // [distance]
  fk::sample(plan, uncond, noise, x);
  assert(distance < 0.01 && fk::metric::energy_distance(x, data) > 0.5);
}

using atoms = fk::backend::host_view<double>;

// [turn]
// Centres each molecule, and turns it by a rotation of its own: that of a quaternion of four normals.
void turn(const atoms& x, std::size_t call) {
  const std::size_t molecules = x.shape.samples(), count = x.shape.sample_size() / 3;
  std::vector<double> quaternions(4 * molecules);
  fk::fill_normal(noise, atoms{quaternions.data(), {molecules, 4}},
                  {fk::noise_piece::user, static_cast<std::uint32_t>(call)});
  for (std::size_t m = 0; m < molecules; ++m) {
    const double* q = &quaternions[4 * m];
    const double a = q[0], b = q[1], c = q[2], d = q[3], norm = a * a + b * b + c * c + d * d;
    const double rotation[3][3] = {{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
                                   {2 * (b * c + a * d), a * a - b * b + c * c - d * d, 2 * (c * d - a * b)},
                                   {2 * (b * d - a * c), 2 * (c * d + a * b), a * a - b * b - c * c + d * d}};
    double* first = x.data + 3 * count * m;
    double centre[3] = {};
    for (std::size_t i = 0; i < 3 * count; ++i) centre[i % 3] += first[i] / static_cast<double>(count);
    for (double* atom = first; atom < first + 3 * count; atom += 3) {
      const double off[3] = {atom[0] - centre[0], atom[1] - centre[1], atom[2] - centre[2]};
      for (std::size_t i = 0; i < 3; ++i)
        atom[i] = (rotation[i][0] * off[0] + rotation[i][1] * off[1] + rotation[i][2] * off[2]) / norm;
    }
  }
}
// [turn]

template <class Network>
void sample_turned(const fk::plan::program& plan, const Network& network, atoms x) {
  // [turned]
  assert(plan.buffers == 1);  // x is all that the run remembers
  fk::stepper run(plan, noise, x);
  while (!run.done()) {
    turn(x, run.calls_done());
    network(run.output(0), run.input(), run.at());
    run.advance();
  }
  // [turned]
}

// A network that turns with its input: atoms go towards those that are within the noise, and all to a size of 16.
void equivariant(const atoms& out, const atoms& x, const fk::level& at) {
  const std::size_t count = x.shape.sample_size() / 3;
  for (std::size_t m = 0; m < x.shape.samples(); ++m)
    for (std::size_t i = 0; i < count; ++i) {
      const double* of = x.data + 3 * count * m;
      double sum[3] = {}, weights = 0;
      for (std::size_t j = 0; j < count; ++j) {
        double square = 0;
        for (std::size_t k = 0; k < 3; ++k) square += (of[3 * i + k] - of[3 * j + k]) * (of[3 * i + k] - of[3 * j + k]);
        const double weight = 1 / (1 + square / (256 + at.sigma * at.sigma));
        weights += weight;
        for (std::size_t k = 0; k < 3; ++k) sum[k] += weight * of[3 * j + k];
      }
      const double share = at.sigma / (at.sigma + 16);
      for (std::size_t k = 0; k < 3; ++k)
        out.data[3 * (count * m + i) + k] = share * sum[k] / weights + (1 - share) * of[3 * i + k];
    }
}

double furthest_distance(const atoms& a, const atoms& b) {
  const std::size_t count = a.shape.sample_size() / 3;
  double most = 0;
  for (std::size_t m = 0; m < a.shape.samples(); ++m)
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const auto between = [&](const atoms& x) {
          const double *p = x.data + 3 * (count * m + i), *q = x.data + 3 * (count * m + j);
          return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
        };
        most = std::max(most, std::abs(between(a) - between(b)));
      }
  return most;
}

void turn_before_each_call() {
  const fk::backend::extents shape{3, 7, 3};  // molecules, atoms, coordinates
  std::vector<double> memory(shape.size()), as_it_was(shape.size());
  const atoms x{memory.data(), shape}, unturned{as_it_was.data(), shape};
  // [alphafold3]
  const double unit = 16;  // the deviation of the data, in angstrom
  const fk::grid::karras grid{
      .steps = 200, .sigma_min = 4e-4 * unit, .sigma_max = 160 * unit, .end = fk::ending::to_last_level};
  const auto plan = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, grid, fk::solver::alphafold3{});
  // [alphafold3]
  sample_turned(plan, equivariant, x);
  for (const double v : memory) assert(std::isfinite(v));

  // Without noise between calls the molecules are the same but for their places.
  const auto flow = fk::make_plan(fk::schedule::edm{}, fk::parameterization::data{}, grid, fk::solver::ddim{});
  sample_turned(flow, equivariant, x);
  fk::sample(flow, equivariant, noise, unturned);
  assert(memory != as_it_was);
  // A step rounds some 30 times numbers up to 10 (sigma + 16), which shrink as sigma + 16 does: 1e-10 in 200 steps, and
  // ten times that where atoms part.
  assert(furthest_distance(x, unturned) < 1e-9);
}

}  // namespace

int main() {
  change_an_image();
  paint_in();
  go_on_from_a_prefix();
  guide();
  start_as_torch_does();
  serve_a_batch();
  watch();
  walk_between_noises();
  invert_and_edit();
  measure();
  turn_before_each_call();
}
