// SPDX-License-Identifier: MIT
// Runs the stochastic schedulers that noise.py has of diffusers by plans from the same configs, with the generators of
// torch by their seeds, or with the noise of another program, and compares the last latents to 1e-5:
//   parity_noise FILE.json
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <fokker/backend/host.hpp>
#include <fokker/interop/diffusers.hpp>
#include <fokker/noise/a1111.hpp>
#include <fokker/noise/comfyui.hpp>
#include <fokker/noise/diffusers_cpu.hpp>
#include <fokker/noise/stable_diffusion_cpp.hpp>
#include <fokker/noise/torch_cpu.hpp>
#include <fokker/noise/torch_cuda.hpp>
#include <fokker/stepper.hpp>

namespace fk = fokker;
using nlohmann::json;

namespace {

/// The tensors of a sequence without those that are drawn and not read, so many before each.
template <class Noise>
struct read_of {
  Noise noise;
  std::vector<int> unread;
  std::size_t done = 0;
  void fill(std::span<float> z, const fk::noise_piece& piece) {
    for (int skipped = done < unread.size() ? unread[done] : 0; skipped > 0; --skipped)
      fk::detail::fill(noise, z, piece);
    fk::detail::fill(noise, z, piece);
    ++done;
  }
};

/// How far the last latents are from those of diffusers, of the largest of them.
double difference(const fk::interop::diffusers_plan& from, const json& c, const json& r) {
  const fk::plan::program& plan = from.plan;
  const std::size_t samples = r.at("samples"), size = r.at("size");
  const double scale = c.at("scale"), unit = c.at("unit");
  std::vector<double> x(samples * size);
  fk::backend::host_view<double> look{x.data(), {samples, size}};
  const auto go = [&](auto noise) {
    std::vector<float> start(x.size());
    fk::detail::fill(noise, std::span(start), {fk::noise_piece::start, 0});
    for (std::size_t e = 0; e < x.size(); ++e)
      x[e] = static_cast<double>(start[e]) * scale * from.of_theirs(plan.levels.front());
    fk::stepper run(plan, read_of<decltype(noise)>{noise, c.at("unread")}, look, fk::beginning::given);
    while (!run.done()) {
      const double told = run.at().label / unit;
      for (std::size_t e = 0; e < x.size(); ++e)
        run.output(0).data[e] = 0.5 * std::sin(1.3 * run.input().data[e]) + 0.2 * std::cos(told) + 0.1;
      run.advance();
    }
  };
  const std::vector<std::uint64_t> seeds = r.at("seeds");
  namespace n = fk::noise;
  const std::string program = c.value("program", "");
  const n::cuda_device small{2, 256};
  if (program == "comfyui")
    go(n::comfyui(seeds[0]));
  else if (program == "comfyui_gpu")
    go(n::comfyui(seeds[0], small));
  else if (program == "a1111_nv")
    go(n::a1111(seeds[0], samples));
  else if (program == "a1111_gpu")
    go(n::a1111(seeds[0], samples, 0, small));
  else if (program == "a1111_cpu")
    go(n::a1111<n::torch_cpu>(seeds[0], samples));
  else if (program == "a1111_ensd")
    go(n::a1111(seeds[0], samples, 31337));
  else if (program == "stable_diffusion_cpp")
    go(n::stable_diffusion_cpp(seeds[0], samples));
  else if (program == "stable_diffusion_cpp_cpu")
    go(n::stable_diffusion_cpp<n::torch_cpu>(seeds[0], samples));
  else if (program == "stable_diffusion_cpp_both")
    go(n::stable_diffusion_cpp<n::torch_cpu, n::torch_cuda>(seeds[0], samples));
  else if (seeds.size() == 1)
    go(n::diffusers_cpu(seeds[0]));
  else
    go(n::diffusers_cpu(seeds));

  const std::vector<std::size_t> places = r.at("at");
  const std::vector<double> expected = r.at("x");
  double largest = 1, off = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double got = x[places[i]] / from.of_theirs(plan.levels.back());
    largest = std::max(largest, std::abs(expected[i]));
    off = std::max(off, fk::detail::is_finite(got) ? std::abs(got - expected[i]) : 1e300);
  }
  return off / largest;
}

}  // namespace

int main(int arguments, char** argument) {
  if (arguments != 2) return std::puts("usage: parity_noise FILE.json"), 2;
  std::ifstream in(argument[1]);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const json file = fk::interop::parse_config(text);
  int passed = 0, failed = 0;
  for (const json& c : file.at("cases")) {
    const std::string config = c.value("program", "") + c.at("config").dump();
    double most = 0;
    int wrong = 0;
    try {
      const fk::interop::diffusers_options said{.eta = c.value("eta", fk::interop::diffusers_options::unsaid),
                                                .float32 = true};
      const auto from = fk::interop::diffusers(c.at("config"), c.at("steps"), said);
      for (const json& r : c.at("runs")) {
        const double off = difference(from, c, r);
        most = std::max(most, off);
        ++(off <= 1e-5 ? passed : (++wrong, failed));
      }
    } catch (const std::exception& e) {
      std::printf("%s: %s\n", config.c_str(), e.what());
      ++wrong, ++failed;
    }
    std::printf("%s %s: at most %.1e\n", wrong > 0 ? "WRONG" : "right", config.c_str(), most);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
