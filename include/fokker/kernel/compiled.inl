// SPDX-License-Identifier: MIT
// What fokker::compiled has of the host: kernels by the elements of x and those of the network, and the memory of
// numbers. FOKKER_KERNEL is `template` where they are compiled and `extern template` where they are used.
#define FOKKER_KERNELS(E, NETWORK)                                                                  \
  FOKKER_KERNEL void host::update(const plan::update&, const operands<E, NETWORK>&, const draws&);  \
  FOKKER_KERNEL void host::measure(const plan::measure&, const operands<E, NETWORK>&, const draws&, \
                                   const tape_memory<computed<E, NETWORK>>&, std::size_t, std::size_t);

FOKKER_KERNEL host::draws host::draws_of(const noise::philox&, std::size_t);
FOKKER_KERNEL host::draws host::draws_of(const noise::per_sample&, std::size_t);
FOKKER_KERNELS(float, float)
FOKKER_KERNELS(float, half)
FOKKER_KERNELS(float, bfloat16)
FOKKER_KERNELS(double, double)
FOKKER_KERNELS(half, half)
FOKKER_KERNELS(bfloat16, bfloat16)
FOKKER_KERNEL void host::update(std::span<const own<plan::update, float>>, const step_error&);
FOKKER_KERNEL void host::update(std::span<const own<plan::update, double>>, const step_error&);
#undef FOKKER_KERNELS
#define FOKKER_NUMBERS(C)                                                                             \
  FOKKER_KERNEL number_memory<host, C>::number_memory(const host&, const plan::program&, std::size_t, \
                                                      std::span<const std::size_t>);                  \
  FOKKER_KERNEL tape_memory<C> number_memory<host, C>::of(const plan::measure&);                      \
  FOKKER_KERNEL tape_memory<C> number_memory<host, C>::numbers_of(const plan::measure&);

FOKKER_NUMBERS(float)
FOKKER_NUMBERS(double)
#undef FOKKER_NUMBERS
