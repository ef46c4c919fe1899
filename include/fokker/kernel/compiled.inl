// SPDX-License-Identifier: MIT
// The host's kernels that fokker::compiled has, by the elements of x, those of the network, and noise. FOKKER_KERNEL is
// `template` where they are compiled and `extern template` where they are used.
#define FOKKER_KERNELS(E, NETWORK, NOISE)                                                                  \
  FOKKER_KERNEL void host::update(const plan::update&, const operands<E, NETWORK>&, const noise::NOISE&);  \
  FOKKER_KERNEL void host::measure(const plan::measure&, const operands<E, NETWORK>&, const noise::NOISE&, \
                                   const tape_memory<computed<E, NETWORK>>&, std::size_t, std::size_t);

FOKKER_KERNELS(float, float, philox)
FOKKER_KERNELS(float, float, per_sample)
FOKKER_KERNELS(float, half, philox)
FOKKER_KERNELS(float, bfloat16, philox)
FOKKER_KERNELS(double, double, philox)
FOKKER_KERNELS(half, half, philox)
FOKKER_KERNELS(bfloat16, bfloat16, philox)
FOKKER_KERNEL void host::update(std::span<const own<plan::update, float>>, const step_error&);
FOKKER_KERNEL void host::update(std::span<const own<plan::update, double>>, const step_error&);
#undef FOKKER_KERNELS
