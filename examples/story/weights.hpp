// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include <fokker/backend/xtensor_blas.hpp>

#include "../layers.hpp"
#include "../safetensors.hpp"

namespace story {

/// Where the chapters' networks run: the host, with BLAS.
using on_host = example::host_layers<fokker::backend::xtensor_products>;

/// A file of examples/data: a network's weights, or images.
inline example::safetensors weights(const std::string& name) {
  const auto data = std::filesystem::path(__FILE__).parent_path() / "../data";
  return example::safetensors::read(data / (name + ".safetensors"));
}

}  // namespace story
