// SPDX-License-Identifier: MIT
// What ComfyUI, AUTOMATIC1111, stable-diffusion.cpp and RES4LYF do with the names in their menus, as plans.
#include <cassert>
#include <cmath>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/interop/menus.hpp>
#include <fokker/interop/res4lyf.hpp>

namespace fk = fokker;

int main() {
  // [plan]
  const auto network = fk::interop::menu_network::stable_diffusion();
  const auto chosen = fk::interop::comfyui({.sampler = "dpmpp_2m", .scheduler = "karras", .steps = 20}, network);
  const auto plan = chosen.plan(fk::guidance::classifier_free{.scale = 7}, {});
  // [plan]
  assert(plan.steps() == 20);

  // [networks]
  using fk::interop::menu_network;
  const auto sdxl = menu_network::stable_diffusion();  // the table of Stable Diffusion, a network of epsilon
  const auto v = menu_network::stable_diffusion(fk::parameterization::velocity{});
  const auto sd3 = menu_network::flow(3);
  const auto flux = menu_network::flux(fk::grid::shift_for_tokens(1024));  // a picture of 512 by 512
  // [networks]
  for (const auto& n : {sdxl, v, sd3, flux})
    assert(fk::interop::stable_diffusion_cpp({.sampler = "euler_a", .steps = 4}, n).levels.size() == 5);

  // [res4lyf]
  const auto res = fk::interop::res4lyf({.sampler = "multistep/res_2m", .scheduler = "beta57", .steps = 30}, flux);
  // [res4lyf]
  assert(res.levels.size() == 32);  // its last step begins at the least sigma

  // [start]
  const auto image =
      fk::interop::comfyui({.sampler = "euler", .scheduler = "normal", .steps = 8, .denoise = 0.5}, sdxl);
  const auto rest = image.plan(fk::guidance::none{}, {});
  const double clean = 0.4, normal = -1.2;               // one number of a latent, and one of the noise
  double x = clean + image.initial_scale * normal;       // what ComfyUI starts from
  if (image.over_alpha) x *= rest.levels.front().alpha;  // ours is that times alpha
  // [start]
  assert(std::abs(x - std::fma(rest.levels.front().sigma, normal, rest.levels.front().alpha * clean)) < 1e-12);

  // [names]
  for (const auto& sampler : fk::interop::menus::of_comfyui().samplers)
    if (!sampler.solver.empty()) std::cout << sampler.name << ": " << sampler.solver << '\n';
  // [names]
  try {
    (void)fk::interop::a1111({.sampler = "UniPC"}, sdxl);
    assert(false);
  } catch (const std::invalid_argument& error) {
    assert(std::string(error.what()) ==
           "fokker: sampler is UniPC; allowed: another one; the method is solver::unipc<3>, on other levels");
  }
}
