// SPDX-License-Identifier: MIT
#include <fokker/kernel/host.hpp>
#include <fokker/noise/philox.hpp>

namespace fokker::inline v0::kernel {

#define FOKKER_KERNEL template
#include <fokker/kernel/compiled.inl>

}  // namespace fokker::inline v0::kernel
